#include <catch2/catch.hpp>

#include "storage/spool.h"

TEST_CASE("a spool holds the same octets in memory and in its file") {
  for (const std::size_t limit : {std::size_t{4}, std::size_t{1} << 20}) {
    storage::Spool spool("/tmp", limit);
    spool.append("abc");
    spool.append("defgh");
    CHECK(spool.in_memory() == (limit > 8));
    CHECK(spool.size() == 8);
    CHECK(spool.text() == "abcdefgh");
    CHECK(spool.take().size() == 8);
    CHECK(spool.empty());
  }
}
