#include "server/commands/context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "server/exit.h"
#include "storage/names.h"

namespace server {

namespace {

storage::StoreOptions options_for_command(storage::StoreOptions options, int threads) {
  options.read_connections = threads;
  options.pool = threads + 1;
  return options;
}

// What root makes in another's data folder, its owner can't write any more.
const Config& checked_owner(const Config& config) {
  struct stat folder {};
  if (::geteuid() == 0 && ::stat(config.store.directory.c_str(), &folder) == 0 && folder.st_uid != 0) {
    throw CommandFailed(
        exit_refused, "run this as the user who owns " + config.store.directory + ", as in `sudo -u pileus pileus …`");
  }
  return config;
}

}  // namespace

Config configuration(const Arguments& arguments) {
  return load_config(arguments.value("--config").value_or(std::string(default_config)));
}

std::string public_authority(const Config& config) {
  std::string host = config.host_name;
  if (host.empty()) {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) host = name.data();
  }
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  const std::uint16_t port = config.https.empty() ? 443 : parse_endpoint(config.https.front()).port;
  return port == 443 || port == 0 ? host : host + ":" + std::to_string(port);
}

OpenStore::OpenStore(const Arguments& arguments, int threads)
    : config(configuration(arguments)),
      store(storage::open_store(options_for_command(checked_owner(config).store, threads))),
      accounts(*store, config.passwords) {}

storage::Account OpenStore::account(const std::string& name) {
  auto found = store->read(
      [&](storage::Transaction& transaction) { return transaction.account_named(storage::lower_case(name)); });
  if (!found) throw CommandFailed(exit_no_account, "there is no account " + name);
  return *found;
}

storage::Account OpenStore::account_of(const Arguments& arguments, std::string_view what) {
  const auto name = arguments.value("--account");
  if (!name) throw UsageError("--account is missing: whose " + std::string(what) + " it is");
  return account(*name);
}

storage::Id id_operand(const std::string& text, std::string_view list) {
  storage::Id id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError("ID is a number, see `" + std::string(list) + "`");
  }
  return id;
}

}  // namespace server
