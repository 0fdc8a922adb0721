// The configuration: what is accepted can be written out and read again to the same; what is refused is refused with
// its line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const server::Config config = server::parse_config({reinterpret_cast<const char*>(data), size}, "pileus.toml");
    std::string text;
    for (const server::Setting& setting : server::settings(config)) text += setting.key + " = " + setting.value + "\n";
    const auto again = server::settings(server::parse_config(text, "again.toml"));
    const auto before = server::settings(config);
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].value != again[i].value) std::abort();
    }
  } catch (const server::ConfigError& error) {
    if (std::string_view(error.what()).starts_with("again.toml")) std::abort();
  }
  return 0;
}
