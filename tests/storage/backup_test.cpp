#include "storage/backup.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "storage/accounts.h"
#include "storage/check.h"
#include "storage/dump_tables.h"
#include "storage/failure.h"
#include "storage/sql/database.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;

namespace {

const DeriveFacts no_facts = [](CollectionKind, const std::string&) { return std::nullopt; };

// What the member "name" of a collection holds.
std::string bytes_of(Store& store, Id collection, const std::string& name) {
  return store.read([&](Transaction& transaction) {
    const auto member = transaction.member(collection, name);
    REQUIRE(member);
    const Segment content = transaction.content(*member);
    if (!content.file) return content.bytes;
    std::string bytes(content.length, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      const std::size_t got = content.file->read(bytes.data() + have, bytes.size() - have, have);
      REQUIRE(got > 0);
      have += got;
    }
    return bytes;
  });
}

/// A store with all that a backup must carry: small and large bytes, removed members, properties, groups, passwords.
struct Rich : testing::World {
  explicit Rich(const testing::Backend& backend) : World(backend) {
    Accounts accounts(*store, {1, 8, std::chrono::seconds(0), 5, std::chrono::seconds(1)});
    Account team;
    team.name = "team";
    team.kind = AccountKind::group;
    team.addresses = {"team@example.test"};
    team = accounts.create(team, "");
    accounts.set_password(ada.id, "secret");
    put("a.ics", "one", "uid-a");
    put("a.ics", "two", "uid-a");
    put("gone.ics", "gone", "uid-gone");
    remove("gone.ics");
    const Id files = store->read([&](Transaction& t) { return t.home(ada.id, CollectionKind::file_home)->id; });
    put(files, "big", big);
    put(files, "octets", std::string("\0\xFF\xFE'\"\\", 6));
    store->write([&](Transaction& t) {
      t.add_to_group(team.id, ada.id);
      t.set_property(work.id, 0, {"DAV:", "displayname", "<displayname xmlns=\"DAV:\">W\xC3\xB6rk</displayname>"});
      t.set_times(*t.member(work.id, "a.ics"), {{1, 2, 3, false}, {100, TimeFact::ever, 0, true}});
      t.set_index_release("2026f");
      t.see_zone("Europe/Berlin", std::string("TZif\0\xFF", 6));
      // A collection in one that was made later.
      const Collection early = t.create_collection(files, CollectionKind::folder, "early");
      const Collection late = t.create_collection(files, CollectionKind::folder, "late");
      t.move(*t.member(files, "early"), late.id, "early", {});
      nested = early.id;
    });
    put(nested, "deep", "deep");
  }

  const std::string big = std::string(300'000, 'x') + "end";
  Id nested = 0;
};

int snapshots(const std::string& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    count += entry.path().filename().string().starts_with("snapshot-") ? 1 : 0;
  }
  return count;
}

Trouble trouble_of_restore(Store& store, const std::string& folder) {
  try {
    restore(store, folder);
  } catch (const Failure& failure) {
    return failure.trouble();
  }
  FAIL("it was restored");
  return Trouble::unavailable;
}

std::string file_in(const std::string& folder, const std::string& prefix) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().string().starts_with(folder + prefix)) return entry.path().string();
  }
  FAIL("nothing in " + folder);
  return {};
}

}  // namespace

TEST_CASE("a backup carries every column of every table") {
  const auto backend = GENERATE(from_range(backends()));
  testing::World world(backend);
  static constexpr const char* of_sqlite =
      "SELECT m.name, (SELECT COUNT(*) FROM pragma_table_info(m.name)) FROM sqlite_master m WHERE m.type = 'table'";
  static constexpr const char* of_postgres =
      "SELECT table_name, COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY "
      "table_name";
  world.store->read([&](Transaction& transaction) {
    const bool sqlite = transaction.connection().dialect() == sql::Dialect::sqlite;
    const auto row = transaction.connection().prepare(sqlite ? of_sqlite : of_postgres);
    std::size_t found = 0;
    while (row->step()) {
      const std::string name(row->text(0));
      if (name == "store" || name == "schema_step" || name.starts_with("sqlite_")) continue;
      // The index of texts is derived anew.
      if (name.starts_with("card_")) continue;
      INFO(name);
      const auto tables = dump_tables();
      const auto table = std::ranges::find_if(tables, [&](const DumpTable& one) { return one.name == name; });
      REQUIRE(table != tables.end());
      CHECK(std::strlen(table->types) == static_cast<std::size_t>(row->integer(1)));
      ++found;
    }
    CHECK(found == dump_tables().size());
  });
}

TEST_CASE("a backup is restored whole, into any backend, under a new epoch") {
  const auto from = GENERATE(from_range(backends()));
  const auto into = GENERATE(from_range(backends()));
  Rich world(from);
  const testing::Folder folder;
  const BackupReport made = backup(*world.store, world.place->directory(), folder.path(), 7, false);
  CHECK(made.blobs_copied == 1);
  CHECK(made.rows > 20);

  const auto place = into.place();
  const auto store = place->open();
  const auto epoch = [](Store& one) { return one.read([](Transaction& t) { return t.epoch(); }); };
  const std::string epoch_before = epoch(*store);
  const RestoreReport report = restore(*store, folder.path());
  CHECK(report.rows == made.rows);
  CHECK(report.blobs == 1);
  CHECK(epoch(*store) != epoch_before);
  CHECK(epoch(*store) != epoch(*world.store));

  Accounts accounts(*store, {1, 8, std::chrono::seconds(0), 5, std::chrono::seconds(1)});
  CHECK(accounts.authenticate("ada", "secret", "192.0.2.1", "").outcome == LoginOutcome::accepted);
  CHECK(bytes_of(*store, world.work.id, "a.ics") == "two");
  CHECK(bytes_of(*store, world.nested, "deep") == "deep");
  store->read([&](Transaction& t) {
    const Id files = t.home(world.ada.id, CollectionKind::file_home)->id;
    CHECK(t.content(*t.member(files, "octets")).bytes == std::string("\0\xFF\xFE'\"\\", 6));
    CHECK(t.content(*t.member(files, "big")).length == world.big.size());
    CHECK(t.properties(world.work.id, 0).size() == 1);
    CHECK(t.groups_of(world.ada.id).size() == 1);
    CHECK(t.used(world.ada.id) == world.store->read([&](Transaction& old) { return old.used(world.ada.id); }));
    int tombstones = 0;
    t.changes(world.work.id, 0, -1, WithBytes::no, [&](const Member& m) { tombstones += m.deleted ? 1 : 0; });
    CHECK(tombstones == 1);
  });
  // What is made from now on collides with nothing.
  Account eve;
  eve.name = "eve";
  CHECK_NOTHROW(accounts.create(eve, "pw"));
  int differences = 0;
  check(*store, no_facts, "", [&](const Difference& difference) {
    // These bytes are no calendars.
    if (difference.what == "its bytes can't be read") return;
    UNSCOPED_INFO(difference.where << ": " << difference.what);
    ++differences;
  });
  CHECK(differences == 0);
}

TEST_CASE("a second backup copies only what is new, and old snapshots go with what they alone needed") {
  Rich world(backends().front());
  const testing::Folder folder;
  const std::string& data = world.place->directory();
  const std::string first = backup(*world.store, data, folder.path(), 7, false).snapshot;
  const Id files =
      world.store->read([&](Transaction& t) { return t.home(world.ada.id, CollectionKind::file_home)->id; });
  world.put(files, "second", std::string(200'000, 'y'));
  const BackupReport second = backup(*world.store, data, folder.path(), 7, true);
  CHECK(second.blobs_copied == 1);
  CHECK(second.blobs_present == 1);
  CHECK(second.snapshot > first);
  CHECK(snapshots(folder.path()) == 2);
  backup(*world.store, data, folder.path(), 1, false);
  CHECK(snapshots(folder.path()) == 1);
  const auto place = backends().front().place();
  const auto store = place->open();
  CHECK(restore(*store, folder.path()).blobs == 2);
}

TEST_CASE("what an interrupted backup has left is no snapshot and stands in nobody's way") {
  Rich world(backends().front());
  const testing::Folder folder;
  std::filesystem::create_directories(folder.path() + "/partial");
  std::ofstream(folder.path() + "/partial/account") << "half";
  CHECK(trouble_of_restore(*backends().front().place()->open(), folder.path()) == Trouble::corrupt);
  backup(*world.store, world.place->directory(), folder.path(), 7, false);
  CHECK(snapshots(folder.path()) == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/partial"));
}

TEST_CASE("a damaged blob in the backup is found and copied anew when asked to verify") {
  Rich world(backends().front());
  const testing::Folder folder;
  backup(*world.store, world.place->directory(), folder.path(), 7, false);
  std::ofstream(file_in(folder.path(), "/blobs/"), std::ios::binary | std::ios::in).write("?", 1);
  CHECK(backup(*world.store, world.place->directory(), folder.path(), 7, true).blobs_copied == 1);
}

TEST_CASE("what is damaged, missing or not empty is not restored") {
  Rich world(backends().front());
  const testing::Folder folder;
  const std::string snapshot = backup(*world.store, world.place->directory(), folder.path(), 7, false).snapshot;
  CHECK(trouble_of_restore(*world.store, folder.path()) == Trouble::refused);
  const auto place = backends().front().place();
  const auto store = place->open();
  CHECK(trouble_of_restore(*store, folder.path() + "/nothing") == Trouble::corrupt);
  SECTION("a table") { std::ofstream(snapshot + "/member", std::ios::app) << "x"; }
  SECTION("a table is gone") { std::filesystem::remove(snapshot + "/property"); }
  SECTION("a blob") { std::ofstream(file_in(folder.path(), "/blobs/"), std::ios::app) << "x"; }
  SECTION("a blob is gone") { std::filesystem::remove(file_in(folder.path(), "/blobs/")); }
  SECTION("the manifest") { std::filesystem::resize_file(snapshot + "/manifest", 100); }
  CHECK(trouble_of_restore(*store, folder.path()) == Trouble::corrupt);
  CHECK(store->read([](Transaction& t) { return t.accounts().empty(); }));
}
