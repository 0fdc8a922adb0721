// What is promised of SQLite alone: plans without scans, and what a full disk does.
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/sql/sqlite.h"
#include "storage/sql/tidy.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::Backend;
using testing::World;

namespace {

constexpr Actor nobody{};

/// Passes statements on, and keeps those whose plan reads a whole table.
class Explaining final : public sql::Connection {
 public:
  Explaining(sql::Connection& inner, const std::string& path) : inner_(inner) {
    sqlite3_open(path.c_str(), &database_);
  }
  ~Explaining() override { sqlite3_close(database_); }

  sql::Use prepare(const char* sql) override {
    if (seen_.insert(sql).second) explain(sql);
    return inner_.prepare(sql);
  }
  void execute(const std::string& sql) override { inner_.execute(sql); }
  sql::Dialect dialect() const override { return inner_.dialect(); }
  void hold(std::int64_t) override {}

  std::vector<std::string> scans;
  std::vector<std::string> searches;  ///< the other steps of all plans
  std::size_t statements() const { return seen_.size(); }

 private:
  void explain(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database_, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &statement, nullptr) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const std::string line = reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
      // Recursive tables hold the answer itself, and so does what was grouped for it.
      const std::set<std::string> harmless = {"SCAN below", "SCAN above", "SCAN CONSTANT ROW",    "SCAN store",
                                              "SCAN c",     "SCAN r",     "SCAN 2 CONSTANT ROWS", "SCAN (subquery-2)"};
      if (line.starts_with("SCAN") && !harmless.contains(line)) scans.push_back(line + " in " + sql);
      if (line.starts_with("SEARCH")) searches.push_back(line + " in " + sql);
    }
    sqlite3_finalize(statement);
  }

  sql::Connection& inner_;
  sqlite3* database_ = nullptr;
  std::set<std::string> seen_;
};

/// A store on that connection, without threads and group commit.
class ExplainingStore final : public Store {
 public:
  ExplainingStore(Explaining& connection, const BlobFiles& blobs) : connection_(connection), blobs_(blobs) {}
  StagedBlob stage(Spool content) override { return blobs_.stage(std::move(content)); }
  std::shared_ptr<void> subscribe(Notify) override { return nullptr; }
  void tidy(std::chrono::milliseconds) override {}
  StoreFigures figures() const override { return {}; }
  const std::string& spool_directory() const override { return nowhere_; }

 protected:
  void do_read(const Job& job) override { do_write(job, {}); }
  void do_write(const Job& job, std::string_view) override {
    Transaction transaction(connection_, blobs_, true);
    job(transaction);
  }

 private:
  Explaining& connection_;
  const BlobFiles& blobs_;
  std::string nowhere_ = "/tmp";
};

/// Every verb that reads or writes below an account, at least once.
void use_all_verbs(Transaction& t, const Account& ada, const StagedBlob& blob) {
  const Id home = t.home(ada.id, CollectionKind::file_home)->id;
  const Collection a = t.create_collection(home, CollectionKind::folder, "a");
  const Member file = t.put(a.id, "file", blob, "", {"uid", ""}, nobody);
  t.put(a.id, "file", blob, "", {"uid", ""}, nobody);
  t.member(a.id, "file", WithBytes::yes);
  t.member_with_uid(a.id, "uid");
  t.children(home);
  for (const auto with : {WithBytes::no, WithBytes::yes}) {
    t.for_each_member(a.id, with, [](const Member&) {});
    t.changes(a.id, 0, -1, with, [](const Member&) {});
  }
  t.set_property(a.id, file.id, {"urn:x", "p", "<p/>"});
  t.properties(a.id, file.id);
  t.for_each_property(a.id, [](Id, const Property&) {});
  t.remove_property(a.id, file.id, "urn:x", "p");
  t.add_lock({"urn:1", a.id, file.id, ada.id, true, false, "", "/", t.now() + 60});
  t.locks_covering(a.id, file.id);
  t.locks_below(home);
  t.refresh_lock("urn:1", t.now() - 1);
  t.lock("urn:1");
  t.remove_lock("urn:2");
  t.content(file);
  t.touch(a.id);
  t.touch_member(a.id, file.id);
  t.copy(*t.member(home, "a"), home, "b", nobody);
  t.copy(file, home, "file", nobody);
  t.move(*t.member(home, "b"), home, "c", nobody);
  t.remove(*t.member(a.id, "file"), nobody);
  t.move(*t.member(home, "file"), a.id, "moved", nobody);
  t.remove(*t.member(home, "c"), nobody);
  t.account_named("ada");
  t.account_with_address("ada@pileus.test");
  t.groups_of(ada.id);
  t.group_members(ada.id);
  t.add_to_group(ada.id, ada.id);
  t.remove_from_group(ada.id, ada.id);
  t.update_account(*t.account(ada.id));
  t.used(ada.id);
  t.epoch();
}

/// What finds cards by their texts, and keeps the index of them.
void use_texts(Transaction& t, const Account& ada, const StagedBlob& blob) {
  const Id home = t.home(ada.id, CollectionKind::addressbook_home)->id;
  const Id book = t.create_collection(home, CollectionKind::addressbook, "book").id;
  ObjectFacts facts{"uid", "VCARD"};
  facts.searched = true;
  add_text(facts.text.emplace(), "T", "words of a card");
  // So many that the index is brought up to date.
  Member card;
  for (int changes = 0; changes < 128; ++changes) card = t.put(book, "card", blob, "text/vcard", facts, nobody);
  t.text(card);
  t.holding(book, {{{"T", "words"}}, {{"T", ""}}});
  t.index_texts();
}

/// A small disk of our own; false where this process may not have one.
class SmallDisk {
 public:
  SmallDisk() { mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=6m") == 0; }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  explicit operator bool() const { return mounted_; }
  bool make_read_only() const {
    return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0;
  }
  StoreOptions options() const {
    StoreOptions options;
    options.directory = folder_.path() + "/store";
    return options;
  }
  const std::string& path() const { return folder_.path(); }

 private:
  testing::Folder folder_;
  bool mounted_ = false;
};

Id make_home(Store& store) {
  return store.write([](Transaction& transaction) {
    Account wanted;
    wanted.name = "ada";
    return transaction.home(transaction.create_account(wanted).id, CollectionKind::file_home)->id;
  });
}

}  // namespace

TEST_CASE("no statement of a request reads a whole table") {
  World world(Backend{"sqlite"});
  world.store.reset();
  const std::string path = world.place->directory() + "/pileus.db";
  const BlobFiles blobs(world.place->directory() + "/blobs");
  sql::SqliteConnection inner(path, {.writing = true});
  Explaining connection(inner, path);
  ExplainingStore store(connection, blobs);
  const StagedBlob blob = blobs.stage(Spool(std::string_view("bytes")));
  store.write([&](Transaction& transaction) { use_all_verbs(transaction, world.ada, blob); });
  store.write([&](Transaction& transaction) { use_texts(transaction, world.ada, blob); });
  StoreOptions options = world.place->options();
  options.tombstone_seconds = options.blob_seconds = options.revision_seconds = -10;
  sql::TidyState state;
  store.write([&](Transaction& transaction) {
    const Id home = transaction.home(world.ada.id, CollectionKind::file_home)->id;
    transaction.create_collection(home, CollectionKind::folder, "last");
  });
  // The oldest revisions are read in the order of their ids, and no further than the first that is young enough.
  // Of the cards' texts those are looked through that the index has yet to take in, which are few.
  const auto expected = [](const std::string& scan) {
    return scan.starts_with("SCAN revision in SELECT") ||
           scan.starts_with("SCAN card_gram VIRTUAL TABLE INDEX 0:M") ||  // by what it is to match
           scan.starts_with("SCAN f USING COVERING INDEX card_fact_open in SELECT");
  };
  sql::tidy(store, blobs, options, state, std::chrono::minutes(1));
  store.write([&](Transaction& transaction) { transaction.remove_account(world.ada.id); });
  std::erase_if(connection.scans, expected);
  CHECK(connection.scans == std::vector<std::string>());
  CHECK(connection.statements() > 60);
  // The collections within a calendar are looked for each time that it is read; its objects may be many.
  const auto of_children = [](const std::string& search) { return search.find("m.child > 0") != std::string::npos; };
  const auto found = std::find_if(connection.searches.begin(), connection.searches.end(), of_children);
  REQUIRE(found != connection.searches.end());
  CHECK_THAT(*found, Catch::StartsWith("SEARCH m USING INDEX member_child"));
  // The cards that the index of texts has yet to take in are few, those of the book may be many.
  std::size_t of_open = 0;
  for (const std::string& search : connection.searches) {
    if (!search.starts_with("SEARCH card_fact ") || search.find("state > 0") == std::string::npos) continue;
    ++of_open;
    CHECK_THAT(search, Catch::Contains("INDEX card_fact_open (collection=? AND state>?"));
  }
  CHECK(of_open == 4);
}

TEST_CASE("a job that fails takes back its own changes, and those before it in the batch run once more") {
  World world(Backend{"sqlite"});
  constexpr int jobs = 5;
  std::array<std::atomic<int>, jobs> runs{};
  std::array<std::atomic<bool>, jobs> thrown{};
  std::atomic<bool> held = true;
  const StagedBlob blob = world.stage("bytes");
  std::vector<std::thread> threads;
  // 0 holds the batch until all wait; 2 fails before it has changed anything, and 3 after.
  for (int number = 0; number < jobs; ++number) {
    threads.emplace_back([&, number] {
      try {
        world.store->write([&](Transaction& transaction) {
          const bool first = ++runs[number] == 1;
          while (first && number == 0 && world.store->figures().queued < jobs - 1) std::this_thread::yield();
          held = false;
          if (number == 2) throw std::runtime_error("before");
          transaction.put(world.work.id, std::to_string(number), blob, "", {}, nobody);
          if (number == 3) throw std::runtime_error("after");
        });
      } catch (const std::runtime_error&) {
        thrown[number] = true;
      }
    });
    while (number == 0 && runs[0] == 0) std::this_thread::yield();
    while (number > 0 && held && world.store->figures().queued < static_cast<std::uint64_t>(number)) {
      std::this_thread::yield();
    }
  }
  for (auto& thread : threads) thread.join();
  CHECK((thrown[2] && thrown[3] && !thrown[0] && !thrown[1] && !thrown[4]));
  // On a slow machine the batch is closed before all have come, and there is nothing to run again.
  CHECK((runs[0] <= 2 && runs[1] <= 2 && runs[2] == 1 && runs[3] == 1 && runs[4] <= 2));
  std::string names;
  for (const Member& member : world.members(world.work.id)) names += member.name;
  CHECK(names == "014");
  // The numbers of what was taken back are given again.
  CHECK(world.collection(world.work.id).modseq == 3);
}

TEST_CASE("a commit larger than what is gathered at once, and one larger than the cache, reach the disk whole") {
  World world(Backend{"sqlite"});
  const auto put_many = [&](int from, int to) {
    world.store->write([&](Transaction& transaction) {
      for (int number = from; number < to; ++number) {
        const std::string bytes = std::to_string(number) + std::string(20'000, 'x');
        const StagedBlob blob = world.stage(bytes);
        transaction.put(world.work.id, std::to_string(number), blob, "", {}, nobody);
      }
    });
  };
  put_many(0, 20);
  // More than the writer's cache: pages go to the log before the commit, and are read from there.
  put_many(20, 700);
  CHECK_THROWS(world.store->write([&](Transaction& transaction) {
    for (int number = 700; number < 1400; ++number) {
      const StagedBlob blob = world.stage(std::to_string(number) + std::string(20'000, 'y'));
      transaction.put(world.work.id, std::to_string(number), blob, "", {}, nobody);
    }
    throw std::runtime_error("changed my mind");
  }));
  put_many(700, 710);
  // Another process sees all of it.
  const auto other = world.place->open();
  other->read([&](Transaction& transaction) {
    int members = 0;
    transaction.for_each_member(world.work.id, WithBytes::yes, [&](const Member& member) {
      CHECK(member.bytes == member.name + std::string(20'000, 'x'));
      ++members;
    });
    CHECK(members == 710);
  });
}

TEST_CASE("a full disk refuses the write, keeps what was acknowledged, lets readers go on, and heals") {
  SmallDisk disk;
  if (!disk) {
    WARN("skipped: a small file system can't be mounted here");
    return;
  }
  const auto store = open_store(disk.options());
  const Id home = make_home(*store);
  const std::string filler = disk.path() + "/filler";
  std::ofstream(filler) << std::string(2'000'000, 'x');
  int acknowledged = 0;
  std::optional<Trouble> trouble;
  while (!trouble && acknowledged < 10'000) {
    try {
      const std::string bytes(static_cast<std::size_t>(acknowledged % 3 == 0 ? 90'000 : 20'000) + acknowledged, 'x');
      const StagedBlob blob = store->stage(Spool(bytes, store->spool_directory()));
      store->write(
          [&](Transaction& transaction) { transaction.put(home, std::to_string(acknowledged), blob, "", {}, nobody); });
      ++acknowledged;
    } catch (const Failure& failure) {
      trouble = failure.trouble();
    }
  }
  REQUIRE(trouble == Trouble::full);
  const auto count = [&](Store& from) {
    return from.read([&](Transaction& transaction) {
      int members = 0;
      transaction.for_each_member(home, WithBytes::no, [&](const Member& member) {
        CHECK(transaction.content(member).size() == static_cast<std::uint64_t>(member.size));
        ++members;
      });
      return members;
    });
  };
  CHECK(count(*store) == acknowledged);
  std::filesystem::remove(filler);
  const StagedBlob blob = store->stage(Spool(std::string_view("again")));
  store->write([&](Transaction& transaction) { transaction.put(home, "again", blob, "", {}, nobody); });
  CHECK(count(*store) == acknowledged + 1);
  CHECK(count(*open_store(disk.options())) == acknowledged + 1);
}

TEST_CASE("a read-only disk is told as such") {
  SmallDisk disk;
  if (!disk) {
    WARN("skipped: a small file system can't be mounted here");
    return;
  }
  open_store(disk.options()).reset();
  REQUIRE(disk.make_read_only());
  try {
    open_store(disk.options());
    FAIL("opened");
  } catch (const Failure& failure) {
    CHECK(failure.trouble() == Trouble::unavailable);
    CHECK_THAT(failure.what(), Catch::Contains("read-only", Catch::CaseSensitive::No));
  }
}
