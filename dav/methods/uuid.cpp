#include "dav/methods/uuid.h"

#include <array>
#include <cstdint>
#include <random>
#include <string_view>

namespace dav {

std::string random_uuid() {
  static constexpr std::string_view digits = "0123456789abcdef";
  thread_local std::random_device source;
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); i += 4) {
    const std::uint32_t random = source();
    for (std::size_t j = 0; j < 4; ++j) octets[i + j] = static_cast<std::uint8_t>(random >> (8 * j));
  }
  octets[6] = static_cast<std::uint8_t>((octets[6] & 0x0f) | 0x40);
  octets[8] = static_cast<std::uint8_t>((octets[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[octets[i] >> 4];
    text += digits[octets[i] & 15];
  }
  return text;
}

}  // namespace dav
