#include "dav/content/json.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

namespace dav::content {

namespace {

/// Where the reader stands; an iterator over the text that leaves its position behind.
class Place {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Place(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  Place& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  bool operator==(const Place& other) const { return at_ == other.at_; }
  bool operator!=(const Place& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** seen_;
};

/// Builds the tree from what the parser finds.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Builder(const char* begin, const char* const* seen, const JsonLimits& limits)
      : begin_(begin), seen_(seen), limits_(limits) {}

  bool null() { return add(Json::Kind::null, {}); }
  bool boolean(bool value) { return add(Json::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) { return add(Json::Kind::number, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) { return add(Json::Kind::number, std::to_string(value)); }
  bool number_float(number_float_t, const string_t& written) { return add(Json::Kind::number, written); }
  bool string(string_t& value) { return add(Json::Kind::string, std::move(value)); }
  bool binary(binary_t&) { return false; }
  bool start_array(std::size_t) { return open(Json::Kind::array); }
  bool start_object(std::size_t) { return open(Json::Kind::object); }
  bool end_array() { return close(); }
  bool end_object() { return close(); }

  bool key(string_t& value) {
    auto& keys = open_.back()->keys;
    // Twice the same name "will cause software that receives it to behave unpredictably"; RFC 8259 4.
    if (!is_new_name(keys, value)) throw MalformedJson(offset(), value + " stands twice");
    keys.push_back(std::move(value));
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    throw MalformedJson(offset(), "this is not JSON");
  }

  Json take() { return std::move(root_); }

 private:
  std::size_t offset() const { return static_cast<std::size_t>(*seen_ - begin_); }

  Json& place(Json::Kind kind) {
    if (++values_ > limits_.values) throw MalformedJson(offset(), "too many values");
    Json& made = open_.empty() ? root_ : open_.back()->items.emplace_back();
    made.kind = kind;
    made.offset = offset();
    return made;
  }

  bool add(Json::Kind kind, std::string text) {
    place(kind).text = std::move(text);
    return true;
  }

  /// Among few names by looking at them, among many by a set of them.
  bool is_new_name(const std::vector<std::string>& keys, const std::string& name) {
    constexpr std::size_t few = 32;
    if (keys.size() < few) return std::find(keys.begin(), keys.end(), name) == keys.end();
    auto& names = names_[open_.size()];
    if (keys.size() == few) names = {keys.begin(), keys.end()};
    return names.insert(name).second;
  }

  // What is open is the last of its parent's items, so that no push_back moves it while it is.
  bool open(Json::Kind kind) {
    if (open_.size() == limits_.depth) throw MalformedJson(offset(), "nested too deeply");
    open_.push_back(&place(kind));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const char* begin_;
  const char* const* seen_;
  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> open_;
  std::unordered_map<std::size_t, std::unordered_set<std::string>> names_;  ///< of objects with many, by their depth
  std::size_t values_ = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits off the front; whether there were any.
bool take_digits(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return text.size() < before;
}

}  // namespace

Json parse_json(std::string_view text, const JsonLimits& limits) {
  const char* seen = text.data();
  Builder builder(text.data(), &seen, limits);
  nlohmann::json::sax_parse(Place(text.data(), &seen), Place(text.data() + text.size(), &seen), &builder);
  return builder.take();
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet >= 0x20 && octet != '"' && octet != '\\') continue;
    out.append(text.substr(done, i - done));
    done = i + 1;
    out += '\\';
    if (octet == '\n') {
      out += 'n';
    } else if (octet == '\t') {
      out += 't';
    } else if (octet == '"' || octet == '\\') {
      out += text[i];
    } else {
      out += "u00";
      out += hexadecimal[octet >> 4];
      out += hexadecimal[octet & 15];
    }
  }
  out.append(text.substr(done)) += '"';
}

bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.starts_with('0');
  const std::size_t before = text.size();
  if (!take_digits(text) || (leading_zero && before - text.size() > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

}  // namespace dav::content
