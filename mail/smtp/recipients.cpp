#include "mail/smtp/recipients.h"

#include <algorithm>
#include <unordered_set>

#include "mail/mime/header.h"

namespace mail::smtp {

namespace {

using storage::Account;
using storage::AccountKind;
using storage::Transaction;

constexpr std::size_t most_members = 10'000;

std::vector<Account> members_of(Transaction& transaction, const Account& group) {
  std::vector<Account> people;
  std::unordered_set<storage::Id> known{group.id};
  std::vector<storage::Id> groups{group.id};
  while (!groups.empty() && people.size() < most_members) {
    const storage::Id next = groups.back();
    groups.pop_back();
    for (Account& member : transaction.group_members(next)) {
      if (!known.insert(member.id).second) continue;
      if (member.kind == AccountKind::group) {
        groups.push_back(member.id);
      } else if (!member.disabled && people.size() < most_members) {
        people.push_back(std::move(member));
      }
    }
  }
  return people;
}

std::optional<Account> find_exactly(Transaction& transaction, const std::string& local, const Address& address,
                                    const Settings& settings) {
  if (!address.domain.empty()) {
    const std::string whole = local + "@" + address.domain;
    auto account = transaction.account_with_address(whole);
    return account ? account : transaction.account_named(whole);
  }
  // RFC 5321 4.5.1
  if (local == "postmaster" && !settings.postmaster.empty()) return transaction.account_named(settings.postmaster);
  return transaction.account_named(local);
}

struct Found {
  Account account;
  std::string detail;
};

std::optional<Found> find_account(Transaction& transaction, const Address& address, const Settings& settings) {
  const std::string local = mime::lower_case(address.local);
  if (auto account = find_exactly(transaction, local, address, settings)) return Found{std::move(*account), {}};
  const std::size_t plus = local.find('+');
  if (plus == std::string::npos || plus == 0) return std::nullopt;
  auto account = find_exactly(transaction, local.substr(0, plus), address, settings);
  if (!account) return std::nullopt;
  return Found{std::move(*account), address.local.substr(plus + 1)};
}

bool is_here(const Address& address, const Settings& settings) {
  return address.domain.empty() ||
         std::any_of(settings.domains.begin(), settings.domains.end(),
                     [&](const std::string& one) { return mime::same_word(one, address.domain); });
}

}  // namespace

Destination find_destination(Transaction& transaction, const Address& address, const Settings& settings) {
  Destination destination;
  auto found = find_account(transaction, address, settings);
  if (!found) {
    destination.where = is_here(address, settings) ? Destination::Where::nobody : Destination::Where::away;
    return destination;
  }
  destination.where = found->account.disabled ? Destination::Where::disabled : Destination::Where::here;
  destination.detail = std::move(found->detail);
  if (found->account.kind != AccountKind::group) {
    destination.accounts.push_back(std::move(found->account));
    return destination;
  }
  destination.accounts = members_of(transaction, found->account);
  if (destination.accounts.empty() && !found->account.disabled) destination.where = Destination::Where::nobody;
  return destination;
}

bool may_send_as(Transaction& transaction, const Account& account, const Address& address) {
  const auto owner = find_account(transaction, address, {});
  if (!owner) return false;
  if (owner->account.id == account.id) return true;
  const auto groups = transaction.groups_of(account.id);
  return std::any_of(groups.begin(), groups.end(), [&](const Account& one) { return one.id == owner->account.id; });
}

}  // namespace mail::smtp
