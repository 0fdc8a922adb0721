#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "storage/check.h"
#include "storage/reindex.h"
#include "storage/sql/database.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

/// In these tests an object's bytes are its one text, named T.
std::optional<ObjectFacts> derive(CollectionKind, const std::string& bytes) {
  ObjectFacts facts{"", "VCARD"};
  facts.searched = true;
  if (bytes != "much") add_text(facts.text.emplace(), "T", bytes);
  return facts;
}

struct Books : World {
  explicit Books(const testing::Backend& backend) : World(backend) {
    store->write([&](Transaction& t) {
      book_home = t.home(ada.id, CollectionKind::addressbook_home)->id;
      one = t.create_collection(book_home, CollectionKind::addressbook, "one").id;
      two = t.create_collection(book_home, CollectionKind::addressbook, "two").id;
    });
  }

  Member say(Id book, const std::string& name, const std::string& text) {
    const StagedBlob blob = stage(text);
    const auto facts = derive(CollectionKind::addressbook, text);
    return store->write([&](Transaction& t) { return t.put(book, name, blob, "text/vcard", *facts, {}); });
  }

  /// The names of those that hold the text, among the candidates that the index gives.
  std::vector<std::string> found(Id book, const TextTerm& term) {
    std::vector<std::string> names;
    store->read([&](Transaction& t) {
      const auto ids = t.holding(book, {{term}});
      CHECK(std::ranges::is_sorted(ids));
      t.for_each_of(ids, WithBytes::yes, [&](const Member& member) {
        CHECK(member.collection == book);
        if (holds_bytes(member.bytes, term)) names.push_back(member.name);
      });
    });
    std::ranges::sort(names);
    return names;
  }

  std::vector<std::string> scanned(Id book, const TextTerm& term) {
    std::vector<std::string> names;
    store->read([&](Transaction& t) {
      t.for_each_member(book, WithBytes::yes, [&](const Member& member) {
        if (holds_bytes(member.bytes, term)) names.push_back(member.name);
      });
    });
    return names;
  }

  void is_whole() {
    check(
        *store, derive, "",
        [](const Difference& difference) { FAIL_CHECK(difference.where << ": " << difference.what); }, "1");
  }

  static bool holds_bytes(const std::string& bytes, const TextTerm& term) {
    const auto facts = derive(CollectionKind::addressbook, bytes);
    return !facts->text || holds(*facts->text, {{term}});
  }

  Id book_home = 0;
  Id one = 0;
  Id two = 0;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a text is found by parts of it, and by its ends") {
  Books world(GENERATE(from_range(backends())));
  world.say(world.one, "a", "ADA@EXAMPLE");
  world.say(world.one, "b", "BOB@EXAMPLE");
  world.say(world.one, "c", "much");
  world.say(world.two, "a", "EVE@EXAMPLE");
  CHECK(world.found(world.one, {"T", "EXAMPLE"}) == Names{"a", "b", "c"});
  CHECK(world.found(world.one, {"T", "ADA@"}) == Names{"a", "c"});
  CHECK(world.found(world.one, {"T", "B"}) == Names{"b", "c"});
  CHECK(world.found(world.one, {"T", "OB"}) == Names{"b", "c"});
  CHECK(world.found(world.one, {"T", "LE"}) == Names{"a", "b", "c"});
  CHECK(world.found(world.one, {"T", "A", true, false}) == Names{"a", "c"});
  CHECK(world.found(world.one, {"T", "LE", false, true}) == Names{"a", "b", "c"});
  CHECK(world.found(world.one, {"U", "OB"}) == Names{"c"});
  CHECK(world.found(world.one, {"T", "AD", true, false}) == Names{"a", "c"});
  CHECK(world.found(world.one, {"T", "DA", true, false}) == Names{"c"});
  CHECK(world.found(world.one, {"T", "E", false, true}) == Names{"a", "b", "c"});
  CHECK(world.found(world.one, {"T", "BOB@EXAMPLE", true, true}) == Names{"b", "c"});
  CHECK(world.found(world.one, {"T", ""}) == Names{"a", "b", "c"});
  CHECK(world.found(world.one, {"U", "ADA@"}) == Names{"c"});
  CHECK(world.store->read([&](Transaction& t) {
    return t.holding(world.one, {{{"T", "ADA"}, {"T", "EXA"}}, {{"T", "EVE"}}}).size();
  }) == 2);
}

TEST_CASE("what the index names is what a look at all finds, whatever has been done") {
  Books world(GENERATE(from_range(backends())));
  const unsigned seed = 20260303;
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t most) { return random() % most; };
  const auto text = [&](std::size_t most) {
    std::string made;
    for (std::size_t left = 1 + below(most); left > 0; --left) made += "ABC\xC3"[below(3)];
    return made;
  };
  for (int round = 0; round < 900; ++round) {
    const Id book = below(2) == 0 ? world.one : world.two;
    const Id other = book == world.one ? world.two : world.one;
    const std::string name = "m" + std::to_string(below(200)), another = "m" + std::to_string(below(200));
    const auto act = below(10);
    if (act < 7) {
      world.say(book, name, below(20) == 0 ? "much" : text(12));
    } else {
      world.store->write([&](Transaction& t) {
        const auto member = t.member(book, name);
        if (!member) return;
        if (act == 7) return t.remove(*member, {});
        const Id to = below(3) == 0 ? book : other;
        if (t.member(to, another)) return;
        if (act == 8) t.move(*member, to, another, {});
        if (act == 9) t.copy(*member, to, another, {});
      });
    }
    if (round % 9 != 0) continue;
    const TextTerm term{"T", text(5), below(4) == 0, below(4) == 0};
    CAPTURE(round, term.text, term.at_start, term.at_end);
    REQUIRE(world.found(world.one, term) == world.scanned(world.one, term));
    REQUIRE(world.found(world.two, term) == world.scanned(world.two, term));
  }
  world.store->write([&](Transaction& t) { t.set_text_edition("1"); });
  world.is_whole();
}

TEST_CASE("whole books are copied and removed with their texts") {
  Books world(GENERATE(from_range(backends())));
  constexpr int many = 300;
  for (int i = 0; i < many; ++i) world.say(world.one, "m" + std::to_string(i), "TEXT " + std::to_string(i));
  const Id copied = world.store->write(
      [&](Transaction& t) { return t.copy(*t.member(world.book_home, "one"), world.book_home, "copy", {}).child; });
  CHECK(world.found(copied, {"T", "TEXT 299"}) == Names{"m299"});
  world.store->write([&](Transaction& t) { t.set_text_edition("1"); });
  world.is_whole();
  world.store->tidy(std::chrono::seconds(10));
  CHECK(world.found(copied, {"T", "TEXT"}).size() == many);
  world.is_whole();
  world.store->write([&](Transaction& t) {
    t.remove_collection(copied, {});
    t.remove_collection(world.one, {});
  });
  world.is_whole();
  world.store->tidy(std::chrono::seconds(10));
  world.store->read([&](Transaction& t) {
    CHECK_FALSE(t.connection().prepare("SELECT 1 FROM card_fact LIMIT 1")->step());
    CHECK(t.holding(world.one, {{{"T", "TEXT"}}}).empty());
  });
  world.is_whole();
}

TEST_CASE("texts are derived anew while the store is in use, and checked") {
  Books world(GENERATE(from_range(backends())));
  world.say(world.one, "a", "ADA");
  const Member bob = world.say(world.one, "b", "BOB");
  begin_text_index(*world.store, "1");
  const auto edition = [&] { return world.store->read([](Transaction& t) { return t.text_edition(); }); };
  CHECK(edition().empty());
  world.store->write([&](Transaction& t) {
    t.set_text(bob,
               "T\x01"
               "EVE\x02");
  });
  CHECK_FALSE(reindex_texts(*world.store, derive, "1", [] { return false; }).finished);
  CHECK(edition().empty());
  const auto report = reindex_texts(*world.store, derive, "1", [] { return true; });
  CHECK(report.objects == 2);
  CHECK(report.changed == 1);
  CHECK(edition() == "1");
  CHECK(world.found(world.one, {"T", "BOB"}) == Names{"b"});
  world.is_whole();

  world.store->write([&](Transaction& t) {
    t.set_text(bob,
               "T\x01"
               "EVE\x02");
  });
  int differences = 0;
  check(
      *world.store, derive, "", [&](const Difference&) { ++differences; }, "1");
  CHECK(differences == 1);
}

TEST_CASE("an index of texts with nothing in it holds by any rules") {
  Books world(GENERATE(from_range(backends())));
  world.put("a.ics", "an event");
  begin_text_index(*world.store, "1");
  CHECK(world.store->read([](Transaction& t) { return t.text_edition(); }) == "1");
}

TEST_CASE("check finds an index of texts that doesn't hold what it should") {
  Books world(GENERATE(from_range(backends())));
  for (int i = 0; i < 200; ++i) world.say(world.one, "m" + std::to_string(i), "TEXT " + std::to_string(i));
  world.store->write([&](Transaction& t) {
    const bool sqlite = t.connection().dialect() == sql::Dialect::sqlite;
    t.connection().execute(
        sqlite ? "INSERT INTO card_gram (rowid, grams) VALUES (5, 'stray')"
               : "UPDATE card_gram SET grams = '{1}' WHERE member = (SELECT MIN(member) FROM card_gram)");
  });
  int differences = 0;
  check(*world.store, derive, "", [&](const Difference&) { ++differences; });
  CHECK(differences == 1);
}

TEST_CASE("PostgreSQL looks for grams in their index") {
  Books world(GENERATE(from_range(backends())));
  if (!world.place->postgres()) return;
  world.store->write([&](Transaction& t) {
    auto& connection = t.connection();
    connection.execute(
        "INSERT INTO card_gram (collection, member, grams) SELECT 1000, n, ARRAY[n, 1000000 + n % 500, 7]::BIGINT[] "
        "FROM generate_series(1, 20000) n");
    connection.execute(
        "INSERT INTO card_fact (collection, member, text, state) SELECT 1000, n, 'T', 0 FROM generate_series(1, 20000) "
        "n");
    connection.execute("ANALYZE card_gram, card_fact");
    connection.execute(
        "PREPARE find_grams (TEXT, BIGINT) AS SELECT f.member FROM card_gram g JOIN card_fact f ON f.collection = "
        "g.collection AND f.member = g.member WHERE g.grams @> CAST(CAST($1 AS TEXT) AS BIGINT[]) AND g.collection = "
        "$2 AND f.state = 0");
    // By the values that are asked for, and as it is planned once for all.
    for (const std::string mode : {"force_custom_plan", "force_generic_plan"}) {
      CAPTURE(mode);
      connection.execute("SET LOCAL plan_cache_mode = " + mode);
      const auto row = connection.prepare("EXPLAIN EXECUTE find_grams('{1000005,7}', 1000)");
      std::string plan;
      while (row->step()) plan.append(row->text(0)) += '\n';
      CHECK_THAT(plan, Catch::Contains("Bitmap Index Scan on card_gram_grams"));
      CHECK_THAT(plan, !Catch::Contains("Seq Scan on card_gram"));
    }
    connection.execute("DEALLOCATE find_grams");
  });
}
