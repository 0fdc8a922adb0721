#include "storage/names.h"

#include <algorithm>
#include <stdexcept>

namespace storage {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_address = 254;  // RFC 5321 4.5.3.1.3, without the angle brackets

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void check_account_name(std::string_view name) {
  const auto allowed = [](char c) {
    return is_alphanumeric(c) || std::string_view("._-+@").find(c) != std::string_view::npos;
  };
  if (name.empty() || name.size() > longest_name || !is_alphanumeric(name.front()) ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    throw std::invalid_argument("an account's name has 1 to 64 of a-z 0-9 . _ - + @ and starts with a letter or digit");
  }
}

void check_address(std::string_view address) {
  const std::size_t at = address.find('@');
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' ||
           std::string_view("<>()[]\\,;:\"").find(c) != std::string_view::npos;
  };
  if (address.size() > longest_address || at == 0 || at == std::string_view::npos || at + 1 == address.size() ||
      address.find('@', at + 1) != std::string_view::npos || std::any_of(address.begin(), address.end(), forbidden)) {
    throw std::invalid_argument("not an e-mail address: " + std::string(address));
  }
}

}  // namespace storage
