#pragma once

#include <string>
#include <vector>

#include "dav/contacts/card.h"
#include "dav/content/selection.h"

namespace dav::contacts {

/// What CARDDAV:address-data of a report asks for. RFC 6352 10.4
struct AddressDataRequest {
  std::vector<content::PropertyRequest> properties;  ///< none for all; names may have a group
};

/// The text of a card for a report: its octets, or the properties asked for, in the order of its text. Folds inside
/// UTF-8 sequences are moved so that the text can stand in XML; no other octet of what is given out is changed.
std::string address_data(const Card& card, const AddressDataRequest& request);

}  // namespace dav::contacts
