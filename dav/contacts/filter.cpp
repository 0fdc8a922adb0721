#include "dav/contacts/filter.h"

#include <algorithm>

#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::Property;

template <typename List, typename Condition>
bool joined(Test test, const List& list, Condition condition) {
  return test == Test::any_of ? std::any_of(list.begin(), list.end(), condition)
                              : std::all_of(list.begin(), list.end(), condition);
}

/// All values of the parameter; a bare one (`TEL;HOME`) is a TYPE. `TYPE="home,work"` are two, as RFC 6350 writes them.
std::vector<std::string> values_of(const Property& property, std::string_view name, bool& defined) {
  std::vector<std::string> values;
  const bool is_type = content::equal_ignoring_case(name, "TYPE");
  for (const content::Parameter& parameter : property.parameters) {
    if (!parameter.has_value) {
      if (!is_type) continue;
      values.emplace_back(parameter.name);
    } else if (content::equal_ignoring_case(parameter.name, name)) {
      for (std::string& value : parameter.values()) {
        if (is_type && value.find(',') != std::string::npos) {
          for (const auto part : content::split(value, ',')) values.emplace_back(part);
        }
        values.push_back(std::move(value));
      }
    } else {
      continue;
    }
    defined = true;
  }
  return values;
}

// RFC 6352 10.5.2
bool matches_parameter(const Property& property, const ParamFilter& filter) {
  bool defined = false;
  const auto values = values_of(property, filter.name, defined);
  if (filter.is_not_defined) return !defined;
  if (!defined) return false;
  if (!filter.text) return true;
  const bool found = std::any_of(values.begin(), values.end(),
                                 [&](const std::string& value) { return filter.text->pattern.is_in(value); });
  return found != filter.text->negate;
}

bool matches_one(const Property& property, const PropFilter& filter) {
  if (filter.texts.empty() && filter.parameters.empty()) return true;
  const std::string value = filter.texts.empty() ? std::string() : content::unescape_text(property.value);
  const auto text_matches = [&](const TextMatch& match) { return match.pattern.is_in(value) != match.negate; };
  const auto parameter_matches = [&](const ParamFilter& each) { return matches_parameter(property, each); };
  const bool texts = joined(filter.test, filter.texts, text_matches);
  const bool parameters = joined(filter.test, filter.parameters, parameter_matches);
  return filter.test == Test::any_of ? texts || parameters : texts && parameters;
}

// RFC 6352 10.5.1
bool matches_property(const Card& card, const PropFilter& filter) {
  const auto& properties = card.component().properties;
  const auto named = [&](const Property& property) { return is_named(property, filter.name); };
  if (filter.is_not_defined) return std::none_of(properties.begin(), properties.end(), named);
  return std::any_of(properties.begin(), properties.end(),
                     [&](const Property& property) { return named(property) && matches_one(property, filter); });
}

}  // namespace

bool is_named(const Property& property, std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return property.is(name);
  return property.is(name.substr(dot + 1)) && content::equal_ignoring_case(property.group, name.substr(0, dot));
}

bool matches(const Card& card, const Filter& filter) {
  if (filter.properties.empty()) return true;
  return joined(filter.test, filter.properties, [&](const PropFilter& each) { return matches_property(card, each); });
}

}  // namespace dav::contacts
