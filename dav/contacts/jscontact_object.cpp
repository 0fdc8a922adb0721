#include "dav/contacts/jscontact_object.h"

#include <algorithm>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::equal_ignoring_case;
using content::Json;
using Kind = Json::Kind;

/// The levels of EXPERTISE; those of HOBBY and INTEREST are called as in JSContact. RFC 9555 2.3.13
struct Level {
  std::string_view vcard;
  std::string_view jscontact;
};
constexpr Level levels[] = {{"beginner", "low"}, {"average", "medium"}, {"expert", "high"}};

bool is_country(std::string_view text) {
  return text.size() == 2 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// The value of the member that a parameter becomes; empty where it has no such value, or where the way back would lead
/// elsewhere.
std::string member_value(ParameterType type, const std::string& value, const Line& line) {
  switch (type) {
    case ParameterType::preference:
      return content::small_number(value, 1, 100) ? value : std::string();
    case ParameterType::position:
      return content::small_number(value, 1, 999'999'999) ? value : std::string();
    case ParameterType::date_time: {
      const std::string utc = utc_date_time(value);
      return timestamp_value(utc) == value ? utc : std::string();
    }
    case ParameterType::level: {
      const std::string lower = content::json_name(value);
      if (lower == "low" || lower == "medium" || lower == "high") return line.is("EXPERTISE") ? std::string() : lower;
      for (const Level& level : levels) {
        if (line.is("EXPERTISE") && level.vcard == lower) return std::string(level.jscontact);
      }
      return {};
    }
    case ParameterType::label:
      return with_line_ends(value);
    case ParameterType::geo:
      return is_geo_uri(value) ? value : std::string();
    case ParameterType::country:
      return is_country(value) ? value : std::string();
    case ParameterType::plain:
    case ParameterType::author:
      return value;
  }
  return {};
}

/// The reverse; empty where there is none.
std::string parameter_value(ParameterType type, const std::string& value, const Line& line) {
  if (type == ParameterType::date_time) return timestamp_value(value);
  if (type != ParameterType::level || !line.is("EXPERTISE")) return value;
  for (const Level& level : levels) {
    if (level.jscontact == value) return std::string(level.vcard);
  }
  return {};
}

void add_types(Json& object, const LineParameter& types, std::string_view where) {
  std::vector<std::string> others;
  for (const std::string& type : types.values) {
    const auto rows = type_rows();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const TypeRow& each) {
      return equal_ignoring_case(each.type, type) && applies(each, where);
    });
    if (row == rows.end()) {
      others.push_back(type);
    } else {
      content::set_member(content::object_member(object, row->member), row->key, content::json_true());
    }
  }
  for (const std::string& other : others) add_vcard_parameter(object, "type", other);
}

void set_types(Line& line, const Json& object, std::string_view where) {
  for (const TypeRow& row : type_rows()) {
    const Json* set = applies(row, where) ? content::find_member(object, row.member) : nullptr;
    if (set != nullptr && content::has_member(*set, row.key)) line.add("TYPE", std::string(row.type));
  }
}

/// Whether one value stands there, which the object can hold; where it does, it is added.
bool add_known(Json& object, const LineParameter& parameter, const Line& line, std::string_view where) {
  for (const ParameterRow& row : parameter_rows()) {
    if (!equal_ignoring_case(row.parameter, parameter.name) || !applies(row, where)) continue;
    if (parameter.values.size() != 1) return false;
    const std::string value = member_value(row.type, parameter.values.front(), line);
    if (value.empty()) return false;
    const bool number = row.type == ParameterType::preference || row.type == ParameterType::position;
    Json json = content::json_string(value);
    if (number) json.kind = Kind::number;
    Json& target = row.type == ParameterType::author ? content::object_member(object, "author") : object;
    if (content::has_member(target, row.member)) return false;
    content::add_member(target, row.member, std::move(json));
    return true;
  }
  return false;
}

}  // namespace

void add_vcard_parameter(Json& object, std::string_view name, std::string_view value) {
  Json& parameters = content::object_member(object, "vCardParams");
  Json* found = content::find_member(parameters, name);
  if (found == nullptr) {
    content::add_member(parameters, name, content::json_string(value));
    return;
  }
  if (!found->is(Kind::array)) {
    Json list = content::json_array();
    list.items.push_back(*found);
    *found = std::move(list);
  }
  found->items.push_back(content::json_string(value));
}

std::string_view vcard_parameter(const Json& object, std::string_view name) {
  const Json* parameters = content::find_member(object, "vCardParams");
  return parameters == nullptr ? std::string_view() : content::string_member(*parameters, name);
}

void remove_vcard_parameter(Json& object, std::string_view name) {
  Json* parameters = content::find_member(object, "vCardParams");
  if (parameters == nullptr) return;
  content::remove_member(*parameters, name);
  if (parameters->keys.empty()) content::remove_member(object, "vCardParams");
}

void add_parameters(Json& object, const Line& line, std::string_view where) {
  for (const LineParameter& parameter : line.parameters) {
    const std::string name = content::json_name(parameter.name);
    if (name == "prop-id" || name == "value") continue;
    if (name == "type") {
      add_types(object, parameter, where);
    } else if (!add_known(object, parameter, line, where)) {
      for (const std::string& value : parameter.values) add_vcard_parameter(object, name, value);
    }
  }
}

void set_parameters(Line& line, const Json& object, std::string_view where) {
  set_types(line, object, where);
  const Json* author = content::find_member(object, "author");
  for (const ParameterRow& row : parameter_rows()) {
    if (!applies(row, where)) continue;
    const Json* source = row.type == ParameterType::author ? author : &object;
    const Json* member = source == nullptr ? nullptr : content::find_member(*source, row.member);
    if (member == nullptr) continue;
    const std::string value = parameter_value(row.type, member->text, line);
    if (!value.empty() && is_clean(value)) line.set(row.parameter, value);
  }
  const Json* parameters = content::find_member(object, "vCardParams");
  if (parameters == nullptr) return;
  for (std::size_t i = 0; i < parameters->keys.size(); ++i) {
    const std::string name = content::upper(parameters->keys[i]);
    const Json& values = parameters->items[i];
    if (name == "GROUP") {
      line.group = values.text;
      continue;
    }
    if (name == "VALUE" || (name != "TYPE" && line.find(name) != nullptr)) continue;
    if (values.is(Kind::string)) line.add(name, values.text);
    for (const Json& value : values.items) line.add(name, value.text);
  }
}

bool has_value_type(const Line& line, std::string_view type) {
  const LineParameter* value = line.find("VALUE");
  return value == nullptr || (value->values.size() == 1 && equal_ignoring_case(value->values.front(), type));
}

std::string text_of(const Line& line) { return content::unescape_text(line.value); }

namespace {

/// The object that a property of that row converts to.
std::optional<Json> object_of(const Line& line, const PropertyRow& row) {
  const bool as_text = line.find("VALUE") != nullptr && has_value_type(line, "text");
  bool text = row.type == ValueType::text || as_text;
  if (row.type == ValueType::text_or_uri) text = line.is("TEL") ? !line.find("VALUE") || as_text : as_text;
  const bool uri = !text && row.type != ValueType::language;
  if (uri && (!(has_value_type(line, "uri") || has_value_type(line, "url")) || !is_plain_uri(line.value)))
    return std::nullopt;
  if (text && (row.type == ValueType::uri || !has_value_type(line, "text"))) return std::nullopt;
  if (row.type == ValueType::language && (!has_value_type(line, "language-tag") || !is_language_tag(line.value))) {
    return std::nullopt;
  }
  const std::string value = text ? text_of(line) : line.value;
  if (value.empty()) return std::nullopt;
  Json object = content::json_object();
  if (!row.kind.empty()) content::add_member(object, "kind", content::json_string(row.kind));
  const bool user = text && line.is("SOCIALPROFILE");
  content::add_member(object, user ? "user" : row.value, content::json_string(value));
  if (line.is("IMPP")) content::add_member(object, "vCardName", content::json_string("impp"));
  add_parameters(object, line, row.member);
  return object;
}

/// The property that an object of a map of the rows converts to.
std::optional<Line> line_of_row(const Json& object, std::string_view member) {
  auto kind = content::string_member(object, "kind");
  if (member == "titles" && kind.empty()) kind = "title";
  const PropertyRow* row = find_property(member, kind);
  if (equal_ignoring_case(content::string_member(object, "vCardName"), "impp")) row = find_property("IMPP");
  if (row == nullptr || row->member != member) return std::nullopt;
  const auto user = content::string_member(object, "user");
  const Json* value = content::find_member(object, row->value);
  const bool only_user = value == nullptr && member == "onlineServices" && !user.empty();
  const std::string_view text = only_user          ? user
                                : value == nullptr ? std::string_view()
                                                   : std::string_view(value->text);
  if (text.empty() || !is_clean(text) || (only_user && row->type == ValueType::uri)) return std::nullopt;
  Line line{{}, std::string(row->name), {}, std::string(text)};
  const bool as_text = row->type == ValueType::text || only_user || (row->name == "TEL" && !is_plain_uri(text));
  const bool value_is_uri = row->type == ValueType::uri || row->type == ValueType::text_or_uri;
  if (!as_text && value_is_uri && !is_plain_uri(text)) return std::nullopt;
  if (as_text) line.value = content::escape_text(text);
  if (!as_text && row->name == "TEL") line.set("VALUE", "uri");
  if (only_user) line.set("VALUE", "text");
  set_parameters(line, object, member);
  if (only_user) line.remove("USERNAME");
  return line;
}

}  // namespace

std::string_view map_of(const Line& line) {
  if (line.is("ADR") || line.is("GEO") || line.is("TZ")) return "addresses";
  if (line.is("ORG")) return "organizations";
  if (is_anniversary(line)) return "anniversaries";
  const PropertyRow* row = find_property(line.name);
  return row == nullptr ? std::string_view() : row->member;
}

std::string_view id_prefix_of(const Line& line) {
  const auto member = map_of(line);
  if (member == "addresses") return "ADDR";
  if (member == "organizations") return "ORG";
  if (member == "anniversaries") return "ANNIVERSARY";
  const PropertyRow* row = find_property(line.name);
  return row == nullptr ? std::string_view() : row->id;
}

std::optional<Json> object_of(const Line& line) {
  const auto member = map_of(line);
  if (member == "addresses") return address_of(line);
  if (member == "organizations") return organization_of(line);
  if (member == "anniversaries") return anniversary_of(line);
  const PropertyRow* row = find_property(line.name);
  return row == nullptr ? std::nullopt : object_of(line, *row);
}

std::optional<Line> line_of(const Json& object, std::string_view member) {
  if (member == "addresses") return line_of_address(object);
  if (member == "organizations") return line_of_organization(object);
  if (member == "anniversaries") return line_of_anniversary(object);
  return line_of_row(object, member);
}

}  // namespace dav::contacts::jscontact
