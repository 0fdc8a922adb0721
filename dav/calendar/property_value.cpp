#include "dav/calendar/property_value.h"

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

bool value_is(const content::Property& property, std::string_view type) {
  const content::Parameter* value = property.find("VALUE");
  return value != nullptr && content::equal_ignoring_case(value->raw, type);
}

std::optional<DateTime> read(const content::Property& property, std::string_view text, const content::Parameter* tzid) {
  auto value = parse_date_time(text);
  if (!value) return std::nullopt;
  if (value->is_date() ? value_is(property, "DATE-TIME") : value_is(property, "DATE")) return std::nullopt;
  if (value->form == Form::floating && tzid != nullptr) {
    value->tzid = tzid->value();
    if (!value->tzid.empty()) value->form = Form::zoned;
  }
  return value;
}

/// Calls `on_item` for every item of a list that isn't empty, until it returns false; whether it never did.
template <typename OnItem>
bool for_each_item(std::string_view list, OnItem on_item) {
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t comma = std::min(list.find(',', begin), list.size());
    const std::string_view item = list.substr(begin, comma - begin);
    if (!item.empty() && !on_item(item)) return false;
    begin = comma + 1;
  }
  return true;
}

std::optional<Period> read_period(std::string_view text, const content::Parameter* tzid) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto start = parse_date_time(text.substr(0, slash));
  if (!start || start->is_date()) return std::nullopt;
  Period period;
  const auto with_zone = [&](DateTime value) {
    if (value.form == Form::floating && tzid != nullptr && !tzid->raw.empty()) {
      value.form = Form::zoned;
      value.tzid = tzid->value();
    }
    return value;
  };
  period.start = with_zone(*start);
  const std::string_view rest = text.substr(slash + 1);
  if (const auto duration = parse_duration(rest)) {
    if (duration->days < 0 || duration->seconds < 0) return std::nullopt;
    period.duration = *duration;
    return period;
  }
  const auto end = parse_date_time(rest);
  if (!end || end->is_date()) return std::nullopt;
  period.end = with_zone(*end);
  return period;
}

}  // namespace

std::optional<DateTime> date_time_of(const content::Property& property) {
  return read(property, property.value, property.find("TZID"));
}

std::optional<std::vector<DateTime>> date_times_of(const content::Property& property) {
  std::vector<DateTime> values;
  const content::Parameter* tzid = property.find("TZID");
  const bool good = for_each_item(property.value, [&](std::string_view item) {
    auto value = read(property, item, tzid);
    if (value) values.push_back(std::move(*value));
    return value.has_value();
  });
  return good ? std::optional(std::move(values)) : std::nullopt;
}

bool holds_periods(const content::Property& property) { return value_is(property, "PERIOD"); }

std::optional<std::vector<Period>> periods_of(const content::Property& property) {
  std::vector<Period> periods;
  const content::Parameter* tzid = property.find("TZID");
  const bool good = for_each_item(property.value, [&](std::string_view item) {
    auto period = read_period(item, tzid);
    if (period) periods.push_back(std::move(*period));
    return period.has_value();
  });
  return good ? std::optional(std::move(periods)) : std::nullopt;
}

std::optional<Trigger> trigger_of(const content::Property& property) {
  Trigger trigger;
  if (const content::Parameter* related = property.find("RELATED")) {
    trigger.to_end = content::equal_ignoring_case(related->value(), "END");
  }
  // The form tells the types apart; VALUE=DATE-TIME is forgotten by some writers.
  if (auto duration = parse_duration(property.value)) {
    if (value_is(property, "DATE-TIME")) return std::nullopt;
    trigger.relative = *duration;
    return trigger;
  }
  auto instant = date_time_of(property);
  if (!instant || instant->is_date()) return std::nullopt;
  trigger.absolute = std::move(*instant);
  return trigger;
}

std::optional<DateTime> date_time_in(const content::Component& component, std::string_view name) {
  const content::Property* property = component.find(name);
  return property == nullptr ? std::nullopt : date_time_of(*property);
}

}  // namespace dav::calendar
