#include "server/serve.h"

#include <array>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/exit.h"
#include "server/log.h"

namespace server {

namespace {

int serve(const Arguments& arguments) {
  Config config = configuration(arguments);
  log().set_options(config.log);
  Server::prepare_process();
  try {
    Server server(std::move(config), arguments.value("--config").value_or(std::string(default_config)),
                  arguments.value("--trace"));
    server.run();
  } catch (const std::exception& error) {
    // The log is where one looks for why a server isn't there.
    log_error("failed", {{"reason", error.what()}});
    throw;
  }
  return exit_ok;
}

constexpr std::array options{
    OptionRow{"--trace", "ACCOUNT", "write all that this account's clients say and hear to a file in the data folder"},
};

constexpr std::array commands{
    Command{"serve", "",
            "Runs the server, in the foreground, until SIGTERM or SIGINT.\n"
            "SIGHUP reads certificates, log level, limits and the other keys marked (R) in pileus.toml again.",
            options, serve},
};

}  // namespace

std::span<const Command> serve_commands() { return commands; }

}  // namespace server
