#include <catch2/catch.hpp>

#include "storage/sieve.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

/// Runs verbs of Sieve in a transaction of their own.
template <class F>
auto change(World& world, F&& run) {
  return world.store->write([&](Transaction& transaction) {
    Sieve sieve(transaction);
    return run(sieve);
  });
}

std::string listed(World& world) {
  return world.store->read([&](Transaction& transaction) {
    std::string out;
    for (const SieveScript& one : Sieve(transaction).scripts(world.ada.id)) {
      out += one.name + (one.active ? "*" : "") + "(" + std::to_string(one.size) + ") ";
    }
    return out;
  });
}

}  // namespace

TEST_CASE("scripts are put, replaced, activated, renamed and removed") {
  World world(GENERATE(from_range(backends())));
  const Id ada = world.ada.id;
  CHECK(listed(world).empty());
  change(world, [&](Sieve& sieve) {
    sieve.put(ada, "b", "keep;");
    sieve.put(ada, "a", std::string("\0x", 2));
    CHECK_FALSE(sieve.active(ada));
    CHECK_FALSE(sieve.activate(ada, "c"));
    CHECK(sieve.activate(ada, "b"));
  });
  CHECK(listed(world) == "a(2) b*(5) ");
  change(world, [&](Sieve& sieve) {
    CHECK(sieve.script(ada, "a") == std::string("\0x", 2));
    CHECK_FALSE(sieve.script(ada, "A"));
    sieve.put(ada, "b", "discard;");
    CHECK(sieve.active(ada)->octets == "discard;");
    CHECK(sieve.rename(ada, "b", "a") == Sieve::Outcome::taken);
    CHECK(sieve.rename(ada, "x", "y") == Sieve::Outcome::missing);
    CHECK(sieve.rename(ada, "b", "b") == Sieve::Outcome::done);
    CHECK(sieve.rename(ada, "b", "c") == Sieve::Outcome::done);
  });
  CHECK(listed(world) == "a(2) c*(8) ");
  change(world, [&](Sieve& sieve) {
    CHECK(sieve.remove(ada, "c") == Sieve::Outcome::active);
    CHECK(sieve.remove(ada, "x") == Sieve::Outcome::missing);
    CHECK(sieve.activate(ada, "a"));
    CHECK(sieve.remove(ada, "c") == Sieve::Outcome::done);
    CHECK(sieve.activate(ada, ""));
    CHECK_FALSE(sieve.active(ada));
  });
  CHECK(listed(world) == "a(2) ");
  CHECK_THROWS_AS(world.store->read([&](Transaction& transaction) { Sieve(transaction).put(ada, "x", "keep;"); }),
                  std::logic_error);
}

TEST_CASE("scripts are limited in number and size, not when one is replaced") {
  World world(GENERATE(from_range(backends())));
  const Id ada = world.ada.id;
  const SieveQuota quota{2, 10};
  change(world, [&](Sieve& sieve) {
    CHECK(sieve.room(ada, "a", 10, quota) == Sieve::Room::enough);
    CHECK(sieve.room(ada, "a", 11, quota) == Sieve::Room::too_large);
    sieve.put(ada, "a", "");
    sieve.put(ada, "b", "");
    CHECK(sieve.room(ada, "b", 1, quota) == Sieve::Room::enough);
    CHECK(sieve.room(ada, "c", 1, quota) == Sieve::Room::too_many);
  });
}

TEST_CASE("a fault of a script is remembered until the script is another one") {
  World world(GENERATE(from_range(backends())));
  const Id ada = world.ada.id;
  change(world, [&](Sieve& sieve) {
    sieve.put(ada, "a", "keep;");
    sieve.activate(ada, "a");
    CHECK(sieve.set_fault(ada, "a", "line 1"));
    CHECK_FALSE(sieve.set_fault(ada, "a", "line 1"));
    CHECK(sieve.active(ada)->fault == "line 1");
    sieve.put(ada, "a", "stop;");
    CHECK(sieve.active(ada)->fault.empty());
    CHECK_FALSE(sieve.set_fault(ada, "none", "line 1"));
  });
}

TEST_CASE("what a script remembers ends with its time, and with its account") {
  World world(GENERATE(from_range(backends())));
  const Id ada = world.ada.id;
  const std::string hash(32, '\xFF');
  change(world, [&](Sieve& sieve) { CHECK_FALSE(sieve.remembers(ada, hash)); });
  world.store->write([&](Transaction& transaction) {
    Sieve sieve(transaction);
    sieve.remember(ada, hash, transaction.now() + 100);
    CHECK(sieve.remembers(ada, hash));
    CHECK_FALSE(sieve.remembers(ada + 1, hash));
    sieve.remember(ada, hash, transaction.now());
    CHECK_FALSE(sieve.remembers(ada, hash));
    sieve.remember(ada, "other", transaction.now() + 100);
    sieve.put(ada, "a", "keep;");
  });
  world.store->write([&](Transaction& transaction) {
    transaction.remove_account(ada);
    CHECK_FALSE(Sieve(transaction).remembers(ada, "other"));
    CHECK(Sieve(transaction).scripts(ada).empty());
  });
}

TEST_CASE("of what a script remembers, those go that end first") {
  World world(GENERATE(from_range(backends())));
  const Id ada = world.ada.id;
  world.store->write([&](Transaction& transaction) {
    Sieve sieve(transaction);
    for (std::int64_t i = 0; i < Sieve::memory + 2; ++i) {
      sieve.remember(ada, std::to_string(i), transaction.now() + 100 + i);
    }
    CHECK_FALSE(sieve.remembers(ada, "1"));
    CHECK(sieve.remembers(ada, "2"));
    CHECK(sieve.remembers(ada, std::to_string(Sieve::memory + 1)));
  });
}
