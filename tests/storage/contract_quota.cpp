// RFC 4331: what is used, and what is refused.
#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

std::int64_t used(World& world) {
  return world.store->read([&](Transaction& transaction) { return transaction.used(world.ada.id); });
}

void limit(World& world, std::optional<std::int64_t> quota) {
  world.store->write([&](Transaction& transaction) {
    Account account = *transaction.account(world.ada.id);
    account.quota = quota;
    transaction.update_account(account);
  });
}

}  // namespace

TEST_CASE("what is used follows every change") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "12345");
  CHECK(used(world) == 5);
  world.put("a", "123");
  CHECK(used(world) == 3);
  world.put("b", std::string(100'000, 'x'));
  CHECK(used(world) == 100'003);
  world.store->write([&](Transaction& transaction) {
    transaction.copy(*transaction.member(world.work.id, "b"), world.work.id, "c", {});
  });
  CHECK(used(world) == 200'003);
  world.store->write([&](Transaction& transaction) {
    transaction.move(*transaction.member(world.work.id, "b"), world.work.id, "d", {});
  });
  CHECK(used(world) == 200'003);
  world.remove("c");
  CHECK(used(world) == 100'003);
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(world.work.id, {}); });
  CHECK(used(world) == 0);
}

TEST_CASE("what would go over the quota is refused and changes nothing") {
  World world(GENERATE(from_range(backends())));
  limit(world, 10);
  world.put("a", "1234567890");
  CHECK_THROWS_AS(world.put("b", "1"), QuotaExceeded);
  CHECK_THROWS_AS(world.put("a", "12345678901"), QuotaExceeded);
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    transaction.copy(*transaction.member(world.work.id, "a"), world.work.id, "c", {});
  }),
                  QuotaExceeded);
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    transaction.copy(*transaction.member(world.home.id, "work"), world.home.id, "play", {});
  }),
                  QuotaExceeded);
  CHECK(used(world) == 10);
  CHECK(world.members(world.work.id).size() == 1);
  CHECK(world.members(world.home.id).size() == 1);
  CHECK(world.collection(world.work.id).modseq == 1);
  world.put("empty", "");
}

TEST_CASE("who is over the quota already can still make it better") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1234567890");
  world.put("b", "1234567890");
  limit(world, 5);
  world.put("a", "123456789");
  world.remove("b");
  CHECK(used(world) == 9);
  CHECK_THROWS_AS(world.put("c", "1"), QuotaExceeded);
  limit(world, std::nullopt);
  world.put("c", "1");
}
