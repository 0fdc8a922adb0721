#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <map>
#include <tuple>
#include <variant>

#include "dav/calendar/instances.h"
#include "dav/contacts/search.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/facts.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/time_index.h"
#include "storage/reindex.h"

namespace server {

namespace {

namespace calendar = dav::calendar;

/// How the zones in use were before the system's database changed, by name; those that have not changed are left out.
std::map<std::string, std::string> zones_before(storage::Store& store) {
  const auto seen = store.read([](storage::Transaction& transaction) { return transaction.zones_seen(); });
  const calendar::TimeZones now;
  for (const auto& zone : seen) now.find(zone.name);
  const auto loaded = now.loaded();
  std::map<std::string, std::string> before;
  for (const auto& zone : seen) {
    const auto present = loaded.find(zone.name);
    if (present != loaded.end() && present->second != zone.octets) before[zone.name] = zone.octets;
  }
  return before;
}

/// The occurrences of an object in a range: by what their clock shows, when that is.
using Moments = std::map<std::tuple<std::size_t, calendar::Seconds, std::string>, calendar::Seconds>;

Moments moments_of(const calendar::Object& object, const calendar::TimeZones& zones, const calendar::TimeRange& range) {
  const calendar::ZoneScope scope(zones, object.calendar());
  calendar::Budget budget;
  Moments moments;
  calendar::Instances(object, scope).for_each(range, budget, [&](const calendar::Instance& instance) {
    const auto part = static_cast<std::size_t>(instance.part->line);
    moments[{part, instance.start.local, instance.start.tzid}] = instance.start_utc;
    return true;
  });
  return moments;
}

class Report {
 public:
  Report(const std::map<std::string, std::string>& before, calendar::TimeRange range) : old_(before), range_(range) {}

  void look_at(const std::string& account, const std::string& calendar, const storage::Member& member,
               std::string bytes) {
    // What names no zone can't move.
    if (bytes.find("TZID") == std::string::npos) return;
    const auto parsed = calendar::Object::parse(std::move(bytes), new_);
    const auto* object = std::get_if<calendar::Object>(&parsed);
    if (object == nullptr) return;
    // What the rules have moved over an end of the range counts too.
    const calendar::TimeRange wider{range_.start - 2 * calendar::day, range_.end + 2 * calendar::day};
    const Moments before = moments_of(*object, old_, wider);
    const Moments now = moments_of(*object, new_, range_);
    std::int64_t moved = 0;
    calendar::Seconds first_before = 0, first_now = 0;
    for (const auto& [clock, instant] : now) {
      const auto old = before.find(clock);
      if (old == before.end() || old->second == instant) continue;
      if (moved++ == 0 || instant < first_now) std::tie(first_before, first_now) = std::pair(old->second, instant);
    }
    if (moved == 0) return;
    const auto* summary = object->parts().front()->find("SUMMARY");
    table_.add({account, calendar, member.name, summary ? std::string(summary->value) : std::string(),
                time_text(first_before), time_text(first_now), moved});
    ++objects_;
  }

  const Table& table() const { return table_; }
  std::int64_t objects() const { return objects_; }

 private:
  calendar::TimeZones old_, new_;
  calendar::TimeRange range_;
  Table table_{{"account", "calendar", "object", "summary", "before", "now", "moved"}};
  std::int64_t objects_ = 0;
};

void look_at_calendar(storage::Transaction& transaction, const std::string& account, const storage::Member& entry,
                      Report& report) {
  transaction.for_each_member(entry.child, storage::WithBytes::yes, [&](const storage::Member& member) {
    if (member.child != 0) return;
    report.look_at(account, entry.name, member, transaction.bytes(member));
  });
}

calendar::Seconds years_asked(const Arguments& arguments) {
  const std::string text = arguments.value("--years").value_or("2");
  int years = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), years);
  if (error != std::errc{} || end != text.data() + text.size() || years < 1 || years > 100) {
    throw UsageError("--years is a number from 1 to 100");
  }
  return years * 366 * calendar::day;
}

int tz_report(const Arguments& arguments) {
  const calendar::Seconds ahead = years_asked(arguments);
  OpenStore open(arguments);
  const auto before = zones_before(*open.store);
  const calendar::Seconds now = std::time(nullptr);
  Report report(before, {now, now + ahead});
  for (const auto& account : open.store->read([](storage::Transaction& t) { return t.accounts(); })) {
    if (before.empty()) break;
    open.store->read([&](storage::Transaction& transaction) {
      const auto home = transaction.home(account.id, storage::CollectionKind::calendar_home);
      if (!home) return;
      for (const auto& entry : transaction.children(home->id)) {
        look_at_calendar(transaction, account.name, entry, report);
      }
    });
  }
  if (arguments.has("--json")) {
    print(report.table().json());
  } else {
    if (report.objects() > 0) print(report.table().columns());
    std::string names;
    for (const auto& [name, octets] : before) names += (names.empty() ? "" : ", ") + name;
    std::fprintf(stderr, "zones that have changed: %s; %lld objects have moved\n",
                 names.empty() ? "none" : names.c_str(), static_cast<long long>(report.objects()));
  }
  return exit_ok;
}

int reindex(const Arguments& arguments) {
  OpenStore open(arguments);
  const calendar::TimeZones zones;
  const auto report = storage::reindex(*open.store, derive_facts(zones), zones.release(), [] { return true; });
  TimeIndex(*open.store, zones).remember_zones();
  std::fprintf(stderr, "%lld objects by the time zones of %s: %lld changed, %lld can't be read\n",
               static_cast<long long>(report.objects), zones.release().c_str(), static_cast<long long>(report.changed),
               static_cast<long long>(report.unreadable));
  const auto edition = dav::contacts::search_edition();
  const auto cards = storage::reindex_texts(*open.store, derive_facts(zones), edition, [] { return true; });
  std::fprintf(stderr, "%lld cards for searches by text: %lld changed, %lld can't be read\n",
               static_cast<long long>(cards.objects), static_cast<long long>(cards.changed),
               static_cast<long long>(cards.unreadable));
  return exit_ok;
}

constexpr std::array report_options{
    OptionRow{"--years", "N", "look so many years ahead (default 2)"},
    OptionRow{"--json", "", "for programs"},
};

constexpr std::array commands{
    Command{"tz-report", "",
            "Lists the events to come that are at another moment since the system's time zones have changed:\n"
            "for each object, its first occurrence that moved, before and now, and how many have moved.\n"
            "Changes nothing; may run while the server does.",
            report_options, tz_report},
    Command{
        "reindex",
        "",
        "Derives anew when the objects of all calendars are, and what all cards say, for queries by time and by text.\n"
        "The server does so itself where that is needed, as after the system's time zones have changed; may run while "
        "it "
        "does.",
        {},
        reindex},
};

}  // namespace

std::span<const Command> time_zone_commands() { return commands; }

}  // namespace server
