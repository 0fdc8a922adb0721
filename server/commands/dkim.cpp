#include <algorithm>
#include <array>
#include <string>

#include "mail/dkim/keyring.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"

namespace server {

namespace {

namespace dkim = mail::dkim;

bool is_label(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, good);
}

/// Throws CommandFailed for what can't be a name in the DNS.
void check_name(const std::string& name) {
  std::string_view rest = name;
  while (true) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) throw CommandFailed(exit_data, name + " can't be a name in the DNS");
    if (dot == std::string_view::npos) return;
    rest.remove_prefix(dot + 1);
  }
}

std::string option(const Arguments& arguments, std::string_view name) {
  const auto value = arguments.value(name);
  if (!value) throw UsageError("name " + std::string(name));
  return *value;
}

/// The record as a line of a zone's file: a text of the DNS has at most 255 octets, so that a key needs several. RFC
/// 6376 3.6.2.2
std::string zone_line(const std::string& name, std::string_view record) {
  constexpr std::size_t most = 255;
  std::string out = name + ". IN TXT (";
  while (!record.empty()) {
    out += "\n  \"" + std::string(record.substr(0, most)) + "\"";
    record.remove_prefix(std::min(most, record.size()));
  }
  return out + " )\n";
}

void print_record(const Arguments& arguments, const dkim::Key& key) {
  const std::string& domain = arguments.operands()[0];
  const std::string& selector = arguments.operands()[1];
  const std::string name = selector + "._domainkey." + domain;
  if (!arguments.has("--json")) return print(zone_line(name, key.record()));
  Table table({"name", "record", "algorithm"});
  table.add({name, key.record(), std::string(dkim::name_of(key.algorithm()))});
  print(table.json_object());
}

dkim::Key new_key(const Arguments& arguments) {
  const std::string kind = arguments.value("--algorithm").value_or("rsa");
  if (kind == "rsa") return dkim::Key::generate(dkim::Algorithm::rsa_sha256);
  if (kind == "ed25519") return dkim::Key::generate(dkim::Algorithm::ed25519_sha256);
  throw UsageError("--algorithm is rsa or ed25519");
}

int generate(const Arguments& arguments) {
  const std::string file = option(arguments, "--key");
  for (const std::string& name : arguments.operands()) check_name(name);
  const dkim::Key key = new_key(arguments);
  try {
    dkim::write_key(file, key);
  } catch (const dkim::KeyError& error) {
    throw CommandFailed(exit_exists, error.what());
  }
  print_record(arguments, key);
  return exit_ok;
}

int record(const Arguments& arguments) {
  const std::string file = option(arguments, "--key");
  for (const std::string& name : arguments.operands()) check_name(name);
  try {
    print_record(arguments, dkim::read_key(file));
  } catch (const dkim::KeyError& error) {
    throw CommandFailed(exit_no_input, error.what());
  }
  return exit_ok;
}

constexpr OptionRow key_option{"--key", "FILE", "the file of the private key"};
constexpr OptionRow json{"--json", "", "for programs"};
constexpr std::array generate_options{
    key_option,
    OptionRow{"--algorithm", "NAME", "rsa (2048 bits, known everywhere) or ed25519"},
    json,
};
constexpr std::array record_options{key_option, json};

constexpr std::array commands{
    Command{"dkim generate", "DOMAIN SELECTOR", "Makes a key to sign mail with and prints its record for the DNS.",
            generate_options, generate},
    Command{"dkim record", "DOMAIN SELECTOR", "Prints the DNS record of a key that is there.", record_options, record},
};

}  // namespace

std::span<const Command> dkim_commands() { return commands; }

}  // namespace server
