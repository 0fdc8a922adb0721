#include <catch2/catch.hpp>

#include "server/link_gate.h"

TEST_CASE("what is told of a request's path holds no link's secret") {
  for (const char* path :
       {"/link/abc.ics", "/link/", "//link/abc.ics", "/LINK/abc", "/%6cin%6B/abc.ics", "/link%2Fabc"}) {
    CAPTURE(path);
    CHECK(server::without_secret(path) == "/link/-");
  }
  for (const char* path : {"/", "*", "", "/link", "/links/abc", "/dav/calendars/ada/link/", "/%zz", "/%6"}) {
    CAPTURE(path);
    CHECK(server::without_secret(path) == path);
  }
}

TEST_CASE("who tries many links waits, and a link that has worked goes on working") {
  server::LinkGate gate(storage::PasswordPolicy{});
  const auto request = [](const std::string& path) {
    dav::Request head;
    head.path = path;
    head.client = "192.0.2.1";
    return head;
  };
  gate.note("/link/good.ics", "192.0.2.1", 200);
  for (int guess = 0; guess < 100; ++guess) gate.note("/link/" + std::to_string(guess), "192.0.2.1", 404);
  CHECK(gate.wait(request("/link/other.ics")).count() > 0);
  CHECK(gate.wait(request("/link/good.ics")).count() == 0);
}
