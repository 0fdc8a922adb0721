#include "storage/check.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "storage/sql/database.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;

namespace {

// An "object" of these tests is its UID and component with a space between.
std::optional<ObjectFacts> derive(CollectionKind, const std::string& bytes) {
  const std::size_t space = bytes.find(' ');
  if (space == std::string::npos) return std::nullopt;
  return ObjectFacts{bytes.substr(0, space), bytes.substr(space + 1)};
}

std::vector<std::string> differences(Store& store) {
  std::vector<std::string> all;
  const CheckReport report = check(store, derive, "", [&](const Difference& difference) {
    all.push_back(difference.where + ": " + difference.what);
  });
  CHECK(report.differences == static_cast<std::int64_t>(all.size()));
  return all;
}

/// A store whose objects are what `derive` reads.
struct Checked : testing::World {
  explicit Checked(const testing::Backend& backend) : World(backend) {
    files = store->read([&](Transaction& t) { return t.home(ada.id, CollectionKind::file_home)->id; });
    put_object("a.ics", "uid-a");
    put_object("b.ics", "uid-b");
    put_object("b.ics", "uid-b");
    remove("b.ics");
    put(files, "big", std::string(100'000, 'x'));
    put(files, "small", "bytes");
  }

  void put_object(const std::string& name, const std::string& uid) {
    const StagedBlob blob = stage(uid + " VEVENT");
    store->write([&](Transaction& t) { t.put(work.id, name, blob, "text/calendar", {uid, "VEVENT"}, {ada.id, 0}); });
  }

  // A hand that does what no verb does.
  void break_it(const std::string& sql) {
    store->write([&](Transaction& t) { t.connection().execute(sql); });
  }

  Id files = 0;
};

}  // namespace

TEST_CASE("check finds nothing in a healthy store") {
  Checked world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& t) {
    const Collection folder = t.create_collection(world.files, CollectionKind::folder, "f");
    t.copy(*t.member(world.files, "big"), folder.id, "copy", {});
    t.move(*t.member(world.files, "small"), folder.id, "moved", {});
    t.set_property(folder.id, t.member(folder.id, "copy")->id, {"x:", "p", "<p xmlns=\"x:\"/>"});
  });
  CHECK(differences(*world.store) == std::vector<std::string>{});
  world.store->write([&](Transaction& t) { t.remove(*t.member(world.files, "f"), {}); });
  CHECK(differences(*world.store) == std::vector<std::string>{});
}

TEST_CASE("check names each thing that is not what the bytes say") {
  Checked world(GENERATE(from_range(backends())));
  const std::vector<std::pair<std::string, std::string>> faults{
      {"UPDATE member SET etag = 'zz' WHERE name = 'a.ics'", "(ada/work/a.ics): etag is zz, should be"},
      {"UPDATE member SET uid = 'other' WHERE name = 'a.ics'", "(ada/work/a.ics): UID is other, should be uid-a"},
      {"UPDATE member SET component = 'VTODO' WHERE name = 'a.ics'",
       "(ada/work/a.ics): component is VTODO, should be VEVENT"},
      {"UPDATE member SET size = 1 WHERE name = 'a.ics'", "(ada/work/a.ics): its size is not that of its bytes"},
      {"UPDATE blob SET uses = uses + 1 WHERE size = 5", "its uses are not those that there are"},
      {"UPDATE blob SET size = 6 WHERE size = 5", "size is 6, should be 5"},
      {"UPDATE account SET used = used + 1", "the octets used are not those of its members"},
      {"UPDATE collection SET modseq = 1 WHERE name = 'work'", "its modseq is below that of a member"},
      {"UPDATE collection SET last_number = 0 WHERE name = 'work'", "its last number is below that of a member"},
      {"UPDATE collection SET name = 'play' WHERE name = 'work'", "its collection has another parent or name"},
      {"UPDATE member SET size = 3 WHERE deleted = 1", "a tombstone with content"},
      {"UPDATE member SET added_modseq = modseq + 1 WHERE name = 'a.ics'", "added after its last change"},
      {"UPDATE member SET number = 1 WHERE collection = (SELECT id FROM collection WHERE name = 'work')",
       "a number stands at two members"},
      {"INSERT INTO property (collection, member, ns, name, xml) SELECT id, 9999, 'x', 'y', 'z' FROM collection WHERE "
       "name "
       "= 'work'",
       "of a member that is not there"},
  };
  for (const auto& [sql, told] : faults) {
    INFO(sql);
    Checked broken(world.place->postgres() ? backends().back() : backends().front());
    broken.break_it(sql);
    const auto found = differences(*broken.store);
    CHECK(std::ranges::any_of(found, [&](const std::string& one) { return one.find(told) != std::string::npos; }));
  }
}

TEST_CASE("check reads every file of a blob") {
  Checked world(GENERATE(from_range(backends())));
  std::string file;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.place->directory() + "/blobs")) {
    if (entry.is_regular_file()) file = entry.path();
  }
  REQUIRE_FALSE(file.empty());
  std::string told;
  SECTION("one that has changed") {
    std::ofstream(file, std::ios::binary | std::ios::in).write("?", 1);
    told = "hash is";
  }
  SECTION("one that is gone") {
    std::filesystem::remove(file);
    told = "its file is not there";
  }
  const auto found = differences(*world.store);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::Contains(told));
}
