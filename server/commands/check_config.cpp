#include <array>
#include <cstdio>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/exit.h"
#include "server/tls.h"

namespace server {

namespace {

int check_config(const Arguments& arguments) {
  const Config config = configuration(arguments);
  if (!config.certificates.empty()) static_cast<void>(Tls(TlsOptions{config.certificates, {"http/1.1"}}));
  if (!config.https.empty() && config.certificates.empty()) {
    throw ConfigError("listen.https needs tls.certificates (or set it to [])");
  }
  if (arguments.has("--show")) {
    for (const Setting& setting : settings(config)) {
      std::printf("%s = %s\n", setting.key.c_str(), setting.value.c_str());
    }
  } else {
    std::puts("the configuration is good");
  }
  return exit_ok;
}

constexpr std::array options{OptionRow{"--show", "", "print every setting in force"}};

constexpr std::array commands{
    Command{"check-config", "", "Reads the configuration and its certificates and says what is wrong.", options,
            check_config},
};

}  // namespace

std::span<const Command> check_config_commands() { return commands; }

}  // namespace server
