#include "dav/contacts/jscontact_tables.h"

#include <algorithm>
#include <array>
#include <string>

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

constexpr std::string_view resources = " calendars cryptoKeys directories links media ";
constexpr std::string_view with_preference =
    " nicknames pronouns emails onlineServices phones preferredLanguages calendars schedulingAddresses addresses "
    "cryptoKeys directories links media ";
constexpr std::string_view with_contexts =
    " nicknames organizations pronouns emails onlineServices phones preferredLanguages calendars schedulingAddresses "
    "addresses cryptoKeys directories links media ";
constexpr std::string_view with_label =
    " emails onlineServices phones schedulingAddresses calendars cryptoKeys directories links media personalInfo ";

using enum ParameterType;

constexpr std::array parameters{
    ParameterRow{"AUTHOR", "uri", author, " notes "},                         // RFC 9555 2.3.2
    ParameterRow{"AUTHOR-NAME", "name", author, " notes "},                   // 2.3.3
    ParameterRow{"CALSCALE", "calendarScale", lower, " date "},               // 2.3.4
    ParameterRow{"CC", "countryCode", country, " addresses "},                // 2.3.5
    ParameterRow{"CREATED", "created", date_time, " notes "},                 // 2.3.6
    ParameterRow{"GEO", "coordinates", geo, " addresses "},                   // 2.3.8
    ParameterRow{"INDEX", "listAs", position, " personalInfo directories "},  // 2.3.10
    ParameterRow{"LABEL", "full", label, " addresses "},                      // 2.3.12
    ParameterRow{"LEVEL", "level", level, " personalInfo "},                  // 2.3.13
    ParameterRow{"MEDIATYPE", "mediaType", plain, resources},                 // 2.3.14
    ParameterRow{"PREF", "pref", preference, with_preference},                // 2.3.17
    ParameterRow{"SERVICE-TYPE", "service", plain, " onlineServices "},       // 2.3.20
    ParameterRow{"TZ", "timeZone", plain, " addresses "},                     // 2.3.23
    ParameterRow{"USERNAME", "user", plain, " onlineServices "},              // 2.3.24
};

constexpr std::array types{
    // RFC 9555 2.3.22
    TypeRow{"home", "contexts", "private", with_contexts},
    TypeRow{"work", "contexts", "work", with_contexts},
    // 2.6.1
    TypeRow{"billing", "contexts", "billing", " addresses "},
    TypeRow{"delivery", "contexts", "delivery", " addresses "},
    // 2.7.6
    TypeRow{"cell", "features", "mobile", " phones "},
    TypeRow{"fax", "features", "fax", " phones "},
    TypeRow{"main-number", "features", "main-number", " phones "},
    TypeRow{"pager", "features", "pager", " phones "},
    TypeRow{"text", "features", "text", " phones "},
    TypeRow{"textphone", "features", "textphone", " phones "},
    TypeRow{"video", "features", "video", " phones "},
    TypeRow{"voice", "features", "voice", " phones "},
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

bool includes(std::string_view where, std::string_view member) {
  return where.find(' ' + std::string(member) + ' ') != std::string_view::npos;
}

std::span<const TypeRow> type_rows() { return types; }

bool has_label(std::string_view member) { return includes(with_label, member); }

std::span<const ComponentRow> name_rows() { return names; }
std::span<const ComponentRow> address_rows() { return addresses; }

}  // namespace dav::contacts::jscontact
