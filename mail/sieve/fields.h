#pragma once

#include <string>
#include <string_view>

#include "mail/mime/address.h"

namespace mail::sieve {

/// Whether the address test reads a field: those that hold addresses. RFC 5228 5.1
bool holds_addresses(std::string_view field);

/// RFC 5322 2.2
bool is_field_name(std::string_view text);

/// The one address that a text is, as `redirect` wants it; its host empty if it is none. RFC 5228 2.4.2.3
mime::Address single_address(std::string_view text);

/// Whether a text is a mailbox-list of RFC 5322 3.4, of addresses with a host.
bool is_mailbox_list(std::string_view text);

/// "eq", "ne" … of RFC 5231 4
bool is_relation(std::string_view text);

/// RFC 5260 4.2
bool is_date_part(std::string_view text);

/// Minutes east of UTC, of "+hhmm" or "-hhmm"; false if it is neither. RFC 5260 4.1
bool read_zone(std::string_view text, int& minutes);

/// A name of a script, by RFC 5804 1.6: no control characters or separators of lines, 1 to 512 octets of UTF-8.
bool is_script_name(std::string_view name);

/// The beginning of a text in quotes on one line, for messages of errors.
std::string shown(std::string_view text);

}  // namespace mail::sieve
