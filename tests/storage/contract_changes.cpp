// RFC 6578 and the promises of sync: what a reader with a token is told.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr Actor nobody{};

/// What a client has after the given changes: name to entity tag.
void apply(std::map<std::string, std::string>& client, const std::vector<Member>& changes) {
  for (const Member& change : changes) {
    if (change.deleted) {
      client.erase(change.name);
    } else {
      client[change.name] = change.child != 0 ? "collection" : change.etag;
    }
  }
}

std::vector<std::string> told(const std::vector<Member>& changes) {
  std::vector<std::string> lines;
  for (const Member& change : changes) lines.push_back((change.deleted ? "-" : "+") + change.name);
  return lines;
}

/// One random change of a collection of objects and folders; `model` follows.
class Changer {
 public:
  Changer(World& world, Id collection, unsigned seed) : world_(world), collection_(collection), random_(seed) {}

  void step(std::map<std::string, std::string>& model) {
    const std::string name = any_name();
    const std::string other = any_name();
    const StagedBlob blob = world_.stage(std::to_string(random_() % 20));
    world_.store->write([&](Transaction& transaction) {
      const auto member = transaction.member(collection_, name);
      switch (random_() % 8) {
        case 0:
          if (member) remove(transaction, *member, model);
          break;
        case 1:
          if (member && !transaction.member(collection_, other)) {
            model[other] = model.at(name);
            model.erase(name);
            transaction.move(*member, collection_, other, nobody);
          }
          break;
        case 2:
          if (member && !transaction.member(collection_, other)) {
            model[other] = model.at(name);
            transaction.copy(*member, collection_, other, nobody);
          }
          break;
        case 3:
          if (member) transaction.touch_member(collection_, member->id);
          break;
        case 4:
          if (!member) {
            transaction.create_collection(collection_, CollectionKind::folder, name);
            model[name] = "collection";
          } else if (member->child != 0) {
            transaction.put(member->child, "below", blob, "", {}, nobody);
          }
          break;
        case 5:
          transaction.touch(collection_);
          break;
        default:
          if (!member || member->child == 0) {
            transaction.put(collection_, name, blob, "", {}, nobody);
            model[name] = blob.etag();
          }
      }
    });
  }

  unsigned random() { return static_cast<unsigned>(random_()); }

 private:
  static void remove(Transaction& transaction, const Member& member, std::map<std::string, std::string>& model) {
    transaction.remove(member, nobody);
    model.erase(member.name);
  }
  std::string any_name() { return std::string(1, static_cast<char>('a' + random_() % 12)); }

  World& world_;
  Id collection_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("changes come in the order of their modseq, each name once, with its present state") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1");
  world.put("b", "1");
  world.put("a", "2");
  world.put("c", "1");
  world.remove("b");
  CHECK(told(world.changes(world.work.id, 0)) == std::vector<std::string>{"+a", "+c", "-b"});
  CHECK(told(world.changes(world.work.id, 3)) == std::vector<std::string>{"+c", "-b"});
  CHECK(told(world.changes(world.work.id, 4)) == std::vector<std::string>{"-b"});
  CHECK(world.changes(world.work.id, 5).empty());
  CHECK(told(world.changes(world.work.id, 0, 2)) == std::vector<std::string>{"+a", "+c"});
  CHECK(world.changes(world.work.id, 0, 0).empty());
}

TEST_CASE("a member both added and removed since is told as removed") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1");
  world.remove("a");
  CHECK(told(world.changes(world.work.id, 0)) == std::vector<std::string>{"-a"});
}

TEST_CASE("changes can bring the bytes") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "bytes of a");
  world.put("b", "b");
  world.remove("b");
  std::vector<std::string> bytes;
  world.store->read([&](Transaction& transaction) {
    transaction.changes(world.work.id, 0, -1, WithBytes::yes,
                        [&](const Member& member) { bytes.push_back(member.bytes); });
  });
  CHECK(bytes == std::vector<std::string>{"bytes of a", ""});
}

TEST_CASE("random changes, random tokens and limits: a client that pages ends where the server is") {
  World world(GENERATE(from_range(backends())));
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  const Id files = world.store->read(
      [&](Transaction& transaction) { return transaction.home(world.ada.id, CollectionKind::file_home)->id; });
  Changer changer(world, files, seed);
  std::map<std::string, std::string> model;
  struct Client {
    Modseq token = 0;
    std::map<std::string, std::string> members;
  };
  std::vector<Client> clients(4);

  for (int round = 0; round < 250; ++round) {
    for (unsigned i = changer.random() % 4; i > 0; --i) changer.step(model);
    Client& client = clients[changer.random() % clients.size()];
    const auto limit = static_cast<std::int64_t>(1 + changer.random() % 5);
    // Each page may see a newer state than the one before.
    for (bool more = true; more;) {
      const auto page = world.changes(files, client.token, limit);
      std::set<std::string> names;
      for (const Member& change : page) {
        REQUIRE(change.modseq > client.token);
        REQUIRE(names.insert(change.name).second);
        client.token = change.modseq;
      }
      apply(client.members, page);
      more = static_cast<std::int64_t>(page.size()) == limit;
      if (more && changer.random() % 4 == 0) changer.step(model);
    }
    client.token = world.collection(files).modseq;
    REQUIRE(client.members == model);
  }
  std::map<std::string, std::string> present;
  for (const Member& member : world.members(files)) {
    present[member.name] = member.child != 0 ? "collection" : member.etag;
  }
  CHECK(present == model);
}

TEST_CASE("pages of any size give exactly the full list") {
  World world(GENERATE(from_range(backends())));
  const StagedBlob blob = world.stage("x");
  for (int batch = 0; batch < 15; ++batch) {
    world.store->write([&](Transaction& transaction) {
      for (int i = batch; i < 1500; i += 15) {
        const std::string name = std::to_string(i * 7919 % 1500);
        const Member member = transaction.put(world.work.id, name, blob, "", {}, nobody);
        if (i % 3 == 0) transaction.remove(member, nobody);
      }
    });
  }
  const auto full = told(world.changes(world.work.id, 0));
  CHECK(full.size() == 1500);
  for (const std::int64_t limit : {1, 7, 1000, 1001, 5000}) {
    std::vector<std::string> paged;
    Modseq token = 0;
    for (auto page = world.changes(world.work.id, token, limit); !page.empty();
         page = world.changes(world.work.id, token, limit)) {
      const auto lines = told(page);
      paged.insert(paged.end(), lines.begin(), lines.end());
      token = page.back().modseq;
    }
    CHECK(paged == full);
  }
}

TEST_CASE("tombstones go by their age, and the floor tells which tokens have lost them") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1");
  world.put("b", "1");
  world.remove("a");
  world.put("c", "1");
  auto options = world.place->options();
  open_store(options)->tidy(std::chrono::seconds(10));
  CHECK(told(world.changes(world.work.id, 0)) == std::vector<std::string>{"+b", "-a", "+c"});
  CHECK(world.collection(world.work.id).tombstone_floor == 0);
  options.tombstone_seconds = -10;
  open_store(options)->tidy(std::chrono::seconds(10));
  CHECK(told(world.changes(world.work.id, 0)) == std::vector<std::string>{"+b", "+c"});
  CHECK(world.collection(world.work.id).tombstone_floor == 3);
  CHECK(world.collection(world.work.id).modseq == 4);
}

TEST_CASE("the epoch stays, and changes when told to") {
  World world(GENERATE(from_range(backends())));
  const auto epoch = [&] { return world.store->read([](Transaction& transaction) { return transaction.epoch(); }); };
  const std::string first = epoch();
  CHECK(first.size() >= 16);
  const auto again = world.place->open();
  CHECK(again->read([](Transaction& transaction) { return transaction.epoch(); }) == first);
  world.store->write([](Transaction& transaction) { transaction.new_epoch(); });
  CHECK(epoch() != first);
}
