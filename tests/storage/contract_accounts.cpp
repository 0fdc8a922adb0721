#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

Account create(World& world, const std::string& name, AccountKind kind = AccountKind::user) {
  return world.store->write([&](Transaction& transaction) {
    Account wanted;
    wanted.name = name;
    wanted.kind = kind;
    return transaction.create_account(wanted);
  });
}

std::vector<std::string> names(const std::vector<Account>& accounts) {
  std::vector<std::string> names;
  for (const Account& account : accounts) names.push_back(account.name);
  return names;
}

}  // namespace

TEST_CASE("an account comes back as it was given, and can be changed") {
  World world(GENERATE(from_range(backends())));
  Account wanted;
  wanted.name = "room-1";
  wanted.kind = AccountKind::room;
  wanted.display_name = "Z\u00fcrich";
  wanted.addresses = {"z@x", "a@x"};
  wanted.time_zone = "Europe/Zurich";
  wanted.locale = "de-CH";
  wanted.quota = 1000;
  const Id id = world.store->write([&](Transaction& transaction) { return transaction.create_account(wanted).id; });
  const auto check = [&](const Account& account) {
    CHECK(account.name == "room-1");
    CHECK(account.kind == wanted.kind);
    CHECK(account.display_name == wanted.display_name);
    CHECK(account.addresses == wanted.addresses);
    CHECK(account.time_zone == wanted.time_zone);
    CHECK(account.locale == wanted.locale);
    CHECK(account.quota == wanted.quota);
    CHECK(account.disabled == wanted.disabled);
    CHECK(account.created > 0);
  };
  const auto read = [&] {
    return world.store->read([&](Transaction& transaction) { return *transaction.account(id); });
  };
  check(read());
  wanted.id = id;
  wanted.kind = AccountKind::resource;
  wanted.display_name = "";
  wanted.addresses = {"a@x", "b@x"};
  wanted.quota.reset();
  wanted.disabled = true;
  world.store->write([&](Transaction& transaction) { transaction.update_account(wanted); });
  check(read());
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.account_with_address("b@x")->id == id);
    CHECK_FALSE(transaction.account_with_address("z@x"));
    CHECK(transaction.account_named("room-1")->id == id);
    CHECK_FALSE(transaction.account_named("room-2"));
    CHECK(names(transaction.accounts()) == std::vector<std::string>{"ada", "room-1"});
  });
}

TEST_CASE("names and addresses are unique") {
  World world(GENERATE(from_range(backends())));
  CHECK_THROWS_AS(create(world, "ada"), DuplicateName);
  const Account bob = create(world, "bob");
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    Account changed = *transaction.account(bob.id);
    changed.display_name = "changed";
    changed.addresses = {"ada@pileus.test"};
    transaction.update_account(changed);
  }),
                  DuplicateName);
  CHECK(world.store->read([&](Transaction& transaction) { return transaction.account(bob.id)->display_name; }).empty());
}

TEST_CASE("groups have members, direct and through other groups, even in a circle") {
  World world(GENERATE(from_range(backends())));
  const Account all = create(world, "all", AccountKind::group);
  const Account team = create(world, "team", AccountKind::group);
  world.store->write([&](Transaction& transaction) {
    transaction.add_to_group(team.id, world.ada.id);
    transaction.add_to_group(team.id, world.ada.id);
    transaction.add_to_group(all.id, team.id);
    transaction.add_to_group(team.id, all.id);
  });
  world.store->read([&](Transaction& transaction) {
    CHECK(names(transaction.group_members(team.id)) == std::vector<std::string>{"ada", "all"});
    CHECK(names(transaction.groups_of(world.ada.id)) == std::vector<std::string>{"all", "team"});
  });
  world.store->write([&](Transaction& transaction) { transaction.remove_from_group(team.id, world.ada.id); });
  CHECK(world.store->read([&](Transaction& transaction) { return transaction.groups_of(world.ada.id); }).empty());
}

TEST_CASE("a removed account takes all that is its own with it, and nothing else") {
  World world(GENERATE(from_range(backends())));
  const Account bob = create(world, "bob");
  const std::string large(100'000, 'x');
  const Id bobs = world.store->write([&](Transaction& transaction) {
    const Id home = transaction.home(bob.id, CollectionKind::file_home)->id;
    return transaction.create_collection(home, CollectionKind::folder, "f").id;
  });
  world.put(bobs, "shared", large);
  world.put(bobs, "own", "own");
  world.put(bobs, "own", "own, later");
  world.put("shared", large);
  world.store->write([&](Transaction& transaction) {
    transaction.set_property(bobs, 0, {"urn:x", "p", "<p/>"});
    transaction.add_lock({"urn:bob", world.work.id, 0, bob.id, true, false, "", "/", transaction.now() + 60});
    transaction.remove_account(bob.id);
  });
  world.store->read([&](Transaction& transaction) {
    CHECK_FALSE(transaction.account(bob.id));
    CHECK_FALSE(transaction.account_named("bob"));
    CHECK_FALSE(transaction.collection(bobs));
    CHECK_FALSE(transaction.lock("urn:bob"));
  });
  auto options = world.place->options();
  options.blob_seconds = -10;
  open_store(options)->tidy(std::chrono::seconds(20));
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.content(*transaction.member(world.work.id, "shared")).size() == large.size());
  });
  CHECK(create(world, "bob").id > bob.id);
}
