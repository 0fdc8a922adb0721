#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "storage/failure.h"
#include "storage/schema.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

// A store as the version with that schema step left it; tests/data/make_store.py makes them.
std::string kept_store(int step, const std::string& backend) {
  const std::string number = std::to_string(step);
  const std::string name = std::string(3 - number.size(), '0') + number + "-" + backend + ".sql";
  std::ifstream file("tests/data/stores/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a store made by a later version is refused and left as it is") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1");
  world.place->execute("INSERT INTO schema_step (number, name, applied) VALUES (999, 'later', 0)");
  world.store.reset();
  try {
    world.place->open();
    FAIL("opened");
  } catch (const Failure& failure) {
    CHECK(failure.trouble() == Trouble::refused);
    CHECK_THAT(failure.what(), Catch::Contains("later version"));
  }
  world.place->execute("DELETE FROM schema_step WHERE number = 999");
  world.store = world.place->open();
  CHECK(world.members(world.work.id).size() == 1);
}

TEST_CASE("a store of every released schema step opens with all that is in it") {
  const testing::Backend backend = GENERATE(from_range(backends()));
  const int newest_released = 1;
  for (int step = 1; step <= newest_released; ++step) {
    CAPTURE(backend, step);
    const auto place = backend.place();
    place->execute(kept_store(step, backend.name));
    const auto store = place->open();
    store->read([&](Transaction& transaction) {
      const Account user = transaction.account_named("user01").value();
      CHECK(transaction.groups_of(user.id).size() == 1);
      const Collection home = transaction.home(user.id, CollectionKind::calendar_home).value();
      const Id work = transaction.member(home.id, "work").value().child;
      const Member changed = transaction.member(work, "changed.ics", WithBytes::yes).value();
      CHECK_THAT(changed.bytes, Catch::Contains("FREQ=DAILY"));
      CHECK(changed.size == static_cast<std::int64_t>(changed.bytes.size()));
      std::vector<std::string> told;
      transaction.changes(work, 0, -1, WithBytes::no, [&](const Member& member) {
        told.push_back(member.name + (member.deleted ? " removed" : ""));
      });
      CHECK(told == std::vector<std::string>{"kept.ics", "changed.ics", "removed.ics removed"});
      // Objects from before the index of times are found at any time.
      std::vector<Id> found;
      transaction.times_touching(work, {0, 0, 366, 366}, [&](Id member, const TimeFact& fact) {
        if (fact.pattern == TimeFact::unknown) found.push_back(member);
      });
      if (step == 1) CHECK(found.size() == 2);
      const Collection files = transaction.home(user.id, CollectionKind::file_home).value();
      const Member note = transaction.member(files.id, "note.txt").value();
      CHECK(transaction.properties(files.id, note.id).size() == 1);
    });
    const auto bytes = store->stage(Spool(std::string_view("new"), store->spool_directory()));
    const Member added = store->write([&](Transaction& transaction) {
      const Account user = transaction.account_named("user01").value();
      const Collection files = transaction.home(user.id, CollectionKind::file_home).value();
      return transaction.put(files.id, "new.txt", bytes, "text/plain", {}, {});
    });
    CHECK(added.modseq > 1);
  }
}

TEST_CASE("schema steps are numbered from 1 without a gap") {
  int expected = 1;
  for (const SchemaStep& step : schema_steps()) CHECK(step.number == expected++);
}

TEST_CASE("many can open a new store at the same time") {
  const auto place = testing::Backend(GENERATE(from_range(backends()))).place();
  std::vector<std::string> epochs(4);
  std::vector<std::thread> threads;
  for (std::string& epoch : epochs) {
    threads.emplace_back(
        [&] { epoch = place->open()->read([](Transaction& transaction) { return transaction.epoch(); }); });
  }
  for (auto& thread : threads) thread.join();
  for (const std::string& epoch : epochs) CHECK(epoch == epochs[0]);
  CHECK_FALSE(epochs[0].empty());
}

TEST_CASE("what can't be opened is trouble with a reason") {
  StoreOptions options;
  options.directory = "/dev/null/pileus";
  CHECK_THROWS_AS(open_store(options), Failure);
  const testing::Folder folder;
  options.directory = folder.path();
  options.postgres = "host=/nowhere dbname=none connect_timeout=1";
  CHECK_THROWS_AS(open_store(options), Failure);
}
