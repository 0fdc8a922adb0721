#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/line.h"
#include "dav/content/content_line.h"
#include "dav/content/json.h"

namespace dav::contacts {

/// The card as jCard (RFC 7095): its properties in order, but for VERSION, which comes first.
std::string to_jcard(const content::Component& card);

/// The vCard text that a jCard text stands for; content::Document::parse reads it. Nothing is checked but that: what a
/// card must have is Card's to say. Throws content::MalformedJson.
std::string from_jcard(std::string_view text);

/// Lines of a card of 4.0 as an array of such properties. RFC 9555 2.15.1
content::Json jcard_properties(const std::vector<Line>& lines);

/// The reverse. Throws content::MalformedJson, and content::Malformed for what is no content line after all.
std::vector<Line> lines_of_properties(const content::Json& properties);

}  // namespace dav::contacts
