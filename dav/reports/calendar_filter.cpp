#include "dav/reports/calendar_filter.h"

#include "dav/error.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;

[[noreturn]] void refuse(const std::string& why) { throw Error{condition::valid_filter, why}; }

std::string name_of(const xml::Element& element) {
  const auto name = element.attribute("name");
  if (name.empty()) refuse("a " + element.name + " has a name");
  return std::string(name);
}

/// Apple's extension to filters (calendar-query-extended).
bool is_any_of(const xml::Element& element) {
  const auto test = element.attribute("test");
  if (!test.empty() && test != "anyof" && test != "allof") refuse("test is anyof or allof");
  return test == "anyof";
}

/// RFC 6352 10.5.4 has the attribute, Apple's extension brings it here.
content::Match read_match_type(const xml::Element& element) {
  const auto type = element.attribute("match-type");
  if (type.empty() || type == "contains") return content::Match::contains;
  if (type == "equals") return content::Match::equals;
  if (type == "starts-with") return content::Match::starts_with;
  if (type != "ends-with") refuse("match-type is equals, contains, starts-with or ends-with");
  return content::Match::ends_with;
}

// RFC 4791 9.7.5
calendar::TextMatch read_text_match(const xml::Element& element) {
  const auto name = element.attribute("collation");
  const auto collation = content::collation_of(name.empty() ? "default" : name, content::Collation::ascii_casemap);
  if (!collation) {
    throw Error{condition::supported_collation, "the collations are i;ascii-casemap, i;octet and i;unicode-casemap"};
  }
  const auto negate = element.attribute("negate-condition");
  if (!negate.empty() && negate != "yes" && negate != "no") refuse("negate-condition is yes or no");
  return {content::Pattern(element.whole_text(), *collation, read_match_type(element)), negate == "yes"};
}

// RFC 4791 9.7.3
calendar::ParamFilter read_param_filter(const xml::Element& element) {
  calendar::ParamFilter filter;
  filter.name = name_of(element);
  for (const auto* child : element.children()) {
    if (child->is(CALDAV, "is-not-defined")) filter.is_not_defined = true;
    if (child->is(CALDAV, "text-match")) filter.text = read_text_match(*child);
  }
  if (filter.is_not_defined && filter.text) refuse("is-not-defined stands alone");
  return filter;
}

// RFC 4791 9.7.2
calendar::PropFilter read_prop_filter(const xml::Element& element) {
  calendar::PropFilter filter;
  filter.name = name_of(element);
  filter.any_of = is_any_of(element);
  for (const auto* child : element.children()) {
    if (child->is(CALDAV, "is-not-defined")) filter.is_not_defined = true;
    if (child->is(CALDAV, "time-range")) filter.range = read_time_range(*child);
    if (child->is(CALDAV, "text-match")) filter.texts.push_back(read_text_match(*child));
    if (child->is(CALDAV, "param-filter")) filter.parameters.push_back(read_param_filter(*child));
  }
  const bool conditions = filter.range || !filter.texts.empty() || !filter.parameters.empty();
  if (filter.is_not_defined && conditions) refuse("is-not-defined stands alone");
  if (filter.range && !filter.texts.empty()) refuse("a prop-filter has a time-range or a text-match");
  return filter;
}

// RFC 4791 9.7.1
calendar::CompFilter read_comp_filter(const xml::Element& element) {
  calendar::CompFilter filter;
  filter.name = name_of(element);
  filter.any_of = is_any_of(element);
  for (const auto* child : element.children()) {
    if (child->is(CALDAV, "is-not-defined")) filter.is_not_defined = true;
    if (child->is(CALDAV, "time-range")) filter.range = read_time_range(*child);
    if (child->is(CALDAV, "prop-filter")) filter.properties.push_back(read_prop_filter(*child));
    if (child->is(CALDAV, "comp-filter")) filter.components.push_back(read_comp_filter(*child));
  }
  const bool conditions = filter.range || !filter.properties.empty() || !filter.components.empty();
  if (filter.is_not_defined && conditions) refuse("is-not-defined stands alone");
  return filter;
}

calendar::Seconds read_instant(std::string_view text) {
  const auto value = calendar::parse_date_time(text);
  // RFC 4791 9.9: "Both attributes MUST be specified as "date with UTC time" value." A date alone is what some clients
  // send; it is read as its midnight.
  if (!value || (value->form != calendar::Form::utc && value->form != calendar::Form::date)) {
    refuse("start and end are times in UTC: 20260131T000000Z");
  }
  return value->local;
}

}  // namespace

calendar::TimeRange read_time_range(const xml::Element& element, bool both) {
  const auto start = element.attribute("start"), end = element.attribute("end");
  if (start.empty() && end.empty()) refuse("a time-range has a start or an end");
  if (both && (start.empty() || end.empty())) refuse("this range has a start and an end");
  calendar::TimeRange range;
  if (!start.empty()) range.start = read_instant(start);
  if (!end.empty()) range.end = read_instant(end);
  if (range.end <= range.start) refuse("the end of a time-range comes after its start");
  return range;
}

calendar::CompFilter read_calendar_filter(const xml::Element& filter) {
  const auto children = filter.children();
  const bool one = children.size() == 1 && children.front()->is(CALDAV, "comp-filter");
  if (!one || children.front()->attribute("name") != "VCALENDAR") {
    refuse("a filter holds one comp-filter, that of VCALENDAR");
  }
  return read_comp_filter(*children.front());
}

}  // namespace dav
