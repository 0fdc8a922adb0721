#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <regex>
#include <stdexcept>

#include "dav/account_settings.h"
#include "dav/calendar/timezone.h"
#include "server/birthdays.h"
#include "server/commands/account_batch.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/commands/password.h"
#include "server/exit.h"
#include "server/units.h"
#include "storage/names.h"

namespace server {

namespace {

using storage::Account;
using storage::AccountKind;
using storage::Transaction;

constexpr std::array<std::pair<std::string_view, AccountKind>, 4> kinds{{
    {"user", AccountKind::user},
    {"group", AccountKind::group},
    {"room", AccountKind::room},
    {"resource", AccountKind::resource},
}};

AccountKind parse_kind(std::string_view text) {
  for (const auto& [name, kind] : kinds) {
    if (name == text) return kind;
  }
  throw UsageError("--kind is user, group, room or resource");
}

std::string kind_text(AccountKind kind) {
  const auto found = std::ranges::find(kinds, kind, &decltype(kinds)::value_type::second);
  return found == kinds.end() ? std::string() : std::string(found->first);
}

std::string checked_address(const std::string& text) {
  std::string address = storage::lower_case(text);
  storage::check_address(address);
  return address;
}

std::string checked_zone(const std::string& text) {
  if (!text.empty() && dav::calendar::TimeZones().find(text) == nullptr) {
    throw std::invalid_argument("there is no time zone " + text);
  }
  return text;
}

// RFC 5646 2.1, in outline: words of letters and digits, the first of letters.
std::string checked_locale(const std::string& text) {
  if (!std::regex_match(text, std::regex("([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?"))) {
    throw std::invalid_argument(text + " is no language tag, as in de-AT");
  }
  return text;
}

// What `create` and `set` have in common.
void apply(const Arguments& arguments, Account& account) {
  if (const auto addresses = arguments.values("--address"); !addresses.empty()) {
    account.addresses.clear();
    for (const std::string& address : addresses) account.addresses.push_back(checked_address(address));
  }
  if (const auto name = arguments.value("--display-name")) account.display_name = *name;
  if (const auto zone = arguments.value("--time-zone")) account.time_zone = checked_zone(*zone);
  if (const auto locale = arguments.value("--locale")) account.locale = checked_locale(*locale);
  if (const auto quota = arguments.value("--quota")) {
    account.quota = *quota == "none" ? std::nullopt : std::optional(parse_size(*quota));
  }
}

std::optional<bool> parse_switch(const std::string& option, const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  if (text == "default") return std::nullopt;
  throw UsageError(option + " is on, off or default");
}

std::string switch_text(const std::optional<bool>& value) { return value ? *value ? "on" : "off" : "default"; }

storage::Listing parse_listing(const std::string& text) {
  const auto listing = dav::listing_of(text);
  if (!listing) throw UsageError("--listing is addresses, name or hidden");
  return *listing;
}

// What a running server would do within a minute.
void make_birthdays(OpenStore& open, const std::string& name) {
  const auto state = open.store->read([&](Transaction& transaction) {
    return transaction.birthdays(transaction.account_named(name)->id, open.config.birthdays);
  });
  if (!state || (!state->wanted && state->calendar == 0)) return;
  const KeepersZones zones;
  update_birthdays(zones.environment(*open.store, open.config.dav), *state);
}

Table account_table(const std::vector<Account>& accounts) {
  Table table({"name", "kind", "display_name", "addresses", "time_zone", "locale", "quota", "used", "disabled",
               "birthdays", "listing", "merged_book", "created"});
  for (const Account& account : accounts) {
    table.add({account.name, kind_text(account.kind), account.display_name, account.addresses, account.time_zone,
               account.locale, account.quota ? Cell(*account.quota) : Cell(), account.used, account.disabled,
               switch_text(account.birthdays), std::string(dav::listing_text(account.listing)),
               switch_text(account.merged_book), time_text(account.created)});
  }
  return table;
}

int create_from_file(OpenStore& open, const std::string& file) {
  std::ifstream from_file;
  if (file != "-") {
    from_file.open(file);
    if (!from_file) throw CommandFailed(exit_no_input, file + " can't be read");
  }
  return create_batch(open.accounts, file == "-" ? std::cin : from_file) == 0 ? exit_ok : exit_no;
}

int create(const Arguments& arguments) {
  const auto batch = arguments.value("--batch");
  if (batch.has_value() == !arguments.operands().empty()) throw UsageError("give a NAME or --batch FILE");
  Account wanted;
  wanted.kind = parse_kind(arguments.value("--kind").value_or("user"));
  apply(arguments, wanted);
  OpenStore open(arguments, batch ? batch_threads() : 1);
  if (batch) return create_from_file(open, *batch);
  wanted.name = arguments.operands()[0];
  const bool asked = wanted.kind == AccountKind::user || arguments.has("--password-stdin");
  const std::string password = arguments.has("--no-password") || !asked ? std::string() : new_password(arguments);
  open.accounts.create(wanted, password);
  return exit_ok;
}

int list(const Arguments& arguments) {
  const auto kind = arguments.value("--kind");
  OpenStore open(arguments);
  auto accounts = open.store->read([](Transaction& transaction) { return transaction.accounts(); });
  if (kind) std::erase_if(accounts, [wanted = parse_kind(*kind)](const Account& one) { return one.kind != wanted; });
  if (arguments.has("--json")) {
    print(account_table(accounts).json());
    return exit_ok;
  }
  Table table({"NAME", "KIND", "ADDRESSES", "USED", "QUOTA", "STATE"});
  for (const Account& account : accounts) {
    table.add({account.name, kind_text(account.kind), account.addresses, account.used,
               account.quota ? Cell(size_text(*account.quota)) : Cell("-"), account.disabled ? "disabled" : "enabled"});
  }
  print(table.columns());
  return exit_ok;
}

int show(const Arguments& arguments) {
  OpenStore open(arguments);
  const Table table = account_table({open.account(arguments.operands()[0])});
  print(arguments.has("--json") ? table.json_object() : table.list());
  return exit_ok;
}

int set(const Arguments& arguments) {
  if (arguments.has("--disable") && arguments.has("--enable")) throw UsageError("--disable or --enable, not both");
  OpenStore open(arguments);
  const std::string name = open.account(arguments.operands()[0]).name;
  open.store->write([&](Transaction& transaction) {
    auto account = transaction.account_named(name);
    if (!account) throw CommandFailed(exit_no_account, "there is no account " + name);
    apply(arguments, *account);
    for (const std::string& address : arguments.values("--add-address"))
      account->addresses.push_back(checked_address(address));
    for (const std::string& address : arguments.values("--remove-address")) {
      if (std::erase(account->addresses, storage::lower_case(address)) == 0)
        throw CommandFailed(exit_data, name + " has no address " + address);
    }
    if (arguments.has("--disable")) account->disabled = true;
    if (arguments.has("--enable")) account->disabled = false;
    if (const auto text = arguments.value("--birthdays")) account->birthdays = parse_switch("--birthdays", *text);
    if (const auto text = arguments.value("--listing")) account->listing = parse_listing(*text);
    if (const auto text = arguments.value("--merged-book")) account->merged_book = parse_switch("--merged-book", *text);
    transaction.update_account(*account);
  });
  if (arguments.has("--birthdays")) make_birthdays(open, name);
  return exit_ok;
}

int remove(const Arguments& arguments) {
  if (!arguments.has("--yes")) throw UsageError("this deletes all that the account has; say --yes");
  OpenStore open(arguments);
  const Account account = open.account(arguments.operands()[0]);
  open.store->write([&](Transaction& transaction) { transaction.remove_account(account.id); });
  return exit_ok;
}

int password(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account account = open.account(arguments.operands()[0]);
  open.accounts.set_password(account.id, new_password(arguments));
  return exit_ok;
}

constexpr OptionRow address{"--address", "ADDRESS", "an e-mail address; may be repeated, the main one first"};
constexpr OptionRow display_name{"--display-name", "TEXT", "the name that others see"};
constexpr OptionRow time_zone{"--time-zone", "ZONE", "as in Europe/Vienna"};
constexpr OptionRow locale{"--locale", "TAG", "as in de-AT"};
constexpr OptionRow quota{"--quota", "SIZE", "as in \"10 GiB\", or none"};
constexpr OptionRow json{"--json", "", "for programs"};
constexpr OptionRow password_stdin{"--password-stdin", "", "the password is the first line of stdin"};

constexpr std::array create_options{
    OptionRow{"--kind", "KIND", "user (default), group, room or resource"},
    address,
    display_name,
    time_zone,
    locale,
    quota,
    password_stdin,
    OptionRow{"--no-password", "", "nobody can log in until one is set"},
    OptionRow{"--batch", "FILE", "many: lines of NAME, ADDRESS and PASSWORD with tabs between; - for stdin"},
};
constexpr std::array list_options{json, OptionRow{"--kind", "KIND", "only those: user, group, room or resource"}};
constexpr std::array show_options{json};
constexpr std::array set_options{
    OptionRow{"--address", "ADDRESS", "replaces all e-mail addresses; may be repeated, the main one first"},
    OptionRow{"--add-address", "ADDRESS", "one more e-mail address; may be repeated"},
    OptionRow{"--remove-address", "ADDRESS", "one less; may be repeated"},
    display_name,
    time_zone,
    locale,
    quota,
    OptionRow{"--disable", "", "nobody can log in; nothing is deleted"},
    OptionRow{"--enable", "", "takes that back"},
    OptionRow{"--birthdays", "on|off|default", "a calendar of the contacts' birthdays and anniversaries"},
    OptionRow{"--listing", "addresses|name|hidden", "what others find in the directory and in searches"},
    OptionRow{"--merged-book", "on|off|default", "one address book of all cards for Contacts on macOS"},
};
constexpr std::array delete_options{OptionRow{"--yes", "", "yes, delete all that the account has"}};
constexpr std::array password_options{password_stdin};

constexpr std::array commands{
    Command{"account create", "[NAME]",
            "Creates an account with its calendars, address book and file folder.\n"
            "Asks for the password of a user; groups, rooms and resources have none unless --password-stdin is given.\n"
            "With --batch, goes on after a faulty line and ends with status 1.",
            create_options, create},
    Command{"account list", "", "Lists all accounts.", list_options, list},
    Command{"account show", "NAME", "Shows one account.", show_options, show},
    Command{"account set", "NAME", "Changes an account.", set_options, set},
    Command{"account delete", "NAME", "Deletes an account and all it has.", delete_options, remove},
    Command{"account password", "NAME", "Sets an account's password. App passwords stay.", password_options, password},
};

}  // namespace

std::span<const Command> account_commands() { return commands; }

}  // namespace server
