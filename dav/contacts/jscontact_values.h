#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dav/content/json.h"

namespace dav::contacts::jscontact {

/// `19860201`, `1986-02`, `1986`, `--0201` as a PartialDate, `19531015T231000Z` as a Timestamp; nothing for what is
/// neither. RFC 9555 2.2.2, RFC 9553 2.8.1
std::optional<content::Json> date_of(std::string_view value);

/// The reverse, of an object that is valid; empty where vCard has no such date.
std::string date_value(const content::Json& date);

/// `19940930T143510Z` as a UTCDateTime; empty for what is none. RFC 9553 1.4.5
std::string utc_date_time(std::string_view value);

/// The reverse; empty for what has fractions of a second.
std::string timestamp_value(std::string_view date_time);

/// Whether a text is a UTCDateTime.
bool is_utc_date_time(std::string_view text);

/// `-0500` as `Etc/GMT+5`; empty for an offset that no such zone has. RFC 9555 2.8.2
std::string zone_of_offset(std::string_view offset);

/// The reverse; empty for all other names.
std::string offset_of_zone(std::string_view zone);

/// A LABEL with its line ends: RFC 6350 6.3.1 shows them with backslashes, RFC 6868 has them otherwise.
std::string with_line_ends(std::string_view label);

/// Whether the text has the form of a language tag. RFC 5646 2.1
bool is_language_tag(std::string_view text);

/// Whether the text is a URI that can stand in a content line as it is.
bool is_plain_uri(std::string_view text);

/// Whether it is such a URI that says where something is. RFC 5870
bool is_geo_uri(std::string_view text);

/// Whether a key may be an Id. RFC 9553 1.4.1
bool is_id(std::string_view text);

}  // namespace dav::contacts::jscontact
