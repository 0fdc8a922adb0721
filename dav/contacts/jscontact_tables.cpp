#include "dav/contacts/jscontact_tables.h"

#include <algorithm>
#include <array>

#include "dav/contacts/jscontact_types.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

constexpr auto text = ValueType::text;
constexpr auto uri = ValueType::uri;
constexpr auto text_or_uri = ValueType::text_or_uri;
constexpr auto language = ValueType::language;

constexpr std::array properties{
    // RFC 9555 2.4
    PropertyRow{"SOURCE", "directories", "entry", "uri", uri, "ENTRY"},
    // 2.5
    PropertyRow{"NICKNAME", "nicknames", "", "name", text, "NICK"},
    PropertyRow{"PHOTO", "media", "photo", "uri", uri, "PHOTO"},
    PropertyRow{"PRONOUNS", "pronouns", "", "pronouns", text, "PRONOUNS"},
    // 2.7
    PropertyRow{"EMAIL", "emails", "", "address", text, "EMAIL"},
    PropertyRow{"SOCIALPROFILE", "onlineServices", "", "uri", text_or_uri, "OS"},
    PropertyRow{"IMPP", "onlineServices", "", "uri", uri, "OS"},
    PropertyRow{"LANG", "preferredLanguages", "", "language", language, "LANG"},
    PropertyRow{"TEL", "phones", "", "number", text_or_uri, "PHONE"},
    // 2.9
    PropertyRow{"CONTACT-URI", "links", "contact", "uri", uri, "CONTACT"},
    PropertyRow{"LOGO", "media", "logo", "uri", uri, "LOGO"},
    PropertyRow{"TITLE", "titles", "title", "name", text, "TITLE"},
    PropertyRow{"ROLE", "titles", "role", "name", text, "TITLE"},
    // 2.10
    PropertyRow{"EXPERTISE", "personalInfo", "expertise", "value", text, "PERSINFO"},
    PropertyRow{"HOBBY", "personalInfo", "hobby", "value", text, "PERSINFO"},
    PropertyRow{"INTEREST", "personalInfo", "interest", "value", text, "PERSINFO"},
    PropertyRow{"ORG-DIRECTORY", "directories", "directory", "uri", uri, "DIRECTORY"},
    // 2.11
    PropertyRow{"NOTE", "notes", "", "note", text, "NOTE"},
    PropertyRow{"SOUND", "media", "sound", "uri", uri, "SOUND"},
    PropertyRow{"URL", "links", "", "uri", uri, "LINK"},
    // 2.12
    PropertyRow{"KEY", "cryptoKeys", "", "uri", uri, "KEY"},
    // 2.13
    PropertyRow{"CALADRURI", "schedulingAddresses", "", "uri", uri, "SCHEDULING"},
    PropertyRow{"CALURI", "calendars", "calendar", "uri", uri, "CAL"},
    PropertyRow{"FBURL", "calendars", "freeBusy", "uri", uri, "FBURL"},
};

using enum ParameterType;

constexpr std::array parameters{
    ParameterRow{"AUTHOR", "uri", author},           // RFC 9555 2.3.2
    ParameterRow{"AUTHOR-NAME", "name", author},     // 2.3.3
    ParameterRow{"CC", "countryCode", country},      // 2.3.5
    ParameterRow{"CREATED", "created", date_time},   // 2.3.6
    ParameterRow{"GEO", "coordinates", geo},         // 2.3.8
    ParameterRow{"INDEX", "listAs", position},       // 2.3.10
    ParameterRow{"LABEL", "full", label},            // 2.3.12
    ParameterRow{"LEVEL", "level", level},           // 2.3.13
    ParameterRow{"MEDIATYPE", "mediaType", plain},   // 2.3.14
    ParameterRow{"PREF", "pref", preference},        // 2.3.17
    ParameterRow{"SERVICE-TYPE", "service", plain},  // 2.3.20
    ParameterRow{"TZ", "timeZone", plain},           // 2.3.23
    ParameterRow{"USERNAME", "user", plain},         // 2.3.24
};

constexpr std::array types{
    // RFC 9555 2.3.22
    TypeRow{"home", "contexts", "private"},
    TypeRow{"work", "contexts", "work"},
    // 2.6.1
    TypeRow{"billing", "contexts", "billing", "addresses"},
    TypeRow{"delivery", "contexts", "delivery", "addresses"},
    // 2.7.6
    TypeRow{"cell", "features", "mobile"},
    TypeRow{"fax", "features", "fax"},
    TypeRow{"main-number", "features", "main-number"},
    TypeRow{"pager", "features", "pager"},
    TypeRow{"text", "features", "text"},
    TypeRow{"textphone", "features", "textphone"},
    TypeRow{"video", "features", "video"},
    TypeRow{"voice", "features", "voice"},
};

// RFC 9555 2.5.5, table 1
constexpr std::array names{
    ComponentRow{"surname"},    ComponentRow{"given"},       ComponentRow{"given2"},        ComponentRow{"title"},
    ComponentRow{"credential"}, ComponentRow{"surname2", 0}, ComponentRow{"generation", 4},
};

// RFC 9555 2.6.1, table 2; RFC 9554 2.1 has their order
constexpr std::array addresses{
    ComponentRow{"postOfficeBox"}, ComponentRow{"apartment"},   ComponentRow{"name"},
    ComponentRow{"locality"},      ComponentRow{"region"},      ComponentRow{"postcode"},
    ComponentRow{"country"},       ComponentRow{"room", 1},     ComponentRow{"apartment", 1},
    ComponentRow{"floor", 1},      ComponentRow{"number", 2},   ComponentRow{"name", 2},
    ComponentRow{"building", 1},   ComponentRow{"block", 2},    ComponentRow{"subdistrict", 2},
    ComponentRow{"district", 2},   ComponentRow{"landmark", 2}, ComponentRow{"direction", 2},
};

}  // namespace

const PropertyRow* find_property(std::string_view name) {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const PropertyRow& row) { return content::equal_ignoring_case(row.name, name); });
  return found == properties.end() ? nullptr : &*found;
}

const PropertyRow* find_property(std::string_view member, std::string_view kind) {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const PropertyRow& row) { return row.member == member && row.kind == kind; });
  return found == properties.end() ? nullptr : &*found;
}

std::span<const ParameterRow> parameter_rows() { return parameters; }

bool applies(const ParameterRow& row, std::string_view map) {
  return objects_have(map, row.type == author ? "author" : row.member);
}

std::span<const TypeRow> type_rows() { return types; }

bool applies(const TypeRow& row, std::string_view map) {
  return row.map.empty() ? objects_have(map, row.member) : row.map == map;
}

bool has_label(std::string_view map) { return objects_have(map, "label"); }

std::span<const ComponentRow> name_rows() { return names; }
std::span<const ComponentRow> address_rows() { return addresses; }
std::span<const ComponentRow> component_rows(const Line& line) { return line.is("N") ? name_rows() : address_rows(); }

}  // namespace dav::contacts::jscontact
