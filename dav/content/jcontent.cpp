#include "dav/content/jcontent.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "dav/content/json_tree.h"
#include "dav/content/jvalue.h"
#include "dav/content/text.h"

namespace dav::content {

namespace {

using Values = std::vector<std::string>;

const JsonRow* row_of(const JsonFormat& format, std::string_view name) {
  const auto found = std::lower_bound(format.rows.begin(), format.rows.end(), name,
                                      [](const JsonRow& row, std::string_view wanted) { return row.name < wanted; });
  return found != format.rows.end() && found->name == name ? &*found : nullptr;
}

std::string_view default_type(const JsonRow* row) { return row == nullptr ? std::string_view("unknown") : row->type; }

bool is_offset(std::string_view value) {
  return value.size() == 5 && (value[0] == '+' || value[0] == '-') &&
         std::all_of(value.begin() + 1, value.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_date(std::string_view value) {
  return value.size() >= 8 &&
         std::all_of(value.begin(), value.begin() + 8, [](char c) { return c >= '0' && c <= '9'; }) &&
         (value.size() == 8 || value[8] == ',');
}

// RFC 7265 3.5.1, RFC 7095 3.4.1
std::string type_of(const Property& property, const JsonRow* row, Dialect dialect) {
  std::string type = json_name(property.parameter("VALUE"));
  if (!type.empty() && std::all_of(type.begin(), type.end(), [](char c) { return c > 0x20 && c < 0x7F; })) return type;
  const auto standard = default_type(row);
  if (dialect == Dialect::icalendar) {
    // A date without VALUE=DATE, as in RFC 7265 B.1.1.
    return std::string(standard == "date-time" && is_date(property.value) ? std::string_view("date") : standard);
  }
  // RFC 2426 2.4.1: what is encoded is binary. RFC 7095 B.1.2 has an offset as what it is.
  if (property.find("ENCODING") != nullptr) return "binary";
  if (row != nullptr && row->name == "tz" && is_offset(property.value)) return "utc-offset";
  return std::string(standard);
}

/// The parameters by name in lower case, in order; those of one name made one.
class Parameters {
 public:
  void add(std::string name, Values values) {
    const auto known = std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each.first == name; });
    if (known == all_.end()) {
      all_.emplace_back(std::move(name), std::move(values));
    } else {
      known->second.insert(known->second.end(), values.begin(), values.end());
    }
  }

  void write(std::string& out) const {
    out += '{';
    bool first = true;
    for (const auto& [name, values] : all_) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, name);
      out += ':';
      // RFC 7265 3.5.2
      if (values.size() != 1) out += '[';
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, values[i]);
      }
      if (values.size() != 1) out += ']';
    }
    out += '}';
  }

 private:
  std::vector<std::pair<std::string, Values>> all_;
};

/// `TYPE="work,voice"` are two, as RFC 6350 writes them.
Values split_commas(const Values& values) {
  Values parts;
  for (const auto& value : values) {
    for (const auto part : split(value, ',')) parts.emplace_back(part);
  }
  return parts;
}

/// A parameter without '=', which old cards have: `TEL;HOME`.
void add_bare(Parameters& parameters, const Parameter& parameter, Dialect dialect) {
  constexpr std::array<std::string_view, 5> codings{"BASE64", "B", "QUOTED-PRINTABLE", "8BIT", "7BIT"};
  const auto same = [&](std::string_view coding) { return equal_ignoring_case(parameter.name, coding); };
  if (dialect == Dialect::icalendar) return parameters.add(json_name(parameter.name), {""});
  const bool coding = std::any_of(codings.begin(), codings.end(), same);
  parameters.add(coding ? "encoding" : "type", {std::string(parameter.name)});
}

/// The octets of base64 (RFC 4648 4); nothing if it is none.
std::optional<std::string> decoded_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string octets;
  unsigned bits = 0;
  int count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFF);
  }
  return octets;
}

/// RFC 7265 3.1: "If the value type is not "BINARY", the "ENCODING" property parameter MUST be removed, and the value
/// MUST be base64 decoded."
std::optional<std::string> decoded_text(const Property& property, std::string_view type, Dialect dialect) {
  const bool encoded = dialect == Dialect::icalendar && type == "text" && property.parameter("ENCODING") == "BASE64";
  auto text = encoded ? decoded_base64(property.value) : std::nullopt;
  const bool good = text && is_utf8(*text) && std::none_of(text->begin(), text->end(), [](char c) {
                      return c != '\n' && c != '\t' && static_cast<unsigned char>(c) < 0x20;
                    });
  return good ? std::move(text) : std::nullopt;
}

void append_parameters(std::string& out, const Property& property, const JsonFormat& format, bool without_encoding) {
  Parameters parameters;
  // RFC 7095 3.3.1.2
  if (!property.group.empty()) parameters.add("group", {std::string(property.group)});
  for (const Parameter& parameter : property.parameters) {
    if (!parameter.has_value) {
      add_bare(parameters, parameter, format.dialect);
      continue;
    }
    std::string name = json_name(parameter.name);
    if (name == "value" || (name == "group" && format.dialect == Dialect::vcard)) continue;
    if (name == "encoding" && without_encoding) continue;
    Values values = parameter.values();
    if (name == "type" && format.dialect == Dialect::vcard) values = split_commas(values);
    parameters.add(std::move(name), std::move(values));
  }
  parameters.write(out);
}

/// The parts of a list, after one another.
void append_list(std::string& out, std::string_view type, std::string_view list) {
  for (bool is_first = true, is_last = false; !is_last; is_first = false) {
    if (!is_first) out += ',';
    append_json_value(out, type, take_part(list, ',', is_last));
  }
}

bool has_several(std::string_view text, char separator) {
  bool is_last = true;
  if (text.find(separator) != std::string_view::npos) take_part(text, separator, is_last);
  return !is_last;
}

void append_structured(std::string& out, std::string_view type, std::string_view value, bool lists) {
  // RFC 7095 3.3.1.3: one component alone is no array.
  const bool alone = !has_several(value, ';') && !(lists && has_several(value, ','));
  if (!alone) out += '[';
  for (bool is_first = true, is_last = false; !is_last; is_first = false) {
    if (!is_first) out += ',';
    const auto part = take_part(value, ';', is_last);
    const bool is_list = lists && has_several(part, ',');
    if (is_list) out += '[';
    is_list ? append_list(out, type, part) : append_json_value(out, type, part);
    if (is_list) out += ']';
  }
  if (!alone) out += ']';
}

bool is_raw(std::string_view type) {
  return type == "unknown" || type == "uri" || type == "cal-address" || type == "binary" || type == "recur";
}

void append_values(std::string& out, std::string_view type, JsonShape shape, std::string_view value) {
  if (shape == JsonShape::structured || shape == JsonShape::structured_lists) {
    return append_structured(out, type, value, shape == JsonShape::structured_lists);
  }
  if (shape == JsonShape::single || is_raw(type)) return append_json_value(out, type, value);
  append_list(out, type, value);
}

/// A name as it may stand in a content line, made capital.
std::string line_name(const Json& json, std::string_view name) {
  if (!is_line_name(name)) throw MalformedJson(json.offset, "this can't be a name");
  return upper(name);
}

/// RFC 7265 3.5
void append_parameter(std::string& line, const std::string& key, const Json& json) {
  if (json.is(Json::Kind::array) && json.items.empty()) return;
  line += ';' + line_name(json, key) + '=';
  const auto append = [&](const Json& value) {
    if (value.is(Json::Kind::array) || value.is(Json::Kind::object) || value.is(Json::Kind::null)) {
      throw MalformedJson(value.offset, "the value of a parameter is text");
    }
    line += encode_parameter(checked(value, LineEnds::allowed));
  };
  if (!json.is(Json::Kind::array)) return append(json);
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    if (i > 0) line += ',';
    append(json.items[i]);
  }
}

// RFC 7265 4, 5.2
void append_type(std::string& line, const Json& parameters, std::string_view type, const JsonRow* row,
                 Dialect dialect) {
  const bool encoded = has_member(parameters, "encoding");
  if (type == "binary" && dialect == Dialect::icalendar && !encoded) line += ";ENCODING=BASE64";
  if (type == "binary" && dialect == Dialect::vcard && encoded) return;
  if (type == "unknown" || type == default_type(row)) return;
  line += ";VALUE=" + encode_parameter(dialect == Dialect::icalendar ? upper(type) : std::string(type));
}

/// One value, or the parts of a structured one. RFC 7095 3.3.1.3
void append_value(std::string& line, std::string_view type, const Json& json, char separator) {
  if (!json.is(Json::Kind::array) || type == "period") {
    line += value_of_json(type, json);
    return;
  }
  if (separator == ',' &&
      std::any_of(json.items.begin(), json.items.end(), [](const Json& item) { return item.is(Json::Kind::array); })) {
    throw MalformedJson(json.offset, "lists inside of lists");
  }
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    if (i > 0) line += separator;
    append_value(line, type, json.items[i], ',');
  }
}

const std::string& string_at(const Json& array, std::size_t index, const char* what) {
  const Json& json = array.items[index];
  if (!json.is(Json::Kind::string)) throw MalformedJson(json.offset, std::string(what) + " is text");
  return checked(json, LineEnds::refused);
}

}  // namespace

std::string json_name(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

bool is_line_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view(";:,\"=").find(c) == std::string_view::npos;
  });
}

void append_json_property(std::string& out, const Property& property, const JsonFormat& format) {
  const std::string name = json_name(property.name);
  const JsonRow* row = row_of(format, name);
  const std::string type = type_of(property, row, format.dialect);
  out += '[';
  append_json_string(out, name);
  out += ',';
  const auto decoded = decoded_text(property, type, format.dialect);
  // RFC 7265 3.1: that what is binary is in base64 goes without saying.
  append_parameters(out, property, format, decoded || (type == "binary" && format.dialect == Dialect::icalendar));
  out += ',';
  append_json_string(out, type);
  out += ',';
  if (decoded) {
    append_json_string(out, *decoded);
    out += ']';
    return;
  }
  // A text whose shape isn't known may be a list: as such it comes back with the same commas.
  const JsonShape shape = row != nullptr ? row->shape : type == "text" ? JsonShape::list : JsonShape::single;
  append_values(out, type, shape, property.value);
  out += ']';
}

void append_line_of_json(std::string& out, const Json& property, const JsonFormat& format) {
  if (!property.is(Json::Kind::array) || property.items.size() < 4) {
    throw MalformedJson(property.offset, "a property is its name, its parameters, its type and values");
  }
  const std::string name = json_name(string_at(property, 0, "a property's name"));
  const std::string type = json_name(string_at(property, 2, "a property's type"));
  const Json& parameters = property.items[1];
  if (!parameters.is(Json::Kind::object)) throw MalformedJson(parameters.offset, "parameters are an object");
  if (name == "begin" || name == "end") throw MalformedJson(property.offset, name + " is no property");
  const JsonRow* row = row_of(format, name);

  std::string line = line_name(property.items[0], name);
  std::string more;
  for (std::size_t i = 0; i < parameters.keys.size(); ++i) {
    const std::string key = json_name(parameters.keys[i]);
    const Json& value = parameters.items[i];
    if (key == "value") continue;
    if (key != "group" || format.dialect != Dialect::vcard) {
      append_parameter(more, key, value);
      continue;
    }
    const std::string group = value.is(Json::Kind::string) ? value.text : std::string();
    line_name(value, group);
    if (group.find('.') != std::string::npos) throw MalformedJson(value.offset, "this can't be a group");
    line.insert(0, group + '.');
  }
  if (format.dialect == Dialect::vcard && line.find('.') != std::string::npos && !has_member(parameters, "group")) {
    throw MalformedJson(property.items[0].offset, "a group stands in its own parameter");
  }
  line += more;
  append_type(line, parameters, type, row, format.dialect);
  line += ':';
  for (std::size_t i = 3; i < property.items.size(); ++i) {
    if (i > 3) line += ',';
    append_value(line, type, property.items[i], ';');
  }
  append_folded(out, line);
}

std::string component_name_of_json(const Json& json) {
  if (!json.is(Json::Kind::string)) throw MalformedJson(json.offset, "a component begins with its name");
  std::string name = upper(checked(json, LineEnds::refused));
  while (name.ends_with(' ') || name.ends_with('\t')) name.pop_back();
  if (name.empty()) throw MalformedJson(json.offset, "a component begins with its name");
  return name;
}

}  // namespace dav::content
