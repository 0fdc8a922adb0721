#include "dav/reports/addressbook_filter.h"

#include "dav/error.h"

namespace dav {

namespace {

constexpr std::string_view CARDDAV = condition::CARDDAV;

[[noreturn]] void refuse(const std::string& why) { throw Error{condition::card_valid_filter, why}; }

std::string name_of(const xml::Element& element) {
  const auto name = element.attribute("name");
  if (name.empty()) refuse("a " + element.name + " has a name");
  return std::string(name);
}

contacts::Test read_test(const xml::Element& element) {
  const auto test = element.attribute("test");
  if (test == "allof") return contacts::Test::all_of;
  if (!test.empty() && test != "anyof") refuse("test is anyof or allof");
  return contacts::Test::any_of;
}

content::Match read_match(std::string_view name, const xml::Element& element) {
  if (name.empty() || name == "contains") return content::Match::contains;
  if (name == "equals") return content::Match::equals;
  if (name == "starts-with") return content::Match::starts_with;
  if (name == "ends-with") return content::Match::ends_with;
  throw Error{condition::card_supported_filter, "match-type is equals, contains, starts-with or ends-with"}.with_detail(
      xml::serialize(element));
}

// RFC 6352 10.5.4
contacts::TextMatch read_text_match(const xml::Element& element) {
  const auto name = element.attribute("collation");
  const auto collation = content::collation_of(name.empty() ? "default" : name, content::Collation::unicode_casemap);
  if (!collation) {
    throw Error{condition::card_supported_collation,
                "the collations are i;ascii-casemap, i;octet and i;unicode-casemap"};
  }
  const auto negate = element.attribute("negate-condition");
  if (!negate.empty() && negate != "yes" && negate != "no") refuse("negate-condition is yes or no");
  const auto match = read_match(element.attribute("match-type"), element);
  return {content::Pattern(element.whole_text(), *collation, match), negate == "yes"};
}

// RFC 6352 10.5.2
contacts::ParamFilter read_param_filter(const xml::Element& element) {
  contacts::ParamFilter filter;
  filter.name = name_of(element);
  for (const auto* child : element.children()) {
    if (child->is(CARDDAV, "is-not-defined")) filter.is_not_defined = true;
    if (child->is(CARDDAV, "text-match")) filter.text = read_text_match(*child);
  }
  if (filter.is_not_defined && filter.text) refuse("is-not-defined stands alone");
  return filter;
}

// RFC 6352 10.5.1
contacts::PropFilter read_prop_filter(const xml::Element& element) {
  contacts::PropFilter filter;
  filter.name = name_of(element);
  filter.test = read_test(element);
  for (const auto* child : element.children()) {
    if (child->is(CARDDAV, "is-not-defined")) filter.is_not_defined = true;
    if (child->is(CARDDAV, "text-match")) filter.texts.push_back(read_text_match(*child));
    if (child->is(CARDDAV, "param-filter")) filter.parameters.push_back(read_param_filter(*child));
  }
  if (filter.is_not_defined && (!filter.texts.empty() || !filter.parameters.empty()))
    refuse("is-not-defined stands alone");
  return filter;
}

}  // namespace

contacts::Filter read_addressbook_filter(const xml::Element& element) {
  contacts::Filter filter;
  filter.test = read_test(element);
  for (const auto* child : element.children()) {
    if (child->is(CARDDAV, "prop-filter")) filter.properties.push_back(read_prop_filter(*child));
  }
  return filter;
}

}  // namespace dav
