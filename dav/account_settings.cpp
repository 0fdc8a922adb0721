#include "dav/account_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/groups.h"

namespace dav {

namespace {

using storage::Listing;

constexpr std::array<std::pair<std::string_view, Listing>, 3> listings{{
    {"addresses", Listing::addresses},
    {"name", Listing::name_only},
    {"hidden", Listing::hidden},
}};

/// As it is now: what a request holds is as it was when it began.
std::optional<storage::Account> account_of(const Context& context, const Resource& resource) {
  return resource.account ? context.transaction.account(resource.account->id) : std::nullopt;
}

}  // namespace

std::string_view listing_text(Listing listing) { return listings.at(static_cast<std::size_t>(listing)).first; }

std::optional<Listing> listing_of(std::string_view text) {
  const auto found = std::ranges::find(listings, text, &decltype(listings)::value_type::first);
  return found == listings.end() ? std::nullopt : std::optional(found->second);
}

bool read_listing(const Context& context, const Resource& resource, std::string& out) {
  const auto account = account_of(context, resource);
  if (account) out += listing_text(account->listing);
  return account.has_value();
}

std::optional<Error> check_listing(const Context&, const Resource&, const xml::Element* value) {
  if (value == nullptr || listing_of(value->text())) return std::nullopt;
  return Error{condition::conflict, "what others find of you is addresses, name or hidden"};
}

bool read_merged_book(const Context& context, const Resource& resource, std::string& out) {
  const auto account = account_of(context, resource);
  if (account) out += account->merged_book.value_or(context.environment.settings.merged_book) ? "on" : "off";
  return account.has_value();
}

std::optional<Error> check_merged_book(const Context&, const Resource&, const xml::Element* value) {
  if (value == nullptr || value->text() == "on" || value->text() == "off") return std::nullopt;
  return Error{condition::conflict, "it is on or off"};
}

bool is_account_setting(const xml::Element& element, Kind kind) {
  return kind == Kind::addressbook_home && (element.is(PILEUS, "listing") || element.is(PILEUS, "merged-book"));
}

bool set_account_setting(const Context& context, const Resource& resource, const xml::Element& element, bool remove) {
  auto account = account_of(context, resource);
  if (!account) return false;
  const auto listing = account->listing;
  const auto merged_book = account->merged_book;
  if (element.name == "listing") {
    account->listing = remove ? Listing::addresses : listing_of(element.text()).value_or(listing);
  } else {
    account->merged_book = remove ? std::nullopt : std::optional(element.text() == "on");
  }
  if (account->listing == listing && account->merged_book == merged_book) return false;
  context.transaction.update_account(*account);
  return true;
}

}  // namespace dav
