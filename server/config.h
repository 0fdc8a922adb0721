#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dav/settings.h"
#include "mail/settings.h"
#include "server/http.h"
#include "server/log.h"
#include "server/loop.h"
#include "server/subscriptions/policy.h"
#include "server/tls.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace server {

/// Why a configuration can't be used; what() is "file:line: reason".
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A place to listen: "192.0.2.1:443", "[::]:443".
struct Endpoint {
  std::string host;  ///< an IP address without brackets
  std::uint16_t port = 0;
};

/// Everything that pileus.toml says. conf/pileus.toml explains each key; what a default Config holds are the defaults.
struct Config {
  Config() { store.directory = "/var/lib/pileus"; }

  // [server]
  std::string host_name;             ///< empty: the machine's name
  std::vector<std::string> domains;  ///< of people's addresses; empty: whatever is asked for
  int workers = 0;                   ///< 0: by the number of cores
  std::chrono::seconds drain{20};
  std::chrono::seconds tidy_every{300};
  std::string trace;  ///< an account whose exchanges are written to a file; empty for none

  // [listen]
  std::vector<std::string> https{"[::]:443"};
  std::vector<std::string> http{"[::]:80"};
  std::vector<std::string> admin{"127.0.0.1:9090"};
  std::vector<std::string> imaps;
  std::vector<std::string> imap;
  std::vector<std::string> submissions;
  std::vector<std::string> submission;
  std::vector<std::string> lmtp;
  std::vector<std::string> managesieve;
  Plaintext plaintext = Plaintext::redirect;
  std::vector<std::string> plaintext_from{"127.0.0.0/8", "::1"};

  // [tls]
  std::vector<CertificateFiles> certificates;
  std::chrono::seconds hsts{0};
  std::string acme_directory;

  // [proxy]
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> proxy_protocol_from;

  storage::StoreOptions store;        // [store]
  storage::PasswordPolicy passwords;  // [passwords]
  dav::Settings dav;                  // [dav]
  bool birthdays = false;
  mail::Settings mail;  // [mail]

  SubscriptionPolicy subscriptions;  // [subscriptions]
  std::vector<std::string> subscriptions_from;

  HttpLimits http_limits;  // [http]
  bool compress = true;
  LoopLimits loop_limits;  // [connections]
  LogOptions log;          // [log]
};

/// Reads a configuration. Throws ConfigError for a file that can't be read or parsed, an unknown key, a value of the
/// wrong type or out of range.
Config load_config(const std::string& file);

/// The same from text; `name` stands for the file in errors.
Config parse_config(std::string_view text, std::string_view name);

/// One key as it stands in the file: "store.pool" and "8".
struct Setting {
  std::string key;
  std::string value;  ///< in TOML
  bool reloads;       ///< a change counts on SIGHUP; otherwise at the next start
};

/// Every key there is, with its value in `config`, in the order of conf/pileus.toml.
std::vector<Setting> settings(const Config& config);

/// The policy for subscriptions, with the addresses that the configuration names.
SubscriptionPolicy subscription_policy(const Config& config);

/// Takes an endpoint apart. Throws std::invalid_argument with the reason.
Endpoint parse_endpoint(std::string_view text);

}  // namespace server
