#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

std::vector<std::string> lines(const std::vector<Property>& properties) {
  std::vector<std::string> lines;
  for (const Property& property : properties) lines.push_back(property.ns + " " + property.name + " " + property.xml);
  return lines;
}

}  // namespace

TEST_CASE("properties are set, replaced, removed, and are told apart by namespace and name") {
  World world(GENERATE(from_range(backends())));
  const Member member = world.put("a", "1");
  const auto of = [&](Id id) {
    return lines(
        world.store->read([&](Transaction& transaction) { return transaction.properties(world.work.id, id); }));
  };
  world.store->write([&](Transaction& transaction) {
    transaction.set_property(world.work.id, 0, {"DAV:", "displayname", "<D:displayname/>"});
    transaction.set_property(world.work.id, member.id, {"urn:x", "P", "<first/>"});
    transaction.set_property(world.work.id, member.id, {"urn:x", "p", "<lower/>"});
    transaction.set_property(world.work.id, member.id, {"", "P", "<none/>"});
    transaction.set_property(world.work.id, member.id, {"urn:x", "P", "<x>\u00e9 & \U0001F600</x>"});
  });
  CHECK(of(0) == std::vector<std::string>{"DAV: displayname <D:displayname/>"});
  CHECK(of(member.id) ==
        std::vector<std::string>{" P <none/>", "urn:x P <x>\u00e9 & \U0001F600</x>", "urn:x p <lower/>"});
  world.store->write([&](Transaction& transaction) {
    transaction.remove_property(world.work.id, member.id, "urn:x", "P");
    transaction.remove_property(world.work.id, member.id, "urn:x", "is not there");
  });
  CHECK(of(member.id).size() == 2);
  // Setting takes no modseq: one PROPPATCH is one change, however many properties it sets.
  CHECK(world.collection(world.work.id).modseq == 1);
}

TEST_CASE("properties stay with a replaced member and go with a removed one") {
  World world(GENERATE(from_range(backends())));
  const Member first = world.put("a", "1");
  world.store->write([&](Transaction& transaction) {
    transaction.set_property(world.work.id, first.id, {"urn:x", "p", "<p/>"});
  });
  world.put("a", "2");
  const auto count = [&](Id id) {
    return world.store->read(
        [&](Transaction& transaction) { return transaction.properties(world.work.id, id).size(); });
  };
  CHECK(count(first.id) == 1);
  world.remove("a");
  const Member second = world.put("a", "1");
  CHECK(count(first.id) == 0);
  CHECK(count(second.id) == 0);
}

TEST_CASE("all properties of a collection's members come in the order of the members' ids") {
  World world(GENERATE(from_range(backends())));
  std::vector<Id> expected;
  for (const char* name : {"c", "a", "b"}) {
    const Id id = world.put(name, "1").id;
    world.store->write([&](Transaction& transaction) {
      transaction.set_property(world.work.id, id, {"urn:x", "p", name});
      transaction.set_property(world.work.id, id, {"urn:x", "q", name});
      transaction.set_property(world.work.id, 0, {"urn:x", "own", name});
    });
    expected.insert(expected.end(), {id, id});
  }
  std::vector<Id> seen;
  world.store->read([&](Transaction& transaction) {
    transaction.for_each_property(world.work.id, [&](Id member, const Property&) { seen.push_back(member); });
  });
  CHECK(seen == expected);
}
