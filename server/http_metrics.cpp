#include "server/http_metrics.h"

#include <algorithm>

namespace server {

namespace {

constexpr std::array<std::string_view, 26> methods{
    "GET",   "HEAD",  "PUT",        "POST",     "DELETE",  "OPTIONS",    "PATCH", "PROPFIND", "PROPPATCH",
    "MKCOL", "COPY",  "MOVE",       "LOCK",     "UNLOCK",  "REPORT",     "ACL",   "SEARCH",   "MKCALENDAR",
    "BIND",  "TRACE", "MKREDIRECT", "CHECKOUT", "CHECKIN", "MKACTIVITY", "-",     "other"};

std::size_t method_index(std::string_view method) {
  return static_cast<std::size_t>(std::find(methods.begin(), methods.end() - 1, method) - methods.begin());
}

}  // namespace

void HttpMetrics::count(std::string_view method, int status, std::chrono::microseconds time) {
  static_assert(methods.size() == method_count);
  const int bounded = std::clamp(status, 100, 599);
  requests_[method_index(method)][static_cast<std::size_t>(bounded - 100)].fetch_add(1, std::memory_order_relaxed);
  const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), microseconds) - bounds.begin();
  latency_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  latency_sum_.fetch_add(microseconds, std::memory_order_relaxed);
}

void HttpMetrics::requests(const std::function<void(std::string_view, int, std::uint64_t)>& each) const {
  for (std::size_t method = 0; method < methods.size(); ++method) {
    for (std::size_t status = 0; status < status_count; ++status) {
      const std::uint64_t seen = requests_[method][status].load(std::memory_order_relaxed);
      if (seen > 0) each(methods[method], static_cast<int>(status) + 100, seen);
    }
  }
}

}  // namespace server
