#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace server {

/// Counts since the start.
class HttpMetrics {
 public:
  /// Upper bounds of the latency buckets, in microseconds; one more bucket has none.
  static constexpr std::array<std::uint32_t, 14> bounds{
      100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 2'500'000, 10'000'000};

  void count(std::string_view method, int status, std::chrono::microseconds time);

  /// Calls `each` for every pair that was seen; methods that aren't HTTP's or WebDAV's count as "other".
  void requests(const std::function<void(std::string_view method, int status, std::uint64_t count)>& each) const;

  /// Requests in bucket `index` (not cumulated); `index` ≤ bounds.size().
  std::uint64_t latency(std::size_t index) const { return latency_[index].load(std::memory_order_relaxed); }
  std::uint64_t latency_sum_microseconds() const { return latency_sum_.load(std::memory_order_relaxed); }

  std::atomic<std::uint64_t> idle_timeouts{0};
  std::atomic<std::uint64_t> head_timeouts{0};
  std::atomic<std::uint64_t> body_timeouts{0};
  std::atomic<std::uint64_t> refused_framing{0};  ///< requests that couldn't be read

 private:
  static constexpr std::size_t method_count = 26;
  static constexpr std::size_t status_count = 500;  // 100 to 599

  std::array<std::array<std::atomic<std::uint64_t>, status_count>, method_count> requests_{};
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> latency_{};
  std::atomic<std::uint64_t> latency_sum_{0};
};

}  // namespace server
