#include "dav/content/content_line.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "dav/content/text.h"

namespace dav::content {

namespace {

/// One physical line: where it starts, where its text ends, where the next begins, and what it holds.
struct PhysicalLine {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t next = 0;
  bool has_high = false;
};

constexpr std::array<bool, 256> name_characters = [] {
  std::array<bool, 256> table{};
  for (std::size_t octet = 0x21; octet < 0x7F; ++octet) {
    table.at(octet) = octet != ';' && octet != ':' && octet != ',' && octet != '"' && octet != '=';
  }
  return table;
}();

bool is_name_character(char c) { return name_characters[static_cast<unsigned char>(c)]; }

/// How many of eight octets at least are printable ASCII, from the first on; all eight only where all are.
std::size_t printable_of_eight(const char* octets) {
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  constexpr std::uint64_t ones = 0x0101010101010101;
  const std::uint64_t others = (word | (word + ones) | (word - ones * 0x20)) & (ones * 0x80);
  if (others == 0) return 8;
  // Carries go to later octets: the first that is marked is one.
  return std::endian::native == std::endian::little ? static_cast<std::size_t>(std::countr_zero(others)) / 8 : 0;
}

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads `;NAME=value` at `position`, which stands on the semicolon; leaves it on the next ';' or ':'.
Parameter read_parameter(std::string_view text, std::size_t& position, std::size_t line) {
  Parameter parameter;
  const std::size_t name_begin = ++position;
  while (position < text.size() && is_name_character(text[position])) ++position;
  parameter.name = text.substr(name_begin, position - name_begin);
  if (position == text.size()) throw Malformed(line, "no ':' after the property name");
  // vCard 2.1 allows a parameter value alone; a stray ';' (";;", ";:") is met in the wild and carries nothing.
  if (text[position] == ';' || text[position] == ':') {
    parameter.has_value = false;
    return parameter;
  }
  if (parameter.name.empty() || text[position] != '=') throw Malformed(line, "bad parameter name");
  const std::size_t value_begin = ++position;
  bool quoted = false;
  for (; position < text.size(); ++position) {
    const char c = text[position];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ';' || c == ':')) break;
  }
  if (quoted) throw Malformed(line, "unclosed quote in parameter " + std::string(parameter.name));
  if (position == text.size()) throw Malformed(line, "no ':' after the property name");
  parameter.raw = text.substr(value_begin, position - value_begin);
  return parameter;
}

}  // namespace

/// Reads a document from front to back, once.
class Reader {
 public:
  Reader(Document& document, Dialect dialect, const Limits& limits)
      : document_(document), source_(document.text_->source), dialect_(dialect), limits_(limits) {}

  void read() {
    if (source_.substr(0, 3) == "\xEF\xBB\xBF") position_ = 3;
    while (next_line()) place();
    if (!open_.empty()) throw Malformed(open_.back().line, "no END:" + std::string(open_.back().name));
    if (document_.components_.empty()) throw Malformed(1, "no component");
  }

 private:
  /// The physical line at `position_`; it is not at the end.
  PhysicalLine scan() {
    PhysicalLine line;
    line.begin = position_;
    std::size_t i = position_;
    const std::size_t size = source_.size();
    for (;;) {
      while (i + 8 <= size) {
        const std::size_t printable = printable_of_eight(source_.data() + i);
        i += printable;
        if (printable < 8) break;
      }
      if (i == size) break;
      const char c = source_[i];
      if (c == '\n' || c == '\r') break;
      const auto octet = static_cast<unsigned char>(c);
      if (octet >= 0x80) {
        line.has_high = true;
      } else if ((octet < 0x20 && c != '\t') || octet == 0x7F) {
        throw Malformed(physical_ + 1, "control character");
      }
      ++i;
    }
    line.end = i;
    if (i < size) i += source_[i] == '\r' && i + 1 < size && source_[i + 1] == '\n' ? 2 : 1;
    line.next = i;
    return line;
  }

  PhysicalLine take() {
    PhysicalLine line = scan();
    position_ = line.next;
    ++physical_;
    return line;
  }

  /// Blank lines mean nothing; editors and mail leave them behind.
  void skip_blank() {
    while (position_ < source_.size() && (source_[position_] == '\n' || source_[position_] == '\r')) take();
  }

  bool at_continuation() const {
    return position_ < source_.size() && (source_[position_] == ' ' || source_[position_] == '\t');
  }

  /// Takes the next unfolded line into `text_`; false at the end.
  bool next_line() {
    skip_blank();
    while (at_continuation()) {
      const PhysicalLine stray = take();
      const auto text = source_.substr(stray.begin, stray.end - stray.begin);
      if (text.find_first_not_of(" \t") != std::string_view::npos) throw Malformed(physical_, "continues no line");
      skip_blank();
    }
    if (position_ == source_.size()) return false;
    if (++lines_ > limits_.lines) throw Malformed(physical_ + 1, "too many lines");
    PhysicalLine line = take();
    line_number_ = physical_;
    text_ = source_.substr(line.begin, line.end - line.begin);
    raw_ = source_.substr(line.begin, line.next - line.begin);
    const std::size_t begin = line.begin;
    skip_blank();
    if (at_continuation()) unfold(line, begin);
    if (dialect_ == Dialect::vcard) join_soft_breaks(line, begin);
    if (text_.size() > limits_.line_length) throw Malformed(line_number_, "line too long");
    if (line.has_high && !is_utf8(text_)) throw Malformed(line_number_, "not UTF-8");
    return true;
  }

  /// Appends to the unfolded line, which ends the arena from here on.
  void append(std::string_view more) {
    std::string& arena = document_.text_->unfolded;
    if (arena.capacity() < source_.size()) arena.reserve(source_.size());
    if (text_.data() + text_.size() != arena.data() + arena.size() || text_.empty()) {
      const std::size_t begin = arena.size();
      arena.append(text_);
      text_ = std::string_view(arena).substr(begin);
    }
    const std::size_t begin = static_cast<std::size_t>(text_.data() - arena.data());
    arena.append(more);
    text_ = std::string_view(arena).substr(begin);
  }

  /// RFC 5545 3.1, RFC 6350 3.2
  void unfold(PhysicalLine& line, std::size_t begin) {
    while (at_continuation()) {
      const PhysicalLine more = take();
      append(source_.substr(more.begin + 1, more.end - more.begin - 1));
      line.has_high = line.has_high || more.has_high;
      raw_ = source_.substr(begin, more.next - begin);
      if (text_.size() > limits_.line_length) throw Malformed(line_number_, "line too long");
      skip_blank();
    }
  }

  /// vCard 2.1: a quoted-printable value goes on in the next line after a '=' at the end.
  void join_soft_breaks(PhysicalLine& line, std::size_t begin) {
    if (text_.empty() || text_.back() != '=') return;
    const std::string_view head = text_.substr(0, text_.find(':'));
    if (!contains_ignoring_case(head, "QUOTED-PRINTABLE")) return;
    while (text_.ends_with('=') && position_ < source_.size()) {
      const PhysicalLine more = take();
      append("");
      document_.text_->unfolded.pop_back();
      text_.remove_suffix(1);
      append(source_.substr(more.begin, more.end - more.begin));
      line.has_high = line.has_high || more.has_high;
      raw_ = source_.substr(begin, more.next - begin);
      if (text_.size() > limits_.line_length) throw Malformed(line_number_, "line too long");
    }
  }

  Property property() {
    Property property;
    property.line = line_number_;
    property.raw = raw_;
    std::size_t position = 0;
    while (position < text_.size() && is_name_character(text_[position])) ++position;
    property.name = text_.substr(0, position);
    if (position == text_.size()) throw Malformed(line_number_, "no ':' after the property name");
    if (dialect_ == Dialect::vcard) {
      if (const auto dot = property.name.find('.'); dot != std::string_view::npos) {
        property.group = property.name.substr(0, dot);
        property.name.remove_prefix(dot + 1);
      }
    }
    if (property.name.empty()) throw Malformed(line_number_, "no property name");
    scratch_.clear();
    while (position < text_.size() && text_[position] == ';') {
      const Parameter parameter = read_parameter(text_, position, line_number_);
      if (parameter.has_value || !parameter.name.empty()) scratch_.push_back(parameter);
    }
    if (!scratch_.empty()) property.parameters = keep(scratch_);
    if (position == text_.size() || text_[position] != ':') throw Malformed(line_number_, "bad property name");
    property.value = text_.substr(position + 1);
    return property;
  }

  /// Copies parameters to where they stay.
  std::span<const Parameter> keep(const std::vector<Parameter>& parameters) {
    auto& chunks = document_.text_->parameters;
    if (chunks.empty() || chunks.back().capacity() - chunks.back().size() < parameters.size()) {
      const std::size_t next = chunks.empty() ? 16 : std::min(chunks.back().capacity() * 2, std::size_t{4096});
      chunks.emplace_back().reserve(std::max(next, parameters.size()));
    }
    std::vector<Parameter>& chunk = chunks.back();
    chunk.insert(chunk.end(), parameters.begin(), parameters.end());
    return std::span<const Parameter>(chunk).last(parameters.size());
  }

  void place() {
    const Property line = property();
    if (line.is("BEGIN")) return open(line);
    if (line.is("END")) return close(line);
    if (open_.empty()) throw Malformed(line_number_, std::string(line.name) + " stands outside of a component");
    open_.back().properties.push_back(line);
  }

  void open(const Property& line) {
    if (open_.size() >= limits_.depth) throw Malformed(line_number_, "components nested too deeply");
    Component component;
    component.name = without_trailing_space(line.value);
    if (component.name.empty()) throw Malformed(line_number_, "BEGIN without a name");
    component.begin = line.raw;
    component.line = line_number_;
    component.properties.reserve(12);
    open_.push_back(std::move(component));
  }

  void close(const Property& line) {
    const std::string name(without_trailing_space(line.value));
    if (open_.empty()) throw Malformed(line_number_, "END:" + name + " without its BEGIN");
    if (!open_.back().is(name)) {
      throw Malformed(line_number_, "END:" + name + " where END:" + std::string(open_.back().name) + " is due");
    }
    Component component = std::move(open_.back());
    open_.pop_back();
    component.end = line.raw;
    const char* first = component.begin.data();
    component.raw = {first, static_cast<std::size_t>(line.raw.data() + line.raw.size() - first)};
    (open_.empty() ? document_.components_ : open_.back().components).push_back(std::move(component));
  }

  Document& document_;
  std::string_view source_;
  Dialect dialect_;
  const Limits& limits_;
  std::vector<Component> open_;
  std::vector<Parameter> scratch_;  ///< of the present line
  std::size_t position_ = 0;
  std::size_t physical_ = 0;     ///< physical lines taken
  std::size_t lines_ = 0;        ///< unfolded lines taken
  std::size_t line_number_ = 0;  ///< the physical line where the present one began
  std::string_view text_;        ///< the present line, unfolded
  std::string_view raw_;         ///< its octets in the source
};

Document Document::parse(std::string source, Dialect dialect, const Limits& limits) {
  Document document;
  document.text_ = std::make_unique<Text>();
  document.text_->source = std::move(source);
  Reader(document, dialect, limits).read();
  return document;
}

std::vector<std::string> Parameter::values() const {
  std::vector<std::string> values;
  if (!has_value) return values;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= raw.size(); ++i) {
    if (i < raw.size() && raw[i] == '"') quoted = !quoted;
    if (i < raw.size() && (quoted || raw[i] != ',')) continue;
    values.push_back(decode_parameter(raw.substr(begin, i - begin)));
    begin = i + 1;
  }
  return values;
}

std::string Parameter::value() const {
  const bool plain = std::none_of(raw.begin(), raw.end(), [](char c) { return c == '"' || c == '^' || c == ','; });
  if (plain) return std::string(raw);
  bool quoted = false;
  std::size_t end = 0;
  for (; end < raw.size() && (quoted || raw[end] != ','); ++end) {
    if (raw[end] == '"') quoted = !quoted;
  }
  return decode_parameter(raw.substr(0, end));
}

bool Property::is(std::string_view other) const { return equal_ignoring_case(name, other); }

const Parameter* Property::find(std::string_view parameter_name) const {
  for (const Parameter& parameter : parameters) {
    if (equal_ignoring_case(parameter.name, parameter_name)) return &parameter;
  }
  return nullptr;
}

std::string Property::parameter(std::string_view parameter_name) const {
  const Parameter* found = find(parameter_name);
  return found == nullptr ? std::string() : found->value();
}

bool Component::is(std::string_view other) const { return equal_ignoring_case(name, other); }

const Property* Component::find(std::string_view property_name) const {
  for (const Property& property : properties) {
    if (property.is(property_name)) return &property;
  }
  return nullptr;
}

std::size_t Component::count(std::string_view property_name) const {
  return static_cast<std::size_t>(std::count_if(properties.begin(), properties.end(),
                                                [&](const Property& property) { return property.is(property_name); }));
}

}  // namespace dav::content
