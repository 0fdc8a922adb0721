// RFC 6578, and sync-rules on identity: names, ids, numbers, entity tags.
#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

TEST_CASE("put makes a member and replaces it in place") {
  World world(GENERATE(from_range(backends())));
  const Member made = world.put("lunch.ics", "one", "42");
  CHECK(made.id > 0);
  CHECK(made.number == 1);
  CHECK(made.modseq == 1);
  CHECK(made.added_modseq == 1);
  CHECK(made.etag == "7692c3ad3540bb803c020b3aee66cd88");  // printf one | sha256sum
  CHECK(made.size == 3);

  const Member replaced = world.put("lunch.ics", "two!", "42");
  CHECK(replaced.id == made.id);
  CHECK(replaced.number == made.number);
  CHECK(replaced.modseq == 2);
  CHECK(replaced.added_modseq == 1);
  CHECK(replaced.etag != made.etag);

  const auto members = world.members(world.work.id);
  REQUIRE(members.size() == 1);
  CHECK(members[0].name == "lunch.ics");
  CHECK(members[0].bytes == "two!");
  CHECK(members[0].media_type == "text/plain");
  CHECK(members[0].facts.uid == "42");
  CHECK(members[0].modseq == 2);
  CHECK(members[0].etag == replaced.etag);
}

TEST_CASE("a member is found by its name and by its uid, and only while it is there") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "bytes", "uid-a");
  world.put("b", "bytes");
  const auto find = [&](const char* name, const char* uid) {
    return world.store->read([&](Transaction& transaction) {
      return std::pair(transaction.member(world.work.id, name, WithBytes::yes),
                       transaction.member_with_uid(world.work.id, uid));
    });
  };
  auto [by_name, by_uid] = find("a", "uid-a");
  REQUIRE(by_name);
  REQUIRE(by_uid);
  CHECK(by_name->bytes == "bytes");
  CHECK(by_uid->name == "a");
  CHECK_FALSE(find("A", "").first);
  CHECK_FALSE(find("b", "").second);
  world.remove("a");
  CHECK_FALSE(find("a", "uid-a").first);
  CHECK_FALSE(find("a", "uid-a").second);
}

TEST_CASE("names are the client's bytes") {
  World world(GENERATE(from_range(backends())));
  // Case, Unicode normalisation (NFC and NFD), quotes, not UTF-8, NUL, and characters of a plane for private use.
  const std::vector<std::string> names = {"a",
                                          "A",
                                          "\u00e9",
                                          "e\u0301",
                                          "a'b\"c%#?",
                                          "\xff\xfe",
                                          std::string("n\0l", 3),
                                          "\U000F00E9",
                                          "\U000F0000x",
                                          "\xf3\xb0\x80",
                                          std::string(255, 'x')};
  for (const std::string& name : names) world.put(name, name);
  for (const std::string& name : names) {
    const auto found = world.store->read(
        [&](Transaction& transaction) { return transaction.member(world.work.id, name, WithBytes::yes); });
    REQUIRE(found);
    CHECK(found->name == name);
    CHECK(found->bytes == name);
  }
  CHECK(world.members(world.work.id).size() == names.size());
}

TEST_CASE("members come in the order of their names, however many there are") {
  World world(GENERATE(from_range(backends())));
  const StagedBlob blob = world.stage("x");
  for (int batch = 0; batch < 25; ++batch) {
    world.store->write([&](Transaction& transaction) {
      for (int i = 0; i < 100; ++i) {
        transaction.put(world.work.id, std::to_string(batch * 100 + i), blob, "", {}, {});
      }
    });
  }
  const auto members = world.members(world.work.id);
  REQUIRE(members.size() == 2500);
  for (std::size_t i = 1; i < members.size(); ++i) REQUIRE(members[i - 1].name < members[i].name);
}

TEST_CASE("a removed name can be used again by a new resource") {
  World world(GENERATE(from_range(backends())));
  const Member first = world.put("a", "one", "uid");
  world.remove("a");
  const Member second = world.put("a", "one", "uid");
  CHECK(second.id != first.id);
  CHECK(second.number > first.number);
  CHECK(second.added_modseq == 3);
  CHECK(second.etag == first.etag);
  const auto changes = world.changes(world.work.id, 0);
  REQUIRE(changes.size() == 1);
  CHECK_FALSE(changes[0].deleted);
  CHECK(changes[0].id == second.id);
}

TEST_CASE("ids and numbers are never used again, not even those of the latest") {
  World world(GENERATE(from_range(backends())));
  auto options = world.place->options();
  const Member first = world.put("a", "one");
  world.remove("a");
  options.tombstone_seconds = -10;
  open_store(options)->tidy(std::chrono::seconds(10));
  CHECK(world.changes(world.work.id, 0).empty());
  const Member second = world.put("a", "one");
  CHECK(second.id > first.id);
  CHECK(second.number > first.number);
}

TEST_CASE("what a write throws takes back what it did and nothing else") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "one");
  const StagedBlob blob = world.stage("two");
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    transaction.put(world.work.id, "a", blob, "", {}, {});
    transaction.put(world.work.id, "b", blob, "", {}, {});
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  const auto members = world.members(world.work.id);
  REQUIRE(members.size() == 1);
  CHECK(members[0].bytes == "one");
  CHECK(world.collection(world.work.id).modseq == 1);
}

TEST_CASE("a reading transaction refuses to write") {
  World world(GENERATE(from_range(backends())));
  CHECK_THROWS_AS(world.store->read([&](Transaction& transaction) { transaction.touch(world.work.id); }),
                  std::logic_error);
  CHECK(world.collection(world.work.id).modseq == 0);
}

TEST_CASE("verbs can be called from within a row callback") {
  World world(GENERATE(from_range(backends())));
  for (const char* name : {"a", "b", "c"}) world.put(name, name);
  int pairs = 0;
  world.store->read([&](Transaction& transaction) {
    transaction.for_each_member(world.work.id, WithBytes::no, [&](const Member& outer) {
      CHECK(transaction.content(outer).bytes == outer.name);
      transaction.for_each_member(world.work.id, WithBytes::no, [&](const Member&) { ++pairs; });
    });
  });
  CHECK(pairs == 9);
}

TEST_CASE("a renamed member keeps its id, leaves a tombstone, and loses its locks but not its properties") {
  World world(GENERATE(from_range(backends())));
  const Member old = world.put("a", "one", "uid");
  const Member moved = world.store->write([&](Transaction& transaction) {
    transaction.set_property(world.work.id, old.id, {"DAV:", "p", "<p/>"});
    transaction.add_lock({"urn:1", world.work.id, old.id, world.ada.id, true, false, "", "/a", transaction.now() + 60});
    return transaction.move(*transaction.member(world.work.id, "a"), world.work.id, "b", {world.ada.id, 0});
  });
  CHECK(moved.id == old.id);
  CHECK(moved.number > old.number);
  const auto changes = world.changes(world.work.id, 1);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].name == "a");
  CHECK(changes[0].deleted);
  CHECK(changes[1].name == "b");
  CHECK_FALSE(changes[1].deleted);
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.properties(world.work.id, moved.id).size() == 1);
    CHECK_FALSE(transaction.lock("urn:1"));
    CHECK(transaction.member_with_uid(world.work.id, "uid")->name == "b");
    CHECK(transaction.content(moved).bytes == "one");
  });
  // And back: the name's own tombstone doesn't stand in the way.
  world.store->write([&](Transaction& transaction) {
    transaction.move(*transaction.member(world.work.id, "b"), world.work.id, "a", {world.ada.id, 0});
  });
  CHECK(world.members(world.work.id).size() == 1);
  CHECK(world.changes(world.work.id, 0).size() == 2);
}

TEST_CASE("a copy shares the bytes, has the properties, and is a resource of its own") {
  World world(GENERATE(from_range(backends())));
  const Member old = world.put("a", "one");
  const Member copied = world.store->write([&](Transaction& transaction) {
    transaction.set_property(world.work.id, old.id, {"DAV:", "p", "<p/>"});
    transaction.add_lock({"urn:1", world.work.id, old.id, world.ada.id, true, false, "", "/a", transaction.now() + 60});
    return transaction.copy(*transaction.member(world.work.id, "a"), world.work.id, "b", {world.ada.id, 0});
  });
  CHECK(copied.id != old.id);
  CHECK(copied.etag == old.etag);
  world.put("a", "two");
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.properties(world.work.id, copied.id).size() == 1);
    CHECK(transaction.locks_on(world.work.id, copied.id).empty());
    CHECK(transaction.locks_on(world.work.id, old.id).size() == 1);
    CHECK(transaction.content(copied).bytes == "one");
  });
}
