#include <catch2/catch.hpp>
#include <thread>

#include "storage/failure.h"
#include "storage/schema.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

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
