#include <array>
#include <sstream>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/units.h"

namespace server {

namespace {

using storage::Account;

storage::Scope parse_scope(const std::string& text) {
  storage::Scope scope{false, false, false};
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == "dav") {
      scope.dav = true;
    } else if (word == "mail") {
      scope.mail = true;
    } else if (word == "read-only") {
      scope.read_only = true;
    } else {
      throw UsageError("--scope is made of dav, mail and read-only with commas between");
    }
  }
  // Read-only of what? Of everything.
  if (!scope.dav && !scope.mail) scope.dav = scope.mail = true;
  return scope;
}

std::vector<std::string> scope_texts(const storage::Scope& scope) {
  std::vector<std::string> texts;
  if (scope.dav) texts.emplace_back("dav");
  if (scope.mail) texts.emplace_back("mail");
  if (scope.read_only) texts.emplace_back("read-only");
  return texts;
}

int create(const Arguments& arguments) {
  const auto label = arguments.value("--label");
  if (!label || label->empty()) throw UsageError("--label is missing: what the app password is for");
  const storage::Scope scope = parse_scope(arguments.value("--scope").value_or("dav,mail"));
  OpenStore open(arguments);
  const Account account = open.account(arguments.operands()[0]);
  const auto now = open.store->read([](storage::Transaction& transaction) { return transaction.now(); });
  std::optional<storage::Timestamp> expires;
  if (const auto text = arguments.value("--expires")) expires = parse_expiry(*text, now);
  const std::string password = open.accounts.create_credential(account.id, *label, scope, expires);
  if (!arguments.has("--json")) {
    print(password + "\n");
    return exit_ok;
  }
  Table table({"account", "label", "password", "scope", "expires"});
  table.add({account.name, *label, password, scope_texts(scope), expires ? Cell(time_text(*expires)) : Cell()});
  print(table.json_object());
  return exit_ok;
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account account = open.account(arguments.operands()[0]);
  Table table({"id", "label", "scope", "created", "expires", "last_used", "last_address", "last_client"});
  const auto time = [](const std::optional<storage::Timestamp>& moment) {
    return moment ? Cell(time_text(*moment)) : Cell();
  };
  for (const storage::Credential& one : open.accounts.credentials(account.id)) {
    table.add({one.id, one.label, scope_texts(one.scope), time_text(one.created), time(one.expires),
               time(one.last_used), one.last_address, one.last_client});
  }
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

int revoke(const Arguments& arguments) {
  const std::string& text = arguments.operands()[1];
  const storage::Id id = id_operand(text, "credential list");
  OpenStore open(arguments);
  const Account account = open.account(arguments.operands()[0]);
  if (!open.accounts.revoke_credential(account.id, id)) {
    throw CommandFailed(exit_no_account, account.name + " has no app password " + text);
  }
  return exit_ok;
}

constexpr OptionRow json{"--json", "", "for programs"};
constexpr std::array create_options{
    OptionRow{"--label", "TEXT", "what it is for, as in \"phone\""},
    OptionRow{"--scope", "SCOPES", "dav, mail, read-only with commas between (default dav,mail)"},
    OptionRow{"--expires", "WHEN", "a day (2026-12-31), a moment, or a time from now (\"90 d\")"},
    json,
};
constexpr std::array list_options{json};

constexpr std::array commands{
    Command{"credential create", "ACCOUNT", "Makes an app password and prints it, this once.", create_options, create},
    Command{"credential list", "ACCOUNT", "Lists an account's app passwords and their last use.", list_options, list},
    Command{"credential revoke", "ACCOUNT ID", "Revokes an app password, at once.", {}, revoke},
};

}  // namespace

std::span<const Command> credential_commands() { return commands; }

}  // namespace server
