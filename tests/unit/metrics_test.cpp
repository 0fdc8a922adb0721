#include "server/metrics.h"

#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using Catch::Contains;

namespace {

std::string text(const server::HttpMetrics& http, const server::LoopMetrics& loop) {
  storage::StoreFigures store;
  store.commits = 7;
  store.queued = 2;
  storage::Accounts::Figures accounts;
  accounts.refused = 3;
  return server::metrics_text({http, loop, store, accounts, {1024, 1.5, 9, 1.7e9}});
}

}  // namespace

TEST_CASE("the metrics say what was counted") {
  server::HttpMetrics http;
  http.count("PROPFIND", 207, std::chrono::microseconds(80));
  http.count("PROPFIND", 207, std::chrono::microseconds(300));
  http.count("PUT", 201, std::chrono::seconds(60));
  server::LoopMetrics loop;
  loop.open = 5;
  loop.active = 2;
  const std::string all = text(http, loop);
  CHECK_THAT(all, Contains("pileus_http_requests_total{method=\"PROPFIND\",status=\"207\"} 2\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_bucket{le=\"0.0001\"} 1\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_bucket{le=\"0.0005\"} 2\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_bucket{le=\"10\"} 2\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_bucket{le=\"+Inf\"} 3\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_count 3\n"));
  CHECK_THAT(all, Contains("pileus_http_request_seconds_sum 60.00038\n"));
  CHECK_THAT(all, Contains("pileus_connections{state=\"active\"} 2\n"));
  CHECK_THAT(all, Contains("pileus_connections{state=\"parked\"} 3\n"));
  CHECK_THAT(all, Contains("pileus_store_commits_total 7\n") && Contains("pileus_store_queue_length 2\n"));
  CHECK_THAT(all, Contains("pileus_logins_total{outcome=\"refused\"} 3\n"));
}

TEST_CASE(
    "every line is of the exposition format, every family is described before its samples, no sample is doubled") {
  server::HttpMetrics http;
  http.count("FLY", 500, std::chrono::microseconds(1));
  http.count("GET", 200, std::chrono::microseconds(1));
  const server::LoopMetrics loop;
  std::istringstream lines(text(http, loop));
  const std::regex sample("([a-z0-9_]+)(\\{[a-z]+=\"[^\"\\\\\n]*\"(,[a-z]+=\"[^\"\\\\\n]*\")*\\})? ([0-9.e+-]+)");
  const std::regex comment("# (HELP|TYPE) ([a-z0-9_]+) .+");
  std::set<std::string> described;
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    std::smatch match;
    if (std::regex_match(line, match, comment)) {
      described.insert(match[2]);
      continue;
    }
    REQUIRE(std::regex_match(line, match, sample));
    const std::string family = std::regex_replace(match[1].str(), std::regex("_(bucket|sum|count)$"), "");
    CHECK(described.contains(family));
    CHECK(seen.insert(match[1].str() + match[2].str()).second);
  }
  CHECK(seen.size() > 30);
}

TEST_CASE("the process's figures are those of this process") {
  const auto figures = server::process_figures();
  CHECK(figures.resident_octets > 1024 * 1024);
  CHECK(figures.descriptors >= 3);
  const double now = static_cast<double>(std::time(nullptr));
  CHECK(figures.start_time > now - 3600);
  CHECK(figures.start_time < now + 2);
}
