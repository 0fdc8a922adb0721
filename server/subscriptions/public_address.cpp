#include "server/subscriptions/public_address.h"

#include <algorithm>
#include <string_view>

namespace server {

namespace {

std::vector<Cidr> blocks(std::initializer_list<std::string_view> texts) {
  std::vector<Cidr> all;
  for (const std::string_view text : texts) all.push_back(*Cidr::parse(text));
  return all;
}

/// The IPv4 address at that octet of an IPv6 one.
Address embedded(const Address& address, std::size_t at) {
  std::array<std::uint8_t, 4> octets{};
  std::copy_n(address.octets().begin() + static_cast<std::ptrdiff_t>(at), octets.size(), octets.begin());
  return Address::v4(octets);
}

}  // namespace

// RFC 6890 2.2.2 and 2.2.3, with what has been added to its registries since.
bool is_public(const Address& address) {
  static const std::vector<Cidr> special =
      blocks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
              "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
              "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20"});
  static const Cidr unicast = *Cidr::parse("2000::/3");
  static const Cidr by_6to4 = *Cidr::parse("2002::/16");
  static const Cidr by_nat64 = *Cidr::parse("64:ff9b::/96");
  if (by_6to4.contains(address)) return is_public(embedded(address, 2));
  if (by_nat64.contains(address)) return is_public(embedded(address, 12));
  if (!address.is_v4() && !unicast.contains(address)) return false;
  return !contains(special, address);
}

}  // namespace server
