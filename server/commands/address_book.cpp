#include <array>

#include "dav/address_books.h"
#include "dav/groups.h"
#include "dav/photos.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/subscriptions/kept.h"

namespace server {

namespace {

using storage::Collection;
using storage::CollectionKind;
using storage::Property;
using storage::Transaction;

std::vector<Collection> books_of(Transaction& transaction, const storage::Account& account) {
  const auto home = transaction.home(account.id, CollectionKind::addressbook_home);
  return home ? dav::address_books_in(transaction, *home) : std::vector<Collection>();
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  const auto account = open.account_of(arguments, "address book");
  Table table({"name", "photo_size", "group_mode", "default", "kept_by"});
  open.store->read([&](Transaction& transaction) {
    const auto home = transaction.home(account.id, CollectionKind::addressbook_home);
    const auto first = home ? dav::default_address_book(transaction, *home) : std::nullopt;
    for (const Collection& book : books_of(transaction, account)) {
      const int side = dav::photo_side(transaction.properties(book.id, 0), open.config.dav);
      const auto mode = dav::name_of(dav::group_mode(transaction, open.config.dav, book));
      const bool merged = book.keeper == storage::Keeper::merged;
      table.add({book.name, static_cast<std::int64_t>(side), std::string(mode), book.name == first,
                 std::string(merged ? "server" : "clients")});
    }
  });
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

/// The size that the option gives: nothing for the configured one.
std::optional<Property> wanted_size(const std::string& text) {
  if (text == "default") return std::nullopt;
  auto property = dav::photo_size_property(text);
  if (!property) throw std::invalid_argument("--photo-size is 0, from 16 to 4096, or default, not \"" + text + "\"");
  return property;
}

void set_group_mode(OpenStore& open, const storage::Account& account, const std::string& book,
                    std::optional<dav::GroupMode> mode) {
  dav::Address address;
  address.area = dav::Address::Area::addressbooks;
  address.account = account.name;
  address.segments.push_back(book);
  const auto target =
      open.store->read([&](Transaction& transaction) { return dav::resolve(transaction, address).collection; });
  if (!target) throw CommandFailed(exit_data, account.name + " has no address book " + book);
  if (target->keeper != storage::Keeper::clients) {
    throw CommandFailed(exit_data, book + " is made of the other address books; set theirs");
  }
  const KeepersZones zones;
  storage::Principal owner;
  owner.account = account.id;
  owner.name = account.name;
  dav::set_group_mode(zones.environment(*open.store, open.config.dav), owner, address, mode);
}

void set_photo_size(OpenStore& open, const storage::Account& account, const std::string& name,
                    const std::optional<Property>& property) {
  const bool found = open.store->write([&](Transaction& transaction) {
    for (const Collection& book : books_of(transaction, account)) {
      if (book.name != name) continue;
      if (property) transaction.set_property(book.id, 0, *property);
      if (!property) transaction.remove_property(book.id, 0, dav::PILEUS, dav::photo_size_name);
      transaction.touch(book.id);
      return true;
    }
    return false;
  });
  if (!found) throw CommandFailed(exit_data, account.name + " has no address book " + name);
}

int set(const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const auto size = arguments.value("--photo-size");
  const auto mode = arguments.value("--group-mode");
  if (!size && !mode) throw UsageError("nothing is to be set");
  const auto property = size ? wanted_size(*size) : std::nullopt;
  const auto group_mode = mode ? dav::group_mode_of(*mode) : std::nullopt;
  if (mode && !group_mode && *mode != "default") throw UsageError("--group-mode is cards, categories or default");
  OpenStore open(arguments);
  const auto account = open.account_of(arguments, "address book");
  if (size) set_photo_size(open, account, name, property);
  if (mode) set_group_mode(open, account, name, group_mode);
  return exit_ok;
}

constexpr OptionRow whose{"--account", "ACCOUNT", "whose it is"};
constexpr std::array list_options{whose, OptionRow{"--json", "", "for programs"}};
constexpr std::array set_options{
    whose,
    OptionRow{"--photo-size", "N", "the longest side of images that are given out; 0 as stored; or default"},
    OptionRow{"--group-mode", "MODE", "cards, categories or default: whether groups and categories say the same"},
};

constexpr std::array commands{
    Command{"address-book list", "", "Lists an account's address books and their settings.", list_options, list},
    Command{"address-book set", "NAME", "Changes settings of an address book, by the name in its address.", set_options,
            set},
};

}  // namespace

std::span<const Command> address_book_commands() { return commands; }

}  // namespace server
