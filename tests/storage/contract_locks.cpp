// RFC 4918 6 and 7.
#include <catch2/catch.hpp>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

struct Tree : World {
  explicit Tree(const testing::Backend& backend) : World(backend) {
    store->write([&](Transaction& transaction) {
      top = transaction.home(ada.id, CollectionKind::file_home)->id;
      folder = transaction.create_collection(top, CollectionKind::folder, "folder").id;
      below = transaction.create_collection(folder, CollectionKind::folder, "below").id;
    });
    file = put(below, "file", "1").id;
    other = put(below, "other", "1").id;
  }

  void lock(const std::string& token, Id collection, Id member, bool infinite, Timestamp seconds = 60) {
    store->write([&](Transaction& transaction) {
      transaction.add_lock({token, collection, member, ada.id, true, infinite, "<href>me</href>", "/folder",
                            transaction.now() + seconds});
    });
  }

  template <class F>
  std::string tokens(F list) {
    std::string tokens;
    store->read([&](Transaction& transaction) {
      for (const Lock& each : list(transaction)) tokens += each.token + " ";
    });
    return tokens;
  }
  std::string on(Id collection, Id member) {
    return tokens([&](Transaction& transaction) { return transaction.locks_on(collection, member); });
  }
  std::string covering(Id collection, Id member) {
    return tokens([&](Transaction& transaction) { return transaction.locks_covering(collection, member); });
  }
  std::string under(Id collection) {
    return tokens([&](Transaction& transaction) { return transaction.locks_below(collection); });
  }

  Id top = 0, folder = 0, below = 0, file = 0, other = 0;
};

}  // namespace

TEST_CASE("a lock comes back as it was given") {
  Tree tree(GENERATE(from_range(backends())));
  Lock given{"urn:uuid:1", tree.below, tree.file, tree.ada.id, false, true, "<owner/>", "/root", 0};
  tree.store->write([&](Transaction& transaction) {
    given.expires = transaction.now() + 100;
    transaction.add_lock(given);
  });
  const auto lock = tree.store->read([](Transaction& transaction) { return transaction.lock("urn:uuid:1"); });
  REQUIRE(lock);
  CHECK(lock->collection == given.collection);
  CHECK(lock->member == given.member);
  CHECK(lock->account == given.account);
  CHECK_FALSE(lock->exclusive);
  CHECK(lock->infinite);
  CHECK(lock->owner == given.owner);
  CHECK(lock->root == given.root);
  CHECK(lock->expires == given.expires);
}

TEST_CASE("infinite locks cover what is below, others do not") {
  Tree tree(GENERATE(from_range(backends())));
  tree.lock("file", tree.below, tree.file, false);
  tree.lock("infinite", tree.folder, 0, true);
  tree.lock("zero", tree.below, 0, false);
  CHECK(tree.on(tree.below, tree.file) == "file ");
  CHECK(tree.on(tree.below, 0) == "zero ");
  CHECK(tree.on(tree.folder, 0) == "infinite ");
  CHECK(tree.covering(tree.below, tree.file) == "file infinite ");
  CHECK(tree.covering(tree.below, tree.other) == "infinite ");
  CHECK(tree.covering(tree.below, 0) == "zero infinite ");
  CHECK(tree.covering(tree.folder, 0) == "infinite ");
  CHECK(tree.covering(tree.top, 0) == "");
}

TEST_CASE("locks below a collection are those of its members and of all under them, not its own") {
  Tree tree(GENERATE(from_range(backends())));
  tree.lock("file", tree.below, tree.file, false);
  tree.lock("folder", tree.folder, 0, true);
  tree.lock("zero", tree.below, 0, false);
  CHECK(tree.under(tree.top) == "file folder zero ");
  CHECK(tree.under(tree.folder) == "file zero ");
  CHECK(tree.under(tree.below) == "file ");
}

TEST_CASE("an expired lock is gone; refreshing keeps one") {
  Tree tree(GENERATE(from_range(backends())));
  tree.lock("old", tree.below, tree.file, false, -1);
  tree.lock("infinite", tree.folder, 0, true, 0);
  tree.lock("kept", tree.below, tree.other, false, 1);
  tree.store->write([](Transaction& transaction) { transaction.refresh_lock("kept", transaction.now() + 1000); });
  CHECK(tree.covering(tree.below, tree.file) == "");
  CHECK(tree.under(tree.top) == "kept ");
  CHECK_FALSE(tree.store->read([](Transaction& transaction) { return transaction.lock("old"); }));
  CHECK(tree.store->read([](Transaction& transaction) { return transaction.lock("kept"); }));
  tree.store->tidy(std::chrono::seconds(10));
  CHECK(tree.under(tree.top) == "kept ");
  tree.store->write([](Transaction& transaction) { transaction.remove_lock("kept"); });
  CHECK(tree.under(tree.top) == "");
}

TEST_CASE("a lock goes with its member, and stays when the member is replaced") {
  Tree tree(GENERATE(from_range(backends())));
  tree.lock("file", tree.below, tree.file, false);
  tree.put(tree.below, "file", "2");
  CHECK(tree.on(tree.below, tree.file) == "file ");
  tree.store->write([&](Transaction& transaction) { transaction.remove(*transaction.member(tree.below, "file"), {}); });
  CHECK(tree.under(tree.top) == "");
}

TEST_CASE("locks survive a restart") {
  Tree tree(GENERATE(from_range(backends())));
  tree.lock("file", tree.below, tree.file, false);
  tree.store.reset();
  tree.store = tree.place->open();
  CHECK(tree.on(tree.below, tree.file) == "file ");
}
