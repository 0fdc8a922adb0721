#include "storage/throttle.h"

#include <arpa/inet.h>
#include <algorithm>
#include <cstring>

namespace storage {

namespace {

// After so long without a failure all is forgotten.
constexpr std::chrono::hours memory{1};
// How long an address is known as one where the account's owner is.
constexpr std::chrono::hours success_memory{24 * 7};
// An address may serve many people, and an account many devices: they have more failures free.
constexpr int address_factor = 5;
constexpr int account_factor = 10;
// The owner who comes from a new address while strangers guess waits at most this long.
constexpr std::chrono::seconds longest_account_delay{20};

std::string pair_key(std::string_view account, std::string_view address) {
  return std::string(account) + '\n' + throttle_address(address);
}

}  // namespace

std::chrono::seconds Throttle::left(BoundedMap<Failures>& table, const std::string& key, int free_failures,
                                    std::chrono::seconds longest, Time now) {
  const Failures* failures = table.find(key);
  if (!failures || failures->count < free_failures ||
      now - failures->last > std::max<Time::duration>(memory, longest)) {
    return std::chrono::seconds(0);
  }
  const int doublings = std::min(failures->count - free_failures, 30);
  const auto delay = std::min(std::chrono::seconds(std::int64_t{1} << doublings), longest);
  const auto until = failures->last + delay;
  return until <= now ? std::chrono::seconds(0) : std::chrono::ceil<std::chrono::seconds>(until - now);
}

void Throttle::count(BoundedMap<Failures>& table, const std::string& key, Time now) {
  Failures& failures = table[key];
  if (now - failures.last > std::max<Time::duration>(memory, longest_delay_)) failures.count = 0;
  failures.count = std::min(failures.count + 1, 1'000'000);
  failures.last = now;
}

std::chrono::seconds Throttle::wait(std::string_view account, std::string_view address, Time now) {
  const std::string pair = pair_key(account, address);
  auto longest = left(by_pair_, pair, free_failures_, longest_delay_, now);
  const Success* success = successes_.find(pair);
  if (!success || now - success->last > success_memory) {
    longest = std::max(
        longest, left(by_address_, throttle_address(address), free_failures_ * address_factor, longest_delay_, now));
    longest = std::max(longest, left(by_account_, std::string(account), free_failures_ * account_factor,
                                     std::min(longest_account_delay, longest_delay_), now));
  }
  return longest;
}

void Throttle::failed(std::string_view account, std::string_view address, Time now) {
  count(by_pair_, pair_key(account, address), now);
  count(by_address_, throttle_address(address), now);
  count(by_account_, std::string(account), now);
}

void Throttle::succeeded(std::string_view account, std::string_view address, Time now) {
  const std::string pair = pair_key(account, address);
  by_pair_.erase(pair);
  successes_[pair].last = now;
}

std::string throttle_address(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  in6_addr six{};
  if (::inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  char buffer[INET6_ADDRSTRLEN] = "";
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    ::inet_ntop(AF_INET, six.s6_addr + 12, buffer, sizeof buffer);
    return buffer;
  }
  std::memset(six.s6_addr + 8, 0, 8);
  ::inet_ntop(AF_INET6, &six, buffer, sizeof buffer);
  return buffer;
}

}  // namespace storage
