#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "server/arguments.h"
#include "server/config.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace server {

/// A command that can't do what it was asked; what() is for the person, status() an Exit.
class CommandFailed : public std::runtime_error {
 public:
  CommandFailed(int status, const std::string& reason) : std::runtime_error(reason), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

inline constexpr std::string_view default_config = "/etc/pileus/pileus.toml";

/// The configuration named by --config, or the default one. Throws ConfigError.
Config configuration(const Arguments& arguments);

/// The number of what is meant, as an operand gives it; `list` is the command that shows them. Throws UsageError.
storage::Id id_operand(const std::string& text, std::string_view list);

/// Host, and port if it is an unusual one, of the addresses that are given to people.
std::string public_authority(const Config& config);

/// The store that the configuration names, opened for a command of so many threads; a running server doesn't mind.
struct OpenStore {
  explicit OpenStore(const Arguments& arguments, int threads = 1);

  Config config;
  std::unique_ptr<storage::Store> store;
  storage::Accounts accounts;

  /// The account of that name. Throws CommandFailed for none.
  storage::Account account(const std::string& name);

  /// The one that --account names, which is whose `what` is. Throws UsageError where the option is missing.
  storage::Account account_of(const Arguments& arguments, std::string_view what);
};

}  // namespace server
