#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/calendar/recurrence.h"

using namespace dav::calendar;

namespace {

struct Walk {
  std::vector<Seconds> starts;
  bool is_whole = true;  ///< as far as was asked for
};

Walk walk(const Rule& rule, const DateTime& start, std::size_t most, std::size_t steps, const Seconds* skip_to) {
  Budget budget(steps);
  const auto until = rule.until ? std::optional(rule.until->local) : std::nullopt;
  RuleIterator iterator(rule, start.local, start.is_date(), until, budget);
  if (skip_to != nullptr) iterator.skip_to(*skip_to);
  Walk result;
  while (result.starts.size() < most) {
    const auto next = iterator.next();
    if (!next) break;
    result.starts.push_back(*next);
  }
  result.is_whole = !budget.is_spent();
  return result;
}

}  // namespace

// "20260105T090000 FREQ=DAILY": a rule is refused with a reason, or its starts rise from DTSTART on; and from a later
// place they are the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto start = parse_date_time(text.substr(0, space));
  if (!start) return 0;
  const auto parsed = parse_rule(text.substr(space + 1));
  if (const auto* reason = std::get_if<std::string>(&parsed)) {
    if (reason->empty()) std::abort();
    return 0;
  }
  const Rule& rule = std::get<Rule>(parsed);
  const Walk whole = walk(rule, *start, 40, 20'000, nullptr);
  for (std::size_t i = 0; i < whole.starts.size(); ++i) {
    if (whole.starts[i] < (i == 0 ? start->local : whole.starts[i - 1] + 1)) std::abort();
    if (rule.until && whole.starts[i] > rule.until->local) std::abort();
  }
  if (rule.count && whole.starts.size() > static_cast<std::size_t>(*rule.count)) std::abort();
  if (!whole.is_whole || whole.starts.size() < 2) return 0;
  const std::size_t from = whole.starts.size() / 2;
  const Walk later = walk(rule, *start, whole.starts.size() - from, 1'000'000, &whole.starts[from]);
  if (later.is_whole && !std::equal(whole.starts.begin() + static_cast<std::ptrdiff_t>(from), whole.starts.end(),
                                    later.starts.begin(), later.starts.end())) {
    std::abort();
  }
  return 0;
}
