// RFC 7617: the Authorization field.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/basic.h"
#include "server/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = server::parse_basic({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const bool good = !read->name.empty() && read->name.find(':') == std::string::npos && server::is_utf8(read->name) &&
                    server::is_utf8(read->password) && read->password.find('\0') == std::string::npos;
  if (!good) std::abort();
  return 0;
}
