#include <algorithm>
#include <array>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jscontact_components.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_types.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/jvalue.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::Json;

/// RFC 9555 2.8.2
std::string zone_of(const Line& line) {
  const std::string zone = zone_of_offset(line.value);
  if (!zone.empty() && (line.find("VALUE") == nullptr || has_value_type(line, "utc-offset"))) return zone;
  const bool offset = !line.value.empty() && (line.value[0] == '+' || line.value[0] == '-');
  return has_value_type(line, "text") && !offset ? text_of(line) : std::string();
}

/// The anniversaries and what they are called. RFC 9555 2.5.1
struct AnniversaryRow {
  std::string_view name;
  std::string_view kind;
  std::string_view place;
};
constexpr std::array anniversaries{
    AnniversaryRow{"BDAY", "birth", "BIRTHPLACE"},
    AnniversaryRow{"DEATHDATE", "death", "DEATHPLACE"},
    AnniversaryRow{"ANNIVERSARY", "wedding", ""},
};

const AnniversaryRow* find_anniversary(const Json& object) {
  const auto kind = content::string_member(object, "kind");
  const auto found = std::find_if(anniversaries.begin(), anniversaries.end(),
                                  [&](const AnniversaryRow& row) { return row.kind == kind; });
  return found == anniversaries.end() ? nullptr : &*found;
}

bool has_date_type(const Line& line) {
  const LineParameter* value = line.find("VALUE");
  return value == nullptr ||
         (value->values.size() == 1 && content::is_date_type(content::json_name(value->values.front())));
}

/// RFC 9555 2.9.4: "The first item of the comma-separated SORT-AS parameter value converts to the sortAs property of
/// the Organization object. The subsequent items convert to the sortAs property of the corresponding OrgUnit object."
void add_sort_keys(Json& organization, Line& line) {
  if (line.find("SORT-AS") == nullptr) return;
  const std::string text = line.parameter("SORT-AS");
  const auto values = content::split(text, ',');
  Json* units = content::find_member(organization, "units");
  const std::size_t most = units == nullptr ? 0 : units->items.size();
  if (values.size() > most + 1 || text.find('\\') != std::string::npos) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Json& target = i == 0 ? organization : units->items[i - 1];
    if (!values[i].empty()) content::add_member(target, "sortAs", content::json_string(values[i]));
  }
  line.remove("SORT-AS");
}

void set_sort_keys(Line& line, const Json& organization) {
  std::vector<std::string_view> values{content::string_member(organization, "sortAs")};
  if (const Json* units = content::find_member(organization, "units")) {
    for (const Json& unit : units->items) values.push_back(content::string_member(unit, "sortAs"));
  }
  while (!values.empty() && values.back().empty()) values.pop_back();
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].find_first_of(",\\") != std::string_view::npos || !is_clean(values[i])) return;
    text.append(i == 0 ? "" : ",").append(values[i]);
  }
  if (!text.empty()) line.set("SORT-AS", text);
}

}  // namespace

std::optional<Json> address_of(const Line& given) {
  Line line = given;
  Json object = content::json_object();
  if (line.is("ADR")) {
    std::vector<Place> places;
    if (!has_value_type(line, "text") || !add_components(object, line, address_rows(), places)) return std::nullopt;
  } else if (line.is("GEO")) {
    if (!has_value_type(line, "uri") || !is_geo_uri(line.value)) return std::nullopt;
    content::add_member(object, "coordinates", content::json_string(line.value));
  } else {
    const std::string zone = zone_of(line);
    if (zone.empty()) return std::nullopt;
    content::add_member(object, "timeZone", content::json_string(zone));
  }
  add_parameters(object, line, "addresses");
  // RFC 9553 2.5.1.1
  return missing_choice(object, "Address") == nullptr ? std::optional(std::move(object)) : std::nullopt;
}

std::optional<Line> line_of_address(const Json& object) {
  const bool is_address = content::has_member(object, "components") || content::has_member(object, "full") ||
                          content::has_member(object, "countryCode");
  const auto coordinates = content::string_member(object, "coordinates");
  const auto zone = content::string_member(object, "timeZone");
  Line line{{}, "ADR", {}, {}};
  if (!is_address && coordinates.empty() != zone.empty()) {
    const std::string offset = offset_of_zone(zone);
    line.name = zone.empty() ? "GEO" : "TZ";
    line.value = zone.empty() ? std::string(coordinates) : !offset.empty() ? offset : content::escape_text(zone);
    if (!is_clean(line.value) || (zone.empty() && !is_geo_uri(line.value))) return std::nullopt;
    set_parameters(line, object, "addresses");
    line.remove(line.name);
    if (!offset.empty()) line.set("VALUE", "utc-offset");
    return line;
  }
  if (!set_structure(line, object, address_rows())) return std::nullopt;
  set_parameters(line, object, "addresses");
  return line;
}

std::optional<Json> organization_of(const Line& given) {
  Line line = given;
  if (!has_value_type(line, "text")) return std::nullopt;
  auto parts = content::split(line.value, ';');
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  Json object = content::json_object();
  if (!parts.front().empty()) {
    content::add_member(object, "name", content::json_string(content::unescape_text(parts.front())));
  }
  if (parts.size() > 1) {
    Json& units = content::add_member(object, "units", content::json_array());
    for (std::size_t i = 1; i < parts.size(); ++i) {
      Json& unit = units.items.emplace_back(content::json_object());
      content::add_member(unit, "name", content::json_string(content::unescape_text(parts[i])));
    }
  }
  if (object.keys.empty()) return std::nullopt;
  add_sort_keys(object, line);
  add_parameters(object, line, "organizations");
  return object;
}

std::optional<Line> line_of_organization(const Json& object) {
  Line line{{}, "ORG", {}, {}};
  const auto name = content::string_member(object, "name");
  if (!is_clean(name)) return std::nullopt;
  line.value = content::escape_text(name);
  if (const Json* units = content::find_member(object, "units")) {
    for (const Json& unit : units->items) {
      const auto unit_name = content::string_member(unit, "name");
      if (!is_clean(unit_name)) return std::nullopt;
      line.value.append(";").append(content::escape_text(unit_name));
    }
  }
  set_sort_keys(line, object);
  set_parameters(line, object, "organizations");
  return line;
}

bool is_anniversary(const Line& line) {
  return std::any_of(anniversaries.begin(), anniversaries.end(),
                     [&](const AnniversaryRow& row) { return line.is(row.name); });
}

bool is_place(const Line& line) {
  return std::any_of(anniversaries.begin(), anniversaries.end(),
                     [&](const AnniversaryRow& row) { return !row.place.empty() && line.is(row.place); });
}

std::optional<Json> anniversary_of(const Line& given) {
  Line line = given;
  auto date = has_date_type(line) ? date_of(line.value) : std::nullopt;
  if (!date) return std::nullopt;
  Json object = content::json_object();
  for (const AnniversaryRow& row : anniversaries) {
    if (line.is(row.name)) content::add_member(object, "kind", content::json_string(row.kind));
  }
  const LineParameter* scale = line.find("CALSCALE");
  if (scale != nullptr && scale->values.size() == 1 && !content::has_member(*date, "utc")) {
    content::add_member(*date, "calendarScale", content::json_string(content::json_name(scale->values.front())));
    line.remove("CALSCALE");
  }
  content::add_member(object, "date", *std::move(date));
  add_parameters(object, line, "anniversaries");
  return object;
}

std::optional<Line> line_of_anniversary(const Json& object) {
  const AnniversaryRow* row = find_anniversary(object);
  const Json* date = content::find_member(object, "date");
  if (row == nullptr || date == nullptr) return std::nullopt;
  Line line{{}, std::string(row->name), {}, date_value(*date)};
  if (line.value.empty()) return std::nullopt;
  const auto scale = content::string_member(*date, "calendarScale");
  if (!scale.empty() && is_clean(scale)) line.set("CALSCALE", std::string(scale));
  set_parameters(line, object, "anniversaries");
  return line;
}

std::optional<Json> name_of(const Line& given) {
  Line line = given;
  Json name = content::json_object();
  std::vector<Place> places;
  if (!has_value_type(line, "text") || !add_components(name, line, name_rows(), places)) return std::nullopt;
  if (name.keys.empty()) return std::nullopt;
  add_sort_as(name, line);
  add_parameters(name, line, "name");
  return name;
}

std::optional<Line> line_of_name(const Json& name) {
  Line line{{}, "N", {}, {}};
  if (!content::has_member(name, "components") || !set_structure(line, name, name_rows())) return std::nullopt;
  set_sort_as(line, name);
  set_parameters(line, name, "name");
  return line;
}

std::optional<Json> place_of(const Line& line) {
  Json place = content::json_object();
  if (line.find("VALUE") != nullptr && has_value_type(line, "uri")) {
    if (!is_geo_uri(line.value)) return std::nullopt;
    content::add_member(place, "coordinates", content::json_string(line.value));
  } else {
    const std::string text = text_of(line);
    if (!has_value_type(line, "text") || text.empty()) return std::nullopt;
    content::add_member(place, "full", content::json_string(text));
  }
  add_parameters(place, line, "place");
  return place;
}

std::optional<Line> line_of_place(const Json& anniversary) {
  const AnniversaryRow* row = find_anniversary(anniversary);
  const Json* place = content::find_member(anniversary, "place");
  if (row == nullptr || row->place.empty() || place == nullptr) return std::nullopt;
  Line line{{}, std::string(row->place), {}, {}};
  const auto text = content::string_member(*place, "full");
  const auto coordinates = content::string_member(*place, "coordinates");
  if (!text.empty() && is_clean(text)) {
    line.value = content::escape_text(text);
  } else if (is_geo_uri(coordinates)) {
    line.value = coordinates;
    line.set("VALUE", "uri");
  } else {
    return std::nullopt;
  }
  set_parameters(line, *place, "place");
  return line;
}

Json relation_of(const Line& given) {
  Line line = given;
  Json object = content::json_object();
  Json& relation = content::add_member(object, "relation", content::json_object());
  if (const LineParameter* types = line.find("TYPE")) {
    for (const std::string& type : types->values) {
      content::set_member(relation, content::json_name(type), content::json_true());
    }
  }
  line.remove("TYPE");
  add_parameters(object, line, "relatedTo");
  return object;
}

std::optional<Line> line_of_relation(std::string_view uid, const Json& object) {
  if (uid.empty() || !is_clean(uid)) return std::nullopt;
  Line line{{}, "RELATED", {}, std::string(uid)};
  if (!is_plain_uri(uid)) {
    line.value = content::escape_text(uid);
    line.set("VALUE", "text");
  }
  if (const Json* relation = content::find_member(object, "relation")) {
    for (const std::string& type : relation->keys) {
      const bool plain = !type.empty() && is_clean(type) && type.find(',') == std::string::npos;
      if (plain) line.add("TYPE", type);
    }
  }
  set_parameters(line, object, "relatedTo");
  return line;
}

}  // namespace dav::contacts::jscontact
