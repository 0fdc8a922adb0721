#include "dav/contacts/convert_groups.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "dav/contacts/convert_tables.h"
#include "dav/contacts/convert_value.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

/// What a LABEL and its ADR have in common.
std::string key_of(const Line& line) {
  std::vector<std::string> types;
  if (const LineParameter* found = line.find("TYPE")) {
    for (const std::string& type : found->values) types.push_back(content::upper(type));
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  std::string key = content::upper(line.group) + '.' + content::upper(line.parameter("LANGUAGE"));
  for (const std::string& type : types) key.append(";").append(type);
  return key;
}

bool may_be_joined(const Line& label) {
  // What is no line end would be read as one.
  const std::string text = content::unescape_text(label.value);
  if (text.find("\\n") != std::string::npos || text.find("\\N") != std::string::npos) return false;
  return std::all_of(label.parameters.begin(), label.parameters.end(), [](const LineParameter& parameter) {
    return content::equal_ignoring_case(parameter.name, "TYPE") ||
           content::equal_ignoring_case(parameter.name, "LANGUAGE");
  });
}

/// Line ends in the parameter are those of RFC 6868; the example in RFC 6350 6.3.1 has backslashes.
std::string label_text(std::string_view parameter) {
  std::string text;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const bool line_end =
        parameter[i] == '\\' && i + 1 < parameter.size() && (parameter[i + 1] == 'n' || parameter[i + 1] == 'N');
    text += line_end ? '\n' : parameter[i];
    if (line_end) ++i;
  }
  return text;
}

}  // namespace

Groups::Groups(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (line.group.empty()) continue;
    std::string& label = labels_[content::upper(line.group)];
    if (label.empty() && line.is("X-ABLabel")) label = content::unescape_text(line.value);
  }
}

const std::string& Groups::label_of(const Line& line) const {
  static const std::string none;
  if (line.group.empty()) return none;
  const auto found = labels_.find(content::upper(line.group));
  return found == labels_.end() ? none : found->second;
}

Line Groups::make_label(Line& line, std::string_view label) {
  const bool made = line.group.empty();
  while (line.group.empty()) {
    const std::string name = "item" + std::to_string(++last_);
    if (!labels_.contains(content::upper(name))) line.group = name;
  }
  labels_[content::upper(line.group)] = label;
  Line added{line.group, "X-ABLabel", {}, content::escape_text(label)};
  added.set(only_mark, made ? "group" : "label");
  return added;
}

void join_labels(std::vector<Line>& lines) {
  std::map<std::string, std::deque<std::size_t>> addresses;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].is("ADR")) addresses[key_of(lines[i])].push_back(i);
  }
  std::vector<bool> joined(lines.size());
  const auto join = [&](std::size_t label, std::size_t address) {
    lines[address].set("LABEL", content::unescape_text(lines[label].value));
    joined[label] = true;
  };
  // The one that a label stands behind is its own; what is left goes by its types.
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].is("LABEL") || !lines[i - 1].is("ADR") || !may_be_joined(lines[i])) continue;
    if (key_of(lines[i]) == key_of(lines[i - 1])) join(i, i - 1);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].is("LABEL") || joined[i] || !may_be_joined(lines[i])) continue;
    auto& free = addresses[key_of(lines[i])];
    while (!free.empty() && lines[free.front()].find("LABEL") != nullptr) free.pop_front();
    if (!free.empty()) join(i, free.front());
  }
  std::size_t i = 0;
  std::erase_if(lines, [&](const Line&) { return joined[i++]; });
}

std::vector<Line> part_label(Line& address) {
  if (address.find("LABEL") == nullptr) return {};
  Line label{address.group, "LABEL", {}, content::escape_text(label_text(address.parameter("LABEL")))};
  address.remove("LABEL");
  for (const std::string_view name : {"TYPE", "LANGUAGE"}) {
    if (const LineParameter* found = address.find(name)) label.parameters.push_back(*found);
  }
  return {std::move(label)};
}

void join_sort_string(std::vector<Line>& lines) {
  const auto sort = std::find_if(lines.begin(), lines.end(), [](const Line& line) { return line.is("SORT-STRING"); });
  const auto name = std::find_if(lines.begin(), lines.end(), [](const Line& line) { return line.is("N"); });
  if (sort == lines.end() || name == lines.end() || !sort->parameters.empty() || !sort->group.empty()) return;
  if (name->find("SORT-AS") != nullptr || name->find("X-VCARD4-SORT-AS") != nullptr) return;
  if (sort->value.empty() || name->find(only_mark) != nullptr) return;
  name->set("SORT-AS", content::unescape_text(sort->value));
  lines.erase(sort);
}

std::vector<Line> part_sort_string(Line& name) {
  const std::string sort = name.parameter("SORT-AS");
  if (sort.empty()) return {};
  name.remove("SORT-AS");
  return {{{}, "SORT-STRING", {}, content::escape_text(sort)}};
}

}  // namespace dav::contacts
