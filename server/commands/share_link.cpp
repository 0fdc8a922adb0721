#include <array>
#include <map>

#include "dav/kind.h"
#include "dav/links.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/units.h"
#include "storage/links.h"

namespace server {

namespace {

using storage::Account;
using storage::Collection;
using storage::CollectionKind;
using storage::Transaction;

/// The calendar or address book that the arguments name.
Collection collection_of(const Arguments& arguments, OpenStore& open, const Account& account) {
  const auto calendar = arguments.value("--calendar");
  const auto book = arguments.value("--address-book");
  if (calendar.has_value() == book.has_value()) throw UsageError("name one --calendar or --address-book");
  const std::string& name = calendar ? *calendar : *book;
  const auto home_kind = calendar ? CollectionKind::calendar_home : CollectionKind::addressbook_home;
  const auto kind = calendar ? CollectionKind::calendar : CollectionKind::addressbook;
  auto found = open.store->read([&](Transaction& transaction) -> std::optional<Collection> {
    const auto home = transaction.home(account.id, home_kind);
    const auto entry = home ? transaction.member(home->id, name) : std::nullopt;
    return entry && entry->child != 0 ? transaction.collection(entry->child) : std::nullopt;
  });
  if (!found || found->kind != kind) {
    throw CommandFailed(exit_data, account.name + " has no " + (calendar ? "calendar " : "address book ") + name);
  }
  return *found;
}

int create(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account account = open.account_of(arguments, "calendar");
  const Collection collection = collection_of(arguments, open, account);
  storage::Link wanted;
  wanted.collection = collection.id;
  wanted.label = arguments.value("--label").value_or("");
  wanted.busy_only = arguments.has("--free-busy");
  if (wanted.busy_only && collection.kind != CollectionKind::calendar) {
    throw UsageError("--free-busy is for calendars");
  }
  const auto now = open.store->read([](Transaction& transaction) { return transaction.now(); });
  if (const auto text = arguments.value("--expires")) wanted.expires = parse_expiry(*text, now);
  const std::string secret =
      open.store->write([&](Transaction& transaction) { return storage::create_link(transaction, wanted); });
  const std::string address = public_authority(open.config) + dav::link_path(secret, dav::kind_of(collection.kind));
  const std::string https = "https://" + address;
  const std::string webcal = "webcal://" + address;
  if (!arguments.has("--json")) {
    print(https + "\n" + (collection.kind == CollectionKind::calendar ? webcal + "\n" : ""));
    return exit_ok;
  }
  Table table({"account", "collection", "label", "free_busy", "https", "webcal", "expires"});
  table.add({account.name, collection.name, wanted.label, wanted.busy_only, https,
             collection.kind == CollectionKind::calendar ? Cell(webcal) : Cell(),
             wanted.expires ? Cell(time_text(*wanted.expires)) : Cell()});
  print(table.json_object());
  return exit_ok;
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account account = open.account_of(arguments, "calendar");
  Table table({"id", "collection", "label", "free_busy", "created", "expires", "last_used"});
  const auto time = [](const std::optional<storage::Timestamp>& moment) {
    return moment ? Cell(time_text(*moment)) : Cell();
  };
  open.store->read([&](Transaction& transaction) {
    for (const storage::Link& link : storage::links_of(transaction, account.id)) {
      const auto collection = transaction.collection(link.collection);
      table.add({link.id, collection ? collection->name : "", link.label, link.busy_only, time_text(link.created),
                 time(link.expires), time(link.last_used)});
    }
  });
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

int revoke(const Arguments& arguments) {
  const std::string& text = arguments.operands()[0];
  const storage::Id id = id_operand(text, "share-link list");
  OpenStore open(arguments);
  const Account account = open.account_of(arguments, "calendar");
  const bool gone =
      open.store->write([&](Transaction& transaction) { return storage::revoke_link(transaction, account.id, id); });
  if (!gone) throw CommandFailed(exit_no_account, account.name + " has no link " + text);
  return exit_ok;
}

constexpr OptionRow whose{"--account", "ACCOUNT", "whose it is"};
constexpr OptionRow json{"--json", "", "for programs"};
constexpr std::array create_options{
    whose,
    OptionRow{"--calendar", "NAME", "the calendar, by the name in its address"},
    OptionRow{"--address-book", "NAME", "or the address book"},
    OptionRow{"--label", "TEXT", "what it is for"},
    OptionRow{"--free-busy", "", "show when the account is busy, and nothing else"},
    OptionRow{"--expires", "WHEN", "a day (2026-12-31), a moment, or a time from now (\"90 d\")"},
    json,
};
constexpr std::array list_options{whose, json};
constexpr std::array revoke_options{whose};

constexpr std::array commands{
    Command{"share-link create", "", "Makes a secret read-only address of a calendar and prints it, this once.",
            create_options, create},
    Command{"share-link list", "", "Lists an account's links and their last use.", list_options, list},
    Command{"share-link revoke", "ID", "Revokes a link, at once.", revoke_options, revoke},
};

}  // namespace

std::span<const Command> share_link_commands() { return commands; }

}  // namespace server
