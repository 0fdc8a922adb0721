// RFC 8607: bytes that objects refer to, counted by the objects that do.
#include <catch2/catch.hpp>

#include "storage/check.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

struct Attached : World {
  explicit Attached(const testing::Backend& backend) : World(backend) {
    event = put("1.ics", "event", "1");
    file = add("the minutes");
    use(event, {file.id});
  }

  Attachment add(const std::string& bytes) {
    const StagedBlob blob = stage(bytes);
    return store->write([&](Transaction& transaction) {
      return transaction.add_attachment(ada.id, blob, "minutes.txt", "text/plain");
    });
  }
  void use(const Member& member, const std::vector<Id>& attachments) {
    store->write([&](Transaction& transaction) { transaction.use_attachments(member, attachments); });
  }
  std::optional<Attachment> find(const Attachment& attachment) {
    return store->read([&](Transaction& transaction) { return transaction.attachment(attachment.managed_id); });
  }
  std::int64_t used() {
    return store->read([&](Transaction& transaction) { return transaction.used(ada.id); });
  }
  /// What a check finds.
  std::string faults() {
    std::string all;
    const auto derive = [](CollectionKind, std::string_view) { return std::optional<ObjectFacts>(); };
    check(*store, derive, "", [&](const Difference& difference) {
      if (difference.what != "its bytes can't be read") all += difference.where + ": " + difference.what + "\n";
    });
    return all;
  }

  Member event;
  Attachment file;
};

}  // namespace

TEST_CASE("an attachment comes back as it was given, by its managed id") {
  Attached world(GENERATE(from_range(backends())));
  const auto found = world.find(world.file);
  REQUIRE(found);
  CHECK(found->name == "minutes.txt");
  CHECK(found->media_type == "text/plain");
  CHECK(found->size == 11);
  CHECK(found->used);
  CHECK(found->etag == world.stage("the minutes").etag());
  CHECK(world.add("the minutes").managed_id != world.file.managed_id);
  CHECK_FALSE(world.store->read([](Transaction& transaction) { return transaction.attachment("none"); }));
  CHECK(world.faults().empty());
}

TEST_CASE("an attachment counts in the quota once, as long as an object uses it") {
  Attached world(GENERATE(from_range(backends())));
  CHECK(world.used() == 5 + 11);
  const Member other = world.put("2.ics", "another", "2");
  world.use(other, {world.file.id, world.file.id});
  CHECK(world.used() == 5 + 7 + 11);
  world.use(world.event, {});
  CHECK(world.find(world.file)->used);
  world.use(other, {});
  CHECK_FALSE(world.find(world.file)->used);
  CHECK(world.used() == 5 + 7);
  world.use(other, {world.file.id});
  CHECK(world.used() == 5 + 7 + 11);
  CHECK(world.faults().empty());
  world.store->write([&](Transaction& transaction) {
    Account account = *transaction.account(world.ada.id);
    account.quota = 30;
    transaction.update_account(account);
  });
  const Attachment large = world.add(std::string(20, 'x'));
  CHECK_THROWS_AS(world.use(world.event, {large.id}), QuotaExceeded);
  CHECK(world.used() == 5 + 7 + 11);
}

TEST_CASE("uses go with an object that is copied, moved or removed") {
  Attached world(GENERATE(from_range(backends())));
  const Collection other = world.store->write([&](Transaction& transaction) {
    const Collection made = transaction.create_collection(world.home.id, CollectionKind::calendar, "other");
    const Member copied = transaction.copy(world.event, made.id, "copy.ics", {});
    transaction.remove(world.event, {});
    transaction.move(copied, made.id, "moved.ics", {});
    return made;
  });
  CHECK(world.find(world.file)->used);
  CHECK(world.faults().empty());
  world.store->write([&](Transaction& transaction) {
    transaction.copy(*transaction.member(world.home.id, "other"), world.home.id, "third", {});
    transaction.remove_collection(other.id, {});
  });
  CHECK(world.find(world.file)->used);
  CHECK(world.used() == 5 + 11);
  CHECK(world.faults().empty());
  world.store->write([&](Transaction& transaction) {
    transaction.remove_collection(transaction.member(world.home.id, "third")->child, {});
  });
  CHECK_FALSE(world.find(world.file)->used);
  CHECK(world.used() == 0);
  CHECK(world.faults().empty());
}

TEST_CASE("what nobody uses is removed after its time, with its bytes") {
  const auto backend = GENERATE(from_range(backends()));
  Attached world(backend);
  const Attachment kept = world.file;
  const Attachment dropped = world.add("never used");
  world.store->tidy(std::chrono::seconds(10));
  CHECK(world.find(dropped));
  world.place->execute("UPDATE attachment SET released = 1");
  world.store->tidy(std::chrono::seconds(10));
  CHECK_FALSE(world.find(dropped));
  CHECK(world.find(kept));
  CHECK(world.faults().empty());
}

TEST_CASE("an account takes its attachments with it") {
  Attached world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) { transaction.remove_account(world.ada.id); });
  CHECK_FALSE(world.find(world.file));
  CHECK(world.faults().empty());
}
