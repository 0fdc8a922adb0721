#include <catch2/catch.hpp>

#include "storage/check.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr Timestamp far = 4'000'000'000;

Id subscribe(World& world, const std::string& name) {
  return world.store->write([&](Transaction& transaction) {
    const Id id = transaction.create_collection(world.home.id, CollectionKind::calendar, name).id;
    transaction.subscribe(id);
    return id;
  });
}

std::optional<Subscription> lease(Store& store, Timestamp until, Id calendar = 0) {
  return store.write([&](Transaction& transaction) { return transaction.lease_subscription(until, calendar); });
}

std::size_t count(World& world) {
  return world.store->read([&](Transaction& transaction) { return transaction.subscriptions(0).size(); });
}

}  // namespace

TEST_CASE("a subscription is due at once, and is given to one who asks") {
  World world(GENERATE(from_range(backends())));
  const auto due = [&] { return world.store->read([](Transaction& transaction) { return transaction.fetch_due(); }); };
  CHECK_FALSE(due());
  CHECK_FALSE(lease(*world.store, far));
  const Id holidays = subscribe(world, "holidays");
  CHECK(world.collection(holidays).keeper == Keeper::subscription);
  CHECK(world.collection(world.work.id).keeper == Keeper::clients);
  CHECK(due());
  const auto node = world.place->open();
  const auto taken = lease(*node, far);
  REQUIRE(taken);
  CHECK(taken->collection == holidays);
  CHECK(taken->lease == far);
  CHECK_FALSE(due());
  CHECK_FALSE(lease(*world.store, far + 1));
  CHECK_FALSE(lease(*world.store, far + 1, holidays));
  CHECK_FALSE(lease(*world.store, far + 1, world.work.id));
}

TEST_CASE("what has come of a fetch is kept, and the next one is due in its time") {
  World world(GENERATE(from_range(backends())));
  const Id holidays = subscribe(world, "holidays");
  const Subscription wanted{holidays, 3'000'000'000,
                            0,        "https://example.net/h.ics",
                            "\"1\"",  "Mon, 1 Jan",
                            "digest", 3600,
                            1000,     900,
                            500,      "it failed",
                            2,        800};
  world.store->write([&](Transaction& transaction) { transaction.update_subscription(wanted); });
  const auto all = world.store->read([&](Transaction& transaction) { return transaction.subscriptions(world.ada.id); });
  REQUIRE(all.size() == 1);
  const Subscription& is = all.front();
  CHECK(std::tie(is.collection, is.next_fetch, is.lease, is.url, is.etag, is.last_modified, is.digest) ==
        std::tie(wanted.collection, wanted.next_fetch, wanted.lease, wanted.url, wanted.etag, wanted.last_modified,
                 wanted.digest));
  CHECK(std::tie(is.period, is.last_fetch, is.last_success, is.status, is.error, is.failures, is.gone_since) ==
        std::tie(wanted.period, wanted.last_fetch, wanted.last_success, wanted.status, wanted.error, wanted.failures,
                 wanted.gone_since));
  CHECK_FALSE(lease(*world.store, far));
  // By name it is had before its time, and it can be brought forward, but not put off.
  CHECK(lease(*world.store, 1, holidays)->collection == holidays);
  world.store->write([&](Transaction& transaction) {
    transaction.fetch_soon(holidays, 3'000'000'001);
    transaction.fetch_soon(world.work.id, 0);
  });
  CHECK_FALSE(lease(*world.store, far));
  world.store->write([&](Transaction& transaction) { transaction.fetch_soon(holidays, 1); });
  CHECK(lease(*world.store, far));
}

TEST_CASE("a subscription goes with its calendar, and with its account") {
  World world(GENERATE(from_range(backends())));
  const Id holidays = subscribe(world, "holidays");
  subscribe(world, "moon");
  CHECK(count(world) == 2);
  const auto copy = world.store->write([&](Transaction& transaction) {
    const auto entry = transaction.member(world.home.id, "holidays");
    return transaction.copy(*entry, world.home.id, "copy", {}).child;
  });
  CHECK(world.collection(copy).keeper == Keeper::clients);
  CHECK(count(world) == 2);
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(holidays, {}); });
  CHECK(count(world) == 1);
  world.store->write([&](Transaction& transaction) { transaction.remove_account(world.ada.id); });
  CHECK(count(world) == 0);
  const auto none = [](CollectionKind, const std::string&) -> std::optional<ObjectFacts> { return std::nullopt; };
  CHECK(check(*world.store, none, "", [](const Difference&) {}).differences == 0);
}
