#include "mail/sieve/variables.h"

#include "mail/mime/header.h"
#include "mail/sieve/reference.h"

namespace mail::sieve {

namespace {

constexpr std::string_view global_space = "global.";

}  // namespace

std::string cut(std::string text, std::size_t octets) {
  if (text.size() > octets) {
    while (octets > 0 && (static_cast<unsigned char>(text[octets]) & 0xC0U) == 0x80U) --octets;
    text.resize(octets);
  }
  return text;
}

const std::string* Variables::find(std::string_view name) const {
  std::string key = mime::lower_case(name);
  const bool spaced = key.starts_with(global_space);
  if (spaced) key.erase(0, global_space.size());
  const Values& values = spaced || shared_.contains(key) ? global_ : own_;
  const auto found = values.find(key);
  return found == values.end() ? nullptr : &found->second;
}

std::string Variables::value(std::string_view name) const {
  const std::string* found = find(name);
  return found == nullptr ? std::string() : *found;
}

/// RFC 5229 3: one pass, unknown variables are empty.
std::string Variables::expand(const std::string& text) const {
  if (!enabled_ || text.find("${") == std::string::npos) return text;
  budget_.spend(text.size());
  std::string out;
  std::size_t plain = 0;
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
    const auto found = reference_at(text, at);
    if (!found) {
      ++at;
      continue;
    }
    out.append(text, plain, at - plain);
    at += found->length;
    plain = at;
    if (const auto number = found->number()) {
      if (*number < matched_.size()) out += matched_[*number];
    } else if (const std::string* value =
                   find(std::string_view(text).substr(at - found->length + 2, found->length - 3))) {
      out += *value;
    }
    budget_.spend(found->length);
    if (out.size() > limits_.text) throw ScriptError(budget_.at(), "a text with its variables is too long");
  }
  out.append(text, plain);
  budget_.spend(out.size());
  return out;
}

std::vector<std::string> Variables::expand(const Argument& argument) const {
  if (!argument.variable) return argument.texts;
  std::vector<std::string> out;
  std::size_t size = 0;
  for (const std::string& text : argument.texts) {
    out.push_back(expand(text));
    size += out.back().size();
    if (size > limits_.text) throw ScriptError(budget_.at(), "a list of texts with their variables is too long");
  }
  return out;
}

void Variables::set(std::string_view name, std::string value) {
  std::string key = mime::lower_case(name);
  const bool spaced = key.starts_with(global_space);
  if (spaced) key.erase(0, global_space.size());
  Values& values = spaced || shared_.contains(key) ? global_ : own_;
  if (values.size() >= limits_.variables && !values.contains(key)) {
    throw ScriptError(budget_.at(), "there are too many variables");
  }
  budget_.spend(value.size());
  values[std::move(key)] = cut(std::move(value), limits_.variable);
}

bool Variables::make_global(std::string_view name) {
  const std::string key = mime::lower_case(name);
  if (own_.contains(key)) return false;
  if (shared_.size() >= limits_.variables && !shared_.contains(key)) {
    throw ScriptError(budget_.at(), "there are too many variables");
  }
  shared_.insert(key);
  return true;
}

void Variables::set_matched(const std::vector<std::string>& matched) {
  if (!enabled_) return;
  matched_.clear();
  for (const std::string& one : matched) {
    budget_.spend(one.size());
    matched_.push_back(cut(one, limits_.variable));
  }
}

}  // namespace mail::sieve
