#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dav/contacts/jscontact_tables.h"
#include "dav/contacts/line.h"
#include "dav/content/json.h"

namespace dav::contacts::jscontact {

// One property and the one object that it converts to, each way. What an object has that these don't know stays out of
// the line, and what a line has that has no counterpart goes into vCardParams (RFC 9555 2.15.2).

/// The parameters of a line as members of the object; `where` is the map that it is for. PROP-ID and VALUE are left
/// out.
void add_parameters(content::Json& object, const Line& line, std::string_view where);

/// The reverse. Members that can't be parameters are left out.
void set_parameters(Line& line, const content::Json& object, std::string_view where);

/// Adds one to vCardParams.
void add_vcard_parameter(content::Json& object, std::string_view name, std::string_view value);

/// The value of one in vCardParams; empty if there is none.
std::string_view vcard_parameter(const content::Json& object, std::string_view name);

/// Takes one out of vCardParams, and them if they are empty then.
void remove_vcard_parameter(content::Json& object, std::string_view name);

/// The map of the Card that a line's object belongs into; empty if it is none of those. "pronouns" stands in speakToAs.
std::string_view map_of(const Line& line);

/// What ids of such objects begin with where there is no PROP-ID.
std::string_view id_prefix_of(const Line& line);

/// The object that a line with a map converts to; nothing where its value has another type. RFC 9555 2.4 to 2.13
std::optional<content::Json> object_of(const Line& line);

/// The line that an object of that map converts to; nothing where there is none for it.
std::optional<Line> line_of(const content::Json& object, std::string_view member);

/// ADR, GEO and TZ. RFC 9555 2.6.1, 2.8
std::optional<content::Json> address_of(const Line& line);
std::optional<Line> line_of_address(const content::Json& object);

/// ORG. RFC 9555 2.9.4
std::optional<content::Json> organization_of(const Line& line);
std::optional<Line> line_of_organization(const content::Json& object);

/// BDAY, DEATHDATE and ANNIVERSARY. RFC 9555 2.5.1
std::optional<content::Json> anniversary_of(const Line& line);
std::optional<Line> line_of_anniversary(const content::Json& object);

/// N, as a Name without its full form. RFC 9555 2.5.5
std::optional<content::Json> name_of(const Line& line);
std::optional<Line> line_of_name(const content::Json& name);

/// Whether the line is BDAY, DEATHDATE or ANNIVERSARY.
bool is_anniversary(const Line& line);

/// Whether it says where somebody was born or died.
bool is_place(const Line& line);

/// The place of birth or death.
std::optional<content::Json> place_of(const Line& line);
std::optional<Line> line_of_place(const content::Json& anniversary);

/// RELATED, but for its value. RFC 9555 2.9.5
content::Json relation_of(const Line& line);
std::optional<Line> line_of_relation(std::string_view uid, const content::Json& object);

/// Whether the line's VALUE is none, or that one.
bool has_value_type(const Line& line, std::string_view type);

/// The value of a property that is one text.
std::string text_of(const Line& line);

}  // namespace dav::contacts::jscontact
