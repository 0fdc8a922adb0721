#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "mail/hooks/executable.h"
#include "tests/hooks/folder.h"

using namespace mail::hooks;
using namespace std::chrono_literals;

namespace {

/// A program of a few lines.
class Program {
 public:
  explicit Program(const std::string& lines) {
    std::ofstream(path()) << "#!/bin/sh\n" << lines << "\n";
    ::chmod(path().c_str(), 0755);
  }
  std::string path() const { return folder_.path("hook"); }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_.path(name)).rdbuf();
    return text.str();
  }
  Verdict run(std::chrono::milliseconds time = 60s) const { return run(message_, time); }
  Verdict run(const std::string& text, std::chrono::milliseconds time) const {
    Passing passing;
    passing.direction = Direction::out;
    passing.account = "ada";
    passing.sender = "ada@example.org; $(touch x)";
    passing.recipients = {"bob@example.org", "eve@example.org"};
    passing.message.append(text);
    return executable({path()})(passing, Clock::now() + time);
  }

 private:
  Folder folder_;
  std::string message_ = "From: ada@example.org\r\n\r\nbody\r\n";
};

}  // namespace

TEST_CASE("the exit status of a program is its verdict", "[hooks]") {
  struct Row {
    int status;
    Outcome outcome;
  };
  for (const Row& row : std::vector<Row>{{0, Outcome::accept},
                                         {65, Outcome::reject},
                                         {69, Outcome::reject},
                                         {77, Outcome::reject},
                                         {100, Outcome::reject},
                                         {75, Outcome::defer},
                                         {111, Outcome::defer},
                                         {98, Outcome::quarantine},
                                         {99, Outcome::discard}}) {
    CHECK(Program("exit " + std::to_string(row.status)).run().outcome == row.outcome);
  }
  CHECK_THROWS_WITH(Program("exit 1").run(), Catch::Contains("exit status is 1"));
  CHECK_THROWS_WITH(Program("kill -9 $$").run(), Catch::Contains("signal 9"));
  CHECK_THROWS_AS(executable({"/nonexistent"})(Passing(), Clock::now() + 60s), Failed);
}

TEST_CASE("a program adds fields, and says why it refuses", "[hooks]") {
  const Verdict added = Program("cat >/dev/null; printf 'X-One: 1\\nX-Two: 2\\n  more\\n'").run();
  REQUIRE(added.changes.size() == 2);
  CHECK(added.changes[0] == HeaderChange{HeaderChange::Kind::insert, 0, "X-One", " 1"});
  CHECK(added.changes[1].name == "X-Two");
  CHECK(Program("echo '5.7.1 not so'; exit 69").run().text == "5.7.1 not so");
  CHECK_THROWS_AS(Program("echo nothing").run(), Failed);
  CHECK_THROWS_WITH(Program("yes").run(), Catch::Contains("too much"));
}

TEST_CASE("a program gets the message and the envelope, and no open file of ours", "[hooks]") {
  const Program program("d=$(dirname \"$0\"); cat >$d/message; env >$d/env; ls /proc/self/fd >$d/open; exit 0");
  std::string large = "From: ada@example.org\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) large += "line " + std::to_string(i) + "\r\n";
  const Folder other;
  const std::ofstream ours(other.path("open"));  // Not closed at exec.
  program.run(large, 60s);
  CHECK(program.read("message") == large);
  const std::string env = program.read("env");
  CHECK(env.find("PILEUS_DIRECTION=out\n") != std::string::npos);
  CHECK(env.find("PILEUS_ACCOUNT=ada\n") != std::string::npos);
  CHECK(env.find("PILEUS_SENDER=ada@example.org; $(touch x)\n") != std::string::npos);
  CHECK(env.find("PILEUS_RECIPIENTS=bob@example.org\neve@example.org\n") != std::string::npos);
  CHECK(env.find("HOME=") == std::string::npos);
  CHECK(program.read("open") == "0\n1\n2\n3\n");  // 3 is the folder that ls reads.
}

TEST_CASE("a program that takes too long is killed with what it has started", "[hooks]") {
  const Program program("echo $$ >$(dirname \"$0\")/id; sleep 1000 & sleep 1000");
  CHECK_THROWS_WITH(program.run(300ms), Catch::Contains("too long"));
  const std::string id = program.read("id");
  if (!id.empty()) {
    // Killed members of the group may still be waiting for init to reap them: none of them runs.
    std::ifstream stat("/proc/" + std::to_string(std::stoi(id)) + "/stat");
    CHECK_FALSE(stat.good());
  }
  // One that has closed its output and goes on.
  CHECK_THROWS_WITH(Program("exec >&-; sleep 1000").run(300ms), Catch::Contains("too long"));
}
