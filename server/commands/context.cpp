#include "server/commands/context.h"

#include "server/exit.h"

namespace server {

namespace {

// One command is one thread.
storage::StoreOptions options_for_command(storage::StoreOptions options) {
  options.read_connections = 1;
  options.pool = 2;
  return options;
}

}  // namespace

Config configuration(const Arguments& arguments) {
  return load_config(arguments.value("--config").value_or(std::string(default_config)));
}

OpenStore::OpenStore(const Arguments& arguments)
    : config(configuration(arguments)),
      store(storage::open_store(options_for_command(config.store))),
      accounts(*store, config.passwords) {}

storage::Account OpenStore::account(const std::string& name) {
  auto found = store->read([&](storage::Transaction& transaction) { return transaction.account_named(name); });
  if (!found) throw CommandFailed(exit_no_account, "there is no account " + name);
  return *found;
}

}  // namespace server
