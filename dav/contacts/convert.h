#pragma once

#include <string>
#include <vector>

#include "dav/contacts/card.h"
#include "dav/contacts/line.h"

namespace dav::contacts {

/// The card in that version of vCard; in its own, its octets as they are.
///
/// Nothing is lost: converted back, every property means what it meant. A property or parameter that the other version
/// doesn't know is carried under another name, `X-VCARD4-GENDER` in 3.0, `X-VCARD3-CLASS` in 4.0, and gets its own
/// back. A line marked `X-VCARD3-ONLY` stands in a card of 3.0 for its sake alone (an N where there is none, the label
/// of a date), and goes when it is converted back.
std::string converted(const Card& card, Version to);

/// The lines of a card of 3.0 as 4.0 has them.
std::vector<Line> to_v4(std::vector<Line> lines);

/// The lines of a card of 4.0 as 3.0 has them.
std::vector<Line> to_v3(std::vector<Line> lines);

}  // namespace dav::contacts
