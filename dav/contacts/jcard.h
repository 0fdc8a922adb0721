#pragma once

#include <string>
#include <string_view>

#include "dav/content/content_line.h"
#include "dav/content/json.h"

namespace dav::contacts {

/// The card as jCard (RFC 7095): its properties in order, but for VERSION, which comes first.
std::string to_jcard(const content::Component& card);

/// The vCard text that a jCard text stands for; content::Document::parse reads it. Nothing is checked but that: what a
/// card must have is Card's to say. Throws content::MalformedJson.
std::string from_jcard(std::string_view text);

}  // namespace dav::contacts
