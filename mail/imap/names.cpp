#include "mail/imap/names.h"

#include <algorithm>
#include <unordered_map>

#include "mail/imap/grammar/mailbox_name.h"

namespace mail::imap {

namespace {

struct OtherName {
  std::string_view account;
  std::string_view path;  ///< empty for the account alone
};

/// What stands behind `Other Users/`; nothing for a name that is the account's own.
std::optional<OtherName> parse_other(std::string_view name) {
  if (!name.starts_with(other_users)) return std::nullopt;
  name.remove_prefix(other_users.size());
  if (name.empty()) return OtherName{};
  if (!name.starts_with(separator)) return std::nullopt;
  name.remove_prefix(1);
  const std::size_t end = std::min(name.find(separator), name.size());
  return OtherName{name.substr(0, end), name.substr(std::min(end + 1, name.size()))};
}

std::optional<storage::Mailbox> walk(storage::Mail& mail, storage::Id account, std::string_view path) {
  const auto home = mail.home(account);
  std::optional<storage::Mailbox> found;
  storage::Id parent = home ? home->id : 0;
  while (parent != 0 && !path.empty()) {
    const std::size_t end = std::min(path.find(separator), path.size());
    found = mail.child(parent, path.substr(0, end));
    parent = found ? found->id : 0;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parent == 0 ? std::nullopt : found;
}

/// The full names, in their account, of all its mailboxes.
std::unordered_map<storage::Id, std::string> names_of(const std::vector<storage::Mailbox>& mailboxes) {
  std::unordered_map<storage::Id, std::string> names;
  for (const storage::Mailbox& mailbox : mailboxes) {
    const auto above = names.find(mailbox.parent);
    names[mailbox.id] = above == names.end() ? mailbox.name : above->second + separator + mailbox.name;
  }
  return names;
}

void add_shared(storage::Transaction& transaction, const storage::Principal& principal, std::vector<Place>& places) {
  storage::Mail mail(transaction);
  const std::vector<std::string> identifiers = identifiers_of(transaction, principal);
  std::unordered_map<storage::Id, std::unordered_map<storage::Id, std::string>> names;
  const std::size_t first = places.size();
  for (storage::Mailbox& mailbox : mail.shared_with(principal.account, identifiers)) {
    const auto owner = transaction.account(mailbox.account);
    if (!owner) continue;
    auto [of_owner, is_new] = names.try_emplace(owner->id);
    if (is_new) of_owner->second = names_of(mail.mailboxes(owner->id));
    Place place;
    place.name.append(other_users) += separator;
    place.name.append(owner->name) += separator;
    place.name += of_owner->second[mailbox.id];
    place.rights = rights_of(mail.rights(mailbox.id), identifiers);
    place.mailbox = std::move(mailbox);
    if (place.may('l')) places.push_back(std::move(place));
  }
  std::sort(places.begin() + static_cast<std::ptrdiff_t>(first), places.end(),
            [](const Place& one, const Place& other) { return one.name < other.name; });
}

}  // namespace

std::vector<std::string> identifiers_of(storage::Transaction& transaction, const storage::Principal& principal) {
  std::vector<std::string> identifiers{principal.name, "anyone"};
  for (const storage::Account& group : transaction.groups_of(principal.account)) identifiers.push_back(group.name);
  return identifiers;
}

std::string rights_of(const std::vector<storage::MailboxRights>& entries, const std::vector<std::string>& identifiers) {
  std::string given;
  std::string denied;
  for (const storage::MailboxRights& entry : entries) {
    std::string_view identifier = entry.identifier;
    const bool negative = identifier.starts_with('-');
    if (negative) identifier.remove_prefix(1);
    if (std::find(identifiers.begin(), identifiers.end(), identifier) == identifiers.end()) continue;
    (negative ? denied : given) += entry.rights;
  }
  std::string rights;
  for (const char right : all_rights) {
    if (given.find(right) != std::string::npos && denied.find(right) == std::string::npos) rights += right;
  }
  return rights;
}

std::string shown_rights(std::string rights) {
  if (rights.find_first_of("kx") != std::string::npos) rights += 'c';
  if (rights.find_first_of("te") != std::string::npos) rights += 'd';
  return rights;
}

std::vector<Place> all_places(storage::Transaction& transaction, const storage::Principal& principal) {
  storage::Mail mail(transaction);
  std::vector<Place> places;
  std::vector<storage::Mailbox> own = mail.mailboxes(principal.account);
  auto names = names_of(own);
  for (storage::Mailbox& mailbox : own) {
    std::string& name = names[mailbox.id];
    places.push_back({std::move(mailbox), std::move(name), std::string(all_rights), true});
  }
  add_shared(transaction, principal, places);
  return places;
}

std::optional<Place> find_place(storage::Transaction& transaction, const storage::Principal& principal,
                                std::string_view name) {
  storage::Mail mail(transaction);
  const auto other = parse_other(name);
  if (!other) {
    auto found = walk(mail, principal.account, name);
    if (!found) return std::nullopt;
    return Place{*std::move(found), std::string(name), std::string(all_rights), true};
  }
  const auto owner = other->account.empty() ? std::nullopt : transaction.account_named(other->account);
  if (!owner || other->path.empty() || owner->id == principal.account) return std::nullopt;
  auto found = walk(mail, owner->id, other->path);
  if (!found) return std::nullopt;
  std::string rights = rights_of(mail.rights(found->id), identifiers_of(transaction, principal));
  if (rights.empty()) return std::nullopt;
  return Place{*std::move(found), std::string(name), std::move(rights), false};
}

Place need_place(storage::Transaction& transaction, const storage::Principal& principal, std::string_view name,
                 char right) {
  auto place = find_place(transaction, principal, name);
  // "If the user lacks 'l', the answer must be as if there were no such mailbox". RFC 4314 6
  if (!place || (!place->may(right) && !place->may('l'))) throw Refusal("NONEXISTENT", "There is no such mailbox");
  if (!place->may(right)) throw Refusal("NOPERM", "You have no right to do this with the mailbox");
  return *std::move(place);
}

NewPlace parted(std::string_view name) {
  const std::size_t last = name.rfind(separator);
  if (last == std::string_view::npos) return {{}, std::string(name)};
  return {std::string(name.substr(0, last)), std::string(name.substr(last + 1))};
}

storage::Id make_above(storage::Transaction& transaction, const storage::Principal& principal, std::string_view name) {
  storage::Mail mail(transaction);
  if (const auto other = parse_other(name)) {
    // Nobody can make a mailbox directly in another's home, since rights stand on mailboxes.
    return need_place(transaction, principal, parted(name).above, 'k').mailbox.id;
  }
  storage::Id parent = mail.home(principal.account)->id;
  while (name.find(separator) != std::string_view::npos) {
    const std::size_t end = name.find(separator);
    const auto found = mail.child(parent, name.substr(0, end));
    parent = found ? found->id : mail.create(parent, name.substr(0, end)).id;
    name.remove_prefix(end + 1);
  }
  return parent;
}

std::string mailbox_id_text(storage::Id mailbox) { return "F" + std::to_string(mailbox); }

}  // namespace mail::imap
