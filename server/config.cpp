#include "server/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "server/config_keys.h"

namespace server {

namespace {

/// Reads one parsed file into a Config.
class Loader {
 public:
  Loader(std::string_view name, Config& config) : name_(name), config_(config) {}

  void load(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const toml::table* table = node.as_table();
      if (table == nullptr) {
        if (is_table(key.str())) fail(node, "\"" + std::string(key.str()) + "\" must be a table, as in [server]");
        fail(key, unknown(std::string(key.str())));
      }
      if (!is_table(key.str())) fail(key, unknown("[" + std::string(key.str()) + "]"));
      for (const auto& [inner, value] : *table)
        load_key(std::string(key.str()) + "." + std::string(inner.str()), inner, value);
    }
  }

 private:
  static bool is_table(std::string_view name) {
    return std::ranges::any_of(config_keys(), [&](const Key& key) {
      return key.name.starts_with(name) && key.name.substr(name.size()).starts_with('.');
    });
  }

  static std::string unknown(const std::string& what) { return "unknown key " + what; }

  template <class Located>
  [[noreturn]] void fail(const Located& located, const std::string& reason) const {
    throw ConfigError(name_ + ":" + std::to_string(located.source().begin.line) + ": " + reason);
  }

  void load_key(const std::string& name, const toml::key& written, const toml::node& node) {
    const auto keys = config_keys();
    const auto key = std::ranges::find(keys, name, &Key::name);
    if (key == keys.end()) fail(written, unknown(name));
    try {
      key->slot(config_).set(value_of(node));
    } catch (const std::invalid_argument& error) {
      fail(node, name + ": " + error.what());
    }
  }

  static Value value_of(const toml::node& node) {
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* array = node.as_array()) return array_value(*array);
    throw std::invalid_argument("this can't be a value of that type");
  }

  static Value array_value(const toml::array& array) {
    std::vector<std::string> texts;
    std::vector<CertificateFiles> certificates;
    for (const toml::node& node : array) {
      if (const auto* text = node.as_string()) {
        texts.push_back(text->get());
      } else if (const auto* table = node.as_table()) {
        certificates.push_back(certificate(*table));
      } else {
        throw std::invalid_argument("an element of this list has a wrong type");
      }
    }
    if (certificates.empty()) return texts;
    if (!texts.empty()) throw std::invalid_argument("the elements of this list have different types");
    return certificates;
  }

  static CertificateFiles certificate(const toml::table& table) {
    CertificateFiles files;
    for (const auto& [key, node] : table) {
      std::string* field = key == "chain" ? &files.chain : key == "key" ? &files.key : nullptr;
      if (field == nullptr) throw std::invalid_argument(unknown(std::string(key.str())));
      const auto* text = node.as_string();
      if (text == nullptr) throw std::invalid_argument(std::string(key.str()) + " must be a text in quotes");
      *field = text->get();
    }
    if (files.chain.empty() || files.key.empty()) throw std::invalid_argument("a certificate has a chain and a key");
    return files;
  }

  std::string name_;
  Config& config_;
};

std::string message(const toml::parse_error& error) {
  const std::string_view text = error.description();
  // toml++ names the octet it stopped at, perhaps in the middle of a character: whatever stands there is only shown.
  return std::string(text);
}

// What no single key can see.
void check_together(const Config& config, const std::string& name) {
  const auto fail = [&](const std::string& reason) { throw ConfigError(name + ": " + reason); };
  if (config.dav.default_lock_seconds > config.dav.max_lock_seconds)
    fail("dav.default_lock is longer than dav.max_lock");
  if (config.dav.min_date_time >= config.dav.max_date_time) fail("dav.min_date_time is not before dav.max_date_time");
  if (config.subscriptions.least_refresh > config.subscriptions.longest_refresh)
    fail("subscriptions.least_refresh is longer than subscriptions.longest_refresh");
  if (config.http_limits.target_octets > config.http_limits.head_octets) fail("http.max_target is over http.max_head");
}

}  // namespace

Config parse_config(std::string_view text, std::string_view name) {
  Config config;
  try {
    const toml::table root = toml::parse(text, name);
    Loader(name, config).load(root);
  } catch (const toml::parse_error& error) {
    throw ConfigError(std::string(name) + ":" + std::to_string(error.source().begin.line) + ": " + message(error));
  }
  check_together(config, std::string(name));
  return config;
}

Config load_config(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw ConfigError(file + ": can't be read: " + std::generic_category().message(errno));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) throw ConfigError(file + ": can't be read");
  return parse_config(text.str(), file);
}

SubscriptionPolicy subscription_policy(const Config& config) {
  SubscriptionPolicy policy = config.subscriptions;
  for (const std::string& text : config.subscriptions_from) {
    if (const auto block = Cidr::parse(text)) policy.fetch.allowed.push_back(*block);
  }
  return policy;
}

std::vector<Setting> settings(const Config& config) {
  Config copy = config;  // Slots can be set, and so are made of what may be changed.
  std::vector<Setting> all;
  for (const Key& key : config_keys()) all.push_back({std::string(key.name), key.slot(copy).get(), key.reloads});
  return all;
}

}  // namespace server
