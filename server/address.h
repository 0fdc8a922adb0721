#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server {

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (::ffff:192.0.2.1) is the IPv4 address it maps.
class Address {
 public:
  /// The address written as `text`: without brackets, port or zone; nothing when it is none.
  static std::optional<Address> parse(std::string_view text);

  static Address v4(const std::array<std::uint8_t, 4>& octets);
  static Address v6(const std::array<std::uint8_t, 16>& octets);

  bool is_v4() const { return v4_; }
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }

  /// The address as people write it (RFC 5952 4 for IPv6).
  std::string text() const;

  /// What counts as one client: an IPv4 address, or the /64 an IPv6 host may choose freely from.
  std::array<std::uint8_t, 16> client_key() const;

  bool operator==(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};  ///< IPv4 in the mapped form
  bool v4_ = false;
};

/// A block of addresses.
class Cidr {
 public:
  /// "192.0.2.0/24", "2001:db8::/32", or one address; nothing when it is none of these.
  static std::optional<Cidr> parse(std::string_view text);

  bool contains(const Address& address) const;

 private:
  Address network_;
  unsigned bits_ = 0;  ///< of the 128
};

/// True when one of `blocks` contains `address`.
bool contains(const std::vector<Cidr>& blocks, const Address& address);

}  // namespace server
