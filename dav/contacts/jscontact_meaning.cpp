#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_components.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/jvalue.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::Json;
using content::Patch;

/// A VALUE that says what goes without saying.
bool is_default_type(const Line& line, std::string_view type) {
  const PropertyRow* row = find_property(line.name);
  if (line.is("TEL") || line.is("UID") || line.is("TZ")) return type == "text" || type == "uri" || type == "utc-offset";
  if (is_anniversary(line) || line.is("REV") || line.is("CREATED")) return content::is_date_type(type);
  const bool uri = line.is("RELATED") || line.is("MEMBER") || line.is("GEO") ||
                   (row != nullptr && (row->type == ValueType::uri || row->type == ValueType::text_or_uri));
  if (uri) return type == "uri" || type == "url";
  if (line.is("LANG") || line.is("LANGUAGE")) return type == "language-tag";
  const bool text = row != nullptr || line.is("ADR") || line.is("N") || line.is("ORG") || line.is("FN") ||
                    line.is("KIND") || line.is("PRODID") || line.is("CATEGORIES") || line.is("GRAMGENDER") ||
                    is_place(line);
  return text && type == "text";
}

/// N and ADR by their components; those that are empty are none.
std::string structured_meaning(Line& line) {
  Json object = content::json_object();
  std::vector<Place> places;
  const auto rows = component_rows(line);
  if (line.find("PHONETIC") != nullptr) {
    std::string value = line.value;
    while (value.ends_with(';')) value.pop_back();
    return value;
  }
  const std::string value = line.value;
  if (!add_components(object, line, rows, places)) return value;
  std::string meaning;
  content::append_json(meaning, object);
  return has_hidden_part(value, rows) ? meaning + value : meaning;
}

bool is_text(const Line& line) {
  const PropertyRow* row = find_property(line.name);
  const bool named = line.is("X-ABLabel") || line.is("FN") || line.is("PRODID") || line.is("KIND") ||
                     (row != nullptr && row->type == ValueType::text) || is_place(line);
  const bool says = line.find("VALUE") != nullptr && has_value_type(line, "text");
  const bool other = line.find("VALUE") != nullptr && !says;
  return (named && !other) || (says && (line.is("RELATED") || line.is("SOCIALPROFILE") || is_anniversary(line)));
}

std::string value_meaning(Line& line) {
  if (line.is("N") || line.is("ADR")) return structured_meaning(line);
  if (line.is("UID")) return is_plain_uri(line.value) ? line.value : text_of(line);
  if (line.is("TEL")) return has_value_type(line, "uri") && line.find("VALUE") != nullptr ? line.value : text_of(line);
  if (line.is("KIND") || line.is("GRAMGENDER")) return content::json_name(text_of(line));
  if (line.is("TZ")) {
    const std::string zone = zone_of_offset(line.value);
    return zone.empty() || (line.find("VALUE") != nullptr && has_value_type(line, "text")) ? text_of(line) : line.value;
  }
  if (line.is("REV") || line.is("CREATED")) {
    const std::string utc = utc_date_time(line.value);
    return utc.empty() ? line.value : utc;
  }
  if (is_anniversary(line) && !is_text(line)) {
    const auto date = date_of(line.value);
    return date ? date_value(*date) : line.value;
  }
  if (line.is("ORG")) {
    std::string value;
    for (const auto part : content::split(line.value, ';'))
      value += content::escape_text(content::unescape_text(part)) + ';';
    while (value.ends_with(";;")) value.pop_back();
    return value;
  }
  return is_text(line) ? text_of(line) : line.value;
}

std::string parameter_meaning(const Line& line, const LineParameter& parameter) {
  const std::string name = content::json_name(parameter.name);
  std::vector<std::string> values = parameter.values;
  if (name == "type" || name == "level" || name == "calscale" || name == "derived") {
    for (std::string& value : values) value = content::json_name(value);
  }
  if (name == "type") {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  if (name == "value" && values.size() == 1) {
    const std::string type = content::json_name(values.front());
    if (is_default_type(line, type)) return {};
    values.front() = type;
  }
  std::string meaning = name + '=';
  for (const std::string& value : values) meaning += (name == "label" ? with_line_ends(value) : value) + ',';
  return meaning;
}

/// A line by itself; empty if it says nothing.
std::string meaning_of_line(const Line& given, const std::set<std::string>& made_ids) {
  Line line = given;
  const std::string name = content::upper(line.name);
  if (made_ids.contains(name + ' ' + line.parameter("PROP-ID"))) line.remove("PROP-ID");
  const std::string value = value_meaning(line);
  if (line.is("N") && value == "{}" && line.parameters.empty()) return {};
  std::vector<std::string> parameters;
  for (const LineParameter& parameter : line.parameters) {
    std::string meaning = parameter_meaning(line, parameter);
    if (!meaning.empty()) parameters.push_back(std::move(meaning));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string meaning = name;
  for (const std::string& parameter : parameters) meaning += ';' + parameter;
  return meaning + ':' + value;
}

/// One text of a list each: whether they stand in one line or in several says nothing.
std::vector<std::string> meanings_of_line(const Line& line, const std::set<std::string>& made_ids) {
  if (!line.is("CATEGORIES") || !line.parameters.empty() || !line.group.empty()) {
    std::string meaning = meaning_of_line(line, made_ids);
    return meaning.empty() ? std::vector<std::string>() : std::vector{std::move(meaning)};
  }
  std::set<std::string> all;
  for (const auto part : content::split(line.value, ',')) {
    const std::string text = content::unescape_text(part);
    if (!text.empty()) all.insert("CATEGORIES:" + text);
  }
  return {all.begin(), all.end()};
}

/// The patch that a line of JSPROP is; nothing if it is none.
std::optional<Patch> patch_of(const Line& line) {
  const LineParameter* pointer = line.find("JSPTR");
  const bool plain = line.parameters.size() == 1 || (line.parameters.size() == 2 && line.find("VALUE") != nullptr);
  if (pointer == nullptr || pointer->values.size() != 1 || !plain || !has_value_type(line, "text") ||
      !line.group.empty()) {
    return std::nullopt;
  }
  std::string_view path = pointer->values.front();
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.empty()) return std::nullopt;
  try {
    return Patch(path, content::parse_json(text_of(line), {.depth = 32}));
  } catch (const content::MalformedJson&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::vector<std::string>> meaning_of(const std::vector<Line>& lines,
                                                 const std::set<std::string>& made_ids) {
  std::vector<std::vector<std::string>> meanings;
  std::map<std::string, std::vector<std::string>> groups;
  for (const Line& line : lines) {
    meanings.push_back(meanings_of_line(line, made_ids));
    if (line.group.empty()) continue;
    for (const std::string& meaning : meanings.back()) groups[content::upper(line.group)].push_back(meaning);
  }
  std::map<std::string, std::string> marks;
  for (auto& [name, all] : groups) {
    std::sort(all.begin(), all.end());
    std::string whole;
    for (const std::string& meaning : all) whole.append(meaning).append("\n");
    marks[name] = std::to_string(std::hash<std::string>()(whole)) + ' ';
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].group.empty()) continue;
    for (std::string& meaning : meanings[i]) meaning.insert(0, marks[content::upper(lines[i].group)]);
  }
  return meanings;
}

Parted part_patches(std::vector<Line> lines) {
  Parted parted;
  std::set<std::string> pointers;
  for (Line& line : lines) {
    const bool meant = line.is("JSPROP");
    auto patch = meant && parted.patches.size() < content::most_patches ? patch_of(line) : std::nullopt;
    if (patch && pointers.insert(patch->first).second) {
      parted.patches.push_back(*std::move(patch));
      continue;
    }
    parted.malformed.push_back(meant);
    parted.others.push_back(std::move(line));
  }
  return parted;
}

}  // namespace dav::contacts::jscontact
