#include "dav/contacts/line.h"

#include <algorithm>
#include <utility>

#include "dav/contacts/legacy.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

constexpr std::size_t most_parameters = 200;

/// A parameter's values as 3.0 writes them: in quotes or not, and nothing escaped.
std::vector<std::string> plain_values(std::string_view raw) {
  std::vector<std::string> values(1);
  bool quoted = false;
  for (const char c : raw) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      values.emplace_back();
    } else {
      values.back() += c;
    }
  }
  return values;
}

/// `TYPE="home,work"` are two, as RFC 6350 writes them.
void add_types(Line& line, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    for (const std::string_view part : content::split(value, ',')) {
      if (!part.empty()) line.add("TYPE", std::string(part));
    }
  }
}

std::string parameter_value(const std::string& value, Version version) {
  if (version == Version::v4) return content::encode_parameter(value);
  std::string plain;
  for (const char c : value) {
    if (c != '"' && c != '\n' && c != '\r') plain += c;
  }
  return plain.find_first_of(";:,") == std::string::npos ? plain : '"' + plain + '"';
}

}  // namespace

bool Line::is(std::string_view other) const { return equal_ignoring_case(name, other); }

LineParameter* Line::find(std::string_view parameter_name) {
  for (LineParameter& parameter : parameters) {
    if (equal_ignoring_case(parameter.name, parameter_name)) return &parameter;
  }
  return nullptr;
}

const LineParameter* Line::find(std::string_view parameter_name) const {
  for (const LineParameter& parameter : parameters) {
    if (equal_ignoring_case(parameter.name, parameter_name)) return &parameter;
  }
  return nullptr;
}

std::string Line::parameter(std::string_view parameter_name) const {
  const LineParameter* found = find(parameter_name);
  std::string joined;
  if (found == nullptr) return joined;
  for (std::size_t i = 0; i < found->values.size(); ++i) joined.append(i == 0 ? "" : ",").append(found->values[i]);
  return joined;
}

void Line::add(std::string_view parameter_name, std::string parameter_value) {
  LineParameter* found = find(parameter_name);
  if (found == nullptr) found = &parameters.emplace_back(LineParameter{std::string(parameter_name), {}});
  found->values.push_back(std::move(parameter_value));
}

void Line::set(std::string_view parameter_name, std::string parameter_value) {
  if (LineParameter* found = find(parameter_name)) {
    found->values.clear();
    found->values.push_back(std::move(parameter_value));
  } else {
    add(parameter_name, std::move(parameter_value));
  }
}

void Line::remove(std::string_view parameter_name) {
  std::erase_if(parameters,
                [&](const LineParameter& parameter) { return equal_ignoring_case(parameter.name, parameter_name); });
}

bool Line::has_type(std::string_view type) const {
  const LineParameter* types = find("TYPE");
  return types != nullptr && std::any_of(types->values.begin(), types->values.end(),
                                         [&](const std::string& each) { return equal_ignoring_case(each, type); });
}

bool Line::remove_type(std::string_view type) {
  LineParameter* types = find("TYPE");
  if (types == nullptr) return false;
  const auto count = std::erase_if(types->values, [&](const std::string& v) { return equal_ignoring_case(v, type); });
  if (types->values.empty()) remove("TYPE");
  return count > 0;
}

Line read_line(const content::Property& property, Version version) {
  Line line{std::string(property.group), std::string(property.name), {}, std::string(property.value)};
  // Nobody writes so many; each is looked for among the others.
  for (const content::Parameter& parameter :
       property.parameters.first(std::min(property.parameters.size(), most_parameters))) {
    if (!parameter.has_value) {
      if (is_encoding(parameter.name)) {
        line.set("ENCODING", std::string(parameter.name));
      } else {
        line.add("TYPE", std::string(parameter.name));
      }
      continue;
    }
    auto values = version == Version::v4 ? parameter.values() : plain_values(parameter.raw);
    if (equal_ignoring_case(parameter.name, "TYPE")) {
      add_types(line, values);
    } else {
      for (std::string& value : values) line.add(parameter.name, std::move(value));
    }
  }
  return line;
}

void append_line(std::string& out, const Line& line, Version version) {
  std::string text = line.group.empty() ? line.name : line.group + '.' + line.name;
  for (const LineParameter& parameter : line.parameters) {
    text.append(";").append(parameter.name).append("=");
    for (std::size_t i = 0; i < parameter.values.size(); ++i) {
      text.append(i == 0 ? "" : ",").append(parameter_value(parameter.values[i], version));
    }
  }
  content::append_folded(out, text.append(":").append(line.value));
}

std::vector<Line> read_lines(const content::Component& card, Version version) {
  std::vector<Line> lines;
  lines.reserve(card.properties.size() + card.components.size());
  card.for_each_child(
      [&](const content::Property& property) {
        if (property.is("VERSION")) return;
        Line line = read_line(property, version);
        if (version == Version::v3 && line.find("ENCODING") != nullptr) decode_legacy_text(line);
        lines.push_back(std::move(line));
      },
      [&](const content::Component& inner) {
        const bool announced = !lines.empty() && lines.back().is("AGENT") && lines.back().value.empty();
        if (!announced) lines.push_back({{}, "AGENT", {}, {}});
        // One within that again stays as it is: each level would double the escapes.
        const content::Property* inner_version = inner.find("VERSION");
        const bool legacy = inner_version != nullptr && inner_version->value == "2.1" && inner.components.empty();
        lines.back().value = content::escape_text(legacy ? from_legacy(inner) : std::string(inner.raw));
      });
  return lines;
}

std::string write_card(const std::vector<Line>& lines, Version version) {
  std::string out = version == Version::v4 ? "BEGIN:VCARD\r\nVERSION:4.0\r\n" : "BEGIN:VCARD\r\nVERSION:3.0\r\n";
  for (const Line& line : lines) append_line(out, line, version);
  return out += "END:VCARD\r\n";
}

}  // namespace dav::contacts
