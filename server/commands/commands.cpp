#include "server/commands/commands.h"

#include <sys/stat.h>

#include <cstdio>

#include "server/commands/context.h"
#include "server/config.h"
#include "server/exit.h"
#include "server/tls.h"
#include "server/version.h"
#include "storage/failure.h"

namespace server {

namespace {

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

int failed(int status, const std::string& reason) {
  print(stderr, "pileus: " + reason + "\n");
  return status;
}

int status_of(storage::Trouble trouble) {
  switch (trouble) {
    case storage::Trouble::unavailable:
      return exit_unavailable;
    case storage::Trouble::full:
      return exit_io;
    case storage::Trouble::conflict:
      return exit_try_again;
    case storage::Trouble::corrupt:
      return exit_data;
    case storage::Trouble::refused:
      return exit_refused;
  }
  return exit_internal;
}

int run_command(std::span<const Command> commands, std::vector<std::string> words) {
  const Command& command = find_command(commands, words);
  const Arguments arguments = parse_arguments(command, words);
  if (arguments.has("--help")) {
    print(stdout, help_text(command));
    return exit_ok;
  }
  return command.run(arguments);
}

// `pileus --help`, `pileus help`, `pileus account --help`, `pileus --version`; false for something else.
bool answer_question(std::span<const Command> commands, const std::vector<std::string>& words) {
  if (words.empty()) return false;
  if (words[0] == "--version" || words[0] == "version") {
    print(stdout, "pileus " + std::string(version()) + "\n");
    return true;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(stdout, help_text(commands));
    return true;
  }
  if (words.size() == 2 && words[1] == "--help") {
    for (const Command& command : commands) {
      if (!command.name.starts_with(words[0] + " ")) continue;
      print(stdout, help_text(commands, words[0]));
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (const auto commands :
       {serve_commands(), check_config_commands(), account_commands(), group_commands(), address_book_commands(),
        credential_commands(), share_link_commands(), subscription_commands(), queue_commands(), maintenance_commands(),
        transfer_commands(), time_zone_commands(), dns_commands(), doctor_commands(), dkim_commands()}) {
    all.insert(all.end(), commands.begin(), commands.end());
  }
  return all;
}

int run_program(std::vector<std::string> words) {
  const std::vector<Command> commands = all_commands();
  ::umask(0077);
  try {
    if (answer_question(commands, words)) return exit_ok;
    return run_command(commands, std::move(words));
  } catch (const UsageError& error) {
    return failed(exit_usage, std::string(error.what()) + "\nTry `pileus --help`.");
  } catch (const ConfigError& error) {
    return failed(exit_config, error.what());
  } catch (const TlsError& error) {
    return failed(exit_config, error.what());
  } catch (const CommandFailed& error) {
    return failed(error.status(), error.what());
  } catch (const storage::Failure& error) {
    return failed(status_of(error.trouble()), error.what());
  } catch (const storage::DuplicateName& error) {
    return failed(exit_exists, error.what());
  } catch (const std::invalid_argument& error) {
    return failed(exit_data, error.what());
  } catch (const std::exception& error) {
    return failed(exit_internal, error.what());
  }
}

}  // namespace server
