// When objects are: the index of queries by time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "storage/reindex.h"
#include "storage/sql/database.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr Timestamp ever = TimeFact::ever;

struct Timed : World {
  explicit Timed(const testing::Backend& backend) : World(backend) {}

  Member put(const std::string& name, std::vector<TimeFact> times) {
    const StagedBlob blob = stage(name + " VEVENT");
    return store->write([&](Transaction& t) {
      return t.put(work.id, name, blob, "text/calendar", {name, "VEVENT", times}, {ada.id, 0});
    });
  }

  std::vector<std::string> touching(Id collection, const TimeWindow& window) {
    return store->read([&](Transaction& t) {
      std::vector<Id> ids;
      t.times_touching(collection, window, [&](Id member, const TimeFact&) { ids.push_back(member); });
      std::ranges::sort(ids);
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      std::vector<std::string> names;
      t.for_each_of(ids, WithBytes::no, [&](const Member& member) { names.push_back(member.name); });
      std::ranges::sort(names);
      return names;
    });
  }

  std::vector<TimeFact> times(Id member) {
    return store->read([&](Transaction& t) { return t.times(member); });
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("objects are found by the times that touch a window") {
  Timed world(GENERATE(from_range(backends())));
  world.put("hour", {{1000, 4600, 0, false}});
  world.put("years", {{-500'000'000, 900'000'000, 7, false}});
  world.put("for ever", {{5000, ever, 0, false}});
  world.put("always", {{-ever, ever, 0, false}});
  world.put("two", {{100, 200, 0, false}, {10'000'000, 10'000'100, 0, false}});
  const auto at = [&](Timestamp first, Timestamp last) {
    // No yearly ones.
    return world.touching(world.work.id, {first, last, 366, 366});
  };
  CHECK(at(4600, 4700) == Names{"always", "hour", "years"});
  CHECK(at(4601, 4700) == Names{"always", "years"});
  CHECK(at(200, 1000) == Names{"always", "hour", "two", "years"});
  CHECK(at(10'000'050, 10'000'060) == Names{"always", "for ever", "two", "years"});
  CHECK(at(900'000'001, 4'000'000'000) == Names{"always", "for ever"});
  CHECK(at(-ever, -500'000'001) == Names{"always"});
  CHECK(at(-ever, ever).size() == 5);
}

TEST_CASE("a window finds the facts of its own layer alone") {
  Timed world(GENERATE(from_range(backends())));
  const std::vector<TimeFact> times{
      {1000, 2000, 0, false, 0}, {160, ever, 0, true, 1}, {1000, ever, 0, false, 2}, {-ever, ever, 0, false, 7}};
  std::vector<TimeFact> sorted = times;
  std::ranges::sort(sorted);
  CHECK(world.times(world.put("a", times).id) == sorted);
  const auto in = [&](Timestamp first, int first_day, int layer) {
    return !world.touching(world.work.id, {first, first + 10, first_day, first_day, layer}).empty();
  };
  CHECK(in(1500, 366, 0));
  CHECK_FALSE(in(2500, 366, 0));
  CHECK_FALSE(in(1500, 366, 1));
  CHECK(in(1500, 160, 1));
  CHECK_FALSE(in(1500, 160, 3));
  CHECK(in(2500, 366, 2));
  CHECK_FALSE(in(500, 366, 2));
  CHECK(in(500, 366, 7));
}

TEST_CASE("what comes back every year is found by days of the year, also over New Year") {
  Timed world(GENERATE(from_range(backends())));
  world.put("january", {{3, ever, 0, true}});
  world.put("june", {{160, ever, 0, true}});
  world.put("december", {{362, 1'000'000, 0, true}});
  const auto in = [&](Timestamp from, int first, int last) {
    return world.touching(world.work.id, {from, from + 100, first, last});
  };
  CHECK(in(0, 0, 365) == Names{"december", "january", "june"});
  CHECK(in(0, 160, 160) == Names{"june"});
  CHECK(in(0, 161, 361) == Names{});
  CHECK(in(0, 350, 3) == Names{"december", "january"});
  CHECK(in(0, 363, 2) == Names{});
  CHECK(in(1'000'001, 350, 10) == Names{"january"});
}

TEST_CASE("the index finds what looking at every fact finds") {
  Timed world(GENERATE(from_range(backends())));
  std::mt19937_64 random(7);
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  std::vector<std::pair<std::string, TimeFact>> facts;
  for (int i = 0; i < 150; ++i) {
    const Timestamp first = below(400'000'000) - 200'000'000;
    // Around the powers of two where lengths change their scale.
    const TimeFact fact{first, first + (std::int64_t{1} << below(36)) - below(3) + 1, 0, false};
    const std::string name = "m" + std::to_string(i);
    world.put(name, {fact});
    facts.emplace_back(name, fact);
  }
  for (int i = 0; i < 100; ++i) {
    const Timestamp first = below(500'000'000) - 250'000'000;
    const TimeWindow window{first, first + (std::int64_t{1} << below(30)), 366, 366};
    Names expected;
    for (const auto& [name, fact] : facts) {
      if (fact.first <= window.last && fact.last >= window.first) expected.push_back(name);
    }
    std::ranges::sort(expected);
    CHECK(world.touching(world.work.id, window) == expected);
  }
}

TEST_CASE("times go where their objects go") {
  Timed world(GENERATE(from_range(backends())));
  const std::vector<TimeFact> times{{100, 200, 5, false}, {3, ever, 9, true}};
  std::vector<TimeFact> sorted = times;
  std::ranges::sort(sorted);
  const Member put = world.put("a", times);
  CHECK(world.times(put.id) == sorted);
  const Collection play = world.store->write(
      [&](Transaction& t) { return t.create_collection(world.home.id, CollectionKind::calendar, "play"); });

  SECTION("a copy") {
    const Member copy = world.store->write([&](Transaction& t) { return t.copy(put, play.id, "b", {}); });
    CHECK(world.times(copy.id) == sorted);
    CHECK(world.touching(play.id, {}) == Names{"b"});
    CHECK(world.touching(world.work.id, {}) == Names{"a"});
  }
  SECTION("a copy of the calendar") {
    const Member copy = world.store->write(
        [&](Transaction& t) { return t.copy(*t.member(world.home.id, "work"), world.home.id, "rest", {}); });
    CHECK(world.touching(copy.child, {}) == Names{"a"});
    CHECK(world.touching(world.work.id, {}) == Names{"a"});
  }
  SECTION("a move") {
    const Member moved = world.store->write([&](Transaction& t) { return t.move(put, play.id, "b", {}); });
    CHECK(world.times(moved.id) == sorted);
    CHECK(world.touching(play.id, {}) == Names{"b"});
    CHECK(world.touching(world.work.id, {}) == Names{});
  }
  SECTION("another put") {
    world.put("a", {{7, 8, 0, false}});
    CHECK(world.times(put.id) == std::vector<TimeFact>{{7, 8, 0, false}});
  }
  SECTION("a removal") {
    world.remove("a");
    CHECK(world.times(put.id).empty());
  }
  SECTION("a removal of the calendar") {
    world.store->write([&](Transaction& t) { t.remove_collection(world.work.id, {}); });
    CHECK(world.times(put.id).empty());
  }
  SECTION("a removal of the account") {
    world.store->write([&](Transaction& t) { t.remove_account(world.ada.id); });
    CHECK(world.times(put.id).empty());
  }
}

TEST_CASE("members are had in numbers by ids and by names") {
  Timed world(GENERATE(from_range(backends())));
  std::vector<Id> ids;
  Names names;
  for (int i = 0; i < 45; ++i) {
    names.push_back("m" + std::to_string(i));
    ids.push_back(world.put(names.back(), {}).id);
  }
  world.remove("m7");
  ids.push_back(999'999);
  names.push_back("none");
  const std::vector<std::string_view> asked(names.begin(), names.end());
  world.store->read([&](Transaction& t) {
    Names by_id, by_name;
    t.for_each_of(ids, WithBytes::yes, [&](const Member& member) {
      by_id.push_back(member.name);
      CHECK(member.bytes == member.name + " VEVENT");
    });
    t.for_each_named(world.work.id, asked, WithBytes::no, [&](const Member& member) {
      by_name.push_back(member.name);
      CHECK(member.bytes.empty());
    });
    Names expected(names.begin(), names.end() - 1);
    std::erase(expected, "m7");
    for (Names* each : {&by_id, &by_name, &expected}) std::ranges::sort(*each);
    CHECK(by_id == expected);
    CHECK(by_name == expected);
    t.for_each_named(world.home.id, asked, WithBytes::no, [&](const Member&) { FAIL("of another collection"); });
  });
}

TEST_CASE("an index is derived anew while the store is in use") {
  Timed world(GENERATE(from_range(backends())));
  const Member a = world.put("a", {{-ever, ever, TimeFact::unknown, false}});
  const Member b = world.put("b", {{1, 2, 0, false}});
  const DeriveFacts derive = [](CollectionKind, const std::string& bytes) -> std::optional<ObjectFacts> {
    return ObjectFacts{bytes, "VEVENT", {{1, 2, 0, false}}};
  };
  const auto release = [&] { return world.store->read([](Transaction& t) { return t.index_release(); }); };
  CHECK_FALSE(reindex(*world.store, derive, "2026f", [] { return false; }).finished);
  CHECK(release().empty());
  begin_index(*world.store, "2026f");
  CHECK(release().empty());
  const ReindexReport report = reindex(*world.store, derive, "2026f", [] { return true; });
  CHECK(report.objects == 2);
  CHECK(report.changed == 1);
  CHECK(report.finished);
  CHECK(release() == "2026f");
  CHECK(world.times(a.id) == world.times(b.id));
  CHECK(reindex(*world.store, derive, "2027a", [] { return true; }).changed == 0);
  CHECK(release() == "2027a");
}

TEST_CASE("an index without anything in it holds by any time zones") {
  Timed world(GENERATE(from_range(backends())));
  begin_index(*world.store, "2026f");
  CHECK(world.store->read([](Transaction& t) { return t.index_release(); }) == "2026f");
}

TEST_CASE("of each time zone the last two forms are remembered") {
  Timed world(GENERATE(from_range(backends())));
  const auto see = [&](const std::string& octets) {
    world.store->write([&](Transaction& t) { t.see_zone("Europe/Berlin", octets); });
    return world.store->read([](Transaction& t) {
      Names all;
      for (const auto& zone : t.zones_seen()) all.push_back(zone.octets);
      return all;
    });
  };
  CHECK(see("one") == Names{"one"});
  CHECK(see("one") == Names{"one"});
  CHECK(see(std::string("t\0wo", 4)) == Names{"one", std::string("t\0wo", 4)});
  CHECK(see("three") == Names{std::string("t\0wo", 4), "three"});
}

TEST_CASE("no search by time looks at more than it has to") {
  Timed world(GENERATE(from_range(backends())));
  if (world.place->postgres()) return;
  world.store->read([&](Transaction& t) {
    const auto row = t.connection().prepare(
        "EXPLAIN QUERY PLAN SELECT member, first, last, pattern, scale FROM event_fact WHERE collection = 1 AND scale "
        "= 8 + 0 AND last >= 5 AND first > 5 - 131072 AND first <= 9");
    while (row->step()) {
      CHECK_THAT(std::string(row->text(3)), Catch::Contains("SEARCH event_fact USING PRIMARY KEY"));
      CHECK_THAT(std::string(row->text(3)), Catch::Contains("first>? AND first<?"));
    }
  });
}
