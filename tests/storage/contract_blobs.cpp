#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "storage/blobs.h"
#include "storage/failure.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

std::size_t files(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory + "/blobs")) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

std::string content(World& world, const std::string& name) {
  const Segment segment = world.store->read(
      [&](Transaction& transaction) { return transaction.content(transaction.member(world.work.id, name).value()); });
  if (!segment.file) return segment.bytes;
  std::string bytes(segment.length, '\0');
  bytes.resize(segment.file->read(bytes.data(), bytes.size(), segment.offset));
  return bytes;
}

/// Options with which nothing is kept for any time.
StoreOptions forgetful(const testing::Place& place) {
  StoreOptions options = place.options();
  options.revision_seconds = options.blob_seconds = options.tombstone_seconds = -10;
  return options;
}

void tidy(const testing::Place& place) { open_store(forgetful(place))->tidy(std::chrono::minutes(1)); }

}  // namespace

TEST_CASE("bytes of any size come back, whether they are kept in a row or in a file") {
  World world(GENERATE(from_range(backends())));
  const auto largest = static_cast<std::size_t>(BlobFiles::largest_in_row);
  std::size_t expected_files = 0;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, largest, largest + 1, std::size_t{300'000}}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
    const Member member = world.put("f", bytes);
    CHECK(member.size == static_cast<std::int64_t>(size));
    CHECK(content(world, "f") == bytes);
    if (size > largest) ++expected_files;
    CHECK(files(world.place->directory()) == expected_files);
    const auto members = world.members(world.work.id);
    CHECK(members.at(0).bytes == (size > largest ? "" : bytes));
  }
}

TEST_CASE("the same bytes are kept once") {
  World world(GENERATE(from_range(backends())));
  const std::string bytes(100'000, 'x');
  world.put("a", bytes);
  world.put("b", bytes);
  CHECK(files(world.place->directory()) == 1);
  world.remove("a");
  tidy(*world.place);
  CHECK(content(world, "b") == bytes);
}

TEST_CASE("bytes are kept as long as a member or the history needs them, and then collected") {
  World world(GENERATE(from_range(backends())));
  world.put("a", std::string(100'000, '1'));
  world.put("a", std::string(100'000, '2'));
  world.store->tidy(std::chrono::minutes(1));
  CHECK(files(world.place->directory()) == 2);
  tidy(*world.place);
  CHECK(files(world.place->directory()) == 1);
  CHECK(content(world, "a") == std::string(100'000, '2'));
  world.store->write([&](Transaction& transaction) { transaction.remove_collection(world.work.id, {}); });
  tidy(*world.place);
  CHECK(files(world.place->directory()) == 0);
}

TEST_CASE("a file that was staged and never put is collected, after a time") {
  World world(GENERATE(from_range(backends())));
  world.stage(std::string(100'000, 'x'));
  CHECK(files(world.place->directory()) == 1);
  world.store->tidy(std::chrono::minutes(1));
  CHECK(files(world.place->directory()) == 1);
  tidy(*world.place);
  CHECK(files(world.place->directory()) == 0);
}

TEST_CASE("a file collected between staging and putting is put back") {
  World world(GENERATE(from_range(backends())));
  const std::string bytes(GENERATE(100'000, 300'000), 'x');
  const StagedBlob blob = world.stage(bytes);
  tidy(*world.place);
  REQUIRE(files(world.place->directory()) == 0);
  world.store->write([&](Transaction& transaction) { transaction.put(world.work.id, "a", blob, "", {}, {}); });
  CHECK(content(world, "a") == bytes);
  CHECK(files(world.place->directory()) == 1);
}

TEST_CASE("a write that is taken back leaves the file for those who have it") {
  World world(GENERATE(from_range(backends())));
  const std::string bytes(100'000, 'x');
  const StagedBlob blob = world.stage(bytes);
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    transaction.put(world.work.id, "a", blob, "", {}, {});
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  world.store->write([&](Transaction& transaction) { transaction.put(world.work.id, "a", blob, "", {}, {}); });
  tidy(*world.place);
  CHECK(content(world, "a") == bytes);
}

TEST_CASE("a blob whose file is gone is trouble, not an empty answer") {
  World world(GENERATE(from_range(backends())));
  world.put("a", std::string(100'000, 'x'));
  std::filesystem::remove_all(world.place->directory() + "/blobs");
  try {
    content(world, "a");
    FAIL("no trouble");
  } catch (const Failure& failure) {
    CHECK(failure.trouble() == Trouble::corrupt);
  }
}

TEST_CASE("bytes survive while everybody puts and removes them and everything is collected at once") {
  World world(GENERATE(from_range(backends())));
  const std::vector<std::string> contents = {std::string(70'000, 'a'), std::string(70'000, 'b'), "small"};
  std::atomic<bool> stop = false;
  std::atomic<int> lost = 0;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 2; ++i) stores.push_back(open_store(forgetful(*world.place)));

  std::vector<std::thread> tidiers;
  for (auto& store : stores) {
    tidiers.emplace_back([&] {
      while (!stop) store->tidy(std::chrono::milliseconds(200));
    });
  }
  std::vector<std::thread> writers;
  for (std::size_t number = 0; number < 4; ++number) {
    writers.emplace_back([&, number] {
      Store& store = *stores[number % stores.size()];
      const std::string name = std::to_string(number);
      for (std::size_t round = 0; round < 60; ++round) {
        const std::string& bytes = contents[(number + round) % contents.size()];
        const StagedBlob blob = store.stage(Spool(bytes, store.spool_directory()));
        store.write([&](Transaction& transaction) { transaction.put(world.work.id, name, blob, "", {}, {}); });
        try {
          const auto size = store.read([&](Transaction& transaction) {
            return transaction.content(transaction.member(world.work.id, name).value()).size();
          });
          if (size != bytes.size()) ++lost;
        } catch (const Failure&) {
          ++lost;
        }
        if (round % 3 == 0) continue;
        store.write(
            [&](Transaction& transaction) { transaction.remove(transaction.member(world.work.id, name).value(), {}); });
      }
    });
  }
  for (auto& writer : writers) writer.join();
  stop = true;
  for (auto& tidier : tidiers) tidier.join();
  CHECK(lost == 0);
  // And the counts are right: with the last members gone, so is everything else.
  for (const Member& member : world.members(world.work.id)) world.remove(member.name);
  tidy(*world.place);
  CHECK(files(world.place->directory()) == 0);
}
