#include <array>

#include "dav/photos.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"

namespace server {

namespace {

using storage::Collection;
using storage::CollectionKind;
using storage::Property;
using storage::Transaction;

storage::Account account_of(const Arguments& arguments, OpenStore& open) {
  const auto name = arguments.value("--account");
  if (!name) throw UsageError("--account is missing: whose address book it is");
  return open.account(*name);
}

std::vector<Collection> books_of(Transaction& transaction, const storage::Account& account) {
  std::vector<Collection> books;
  const auto home = transaction.home(account.id, CollectionKind::addressbook_home);
  if (!home) return books;
  for (const auto& entry : transaction.children(home->id)) {
    auto book = transaction.collection(entry.child);
    if (book && book->kind == CollectionKind::addressbook) books.push_back(*std::move(book));
  }
  return books;
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  const auto account = account_of(arguments, open);
  Table table({"name", "photo_size"});
  open.store->read([&](Transaction& transaction) {
    for (const Collection& book : books_of(transaction, account)) {
      const int side = dav::photo_side(transaction.properties(book.id, 0), open.config.dav);
      table.add({book.name, static_cast<std::int64_t>(side)});
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

int set(const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  const auto size = arguments.value("--photo-size");
  if (!size) throw UsageError("nothing is to be set");
  const auto property = wanted_size(*size);
  OpenStore open(arguments);
  const auto account = account_of(arguments, open);
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
  return exit_ok;
}

constexpr OptionRow whose{"--account", "ACCOUNT", "whose it is"};
constexpr std::array list_options{whose, OptionRow{"--json", "", "for programs"}};
constexpr std::array set_options{
    whose,
    OptionRow{"--photo-size", "N", "the longest side of images that are given out; 0 as stored; or default"},
};

constexpr std::array commands{
    Command{"address-book list", "", "Lists an account's address books and their settings.", list_options, list},
    Command{"address-book set", "NAME", "Changes settings of an address book, by the name in its address.", set_options,
            set},
};

}  // namespace

std::span<const Command> address_book_commands() { return commands; }

}  // namespace server
