#include <catch2/catch.hpp>

#include "storage/check.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr std::int64_t edition = 1;

std::vector<Id> stale(World& world, bool by_default) {
  std::vector<Id> accounts;
  for (const Birthdays& one :
       world.store->read([&](Transaction& transaction) { return transaction.stale_birthdays(by_default, edition); })) {
    accounts.push_back(one.account);
  }
  return accounts;
}

void set(World& world, std::optional<bool> wanted) {
  world.store->write([&](Transaction& transaction) {
    Account ada = *transaction.account(world.ada.id);
    ada.birthdays = wanted;
    transaction.update_account(ada);
  });
}

}  // namespace

TEST_CASE("a calendar of birthdays is stale until it is made of the cards as they are") {
  World world(GENERATE(from_range(backends())));
  const std::vector<Id> ada{world.ada.id};
  CHECK(stale(world, false).empty());
  CHECK(stale(world, true) == ada);
  set(world, false);
  CHECK(stale(world, true).empty());
  set(world, true);
  CHECK(stale(world, false) == ada);

  const auto make = [&](std::int64_t by) {
    return world.store->write([&](Transaction& transaction) {
      const auto cards = *transaction.home(world.ada.id, CollectionKind::addressbook_home);
      auto made = *transaction.birthdays(world.ada.id, false);
      if (made.calendar == 0) {
        made.calendar = transaction.create_collection(world.home.id, CollectionKind::calendar, "birthdays").id;
      }
      made.seen = cards.modseq;
      made.edition = by;
      transaction.set_birthdays(made);
      return made.calendar;
    });
  };
  const Id calendar = make(edition);
  CHECK(world.collection(calendar).keeper == Keeper::birthdays);
  CHECK(stale(world, false).empty());
  world.store->write([&](Transaction& transaction) {
    const auto cards = *transaction.home(world.ada.id, CollectionKind::addressbook_home);
    transaction.create_collection(cards.id, CollectionKind::addressbook, "book");
  });
  CHECK(stale(world, false) == ada);
  CHECK(make(edition) == calendar);
  CHECK(stale(world, false).empty());
  make(edition + 1);
  CHECK(stale(world, false) == ada);
  make(edition);

  set(world, std::nullopt);
  CHECK(stale(world, true).empty());
  CHECK(stale(world, false) == ada);
  const auto none = [](CollectionKind, const std::string&) -> std::optional<ObjectFacts> { return std::nullopt; };
  CHECK(check(*world.store, none, "", [](const Difference&) {}).differences == 0);
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(calendar, {}); });
  CHECK(stale(world, false).empty());
  make(edition);
  world.store->write([&](Transaction& transaction) { transaction.remove_account(world.ada.id); });
  CHECK(stale(world, true).empty());
}
