#include <catch2/catch.hpp>

#include "storage/check.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

ObjectFacts card(const std::string& uid, const std::string& component = "VCARD") { return {uid, component}; }

std::int64_t used(World& world) {
  return world.store->read([&](Transaction& transaction) { return transaction.account(world.ada.id)->used; });
}

}  // namespace

TEST_CASE("what is in a merged address book counts where it is from, and there alone") {
  World world(GENERATE(from_range(backends())));
  const StagedBlob ten = world.store->stage(Spool(std::string_view("0123456789")));
  const auto [book, merged] = world.store->write([&](Transaction& transaction) {
    const auto home = *transaction.home(world.ada.id, CollectionKind::addressbook_home);
    const Id first = transaction.create_collection(home.id, CollectionKind::addressbook, "first").id;
    const Id second = transaction.create_collection(home.id, CollectionKind::addressbook, "second").id;
    CHECK(!transaction.merged_seen(second));
    transaction.set_merged(second, 7);
    CHECK(transaction.merged_seen(second) == 7);
    CHECK(transaction.collection(second)->keeper == Keeper::merged);
    return std::pair(first, second);
  });
  world.store->write([&](Transaction& transaction) {
    const Member kept = transaction.put(book, "a.vcf", ten, "text/vcard", card("a"), {});
    transaction.copy(kept, merged, "a.vcf", {});
  });
  CHECK(used(world) == 10);
  world.store->write([&](Transaction& transaction) {
    transaction.put(book, "b.vcf", ten, "text/vcard", card("b"), {});
    transaction.copy(*transaction.member(book, "b.vcf"), merged, "b.vcf", {});
    transaction.remove(*transaction.member(merged, "a.vcf"), {});
  });
  CHECK(used(world) == 20);
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(merged, {}); });
  CHECK(used(world) == 20);
  CHECK(world.store->read([&](Transaction& transaction) { return !transaction.merged_seen(merged); }));
}

TEST_CASE("the groups of an address book are found among its cards") {
  World world(GENERATE(from_range(backends())));
  const StagedBlob bytes = world.store->stage(Spool(std::string_view("x")));
  const auto names = world.store->write([&](Transaction& transaction) {
    const auto home = *transaction.home(world.ada.id, CollectionKind::addressbook_home);
    const Id book = transaction.create_collection(home.id, CollectionKind::addressbook, "book").id;
    for (const std::string name : {"c", "a", "b"}) {
      transaction.put(book, name, bytes, "text/vcard", card(name, name == "b" ? "VCARD" : "GROUP"), {});
    }
    transaction.put(book, "d", bytes, "text/vcard", card("d", "GROUP"), {});
    transaction.remove(*transaction.member(book, "d"), {});
    std::vector<std::string> found;
    for (const Member& group : transaction.groups_in(book)) found.push_back(group.name);
    return found;
  });
  CHECK(names == std::vector<std::string>{"a", "c"});
}
