#include "dav/ranges.h"

#include <catch2/catch.hpp>

using dav::ByteRange;
using dav::RangeOutcome;

TEST_CASE("Range headers") {
  const struct {
    std::string header;
    std::uint64_t size;
    RangeOutcome outcome;
    std::vector<ByteRange> ranges;
  } cases[] = {
      // RFC 9110 14.1.2
      {"bytes=0-499", 10000, RangeOutcome::parts, {{0, 499}}},
      {"bytes=500-999", 10000, RangeOutcome::parts, {{500, 999}}},
      {"bytes=-500", 10000, RangeOutcome::parts, {{9500, 9999}}},
      {"bytes=9500-", 10000, RangeOutcome::parts, {{9500, 9999}}},
      {"bytes=0-0,-1", 10000, RangeOutcome::parts, {{0, 0}, {9999, 9999}}},
      {"bytes= 0-999, 4500-5499, -1000", 10000, RangeOutcome::parts, {{0, 999}, {4500, 5499}, {9000, 9999}}},
      {"Bytes=0-99", 100, RangeOutcome::parts, {{0, 99}}},
      {"bytes=0-1000", 100, RangeOutcome::parts, {{0, 99}}},
      {"bytes=-1000", 100, RangeOutcome::parts, {{0, 99}}},
      {"bytes=99999999999999999999-", 100, RangeOutcome::unsatisfiable, {}},
      {"bytes=0-99999999999999999999", 100, RangeOutcome::parts, {{0, 99}}},
      {"bytes=50-60,0-1", 100, RangeOutcome::parts, {{50, 60}, {0, 1}}},
      {"bytes=0-10,5-20", 100, RangeOutcome::parts, {{0, 20}}},
      {"bytes=0-10,11-20,50-60", 100, RangeOutcome::parts, {{0, 20}, {50, 60}}},
      {"bytes=100-", 100, RangeOutcome::unsatisfiable, {}},
      {"bytes=-0", 100, RangeOutcome::unsatisfiable, {}},
      {"bytes=100-,0-0", 100, RangeOutcome::parts, {{0, 0}}},
      {"bytes=0-", 0, RangeOutcome::unsatisfiable, {}},
      {"bytes=,0-1,,", 10, RangeOutcome::parts, {{0, 1}}},
      // What isn't understood is ignored (RFC 9110 14.2).
      {"", 100, RangeOutcome::whole, {}},
      {"bytes", 100, RangeOutcome::whole, {}},
      {"bytes=", 100, RangeOutcome::whole, {}},
      {"items=0-1", 100, RangeOutcome::whole, {}},
      {"bytes=5-2", 100, RangeOutcome::whole, {}},
      {"bytes=a-b", 100, RangeOutcome::whole, {}},
      {"bytes=1", 100, RangeOutcome::whole, {}},
      {"bytes=-", 100, RangeOutcome::whole, {}},
      {"bytes=--5", 100, RangeOutcome::whole, {}},
      {"bytes=0-1;2-3", 100, RangeOutcome::whole, {}},
  };
  for (const auto& [header, size, outcome, ranges] : cases) {
    CAPTURE(header, size);
    const auto request = dav::parse_range(header, size);
    CHECK(request.outcome == outcome);
    CHECK(request.ranges == ranges);
  }
}

TEST_CASE("more ranges than anybody needs are ignored") {
  std::string header = "bytes=0-0";
  for (int i = 1; i < 64; ++i) header += "," + std::to_string(i * 10) + "-" + std::to_string(i * 10);
  CHECK(dav::parse_range(header, 10000).ranges.size() == 64);
  CHECK(dav::parse_range(header + ",9999-", 10000).outcome == RangeOutcome::whole);
}

TEST_CASE("an answer is cut to one range or to several") {
  dav::Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body.push_back({"0123456789", nullptr, 0, 0});
  auto one = response;
  dav::cut_to_ranges(one, {{2, 4}}, "b");
  CHECK(one.status == 206);
  REQUIRE(one.body.size() == 1);
  CHECK(one.body[0].bytes == "234");
  CHECK(one.headers.find("Content-Range") == "bytes 2-4/10");
  CHECK(one.headers.find("Content-Type") == "text/plain");

  auto two = response;
  dav::cut_to_ranges(two, {{0, 0}, {9, 9}}, "b");
  std::string all;
  for (const auto& segment : two.body) all += segment.bytes;
  CHECK(all ==
        "--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n0"
        "\r\n--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9"
        "\r\n--b--\r\n");
  CHECK(two.headers.find("Content-Type") == "multipart/byteranges; boundary=b");
  CHECK(!two.headers.find("Content-Range"));
}
