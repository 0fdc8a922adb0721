#include "dav/address_books.h"

#include <algorithm>
#include <utility>

#include "dav/properties/values.h"

namespace dav {

namespace {

constexpr std::string_view default_name = "default-addressbook-URL";
constexpr std::string_view first_book = "contacts";  ///< what every account starts with

/// The href in a stored property of a home; empty where there is none.
std::string stored_href(storage::Transaction& transaction, storage::Id home, std::string_view ns,
                        std::string_view name) {
  const auto stored = transaction.properties(home, 0);
  const auto* property = find_stored(stored, ns, name);
  if (property == nullptr) return {};
  const auto document = xml::Document::parse(property->xml);
  const auto* href = document.root().child(condition::DAV, "href");
  return href ? href->text() : std::string();
}

/// The book of that home that an href names; empty for any other.
std::string book_of(const std::string& href, std::string_view authority, const storage::Account& account) {
  try {
    const auto address = parse_reference(href, authority);
    const bool own = address && address->area == Address::Area::addressbooks && address->account == account.name &&
                     address->segments.size() == 1;
    return own ? address->segments.front() : std::string();
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<storage::Collection> address_books_in(storage::Transaction& transaction, const storage::Collection& home) {
  std::vector<storage::Collection> books;
  for (const storage::Member& entry : transaction.children(home.id)) {
    if (auto book = transaction.collection(entry.child)) books.push_back(*std::move(book));
  }
  return books;
}

std::optional<std::string> default_address_book(storage::Transaction& transaction, const storage::Collection& home) {
  const auto account = transaction.account(home.account);
  if (!account) return std::nullopt;
  const auto chosen =
      book_of(stored_href(transaction, home.id, condition::CARDDAV, default_name), std::string_view(), *account);
  auto books = address_books_in(transaction, home);
  // Nothing is kept in one that is made of the others.
  std::erase_if(books, [](const storage::Collection& book) { return book.keeper == storage::Keeper::merged; });
  for (const std::string_view wanted : {std::string_view(chosen), first_book}) {
    const auto same = [&](const storage::Collection& book) { return book.name == wanted; };
    if (std::any_of(books.begin(), books.end(), same)) return std::string(wanted);
  }
  if (books.empty()) return std::nullopt;
  return books.front().name;
}

bool read_default_address_book(const Context& context, const Resource& resource, std::string& out) {
  const auto name = default_address_book(context.transaction, *resource.collection);
  if (name) append_href(out, collection_href(Address::Area::addressbooks, resource.account->name, *name));
  return name.has_value();
}

std::optional<Error> check_default_address_book(const Context& context, const Resource& resource,
                                                const xml::Element* value) {
  if (!value) return std::nullopt;
  const auto* href = value->child(condition::DAV, "href");
  // Kept as it is sent, so only as a path: which hosts are ours isn't known for good.
  const auto name = href && href->text().starts_with('/')
                        ? book_of(href->text(), context.request.authority, *resource.account)
                        : std::string();
  const auto book = name.empty() ? std::nullopt : context.transaction.member(resource.collection->id, name);
  const auto collection = book ? context.transaction.collection(book->child) : std::nullopt;
  if (collection && collection->keeper != storage::Keeper::merged) return std::nullopt;
  return Error{condition::conflict, "this is the path of none of the account's address books"};
}

bool read_principal_address(const Context& context, const Resource& resource, std::string& out) {
  if (resource.account->id != context.principal.account) return false;
  const auto home = context.transaction.home(resource.account->id, storage::CollectionKind::addressbook_home);
  if (!home) return false;
  const auto href = stored_href(context.transaction, home->id, condition::CS, "me-card");
  if (!href.empty()) append_href(out, href);
  return !href.empty();
}

}  // namespace dav
