#pragma once

#include <string>
#include <string_view>

#include "dav/contacts/line.h"

namespace dav::contacts {

// What the values of single properties become in the other version. Each of these changes the line, value and
// parameters, and says whether it could; a line that couldn't be changed is as it was.

/// BDAY, ANNIVERSARY and what is like them: `1996-04-15` ⇄ `19960415`, and the year 1604 that Apple's programs leave
/// out ⇄ `--0415`. RFC 2426 3.1.5, RFC 6350 4.3.4
bool date_to_v4(Line& line);
bool date_to_v3(Line& line);

/// REV: `1995-10-31T22:27:10Z` ⇄ `19951031T222710Z`. RFC 2426 3.6.4, RFC 6350 4.3.5
bool timestamp_to_v4(Line& line);
bool timestamp_to_v3(Line& line);

/// TZ: `-05:00` ⇄ `VALUE=utc-offset:-0500`; text ⇄ VALUE=text. RFC 2426 3.4.1, RFC 6350 6.5.1
void time_zone_to_v4(Line& line);
void time_zone_to_v3(Line& line);

/// GEO: `37.38;-122.08` ⇄ `geo:37.38,-122.08`. RFC 2426 3.4.2, RFC 6350 6.5.2
bool position_to_v4(Line& line);
bool position_to_v3(Line& line);

/// UID and X-SOCIALPROFILE: what is no URI says in 4.0 that it is text. RFC 6350 6.7.6
void uri_or_text_to_v4(Line& line);
void uri_or_text_to_v3(Line& line);

/// GENDER: a letter, a text, or both. RFC 6350 6.2.7
bool is_gender(std::string_view value);

/// TEL: `VALUE=uri:tel:+1-555` is text in 3.0, and known by a parameter. RFC 6350 6.4.1
void telephone_to_v4(Line& line);
void telephone_to_v3(Line& line);

/// PHOTO, LOGO, SOUND, KEY: `ENCODING=b;TYPE=JPEG:…` ⇄ `data:image/jpeg;base64,…`, and `VALUE=uri;TYPE=GIF` ⇄
/// `MEDIATYPE=image/gif`. RFC 2426 3.1.4, RFC 6350 6.2.4
void media_to_v4(Line& line);
void media_to_v3(Line& line);

/// N and ADR: what 3.0 has no components for (RFC 9554 2.1, 2.2) stands in a parameter there. `components` is how many
/// it has.
void components_to_v4(Line& line, std::size_t components);
void components_to_v3(Line& line, std::size_t components);

/// A text as the value of a parameter that is carried through 3.0, which has no way to write quotes and line ends
/// there: those and '%' as `%22`.
std::string carried(std::string_view text);

/// The reverse; a text that would be no text any more stays as it is.
std::string uncarried(std::string_view text);

/// The N that a card of 3.0 must have, made from an FN.
std::string name_from(std::string_view formatted_name);

/// Whether a text begins as a URI does. RFC 3986 3.1
bool is_uri(std::string_view text);

/// Whether a text can stand in a card: UTF-8 without control characters but line ends and tabs.
bool is_clean(std::string_view text);

}  // namespace dav::contacts
