// Sync that cannot lie, with many writers: threads of one process, and two processes on one database.
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <thread>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

constexpr Actor nobody{};

void together(int threads, const std::function<void(int)>& run) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back([&run, i] { run(i); });
  for (auto& thread : all) thread.join();
}

}  // namespace

TEST_CASE("a reader that has seen a modseq never finds a new change at or below it") {
  World world(GENERATE(from_range(backends())));
  const auto second = world.place->open();
  constexpr int writers = 6;
  constexpr int puts = 40;
  std::atomic<int> running = writers;
  std::atomic<int> faults = 0;

  std::vector<std::thread> readers;
  for (Store* store : {world.store.get(), second.get()}) {
    readers.emplace_back([&, store] {
      Modseq seen = 0;
      std::int64_t count = 0;
      for (bool last = false; !last;) {
        last = running == 0;
        store->read([&](Transaction& transaction) {
          const Modseq modseq = transaction.collection(world.work.id)->modseq;
          Modseq expected = seen;
          // Every put is of a new name, so the changes since the last look are exactly the numbers between.
          transaction.changes(world.work.id, seen, -1, WithBytes::no, [&](const Member& member) {
            if (member.modseq != ++expected) ++faults;
            ++count;
          });
          if (expected != modseq || count != modseq) ++faults;
          seen = modseq;
        });
      }
      if (seen != writers * puts) ++faults;
    });
  }
  together(writers, [&](int writer) {
    Store& store = writer % 2 == 0 ? *world.store : *second;
    for (int i = 0; i < puts; ++i) {
      const std::string name = std::to_string(writer) + "-" + std::to_string(i);
      const StagedBlob blob = store.stage(Spool(name, store.spool_directory()));
      store.write([&](Transaction& transaction) { transaction.put(world.work.id, name, blob, "", {}, nobody); });
    }
    --running;
  });
  for (auto& reader : readers) reader.join();
  CHECK(faults == 0);
  CHECK(world.members(world.work.id).size() == writers * puts);
  CHECK(world.collection(world.home.id).modseq == writers * puts + 1);
}

TEST_CASE("of those who race to make or change one name, exactly one wins") {
  World world(GENERATE(from_range(backends())));
  const auto second = world.place->open();
  for (int round = 0; round < 20; ++round) {
    const std::string name = "n" + std::to_string(round);
    std::atomic<int> created = 0;
    std::atomic<int> changed = 0;
    const auto race = [&](std::atomic<int>& winners, const std::string& expected_etag) {
      together(4, [&](int racer) {
        Store& store = racer % 2 == 0 ? *world.store : *second;
        const StagedBlob blob = store.stage(Spool(std::to_string(racer), store.spool_directory()));
        const bool won = store.write([&](Transaction& transaction) {
          const auto member = transaction.member(world.work.id, name);
          if ((member ? member->etag : "") != expected_etag) return false;
          transaction.put(world.work.id, name, blob, "", {name, ""}, nobody);
          return true;
        });
        if (won) ++winners;
      });
    };
    race(created, "");
    REQUIRE(created == 1);
    world.put(name, "known", name);
    race(changed, world.stage("known").etag());
    REQUIRE(changed == 1);
  }
}

TEST_CASE("who has taken a lock sees no change that didn't know of it") {
  World world(GENERATE(from_range(backends())));
  const auto second = world.place->open();
  for (int round = 0; round < 20; ++round) {
    const std::string name = "n" + std::to_string(round);
    const Member made = world.put(name, "before");
    std::string seen;
    together(2, [&](int racer) {
      if (racer == 0) {
        const StagedBlob blob = world.stage("after");
        world.store->write([&](Transaction& transaction) {
          if (transaction.locks_covering(world.work.id, made.id).empty()) {
            transaction.put(world.work.id, name, blob, "", {}, nobody);
          }
        });
      } else {
        seen = second->write([&](Transaction& transaction) {
          const std::string etag = transaction.member(world.work.id, name)->etag;
          transaction.add_lock(
              {"urn:" + name, world.work.id, made.id, world.ada.id, true, false, "", "/", transaction.now() + 60});
          return etag;
        });
      }
    });
    const auto members = world.members(world.work.id);
    for (const Member& member : members) {
      if (member.name == name) REQUIRE(member.etag == seen);
    }
  }
}

TEST_CASE("moves in opposite directions between two accounts all succeed") {
  World world(GENERATE(from_range(backends())));
  const auto second = world.place->open();
  const auto [left, right] = world.store->write([&](Transaction& transaction) {
    Account wanted;
    wanted.name = "bob";
    const Account bob = transaction.create_account(wanted);
    return std::pair(transaction.home(world.ada.id, CollectionKind::file_home)->id,
                     transaction.home(bob.id, CollectionKind::file_home)->id);
  });
  world.put(left, "a", "12345");
  world.put(right, "b", "123");
  together(2, [&](int mover) {
    Store& store = mover == 0 ? *world.store : *second;
    const std::string name = mover == 0 ? "a" : "b";
    for (int i = 0; i < 15; ++i) {
      store.write([&](Transaction& transaction) {
        const bool on_the_left = transaction.member(left, name).has_value();
        const Id from = on_the_left ? left : right;
        transaction.move(transaction.member(from, name).value(), on_the_left ? right : left, name, nobody);
      });
    }
  });
  CHECK(world.members(left).size() == 1);
  CHECK(world.members(left)[0].name == "b");
  CHECK(world.members(right).size() == 1);
  world.store->read([&](Transaction& transaction) {
    CHECK(transaction.used(world.ada.id) == 3);
    CHECK(transaction.used(transaction.account_named("bob")->id) == 5);
  });
}

TEST_CASE("a hint of where a write goes may be wrong") {
  World world(GENERATE(from_range(backends())));
  const Id bobs = world.store->write([&](Transaction& transaction) {
    Account wanted;
    wanted.name = "bob";
    return transaction.home(transaction.create_account(wanted).id, CollectionKind::file_home)->id;
  });
  constexpr int writers = 6;
  constexpr int puts = 20;
  together(writers, [&](int writer) {
    for (int i = 0; i < puts; ++i) {
      const std::string name = std::to_string(writer) + "-" + std::to_string(i);
      const StagedBlob blob = world.stage(name);
      const Id into = (writer + i) % 3 == 0 ? bobs : world.work.id;
      world.store->write([&](Transaction& transaction) { transaction.put(into, name, blob, "", {}, nobody); },
                         "somewhere");
    }
  });
  CHECK(world.members(world.work.id).size() + world.members(bobs).size() == writers * puts);
  CHECK(world.collection(bobs).modseq == writers * puts / 3);
}

TEST_CASE("a quota holds against writers in different homes at the same time") {
  World world(GENERATE(from_range(backends())));
  const Id files = world.store->write([&](Transaction& transaction) {
    Account account = *transaction.account(world.ada.id);
    account.quota = 1000;
    transaction.update_account(account);
    return transaction.home(world.ada.id, CollectionKind::file_home)->id;
  });
  std::atomic<int> refused = 0;
  together(4, [&](int writer) {
    for (int i = 0; i < 10; ++i) {
      try {
        world.put(writer % 2 == 0 ? files : world.work.id, std::to_string(writer * 100 + i), std::string(100, 'x'));
      } catch (const QuotaExceeded&) {
        ++refused;
      }
    }
  });
  CHECK(refused == 30);
  CHECK(world.store->read([&](Transaction& transaction) { return transaction.used(world.ada.id); }) == 1000);
}

TEST_CASE("one write among many that throws takes nothing of the others back") {
  World world(GENERATE(from_range(backends())));
  std::atomic<int> thrown = 0;
  together(8, [&](int writer) {
    for (int i = 0; i < 10; ++i) {
      const std::string name = std::to_string(writer) + "-" + std::to_string(i);
      const StagedBlob blob = world.stage(name);
      try {
        world.store->write([&](Transaction& transaction) {
          transaction.put(world.work.id, name, blob, "", {}, nobody);
          if (i % 2 == 1) throw std::runtime_error("no");
        });
      } catch (const std::runtime_error&) {
        ++thrown;
      }
    }
  });
  CHECK(thrown == 40);
  CHECK(world.members(world.work.id).size() == 40);
  CHECK(world.collection(world.work.id).modseq == 40);
}

TEST_CASE("notices follow the commit, on this node and on others") {
  World world(GENERATE(from_range(backends())));
  const auto second = world.place->open();
  std::mutex mutex;
  std::map<Id, Modseq> here;
  std::map<Id, Modseq> there;
  const auto into = [&](std::map<Id, Modseq>& seen) {
    return [&](const Notice& notice) {
      const std::lock_guard lock(mutex);
      if (notice.account == world.ada.id) seen[notice.collection] = std::max(seen[notice.collection], notice.modseq);
    };
  };
  const auto reached = [&](std::map<Id, Modseq>& seen, Modseq modseq) {
    const std::lock_guard lock(mutex);
    return seen[world.work.id] >= modseq && seen[world.home.id] >= modseq + 1;
  };
  const auto first = world.store->subscribe(into(here));
  auto other = second->subscribe(into(there));
  world.put("a", "1");
  CHECK(reached(here, 1));
  // A process that has just started to listen may miss the first ones; it hears all that come later.
  if (world.place->postgres()) {
    Modseq modseq = 1;
    CHECK(testing::eventually([&] {
      modseq = world.put("a", std::to_string(modseq)).modseq;
      return reached(there, 1);
    }));
    const Modseq last = world.put("a", "last").modseq;
    CHECK(testing::eventually([&] { return reached(there, last); }));
  }
  other.reset();
  {
    const std::lock_guard lock(mutex);
    there.clear();
  }
  CHECK_THROWS(world.store->write([&](Transaction& transaction) {
    transaction.touch(world.work.id);
    throw std::runtime_error("no");
  }));
  const Modseq last = world.put("b", "1").modseq;
  CHECK(reached(here, last));
  const std::lock_guard lock(mutex);
  CHECK(here[world.work.id] == last);
  CHECK(there.empty());
}

TEST_CASE("readers have one snapshot while others write") {
  World world(GENERATE(from_range(backends())));
  world.put("a", "1");
  world.store->read([&](Transaction& transaction) {
    const Modseq before = transaction.collection(world.work.id)->modseq;
    std::thread([&] { world.put("b", "1"); }).join();
    CHECK(transaction.collection(world.work.id)->modseq == before);
    CHECK_FALSE(transaction.member(world.work.id, "b"));
  });
  CHECK(world.members(world.work.id).size() == 2);
}

TEST_CASE("a write within a write is refused instead of waiting for itself") {
  World world(GENERATE(from_range(backends())));
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    transaction.touch(world.work.id);
    world.store->write([&](Transaction& inner) { inner.touch(world.work.id); });
  }),
                  std::logic_error);
  world.put("a", "1");
}

TEST_CASE("writes that wait for each other share commits") {
  World world(GENERATE(from_range(backends())));
  constexpr int others = 5;
  const StoreFigures before = world.store->figures();
  std::vector<std::thread> threads;
  world.store->write([&](Transaction& transaction) {
    transaction.touch(world.work.id);
    if (!threads.empty()) return;
    for (int i = 0; i < others; ++i) {
      threads.emplace_back([&] { world.store->write([&](Transaction& inner) { inner.touch(world.work.id); }); });
    }
    CHECK(testing::eventually([&] { return world.store->figures().queued == others; }));
  });
  for (auto& thread : threads) thread.join();
  const StoreFigures after = world.store->figures();
  CHECK(after.writes - before.writes == others + 1);
  CHECK(after.commits - before.commits <= 2);
  CHECK(world.collection(world.work.id).modseq == others + 1);
}

TEST_CASE("a refusal among writes that share a commit is for its own thread alone, and so is one for two homes") {
  World world(GENERATE(from_range(backends())));
  const Id files = world.store->read(
      [&](Transaction& transaction) { return transaction.home(world.ada.id, CollectionKind::file_home)->id; });
  world.put("moved", "1");
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  world.store->write([&](Transaction& transaction) {
    transaction.touch(world.work.id);
    if (!threads.empty()) return;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] { world.store->write([&](Transaction& inner) { inner.touch(world.work.id); }); });
      threads.emplace_back([&] {
        try {
          world.store->write([&](Transaction& inner) {
            inner.touch(world.work.id);
            throw std::runtime_error("no");
          });
        } catch (const std::runtime_error&) {
          ++refused;
        }
      });
    }
    threads.emplace_back([&] {
      world.store->write(
          [&](Transaction& inner) { inner.move(inner.member(world.work.id, "moved").value(), files, "here", nobody); });
    });
    CHECK(testing::eventually([&] { return world.store->figures().queued == 5; }));
  });
  for (auto& thread : threads) thread.join();
  CHECK(refused == 2);
  CHECK(world.collection(world.work.id).modseq == 5);
  CHECK(world.members(files).size() == 1);
  CHECK(world.members(world.work.id).empty());
}
