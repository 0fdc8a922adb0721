#include "dav/path.h"

#include <catch2/catch.hpp>

#include "dav/error.h"

using dav::Address;
using Area = dav::Address::Area;

namespace {

int status_of(const std::string& path) {
  try {
    dav::parse_path(path);
    return 0;
  } catch (const dav::Error& error) {
    return error.status();
  }
}

Address address(Area area, std::string account = {}, std::vector<std::string> segments = {}) {
  return {area, std::move(account), std::move(segments), false};
}

}  // namespace

TEST_CASE("paths are taken apart") {
  const struct {
    std::string path;
    Address expected;
    bool trailing_slash;
  } cases[] = {
      {"/", address(Area::root), true},
      {"/dav", address(Area::dav), false},
      {"/dav/", address(Area::dav), true},
      {"/dav/calendars", address(Area::calendars), false},
      {"/dav/principals/ada/", address(Area::principals, "ada"), true},
      {"/dav/calendars/ada/work/lunch.ics", address(Area::calendars, "ada", {"work", "lunch.ics"}), false},
      {"/dav/addressbooks/ada/contacts/", address(Area::addressbooks, "ada", {"contacts"}), true},
      {"/dav/files/ada/a%20b/%E2%82%AC%23%3F%25", address(Area::files, "ada", {"a b", "\xe2\x82\xac#?%"}), false},
      {"/dav/files/ada/a%2Bb+c", address(Area::files, "ada", {"a+b+c"}), false},
      // Octets that are sent unencoded are what they are; composed and decomposed letters stay apart.
      {"/dav/files/ada/\xc3\xa9", address(Area::files, "ada", {"\xc3\xa9"}), false},
      {"/dav/files/ada/e%CC%81", address(Area::files, "ada", {"e\xcc\x81"}), false},
      {"/dav/files//ada///x", address(Area::files, "ada", {"x"}), false},
      {"/dav/files/ada/./x/../y", address(Area::files, "ada", {"y"}), false},
      {"/dav/files/ada/x/..", address(Area::files, "ada"), true},
      {"/dav/files/ada/%2e%2e/bob/x", address(Area::files, "bob", {"x"}), false},
      {"/dav/files/ada/...", address(Area::files, "ada", {"..."}), false},
      {"/other", address(Area::outside, "", {"other"}), false},
      {"/dav/other/x", address(Area::outside, "", {"dav", "other", "x"}), false},
      {"/DAV/files/", address(Area::outside, "", {"DAV", "files"}), true},
  };
  for (const auto& [path, expected, trailing_slash] : cases) {
    CAPTURE(path);
    const Address parsed = dav::parse_path(path);
    CHECK(parsed == expected);
    CHECK(parsed.trailing_slash == trailing_slash);
  }
}

TEST_CASE("paths that can't be are refused") {
  const std::string bad[] = {"",
                             "dav/",
                             "/dav/files/ada/%",
                             "/dav/files/ada/%4",
                             "/dav/files/ada/%zz",
                             "/dav/files/ada/%-1",
                             "/dav/files/ada/a%2Fb",
                             "/dav/files/ada/a%2fb",
                             "/dav/files/ada/%00",
                             "/dav/files/ada/a%0Ab",
                             "/dav/files/ada/%7F",
                             "/dav/files/ada/%FF",
                             "/dav/files/ada/%C0%AF",
                             "/dav/files/ada/%ED%A0%80",
                             "/dav/files/ada/%E2%82",
                             "/..",
                             "/dav/../../etc/passwd",
                             "/%2e%2e/x",
                             "/dav/files/ada/" + std::string(256, 'x')};
  for (const std::string& path : bad) {
    CAPTURE(path);
    CHECK(status_of(path) == 400);
  }
  CHECK(status_of("/dav/files/ada/" + std::string(255, 'x')) == 0);
  std::string deep;
  for (int i = 0; i < 64; ++i) deep += "/x";
  CHECK(status_of(deep) == 0);
  CHECK(status_of(deep + "/x") == 400);
}

TEST_CASE("what is encoded is read back the same") {
  std::string every;
  for (int c = 0x20; c < 0x7f; ++c) {
    if (c != '/') every += static_cast<char>(c);
  }
  const Address there = address(Area::files, "ada", {every, "\xc3\xa9 e\xcc\x81", "100%", "a@b.c"});
  const std::string path = dav::encode(there, true);
  CHECK(path.ends_with("/100%25/a@b.c/"));
  CHECK(dav::parse_path(path) == there);
  CHECK(path.find_first_of("<>&\"' ") == std::string::npos);

  CHECK(dav::encode(address(Area::root), true) == "/");
  CHECK(dav::encode(address(Area::dav), true) == "/dav/");
  CHECK(dav::encode(address(Area::calendars, "ada"), true) == "/dav/calendars/ada/");
  CHECK(dav::encode(address(Area::outside, "", {"x", "y"}), false) == "/x/y");
}

TEST_CASE("references lead to our own host or nowhere") {
  const struct {
    std::string reference, authority;
    bool ours;
  } cases[] = {
      {"/dav/files/ada/x", "pileus.test", true},
      {"https://pileus.test/dav/files/ada/x", "pileus.test", true},
      {"http://pileus.test/dav/files/ada/x", "pileus.test", true},
      {"HTTPS://PILEUS.test:443/dav/files/ada/x", "pileus.test", true},
      {"https://pileus.test:8443/dav/files/ada/x", "pileus.test:8443", true},
      {"https://ada:secret@pileus.test/dav/files/ada/x", "pileus.test", true},
      {" https://pileus.test/dav/files/ada/x ", "pileus.test", true},
      {"//pileus.test/dav/files/ada/x", "pileus.test", true},
      {"https://pileus.test:8443/dav/files/ada/x", "pileus.test", false},
      {"https://other.test/dav/files/ada/x", "pileus.test", false},
      {"https://pileus.test.evil/dav/files/ada/x", "pileus.test", false},
      {"ftp://pileus.test/dav/files/ada/x", "pileus.test", false},
  };
  for (const auto& [reference, authority, ours] : cases) {
    CAPTURE(reference);
    const auto parsed = dav::parse_reference(reference, authority);
    REQUIRE(parsed.has_value() == ours);
    if (ours) CHECK(*parsed == address(Area::files, "ada", {"x"}));
  }
  CHECK(dav::parse_reference("https://pileus.test", "pileus.test") == address(Area::root));
  for (const char* bad :
       {"", " ", "dav/files", "mailto:ada@pileus.test", "/dav/files/ada/what?", "/dav/files/ada/a#b"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(dav::parse_reference(bad, "pileus.test"), dav::Error);
  }
}
