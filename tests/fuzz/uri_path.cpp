#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dav/error.h"
#include "dav/path.h"

namespace {

void check(const dav::Address& address) {
  for (const auto& segment : address.segments) {
    if (segment.empty() || segment == "." || segment == ".." || segment.size() > 255) std::abort();
    if (segment.find('/') != std::string::npos || segment.find('\0') != std::string::npos) std::abort();
  }
  // What is written is read back as the same, and written the same again.
  const std::string path = dav::encode(address, address.trailing_slash);
  const dav::Address again = dav::parse_path(path);
  if (!(again == address) || dav::encode(again, address.trailing_slash) != path) std::abort();
}

}  // namespace

// Any octets as a path and as a Destination: an address that round-trips, or refused with 400.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    check(dav::parse_path(text));
  } catch (const dav::Error& error) {
    if (error.status() != 400) std::abort();
  }
  try {
    if (const auto address = dav::parse_reference(text, "pileus.test:8443")) check(*address);
  } catch (const dav::Error& error) {
    if (error.status() != 400) std::abort();
  }
  return 0;
}
