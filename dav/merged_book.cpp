#include "dav/merged_book.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "dav/address_books.h"
#include "dav/conditions.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/methods/incoming.h"
#include "dav/methods/representation.h"
#include "dav/methods/uuid.h"

namespace dav {

namespace {

using storage::Collection;
using storage::CollectionKind;
using storage::Keeper;
using storage::Member;
using storage::Transaction;

constexpr std::string_view book_name = "all-contacts";
/// Others wait for a writer no longer than so many changes take.
constexpr std::size_t most_changes = 250;

/// AddressBookCore is Contacts on macOS (10.6 to 14 at least); on iOS, it is dataaccessd that asks, and reads all
/// books.
bool reads_one_book(const Headers& headers) {
  return headers.find("User-Agent").value_or("").find("AddressBook") != std::string_view::npos;
}

bool is_wanted(const storage::Account& account, const Environment& environment) {
  return account.merged_book.value_or(environment.settings.merged_book);
}

std::optional<Collection> merged_in(Transaction& transaction, const Collection& home) {
  for (Collection& book : address_books_in(transaction, home)) {
    if (book.keeper == Keeper::merged) return std::move(book);
  }
  return std::nullopt;
}

/// The books whose cards it has, the one first that new cards go to.
std::vector<Collection> books_in(Transaction& transaction, const Collection& home) {
  const auto first = default_address_book(transaction, home);
  auto books = address_books_in(transaction, home);
  std::erase_if(books, [](const Collection& book) { return book.keeper == Keeper::merged; });
  std::ranges::sort(books, {}, [&](const Collection& book) { return std::pair(book.name != first, book.id); });
  return books;
}

/// A card where it is kept.
struct Source {
  Member member;
  std::string etag;
  std::string name;
};

std::map<std::string, Source> cards_of(Transaction& transaction, const Collection& home) {
  std::map<std::string, Source> cards;
  for (const Collection& book : books_in(transaction, home)) {
    transaction.for_each_member(book.id, storage::WithBytes::no, [&](const Member& member) {
      if (member.child != 0 || member.facts.uid.empty()) return;
      const auto [place, is_new] = cards.try_emplace(member.facts.uid);
      if (!is_new) return;
      place->second.member.id = member.id;
      place->second.member.collection = member.collection;
      place->second.etag = member.etag;
      place->second.name = member.name;
    });
  }
  return cards;
}

Collection make(Transaction& transaction, const Collection& home) {
  std::string name(book_name);
  for (int number = 2; transaction.member(home.id, name); ++number) {
    name = std::string(book_name) + "-" + std::to_string(number);
  }
  const Collection book = transaction.create_collection(home.id, CollectionKind::addressbook, name);
  transaction.set_property(
      book.id, 0,
      {std::string(condition::DAV), "displayname", "<D:displayname xmlns:D=\"DAV:\">All contacts</D:displayname>"});
  transaction.set_merged(book.id, 0);
  return book;
}

/// The name that a card with such a UID is to have, where it is new.
struct Wish {
  std::string uid;
  std::string name;
};

/// Makes the book the same as the others; false where it took its most changes, and is not there yet.
bool refresh(Transaction& transaction, const Collection& home, const storage::Actor& actor, std::size_t most,
             const Wish& wish = {}) {
  auto found = merged_in(transaction, home);
  const Collection book = found ? *found : make(transaction, home);
  if (found && transaction.merged_seen(book.id) == home.modseq) return true;
  auto wanted = cards_of(transaction, home);
  std::vector<Member> gone;
  std::map<std::string, std::string> changed;  // UID to name
  transaction.for_each_member(book.id, storage::WithBytes::no, [&](const Member& member) {
    const auto card = wanted.find(member.facts.uid);
    const bool same = card != wanted.end() && card->second.etag == member.etag;
    if (card != wanted.end() && !same) changed.emplace(member.facts.uid, member.name);
    if (!same && gone.size() < most) gone.push_back(member);
    if (same) wanted.erase(card);
  });
  std::size_t left = most;
  for (const Member& member : gone) {
    transaction.remove(member, actor);
    --left;
    // What has changed comes back under its name at once: nobody may see it gone.
    const auto card = wanted.find(member.facts.uid);
    if (card == wanted.end()) continue;
    transaction.copy(card->second.member, book.id, member.name, actor);
    wanted.erase(card);
  }
  for (const auto& [uid, card] : wanted) {
    if (left == 0) return false;
    if (changed.contains(uid)) return false;  // there was no room for it among those to be replaced
    std::string name = uid == wish.uid ? wish.name : card.name;
    if (transaction.member(book.id, name)) name = random_uuid() + ".vcf";
    transaction.copy(card.member, book.id, name, actor);
    --left;
  }
  if (left == 0) return false;
  transaction.set_merged(book.id, transaction.collection(home.id)->modseq);
  return true;
}

/// One step towards what the account wants; whether that is reached.
bool step(Transaction& transaction, const Environment& environment, const storage::Account& account,
          const storage::Actor& actor, std::size_t most) {
  const auto home = transaction.home(account.id, CollectionKind::addressbook_home);
  if (!home) return true;
  if (is_wanted(account, environment)) return refresh(transaction, *home, actor, most);
  if (const auto book = merged_in(transaction, *home)) transaction.remove_collection(book->id, actor);
  return true;
}

bool is_reached(Transaction& transaction, const Environment& environment, storage::Id id) {
  const auto account = transaction.account(id);
  const auto home = account ? transaction.home(id, CollectionKind::addressbook_home) : std::nullopt;
  if (!home) return true;
  const auto book = merged_in(transaction, *home);
  if (!is_wanted(*account, environment)) return !book;
  return book && transaction.merged_seen(book->id) == home->modseq;
}

Collection home_of(Context& context) {
  const auto home = context.transaction.collection(context.target.parent->parent);
  if (!home) throw Error{condition::not_found};
  return *home;
}

/// Locks hold where the card is kept.
void check_kept_locks(Context& context, const Collection& book, const std::string& name) {
  Address address = context.target.address;
  address.segments = {book.name, name};
  address.trailing_slash = false;
  check_locks(context, resolve(context.transaction, address), false);
}

void refresh_whole(Context& context, const Wish& wish = {}) {
  refresh(context.transaction, home_of(context), context.actor(), std::numeric_limits<std::size_t>::max(), wish);
}

/// The book and the member that a card of the merged book is.
std::pair<Collection, Member> kept_card(Context& context) {
  for (const Collection& book : books_in(context.transaction, home_of(context))) {
    if (auto member = context.transaction.member_with_uid(book.id, context.target.member->facts.uid)) {
      return {book, std::move(*member)};
    }
  }
  throw Error{condition::not_found};
}

}  // namespace

bool concerns_merged_book(const Request& request, const Address& address) {
  if (address.area != Address::Area::addressbooks || address.account != request.principal->name) return false;
  return reads_one_book(request.headers) ||
         (!address.segments.empty() && address.segments.front().starts_with(book_name));
}

void bring_up_to_date(const Environment& environment, const storage::Principal& principal) {
  const storage::Id id = principal.account;
  if (environment.store.read([&](Transaction& transaction) { return is_reached(transaction, environment, id); }))
    return;
  const auto go_on = [&](Transaction& transaction) {
    const auto account = transaction.account(id);
    return !account || step(transaction, environment, *account, {id, principal.credential}, most_changes);
  };
  while (!environment.store.write(go_on)) {
  }
}

void bring_up_to_date(Transaction& transaction, const Environment& environment, const Address& address) {
  const auto account = transaction.account_named(address.account);
  if (account) step(transaction, environment, *account, {account->id, 0}, std::numeric_limits<std::size_t>::max());
}

bool is_shown(const Context& context, const Collection& collection) {
  if (collection.kind != CollectionKind::addressbook) return true;
  const bool merged = collection.keeper == Keeper::merged;
  if (!reads_one_book(context.request.headers)) return !merged;
  const auto account = context.transaction.account(collection.account);
  return merged == (account && is_wanted(*account, context.environment));
}

bool is_merged(const Target& target) {
  const auto& holder = target.collection ? target.collection : target.parent;
  return holder && holder->keeper == Keeper::merged;
}

void check_merged(const Method& method, const Target& target) {
  if (!is_merged(target) || method.mode == Mode::reads || method.name == "DELETE" || method.name == "COPY") return;
  if (method.name == (target.collection ? "PROPPATCH" : "PUT")) return;
  throw Error{condition::forbidden, "this is done in the address book that a card is kept in"};
}

Response put_merged(Context& context, const Incoming& incoming) {
  const Target& target = context.target;
  check_incoming(context, incoming, {*target.parent, parent_href(target), target.exists ? &*target.member : nullptr});
  std::optional<Collection> book;
  std::optional<Member> replaced;
  std::string name = target.name;
  if (target.exists) {
    std::tie(book, replaced) = kept_card(context);
    name = replaced->name;
  } else {
    const auto books = books_in(context.transaction, home_of(context));
    if (books.empty()) throw Error{condition::forbidden, "there is no address book to keep it in"};
    book = books.front();
    if (context.transaction.member(book->id, name)) name = random_uuid() + ".vcf";
  }
  check_kept_locks(context, *book, name);
  const Kept kept = keep_followed(context, incoming, *book, name, replaced ? &*replaced : nullptr);
  Response response = answer_put(context, kept, !target.exists);
  refresh_whole(context, {incoming.facts.uid, target.name});
  return response;
}

void remove_merged(Context& context) {
  const auto [book, member] = kept_card(context);
  check_kept_locks(context, book, member.name);
  remove_followed(context, book, member);
  refresh_whole(context);
}

}  // namespace dav
