#include "server/proxy_protocol.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace server {

namespace {

using namespace std::literals;

constexpr std::string_view signature_2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::string_view signature_1 = "PROXY "sv;
constexpr std::size_t longest_line = 107;  // version 1, with its CRLF
constexpr std::size_t fixed_part = 16;     // version 2

ProxyHeader invalid() { return {.state = ProxyHeader::State::invalid, .size = 0, .address = {}, .port = 0}; }

unsigned octet(std::string_view bytes, std::size_t index) { return static_cast<unsigned char>(bytes[index]); }

std::uint16_t number(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint16_t>(octet(bytes, index) << 8 | octet(bytes, index + 1));
}

/// The next word of `line`, which is shortened by it and the space after it.
std::string_view word(std::string_view& line) {
  const std::string_view found = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), found.size() + 1));
  return found;
}

ProxyHeader parse_version_1(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, longest_line).find("\r\n");
  if (end == std::string_view::npos) return bytes.size() >= longest_line ? invalid() : ProxyHeader{};
  ProxyHeader header{.state = ProxyHeader::State::complete, .size = end + 2, .address = {}, .port = 0};
  std::string_view line = bytes.substr(signature_1.size(), end - signature_1.size());
  const std::string_view family = word(line);
  if (family == "UNKNOWN") return header;
  if (family != "TCP4" && family != "TCP6") return invalid();
  header.address = Address::parse(word(line));
  const auto target = Address::parse(word(line));
  const std::string_view port = word(line);
  const auto [last, error] = std::from_chars(port.data(), port.data() + port.size(), header.port);
  if (!header.address || !target || port.empty() || error != std::errc{} || last != port.data() + port.size()) {
    return invalid();
  }
  return header;
}

ProxyHeader parse_version_2(std::string_view bytes) {
  if (bytes.size() < fixed_part) return {};
  const unsigned version = octet(bytes, 12) >> 4;
  const unsigned command = octet(bytes, 12) & 0xf;
  const unsigned family = octet(bytes, 13) >> 4;
  const std::size_t length = number(bytes, 14);
  if (version != 2 || command > 1 || fixed_part + length > longest_proxy_header) return invalid();
  if (bytes.size() < fixed_part + length) return {};
  ProxyHeader header{.state = ProxyHeader::State::complete, .size = fixed_part + length, .address = {}, .port = 0};
  if (command == 0) return header;
  const std::string_view addresses = bytes.substr(fixed_part, length);
  if (family == 1) {
    if (addresses.size() < 12) return invalid();
    std::array<std::uint8_t, 4> four{};
    std::memcpy(four.data(), addresses.data(), four.size());
    header.address = Address::v4(four);
    header.port = number(addresses, 8);
  } else if (family == 2) {
    if (addresses.size() < 36) return invalid();
    std::array<std::uint8_t, 16> sixteen{};
    std::memcpy(sixteen.data(), addresses.data(), sixteen.size());
    header.address = Address::v6(sixteen);
    header.port = number(addresses, 32);
  }
  return header;
}

bool begins(std::string_view bytes, std::string_view signature) {
  const std::size_t common = std::min(bytes.size(), signature.size());
  return bytes.substr(0, common) == signature.substr(0, common);
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (begins(bytes, signature_2)) return bytes.size() < signature_2.size() ? ProxyHeader{} : parse_version_2(bytes);
  if (begins(bytes, signature_1)) return bytes.size() < signature_1.size() ? ProxyHeader{} : parse_version_1(bytes);
  return invalid();
}

}  // namespace server
