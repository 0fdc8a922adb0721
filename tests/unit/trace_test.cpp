#include "server/trace.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

TEST_CASE("a trace holds whole exchanges, for its owner alone") {
  std::string directory = (std::filesystem::temp_directory_path() / "pileus-trace-XXXXXX").string();
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  std::string text;
  {
    server::Trace trace(directory, "a/../da");
    CHECK(trace.file() == directory + "/trace-a_.._da.log");
    CHECK(trace.of("a/../da"));
    CHECK_FALSE(trace.of("da"));
    trace.write(
        {"r1", "a/../da", "PUT /x HTTP/1.1\r\nHost: h\r\n\r\n", "body", "HTTP/1.1 201 Created\r\n\r\n", "answer"});
    struct stat status {};
    REQUIRE(::stat(trace.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    std::ostringstream out;
    out << std::ifstream(trace.file()).rdbuf();
    text = out.str();
  }
  std::filesystem::remove_all(directory);
  CHECK(text ==
        "==== r1 a/../da\nPUT /x HTTP/1.1\r\nHost: h\r\n\r\nbody\n---- r1\nHTTP/1.1 201 Created\r\n\r\nanswer\n");
}
