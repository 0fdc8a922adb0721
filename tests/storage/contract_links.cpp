// Secret links: a secret leads to its collection until it is revoked, expires, or the collection goes.
#include <catch2/catch.hpp>

#include "storage/links.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

struct Linked : World {
  explicit Linked(const testing::Backend& backend) : World(backend) {
    secret = make({0, work.id, "for Ben", true, 0, {}, {}});
  }

  std::string make(const Link& wanted) {
    return store->write([&](Transaction& transaction) { return create_link(transaction, wanted); });
  }
  std::optional<Link> find(const std::string& text) {
    return store->read([&](Transaction& transaction) { return find_link(transaction, text); });
  }
  std::vector<Link> list(Id account) {
    return store->read([&](Transaction& transaction) { return links_of(transaction, account); });
  }
  bool revoke(Id account, Id link) {
    return store->write([&](Transaction& transaction) { return revoke_link(transaction, account, link); });
  }

  std::string secret;
};

}  // namespace

TEST_CASE("a link is found by its secret, and by nothing else") {
  Linked world(GENERATE(from_range(backends())));
  CHECK(world.secret.size() == 32);
  const auto found = world.find(world.secret);
  REQUIRE(found);
  CHECK(found->collection == world.work.id);
  CHECK(found->label == "for Ben");
  CHECK(found->busy_only);
  CHECK_FALSE(found->last_used);
  CHECK_FALSE(world.find(""));
  CHECK_FALSE(world.find(world.secret + " "));
  CHECK_FALSE(world.find(std::string(32, 'a')));
  CHECK(world.make({0, world.work.id, "", false, 0, {}, {}}) != world.secret);
  CHECK(world.list(world.ada.id).size() == 2);
}

TEST_CASE("a link ends when it is revoked, by its own account alone") {
  Linked world(GENERATE(from_range(backends())));
  const Id id = world.list(world.ada.id).at(0).id;
  CHECK_FALSE(world.revoke(world.ada.id + 1000, id));
  CHECK(world.find(world.secret));
  CHECK(world.revoke(world.ada.id, id));
  CHECK_FALSE(world.revoke(world.ada.id, id));
  CHECK_FALSE(world.find(world.secret));
  CHECK(world.list(world.ada.id).empty());
}

TEST_CASE("a link ends when its time is over") {
  Linked world(GENERATE(from_range(backends())));
  const Timestamp now = world.store->read([](Transaction& transaction) { return transaction.now(); });
  CHECK_FALSE(world.find(world.make({0, world.work.id, "", false, 0, now - 1, {}})));
  CHECK(world.find(world.make({0, world.work.id, "", false, 0, now + 1000, {}})));
}

TEST_CASE("a link ends with its collection and goes with it to another name") {
  Linked world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    const Member entry = transaction.member(world.work.parent, world.work.name).value();
    transaction.move(entry, world.work.parent, "renamed", {});
  });
  CHECK(world.find(world.secret)->collection == world.work.id);
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(world.work.id, {}); });
  CHECK_FALSE(world.find(world.secret));
  CHECK(world.list(world.ada.id).empty());
}

TEST_CASE("a link remembers its last use") {
  Linked world(GENERATE(from_range(backends())));
  const Link link = world.find(world.secret).value();
  world.store->write([&](Transaction& transaction) { link_used(transaction, link.id); });
  CHECK(world.find(world.secret)->last_used >= link.created);
}
