#include "dav/tzdist_query.h"

#include <algorithm>

#include "dav/content/encoding.h"

namespace dav::tzdist {

namespace {

/// RFC 7808 5.5: underscores are spaces, capital letters small ones.
std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c == '_') c = ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

}  // namespace

Parameters::Parameters(std::string_view query) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto value = part.substr(std::min(equals + 1, part.size()));
    if (!part.empty())
      all_.emplace_back(content::decode_percent(part.substr(0, equals)), content::decode_percent(value));
  }
}

std::optional<std::string> Parameters::once(std::string_view name, const Problem& problem) const {
  std::optional<std::string> found;
  for (const auto& [known, value] : all_) {
    if (known != name) continue;
    if (found) throw problem;
    found = value;
  }
  return found;
}

std::optional<calendar::Seconds> parse_instant(std::string_view text) {
  const bool form = text.size() == 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
                    text[16] == ':' && text[19] == 'Z';
  if (!form) return std::nullopt;
  std::string basic(text);
  std::erase_if(basic, [](char c) { return c == '-' || c == ':'; });
  const auto value = calendar::parse_date_time(basic);
  constexpr calendar::Civil earliest{.year = 1600};
  if (!value || value->form != calendar::Form::utc || value->local < calendar::from_civil(earliest))
    return std::nullopt;
  return value->local;
}

std::string print_instant(calendar::Seconds instant) {
  std::string text = calendar::print_utc(instant);
  for (const std::size_t place : {13U, 11U}) text.insert(place, ":");
  for (const std::size_t place : {6U, 4U}) text.insert(place, "-");
  return text;
}

std::string print_date(calendar::Seconds instant) { return print_instant(instant).substr(0, 10); }

std::optional<Pattern> Pattern::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Pattern pattern;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (i + 1 == text.size() || (text[i + 1] != '*' && text[i + 1] != '\\')) return std::nullopt;
      plain += text[++i];
    } else if (text[i] != '*') {
      plain += text[i];
    } else if (i == 0) {
      pattern.any_before_ = true;
    } else if (i + 1 == text.size()) {
      pattern.any_after_ = true;
    } else {
      return std::nullopt;
    }
  }
  pattern.text_ = folded(plain);
  return pattern;
}

bool Pattern::matches(std::string_view name) const {
  const std::string given = folded(name);
  if (any_before_ && any_after_) return given.find(text_) != std::string::npos;
  if (any_before_) return given.ends_with(text_);
  if (any_after_) return given.starts_with(text_);
  return given == text_;
}

}  // namespace dav::tzdist
