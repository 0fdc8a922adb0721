#include "dav/contacts/jscontact_types.h"

#include <algorithm>
#include <string>

#include "dav/content/json_tree.h"

namespace dav::contacts::jscontact {

namespace {

using enum Type;
constexpr Need mandatory = Need::mandatory;

// RFC 9553 2, in the order of the members' sections
constexpr std::array rows{
    MemberRow{"Card", "version", string, {}, mandatory},
    MemberRow{"Card", "created", date_time},
    MemberRow{"Card", "kind", filled},
    MemberRow{"Card", "language", language},
    MemberRow{"Card", "members", set},
    MemberRow{"Card", "prodId", filled},
    MemberRow{"Card", "relatedTo", text_map, "Relation"},
    MemberRow{"Card", "uid", filled, {}, mandatory},
    MemberRow{"Card", "updated", date_time},
    MemberRow{"Card", "name", object, "Name"},
    MemberRow{"Card", "nicknames", map, "Nickname"},
    MemberRow{"Card", "organizations", map, "Organization"},
    MemberRow{"Card", "speakToAs", object, "SpeakToAs"},
    MemberRow{"Card", "titles", map, "Title"},
    MemberRow{"Card", "emails", map, "EmailAddress"},
    MemberRow{"Card", "onlineServices", map, "OnlineService"},
    MemberRow{"Card", "phones", map, "Phone"},
    MemberRow{"Card", "preferredLanguages", map, "LanguagePref"},
    MemberRow{"Card", "calendars", map, "Calendar"},
    MemberRow{"Card", "schedulingAddresses", map, "SchedulingAddress"},
    MemberRow{"Card", "addresses", map, "Address"},
    MemberRow{"Card", "cryptoKeys", map, "CryptoKey"},
    MemberRow{"Card", "directories", map, "Directory"},
    MemberRow{"Card", "links", map, "Link"},
    MemberRow{"Card", "media", map, "Media"},
    MemberRow{"Card", "localizations", patches},
    MemberRow{"Card", "anniversaries", map, "Anniversary"},
    MemberRow{"Card", "keywords", set},
    MemberRow{"Card", "notes", map, "Note"},
    MemberRow{"Card", "personalInfo", map, "PersonalInfo"},
    MemberRow{"Card", "vCardProps", properties},  // RFC 9555 2.15.1
    MemberRow{"Relation", "relation", set},
    MemberRow{"Name", "components", array, "NameComponent"},
    MemberRow{"Name", "isOrdered", boolean},
    MemberRow{"Name", "defaultSeparator", string},
    MemberRow{"Name", "full", string},
    MemberRow{"Name", "sortAs", strings},
    MemberRow{"Name", "phoneticScript", string},
    MemberRow{"Name", "phoneticSystem", string},
    MemberRow{"NameComponent", "value", string, {}, mandatory},
    MemberRow{"NameComponent", "kind", filled, {}, mandatory},
    MemberRow{"NameComponent", "phonetic", string},
    MemberRow{"Nickname", "name", string, {}, mandatory},
    MemberRow{"Organization", "name", string},
    MemberRow{"Organization", "units", array, "OrgUnit"},
    MemberRow{"Organization", "sortAs", string},
    MemberRow{"OrgUnit", "name", string, {}, mandatory},
    MemberRow{"OrgUnit", "sortAs", string},
    MemberRow{"SpeakToAs", "grammaticalGender", filled},
    MemberRow{"SpeakToAs", "pronouns", map, "Pronouns"},
    MemberRow{"Pronouns", "pronouns", string, {}, mandatory},
    MemberRow{"Title", "name", string, {}, mandatory},
    MemberRow{"Title", "kind", filled},
    MemberRow{"Title", "organizationId", id},
    MemberRow{"EmailAddress", "address", filled, {}, mandatory},
    MemberRow{"OnlineService", "service", string},
    MemberRow{"OnlineService", "uri", uri},
    MemberRow{"OnlineService", "user", string},
    MemberRow{"Phone", "number", filled, {}, mandatory},
    MemberRow{"Phone", "features", set},
    MemberRow{"LanguagePref", "language", language, {}, mandatory},
    MemberRow{"SchedulingAddress", "uri", uri, {}, mandatory},
    MemberRow{"Address", "components", array, "AddressComponent"},
    MemberRow{"Address", "isOrdered", boolean},
    MemberRow{"Address", "countryCode", country},
    MemberRow{"Address", "coordinates", geo},
    MemberRow{"Address", "timeZone", filled},
    MemberRow{"Address", "full", string},
    MemberRow{"Address", "defaultSeparator", string},
    MemberRow{"Address", "phoneticScript", string},
    MemberRow{"Address", "phoneticSystem", string},
    MemberRow{"AddressComponent", "value", string, {}, mandatory},
    MemberRow{"AddressComponent", "kind", filled, {}, mandatory},
    MemberRow{"AddressComponent", "phonetic", string},
    MemberRow{"Calendar", "kind", filled, {}, mandatory},
    MemberRow{"Directory", "kind", filled, {}, mandatory},
    MemberRow{"Directory", "listAs", position},
    MemberRow{"Link", "kind", filled},
    MemberRow{"Media", "kind", filled, {}, mandatory},
    MemberRow{"CryptoKey", "kind", filled},
    MemberRow{"Anniversary", "kind", filled, {}, mandatory},
    MemberRow{"Anniversary", "date", date, {}, mandatory},
    MemberRow{"Anniversary", "place", object, "Address"},
    MemberRow{"PartialDate", "year", number},
    MemberRow{"PartialDate", "month", number},
    MemberRow{"PartialDate", "day", number},
    MemberRow{"PartialDate", "calendarScale", filled},
    MemberRow{"Timestamp", "utc", date_time, {}, mandatory},
    MemberRow{"Note", "note", string, {}, mandatory},
    MemberRow{"Note", "created", date_time},
    MemberRow{"Note", "author", object, "Author"},
    MemberRow{"Author", "name", string},
    MemberRow{"Author", "uri", string},
    MemberRow{"PersonalInfo", "kind", filled, {}, mandatory},
    MemberRow{"PersonalInfo", "value", string, {}, mandatory},
    MemberRow{"PersonalInfo", "level", filled},
    MemberRow{"PersonalInfo", "listAs", position},
};

/// Members that several types have, with spaces around the types' names.
struct CommonRow {
  std::string_view objects;
  MemberRow member;
};
constexpr std::string_view resources = " Calendar CryptoKey Directory Link Media ";
constexpr std::string_view labelled =
    " EmailAddress OnlineService Phone SchedulingAddress Calendar CryptoKey Directory Link Media PersonalInfo ";
constexpr std::string_view preferred =
    " Nickname Pronouns EmailAddress OnlineService Phone LanguagePref SchedulingAddress Address Calendar CryptoKey "
    "Directory Link Media ";
constexpr std::string_view in_contexts =
    " Nickname Organization Pronouns EmailAddress OnlineService Phone LanguagePref SchedulingAddress Address Calendar "
    "CryptoKey Directory Link Media ";
constexpr std::array common{
    CommonRow{resources, {{}, "uri", uri, {}, mandatory}},  // RFC 9553 1.4.4
    CommonRow{resources, {{}, "mediaType", string}},
    CommonRow{in_contexts, {{}, "contexts", set}},   // 1.5.1
    CommonRow{labelled, {{}, "label", string}},      // 1.5.2
    CommonRow{preferred, {{}, "pref", preference}},  // 1.5.3
    CommonRow{{}, {{}, "vCardParams", parameters}},  // RFC 9555 2.15.2
    CommonRow{{}, {{}, "vCardName", filled}},        // 2.15.3
};

bool is_of(const CommonRow& row, std::string_view type) {
  return row.objects.empty() || row.objects.find(' ' + std::string(type) + ' ') != std::string_view::npos;
}

constexpr std::array choices{
    ChoiceRow{"Name", {"components", "full"}},
    ChoiceRow{"Organization", {"name", "units"}},
    ChoiceRow{"SpeakToAs", {"grammaticalGender", "pronouns"}},
    ChoiceRow{"OnlineService", {"uri", "user"}},
    ChoiceRow{"Address", {"components", "coordinates", "countryCode", "full", "timeZone"}},
    ChoiceRow{"PartialDate", {"year", "month"}},
    ChoiceRow{"Author", {"name", "uri"}},
};

}  // namespace

std::span<const ChoiceRow> choice_rows() { return choices; }

const ChoiceRow* missing_choice(const content::Json& object, std::string_view type) {
  const auto row =
      std::find_if(choices.begin(), choices.end(), [&](const ChoiceRow& each) { return each.object == type; });
  if (row == choices.end()) return nullptr;
  const bool any = std::any_of(row->members.begin(), row->members.end(), [&](std::string_view name) {
    return !name.empty() && content::has_member(object, name);
  });
  return any ? nullptr : &*row;
}

bool objects_have(std::string_view name, std::string_view member) {
  const auto owner =
      std::find_if(rows.begin(), rows.end(), [&](const MemberRow& row) { return row.type == map && row.name == name; });
  if (owner == rows.end()) return false;
  return std::any_of(rows.begin(), rows.end(),
                     [&](const MemberRow& row) { return row.name == member && row.object == owner->of; }) ||
         std::any_of(common.begin(), common.end(),
                     [&](const CommonRow& row) { return row.member.name == member && is_of(row, owner->of); });
}

void for_each_member(std::string_view type, const std::function<void(const MemberRow&)>& use) {
  for (const MemberRow& row : rows) {
    if (row.object == type) use(row);
  }
  for (const CommonRow& row : common) {
    if (is_of(row, type)) use(row.member);
  }
}

}  // namespace dav::contacts::jscontact
