// When objects are: the index of queries by time.
#include <algorithm>
#include <array>
#include <utility>

#include "storage/sql/database.h"
#include "storage/store.h"

namespace storage {

namespace {

// Facts of scale n are shorter than 2^(17 + 3n) seconds: 36 hours, 12 days, 97 days, 2, 17 and 136 years. What touches
// a range then starts at most so long before it.
constexpr int shortest_scale = 17;
constexpr int scale_step = 3;
constexpr int scales = 6;
constexpr int longer_scale = 6;
constexpr int yearly_scale = 7;
// Those of a layer follow those of the one before.
constexpr int scales_of_layer = 8;

int scale_in_layer(const TimeFact& fact) {
  if (fact.yearly) return yearly_scale;
  // Unsigned: the difference of the ends of all time fits.
  const auto length = static_cast<std::uint64_t>(fact.last) - static_cast<std::uint64_t>(fact.first);
  for (int scale = 0; scale < scales; ++scale) {
    if (length < std::uint64_t{1} << (shortest_scale + scale_step * scale)) return scale;
  }
  return longer_scale;
}

int scale_of(const TimeFact& fact) { return fact.layer * scales_of_layer + scale_in_layer(fact); }

TimeFact fact_of(const sql::Statement& row) {
  const auto scale = static_cast<int>(row.integer(4));
  const bool yearly = scale % scales_of_layer == yearly_scale;
  return {row.integer(1), row.integer(2), row.integer(3), yearly, scale / scales_of_layer};
}

}  // namespace

constexpr const char* insert_fact =
    "INSERT INTO event_fact (collection, scale, first, last, pattern, member) VALUES ($1, $2, $3, $4, $5, $6)";

void Transaction::insert_times(Id collection, Id member, const std::vector<TimeFact>& times) {
  for (const TimeFact& fact : times) {
    const auto insert = connection_.prepare(insert_fact);
    insert->bind(1, collection).bind(2, scale_of(fact)).bind(3, fact.first).bind(4, fact.last).bind(5, fact.pattern);
    insert->bind(6, member);
    insert->send();
  }
}

constexpr const char* delete_facts = "DELETE FROM event_fact WHERE member = $1";

void Transaction::remove_times(Id member) {
  const auto remove = connection_.prepare(delete_facts);
  remove->bind(1, member);
  remove->send();
}

void Transaction::set_times(const Member& member, const std::vector<TimeFact>& times) {
  begin_change(member.collection);
  remove_times(member.id);
  insert_times(member.collection, member.id, times);
}

constexpr const char* select_facts_of = "SELECT member, first, last, pattern, scale FROM event_fact WHERE member = $1";

std::vector<TimeFact> Transaction::times(Id member) {
  const auto row = connection_.prepare(select_facts_of);
  row->bind(1, member);
  std::vector<TimeFact> times;
  while (row->step()) times.push_back(fact_of(*row));
  std::sort(times.begin(), times.end());
  return times;
}

// One search for each scale of the layer, whose first is $8. The lengths are those of scale_in_layer().
#define PILEUS_FACTS_WHERE(scale, more)                                                                         \
  "SELECT member, first, last, pattern, scale FROM event_fact WHERE collection = CAST($1 AS BIGINT) AND scale " \
  "= CAST($8 AS BIGINT) + " scale " AND last >= CAST($2 AS BIGINT) AND " more
#define PILEUS_FACTS_OF_LENGTH(scale, length) \
  PILEUS_FACTS_WHERE(scale, "first > CAST($2 AS BIGINT) - " length " AND first <= CAST($3 AS BIGINT) UNION ALL ")

constexpr const char* select_facts_touching =
    PILEUS_FACTS_OF_LENGTH("0", "131072") PILEUS_FACTS_OF_LENGTH("1", "1048576") PILEUS_FACTS_OF_LENGTH("2", "8388608")
        PILEUS_FACTS_OF_LENGTH("3", "67108864") PILEUS_FACTS_OF_LENGTH("4", "536870912")
            PILEUS_FACTS_OF_LENGTH("5", "4294967296") PILEUS_FACTS_WHERE("6", "first <= CAST($3 AS BIGINT) UNION ALL ")
                PILEUS_FACTS_WHERE("7", "first >= CAST($4 AS BIGINT) AND first <= CAST($5 AS BIGINT) UNION ALL ")
                    PILEUS_FACTS_WHERE("7", "first >= CAST($6 AS BIGINT) AND first <= CAST($7 AS BIGINT)");

void Transaction::times_touching(Id collection, const TimeWindow& window,
                                 const std::function<void(Id member, const TimeFact&)>& each) {
  if (writing_) connection_.hold(collection);
  // A subtraction must not leave the range of numbers.
  constexpr Timestamp furthest = Timestamp{1} << 60;
  const bool wraps = window.first_day > window.last_day;
  const auto row = connection_.prepare(select_facts_touching);
  row->bind(1, collection);
  row->bind(2, std::clamp(window.first, -furthest, furthest)).bind(3, std::clamp(window.last, -furthest, furthest));
  row->bind(4, window.first_day).bind(5, wraps ? 365 : window.last_day);
  row->bind(6, wraps ? 0 : 366).bind(7, wraps ? window.last_day : 366).bind(8, window.layer * scales_of_layer);
  while (row->step()) each(row->integer(0), fact_of(*row));
}

constexpr const char* select_release = "SELECT release FROM event_index";

std::string Transaction::index_release() {
  const auto row = connection_.prepare(select_release);
  return row->step() ? std::string(row->text(0)) : std::string();
}

constexpr const char* update_release =
    "INSERT INTO event_index (one, release) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET release = excluded.release";

void Transaction::set_index_release(std::string_view release) {
  begin_change(0);
  const auto update = connection_.prepare(update_release);
  update->bind(1, release);
  update->run();
}

constexpr const char* select_zones = "SELECT name, seen, octets FROM time_zone ORDER BY name, seen";

std::vector<Transaction::ZoneSeen> Transaction::zones_seen() {
  const auto row = connection_.prepare(select_zones);
  std::vector<ZoneSeen> zones;
  while (row->step()) {
    zones.push_back({std::string(row->text(0)), row->integer(1), std::string(row->bytes(2))});
  }
  return zones;
}

constexpr const char* select_zone = "SELECT seen, octets FROM time_zone WHERE name = $1 ORDER BY seen";
constexpr const char* delete_zone = "DELETE FROM time_zone WHERE name = $1 AND seen <= $2";
constexpr const char* insert_zone = "INSERT INTO time_zone (name, seen, octets) VALUES ($1, $2, $3)";

void Transaction::see_zone(std::string_view name, std::string_view octets) {
  begin_change(0);
  std::vector<Timestamp> seen;
  bool is_last = false;
  {
    const auto row = connection_.prepare(select_zone);
    row->bind(1, name);
    while (row->step()) {
      seen.push_back(row->integer(0));
      is_last = row->bytes(1) == octets;
    }
  }
  if (is_last) return;
  if (seen.size() > 1) {
    const auto remove = connection_.prepare(delete_zone);
    remove->bind(1, name).bind(2, seen[seen.size() - 2]);
    remove->run();
  }
  const auto insert = connection_.prepare(insert_zone);
  insert->bind(1, name).bind(2, seen.empty() ? now_ : std::max(now_, seen.back() + 1)).bind_bytes(3, octets);
  insert->run();
}

}  // namespace storage
