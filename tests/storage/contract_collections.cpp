#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr Actor nobody{};

Collection folder(World& world, Id parent, const std::string& name) {
  return world.store->write(
      [&](Transaction& transaction) { return transaction.create_collection(parent, CollectionKind::folder, name); });
}

Collection file_home(World& world, Id account) {
  return world.store->read(
      [&](Transaction& transaction) { return transaction.home(account, CollectionKind::file_home).value(); });
}

}  // namespace

TEST_CASE("an account has three homes") {
  World world(GENERATE(from_range(backends())));
  world.store->read([&](Transaction& transaction) {
    for (const auto kind :
         {CollectionKind::calendar_home, CollectionKind::addressbook_home, CollectionKind::file_home}) {
      const auto home = transaction.home(world.ada.id, kind);
      REQUIRE(home);
      CHECK(home->parent == 0);
      CHECK(home->kind == kind);
      CHECK(home->account == world.ada.id);
    }
    CHECK_FALSE(transaction.home(world.ada.id, CollectionKind::calendar));
    CHECK_FALSE(transaction.collection(world.work.id + 1000));
  });
}

TEST_CASE("a collection is a name in the one above") {
  World world(GENERATE(from_range(backends())));
  CHECK(world.work.parent == world.home.id);
  CHECK(world.work.kind == CollectionKind::calendar);
  CHECK(world.work.name == "work");
  CHECK(world.work.components == "VEVENT");
  const auto children =
      world.store->read([&](Transaction& transaction) { return transaction.children(world.home.id); });
  REQUIRE(children.size() == 1);
  CHECK(children[0].child == world.work.id);
  CHECK(children[0].name == "work");
  CHECK_THROWS_AS(folder(world, world.home.id, "work"), DuplicateName);
  world.put(world.work.id, "a", "file");
  CHECK_THROWS_AS(folder(world, world.work.id, "a"), DuplicateName);
}

TEST_CASE("every change takes the next modseq up to the home, where the child's entry takes it") {
  World world(GENERATE(from_range(backends())));
  const Id files = file_home(world, world.ada.id).id;
  const Collection a = folder(world, files, "a");
  const Collection b = folder(world, a.id, "b");
  const auto entry = [&](Id collection, const char* name) {
    return world.store->read([&](Transaction& transaction) { return transaction.member(collection, name).value(); });
  };
  const auto modseqs = [&] {
    return std::vector<Modseq>{world.collection(files).modseq, world.collection(a.id).modseq,
                               world.collection(b.id).modseq};
  };
  CHECK(modseqs() == std::vector<Modseq>{2, 1, 0});
  world.put(b.id, "x", "1");
  CHECK(modseqs() == std::vector<Modseq>{3, 2, 1});
  CHECK(entry(files, "a").modseq == 3);
  CHECK(entry(a.id, "b").modseq == 2);
  world.store->write([&](Transaction& transaction) { transaction.touch(b.id); });
  CHECK(modseqs() == std::vector<Modseq>{4, 3, 2});
  world.store->write(
      [&](Transaction& transaction) { transaction.touch_member(b.id, transaction.member(b.id, "x")->id); });
  CHECK(modseqs() == std::vector<Modseq>{5, 4, 3});
  CHECK(entry(b.id, "x").modseq == 3);
  world.store->write([&](Transaction& transaction) { transaction.remove(*transaction.member(b.id, "x"), nobody); });
  CHECK(modseqs() == std::vector<Modseq>{6, 5, 4});
  CHECK(entry(files, "a").modseq == 6);
  CHECK(entry(files, "a").added_modseq == 1);
}

TEST_CASE("a removed collection leaves a tombstone and nothing else") {
  World world(GENERATE(from_range(backends())));
  const Id files = file_home(world, world.ada.id).id;
  const Collection a = folder(world, files, "a");
  const Collection b = folder(world, a.id, "b");
  world.put(b.id, "x", std::string(1000, 'x'));
  world.store->write([&](Transaction& transaction) {
    transaction.set_property(b.id, 0, {"DAV:", "displayname", "<x/>"});
    transaction.add_lock({"urn:1", b.id, 0, world.ada.id, true, true, "", "/", transaction.now() + 60});
    transaction.remove(*transaction.member(files, "a"), nobody);
  });
  const auto changes = world.changes(files, 0);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].deleted);
  CHECK(changes[0].child == a.id);  // so that sync knows that a collection is gone
  CHECK(changes[0].modseq == world.collection(files).modseq);
  world.store->read([&](Transaction& transaction) {
    CHECK_FALSE(transaction.collection(a.id));
    CHECK_FALSE(transaction.collection(b.id));
    CHECK_FALSE(transaction.lock("urn:1"));
    CHECK(transaction.used(world.ada.id) == 0);
    CHECK(transaction.children(files).empty());
  });
  CHECK(folder(world, files, "a").id > b.id);
}

TEST_CASE("homes can't be removed, nor a collection be moved or copied into itself") {
  World world(GENERATE(from_range(backends())));
  const Id files = file_home(world, world.ada.id).id;
  const Collection a = folder(world, files, "a");
  const Collection b = folder(world, a.id, "b");
  const auto write = [&](auto run) { world.store->write([&](Transaction& transaction) { run(transaction); }); };
  CHECK_THROWS_AS(write([&](Transaction& t) { t.remove_collection(files, nobody); }), std::logic_error);
  CHECK_THROWS_AS(write([&](Transaction& t) { t.move(*t.member(files, "a"), b.id, "c", nobody); }), std::logic_error);
  CHECK_THROWS_AS(write([&](Transaction& t) { t.copy(*t.member(files, "a"), b.id, "c", nobody); }), std::logic_error);
  CHECK(world.collection(files).modseq == 2);
}

TEST_CASE("a copied tree has the content, properties and kinds of the first, and its own modseqs") {
  World world(GENERATE(from_range(backends())));
  const Id files = file_home(world, world.ada.id).id;
  const Collection a = folder(world, files, "a");
  const Collection b = folder(world, a.id, "b");
  for (int i = 0; i < 30; ++i) world.put(b.id, "f" + std::to_string(i), "same");
  world.put(b.id, "gone", "gone");
  world.store->write([&](Transaction& transaction) {
    transaction.remove(*transaction.member(b.id, "gone"), nobody);
    transaction.set_property(a.id, 0, {"DAV:", "displayname", "<x/>"});
    transaction.set_property(b.id, transaction.member(b.id, "f7")->id, {"urn:x", "p", "<p/>"});
  });
  const Member copied = world.store->write(
      [&](Transaction& transaction) { return transaction.copy(*transaction.member(files, "a"), files, "c", nobody); });
  CHECK(copied.child != a.id);
  CHECK(copied.modseq == world.collection(files).modseq);
  const Id d = world.store->read([&](Transaction& transaction) {
    CHECK(transaction.properties(copied.child, 0).size() == 1);
    CHECK(transaction.used(world.ada.id) == 240);
    return transaction.member(copied.child, "b")->child;
  });
  const auto members = world.members(d);
  REQUIRE(members.size() == 30);
  CHECK(members[3].bytes == "same");
  const auto changes = world.changes(d, 0);
  REQUIRE(changes.size() == 30);
  for (std::size_t i = 1; i < changes.size(); ++i) CHECK(changes[i - 1].modseq < changes[i].modseq);
  CHECK(changes.back().modseq == world.collection(d).modseq);
  world.store->read([&](Transaction& transaction) {
    int properties = 0;
    transaction.for_each_property(d, [&](Id member, const Property& property) {
      CHECK(member == transaction.member(d, "f7")->id);
      CHECK(property.xml == "<p/>");
      ++properties;
    });
    CHECK(properties == 1);
  });
  // Independent of the first from here on: the next number and modseq follow on.
  CHECK(world.put(d, "f30", "new").number == 31);
  CHECK(world.members(b.id).size() == 30);
}

TEST_CASE("a shallow copy has the properties and no members") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "one");
  world.store->write([&](Transaction& transaction) {
    transaction.set_property(world.work.id, 0, {"DAV:", "displayname", "<x/>"});
    const Member copied = transaction.copy_shallow(*transaction.member(world.home.id, "work"), world.home.id, "play");
    CHECK(transaction.collection(copied.child)->components == "VEVENT");
    CHECK(transaction.collection(copied.child)->kind == CollectionKind::calendar);
    CHECK(transaction.properties(copied.child, 0).size() == 1);
    CHECK_FALSE(transaction.member(copied.child, "a"));
  });
}

TEST_CASE("a moved tree keeps its ids and contents, and its octets are charged to the new owner") {
  World world(GENERATE(from_range(backends())));
  const Account bob = world.store->write([](Transaction& transaction) {
    Account wanted;
    wanted.name = "bob";
    return transaction.create_account(wanted);
  });
  const Id files = file_home(world, world.ada.id).id;
  const Id others = file_home(world, bob.id).id;
  const Collection a = folder(world, files, "a");
  const Collection b = folder(world, a.id, "b");
  world.put(b.id, "x", "12345");
  const Member moved = world.store->write([&](Transaction& transaction) {
    transaction.set_property(a.id, 0, {"DAV:", "displayname", "<x/>"});
    transaction.add_lock({"urn:1", b.id, 0, world.ada.id, true, true, "", "/", transaction.now() + 60});
    return transaction.move(*transaction.member(files, "a"), others, "z", nobody);
  });
  CHECK(moved.child == a.id);
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.collection(a.id)->name == "z");
    CHECK(transaction.collection(a.id)->parent == others);
    CHECK(transaction.collection(b.id)->account == bob.id);
    CHECK(transaction.used(world.ada.id) == 0);
    CHECK(transaction.used(bob.id) == 5);
    CHECK(transaction.properties(a.id, 0).size() == 1);
    CHECK_FALSE(transaction.lock("urn:1"));
    CHECK(transaction.member(b.id, "x"));
  });
  CHECK(world.changes(files, 1).size() == 1);
  CHECK(world.changes(files, 1)[0].deleted);
  CHECK(world.changes(others, 0).size() == 1);
  // Changes below reach the new home.
  const Modseq before = world.collection(others).modseq;
  world.put(b.id, "y", "1");
  CHECK(world.collection(others).modseq == before + 1);
}

TEST_CASE("an object moved to another account is charged there") {
  World world(GENERATE(from_range(backends())));
  const Id target = world.store->write([](Transaction& transaction) {
    Account wanted;
    wanted.name = "bob";
    wanted.quota = 4;
    const Account bob = transaction.create_account(wanted);
    return transaction.home(bob.id, CollectionKind::file_home)->id;
  });
  world.put("a", "1234");
  world.put("b", "12345");
  const auto move = [&](const char* name) {
    world.store->write([&](Transaction& transaction) {
      transaction.move(*transaction.member(world.work.id, name), target, name, nobody);
    });
  };
  CHECK_THROWS_AS(move("b"), QuotaExceeded);
  move("a");
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.used(world.ada.id) == 5);
    CHECK(transaction.used(transaction.account_named("bob")->id) == 4);
  });
}
