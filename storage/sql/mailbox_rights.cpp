// Who may do what with a mailbox, and which names an account subscribes to.
#include <algorithm>
#include <map>

#include "storage/mail.h"
#include "storage/sql/database.h"

namespace storage {

constexpr const char* select_subscriptions = "SELECT name FROM mail_subscription WHERE account = $1 ORDER BY name";

std::vector<std::string> Mail::subscriptions(Id account) {
  const auto row = transaction_.connection_.prepare(select_subscriptions);
  row->bind(1, account);
  std::vector<std::string> names;
  while (row->step()) names.emplace_back(row->text(0));
  return names;
}

constexpr const char* insert_subscription =
    "INSERT INTO mail_subscription (account, name) VALUES ($1, $2) ON CONFLICT (account, name) DO NOTHING";

void Mail::subscribe(Id account, std::string_view name) {
  transaction_.begin_change(0);
  const auto insert = transaction_.connection_.prepare(insert_subscription);
  insert->bind(1, account).bind(2, name);
  insert->send();
}

constexpr const char* delete_subscription = "DELETE FROM mail_subscription WHERE account = $1 AND name = $2";

bool Mail::unsubscribe(Id account, std::string_view name) {
  transaction_.begin_change(0);
  const auto remove = transaction_.connection_.prepare(delete_subscription);
  remove->bind(1, account).bind(2, name);
  return remove->run() > 0;
}

constexpr const char* select_rights =
    "SELECT identifier, rights FROM mailbox_rights WHERE mailbox = $1 ORDER BY identifier";

std::vector<MailboxRights> Mail::rights(Id mailbox) {
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  const auto row = transaction_.connection_.prepare(select_rights);
  row->bind(1, mailbox);
  std::vector<MailboxRights> rights;
  while (row->step()) rights.push_back({std::string(row->text(0)), std::string(row->text(1))});
  return rights;
}

constexpr const char* upsert_rights =
    "INSERT INTO mailbox_rights (mailbox, identifier, rights) VALUES ($1, $2, $3) ON CONFLICT (mailbox, identifier) DO "
    "UPDATE SET rights = excluded.rights";
constexpr const char* delete_one_right = "DELETE FROM mailbox_rights WHERE mailbox = $1 AND identifier = $2";

void Mail::set_rights(Id mailbox, std::string_view identifier, std::string_view rights) {
  transaction_.touch(mailbox);
  const auto change = transaction_.connection_.prepare(rights.empty() ? delete_one_right : upsert_rights);
  change->bind(1, mailbox).bind(2, identifier);
  if (!rights.empty()) change->bind(3, rights);
  change->send();
}

// 10 is CollectionKind::mailbox.
constexpr const char* select_rights_of =
    "SELECT r.mailbox, r.rights FROM mailbox_rights r JOIN collection c ON c.id = r.mailbox WHERE r.identifier = $1 "
    "AND c.account <> $2 AND c.kind = 10";

std::vector<Mailbox> Mail::shared_with(Id account, std::span<const std::string> identifiers) {
  std::map<Id, std::string> granted;
  std::map<Id, std::string> denied;
  const auto collect = [&](const std::string& identifier, std::map<Id, std::string>& into) {
    const auto row = transaction_.connection_.prepare(select_rights_of);
    row->bind(1, identifier).bind(2, account);
    while (row->step()) into[row->integer(0)] += row->text(1);
  };
  for (const std::string& identifier : identifiers) {
    collect(identifier, granted);
    collect("-" + identifier, denied);
  }
  std::vector<Mailbox> shared;
  for (const auto& [id, rights] : granted) {
    const std::string& without = denied[id];
    const auto has = [&, &positive = rights](char right) {
      return positive.find(right) != std::string::npos && without.find(right) == std::string::npos;
    };
    if (!has('l') && !has('r')) continue;
    if (auto found = mailbox(id)) shared.push_back(*std::move(found));
  }
  return shared;
}

}  // namespace storage
