#include "server/address.h"

#include <arpa/inet.h>
#include <algorithm>
#include <charconv>
#include <cstring>

namespace server {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Address Address::v4(const std::array<std::uint8_t, 4>& octets) {
  Address address;
  std::ranges::copy(mapped_prefix, address.octets_.begin());
  std::ranges::copy(octets, address.octets_.begin() + mapped_prefix.size());
  address.v4_ = true;
  return address;
}

Address Address::v6(const std::array<std::uint8_t, 16>& octets) {
  Address address;
  address.octets_ = octets;
  address.v4_ = std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin());
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 4> four{};
  if (::inet_pton(AF_INET, copy.c_str(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (::inet_pton(AF_INET6, copy.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN];
  const char* written = v4_ ? ::inet_ntop(AF_INET, octets_.data() + mapped_prefix.size(), buffer, sizeof buffer)
                            : ::inet_ntop(AF_INET6, octets_.data(), buffer, sizeof buffer);
  return written == nullptr ? std::string() : std::string(written);
}

std::array<std::uint8_t, 16> Address::client_key() const {
  std::array<std::uint8_t, 16> key = octets_;
  if (!v4_) std::fill(key.begin() + 8, key.end(), std::uint8_t{0});
  return key;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto network = Address::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  const unsigned width = network->is_v4() ? 32 : 128;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (number.empty() || error != std::errc{} || end != number.data() + number.size() || bits > width) {
      return std::nullopt;
    }
  }
  Cidr block;
  block.network_ = *network;
  block.bits_ = bits + (128 - width);
  return block;
}

bool Cidr::contains(const Address& address) const {
  // ::/0 is all of IPv6; IPv4, though held in its mapped form, belongs only to IPv4 blocks.
  if (address.is_v4() != network_.is_v4()) return false;
  const std::size_t whole = bits_ / 8;
  if (std::memcmp(address.octets().data(), network_.octets().data(), whole) != 0) return false;
  const unsigned rest = bits_ % 8;
  if (rest == 0) return true;
  const unsigned difference = static_cast<unsigned>(address.octets()[whole] ^ network_.octets()[whole]);
  return (difference >> (8 - rest)) == 0;
}

bool contains(const std::vector<Cidr>& blocks, const Address& address) {
  return std::ranges::any_of(blocks, [&](const Cidr& block) { return block.contains(address); });
}

}  // namespace server
