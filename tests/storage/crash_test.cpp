// A process that is killed loses nothing that it had acknowledged, and leaves nothing half done.
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>
#include <thread>

#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

/// In the child: threads that put a member and its twin, small and large, and write a line for each pair acknowledged.
[[noreturn]] void write_until_killed(const StoreOptions& options, Id collection, int round, int out) {
  const auto store = open_store(options);
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0;; ++i) {
        const std::string name = std::to_string(round) + "-" + std::to_string(number) + "-" + std::to_string(i);
        const std::string bytes = i % 8 == 0 ? name + std::string(70'000, 'x') : name;
        const StagedBlob blob = store->stage(Spool(bytes, store->spool_directory()));
        store->write([&](Transaction& transaction) {
          transaction.put(collection, name, blob, "", {}, {});
          transaction.put(collection, name + "-twin", blob, "", {}, {});
        });
        const std::string line = name + "\n";
        if (::write(out, line.data(), line.size()) < 0) ::_exit(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ::_exit(1);
}

std::string read_all(int in) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = ::read(in, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

TEST_CASE("what was acknowledged before SIGKILL is there, whole, and nothing is half there") {
  World world(GENERATE(from_range(backends())));
  const Id collection = world.work.id;
  world.store.reset();
  std::size_t acknowledged = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) write_until_killed(world.place->options(), collection, round, ends[1]);
    ::close(ends[1]);
    // Somewhere in the middle of its work.
    char first[64];
    REQUIRE(::read(ends[0], first, 1) == 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 17 * round));
    ::kill(child, SIGKILL);
    std::istringstream lines(first[0] + read_all(ends[0]));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));

    const auto store = world.place->open();
    store->read([&](Transaction& transaction) {
      for (std::string name; std::getline(lines, name); ++acknowledged) {
        for (const std::string& each : {name, name + "-twin"}) {
          const auto member = transaction.member(collection, each);
          REQUIRE(member);
          REQUIRE(transaction.content(*member).size() == static_cast<std::uint64_t>(member->size));
        }
      }
      std::int64_t count = 0;
      std::int64_t size = 0;
      transaction.for_each_member(collection, WithBytes::no, [&](const Member& member) {
        ++count;
        size += member.size;
      });
      REQUIRE(count % 2 == 0);
      REQUIRE(transaction.collection(collection)->modseq == count);
      REQUIRE(transaction.used(world.ada.id) == size);
    });
  }
  CHECK(acknowledged > 0);
}
