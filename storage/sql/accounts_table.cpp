#include "storage/failure.h"
#include "storage/mail.h"
#include "storage/sql/database.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

#define PILEUS_ACCOUNT_COLUMNS                                                                            \
  "a.id, a.name, a.kind, a.display_name, a.time_zone, a.locale, a.quota, a.used, a.disabled, a.created, " \
  "a.birthdays, a.listing, a.merged_book"

namespace storage {

namespace {

Account read_account(const sql::Statement& row) {
  Account account;
  account.id = row.integer(0);
  account.name = row.text(1);
  account.kind = static_cast<AccountKind>(row.integer(2));
  account.display_name = row.text(3);
  account.time_zone = row.text(4);
  account.locale = row.text(5);
  if (!row.is_null(6)) account.quota = row.integer(6);
  account.used = row.integer(7);
  account.disabled = row.integer(8) != 0;
  account.created = row.integer(9);
  if (!row.is_null(10)) account.birthdays = row.integer(10) != 0;
  account.listing = static_cast<Listing>(row.integer(11));
  if (!row.is_null(12)) account.merged_book = row.integer(12) != 0;
  return account;
}

// A row for each address: one question instead of two.
#define PILEUS_WITH_ADDRESSES \
  "SELECT " PILEUS_ACCOUNT_COLUMNS ", x.email FROM account a LEFT JOIN address x ON x.account = a.id "
constexpr int email_column = 13;  // behind those of the account
constexpr int home_column = 14;

std::vector<Account> all_accounts(sql::Statement& row) {
  std::vector<Account> accounts;
  while (row.step()) {
    if (accounts.empty() || accounts.back().id != row.integer(0)) accounts.push_back(read_account(row));
    if (!row.is_null(email_column)) accounts.back().addresses.emplace_back(row.text(email_column));
  }
  return accounts;
}

std::optional<Account> one_account(sql::Statement& row) {
  auto accounts = all_accounts(row);
  if (accounts.empty()) return std::nullopt;
  return std::move(accounts.front());
}

constexpr const char* delete_addresses = "DELETE FROM address WHERE account = $1";
constexpr const char* insert_address =
    "INSERT INTO address (email, account, position) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING";

void write_addresses(sql::Connection& connection, Id account, const std::vector<std::string>& addresses) {
  {
    const auto clear = connection.prepare(delete_addresses);
    clear->bind(1, account);
    clear->run();
  }
  std::int64_t position = 0;
  for (const std::string& email : addresses) {
    const auto insert = connection.prepare(insert_address);
    insert->bind(1, email).bind(2, account).bind(3, position++);
    if (insert->run() == 0) throw DuplicateName("the address is taken: " + email);
  }
}

}  // namespace

constexpr const char* select_account = PILEUS_WITH_ADDRESSES "WHERE a.id = $1 ORDER BY x.position";

std::optional<Account> Transaction::account(Id id) {
  const auto row = connection_.prepare(select_account);
  row->bind(1, id);
  return one_account(*row);
}

constexpr const char* select_account_named = PILEUS_WITH_ADDRESSES "WHERE a.name = $1 ORDER BY x.position";

std::optional<Account> Transaction::account_named(std::string_view name) {
  const auto row = connection_.prepare(select_account_named);
  row->bind(1, name);
  return one_account(*row);
}

constexpr const char* select_account_home =
    "SELECT " PILEUS_ACCOUNT_COLUMNS ", x.email, " PILEUS_COLLECTION_COLUMNS
    " FROM account a LEFT JOIN collection c ON c.account = a.id AND c.kind = $2 AND c.parent IS NULL "
    "LEFT JOIN address x ON x.account = a.id WHERE a.name = $1 ORDER BY x.position";

std::optional<AccountHome> Transaction::account_home(std::string_view account, CollectionKind kind) {
  std::optional<AccountHome> found;
  {
    const auto row = connection_.prepare(select_account_home);
    row->bind(1, account).bind(2, static_cast<std::int64_t>(kind));
    while (row->step()) {
      if (!found) {
        found.emplace().account = read_account(*row);
        if (!row->is_null(home_column)) found->home = sql::read_collection(*row, home_column);
      }
      if (!row->is_null(email_column)) found->account.addresses.emplace_back(row->text(email_column));
    }
  }
  if (!found || !found->home) return found;
  // To write, what counts is the row as it stands when it is ours.
  const Id home = found->home->id;
  parents_[home] = 0;
  if (writing_ && connection_.dialect() != sql::Dialect::sqlite) found->home = collection(home);
  return found;
}

constexpr const char* select_account_with_address =
    PILEUS_WITH_ADDRESSES "WHERE a.id = (SELECT e.account FROM address e WHERE e.email = $1) ORDER BY x.position";

std::optional<Account> Transaction::account_with_address(std::string_view email) {
  const auto row = connection_.prepare(select_account_with_address);
  row->bind(1, email);
  return one_account(*row);
}

constexpr const char* select_accounts = PILEUS_WITH_ADDRESSES "ORDER BY a.name, x.position";

std::vector<Account> Transaction::accounts() {
  const auto row = connection_.prepare(select_accounts);
  return all_accounts(*row);
}

constexpr const char* insert_account =
    "INSERT INTO account (name, kind, display_name, time_zone, locale, quota, disabled, created, birthdays, "
    "listing, merged_book) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (name) DO NOTHING "
    "RETURNING id";
constexpr const char* insert_home =
    "INSERT INTO collection (account, kind, name, created, modified) VALUES ($1, $2, '', $3, $3)";

Account Transaction::create_account(const Account& wanted) {
  begin_change(0);
  Id id = 0;
  {
    const auto insert = connection_.prepare(insert_account);
    insert->bind(1, wanted.name).bind(2, static_cast<std::int64_t>(wanted.kind)).bind(3, wanted.display_name);
    insert->bind(4, wanted.time_zone).bind(5, wanted.locale).bind(7, wanted.disabled ? 1 : 0).bind(8, now_);
    wanted.quota ? insert->bind(6, *wanted.quota) : insert->bind_null(6);
    wanted.birthdays ? insert->bind(9, *wanted.birthdays ? 1 : 0) : insert->bind_null(9);
    insert->bind(10, static_cast<std::int64_t>(wanted.listing));
    wanted.merged_book ? insert->bind(11, *wanted.merged_book ? 1 : 0) : insert->bind_null(11);
    if (!insert->step()) throw DuplicateName("the name is taken: " + wanted.name);
    id = insert->integer(0);
  }
  write_addresses(connection_, id, wanted.addresses);
  for (const auto kind : {CollectionKind::calendar_home, CollectionKind::addressbook_home, CollectionKind::file_home}) {
    const auto insert = connection_.prepare(insert_home);
    insert->bind(1, id).bind(2, static_cast<std::int64_t>(kind)).bind(3, now_);
    insert->run();
  }
  if (wanted.kind == AccountKind::user) Mail(*this).home(id);
  return *account(id);
}

constexpr const char* update_account_row =
    "UPDATE account SET kind = $2, display_name = $3, time_zone = $4, locale = $5, quota = $6, disabled = $7, "
    "birthdays = $8, listing = $9, merged_book = $10 WHERE id = $1";

void Transaction::update_account(const Account& account) {
  begin_change(0);
  {
    const auto update = connection_.prepare(update_account_row);
    update->bind(1, account.id).bind(2, static_cast<std::int64_t>(account.kind)).bind(3, account.display_name);
    update->bind(4, account.time_zone).bind(5, account.locale).bind(7, account.disabled ? 1 : 0);
    account.quota ? update->bind(6, *account.quota) : update->bind_null(6);
    account.birthdays ? update->bind(8, *account.birthdays ? 1 : 0) : update->bind_null(8);
    update->bind(9, static_cast<std::int64_t>(account.listing));
    account.merged_book ? update->bind(10, *account.merged_book ? 1 : 0) : update->bind_null(10);
    if (update->run() == 0) throw std::logic_error("a change of an account that isn't there");
  }
  write_addresses(connection_, account.id, account.addresses);
}

constexpr const char* select_homes = "SELECT id FROM collection WHERE account = $1 AND parent IS NULL ORDER BY id";
constexpr const char* release_revisions =
    "UPDATE blob SET uses = uses - r.n, released = $2 FROM (SELECT before, COUNT(*) AS n FROM revision "
    "WHERE account = $1 AND before IS NOT NULL GROUP BY before) AS r WHERE blob.id = r.before";
constexpr const char* delete_revisions = "DELETE FROM revision WHERE account = $1";
constexpr const char* delete_collections = "DELETE FROM collection WHERE account = $1";
constexpr const char* delete_locks_of_account = "DELETE FROM lock WHERE account = $1";
constexpr const char* delete_account = "DELETE FROM account WHERE id = $1";

void Transaction::remove_account(Id id) {
  begin_change(0);
  std::vector<Id> homes;
  {
    const auto row = connection_.prepare(select_homes);
    row->bind(1, id);
    while (row->step()) homes.push_back(row->integer(0));
  }
  for (const Id home : homes) {
    connection_.hold(home);
    for (const Id collection : subtree(home)) remove_contents(id, collection, Actor());
  }
  remove_attachments_of(id);
  {
    const auto release = connection_.prepare(release_revisions);
    release->bind(1, id).bind(2, now_);
    release->run();
  }
  for (const char* sql : {delete_revisions, delete_collections, delete_locks_of_account, delete_account}) {
    const auto clear = connection_.prepare(sql);
    clear->bind(1, id);
    clear->run();
  }
}

constexpr const char* select_group_members =
    PILEUS_WITH_ADDRESSES "JOIN membership m ON m.account = a.id WHERE m.team = $1 ORDER BY a.name, x.position";

std::vector<Account> Transaction::group_members(Id group) {
  const auto row = connection_.prepare(select_group_members);
  row->bind(1, group);
  return all_accounts(*row);
}

// UNION, not UNION ALL: groups may be members of each other in a circle.
constexpr const char* select_groups_of =
    "WITH RECURSIVE above (id) AS (SELECT team FROM membership WHERE account = $1 UNION "
    "SELECT m.team FROM membership m JOIN above ON m.account = above.id) " PILEUS_WITH_ADDRESSES
    "JOIN above ON above.id = a.id ORDER BY a.name, x.position";

std::vector<Account> Transaction::groups_of(Id account) {
  const auto row = connection_.prepare(select_groups_of);
  row->bind(1, account);
  return all_accounts(*row);
}

constexpr const char* insert_membership =
    "INSERT INTO membership (team, account) VALUES ($1, $2) ON CONFLICT (team, account) DO NOTHING";

void Transaction::add_to_group(Id group, Id account) {
  begin_change(0);
  const auto insert = connection_.prepare(insert_membership);
  insert->bind(1, group).bind(2, account);
  insert->run();
}

constexpr const char* delete_membership = "DELETE FROM membership WHERE team = $1 AND account = $2";

void Transaction::remove_from_group(Id group, Id account) {
  begin_change(0);
  const auto remove = connection_.prepare(delete_membership);
  remove->bind(1, group).bind(2, account);
  remove->run();
}

constexpr const char* select_used = "SELECT used FROM account WHERE id = $1";

std::int64_t Transaction::used(Id account) {
  const auto row = connection_.prepare(select_used);
  row->bind(1, account);
  return row->step() ? row->integer(0) : 0;
}

// A change that takes octets away is never refused.
constexpr const char* charge_account =
    "UPDATE account SET used = used + $2 WHERE id = $1 AND ($2 <= 0 OR quota IS NULL OR used + $2 <= quota)";

void Transaction::charge(Id account, std::int64_t octets) {
  if (octets == 0) return;
  const auto update = connection_.prepare(charge_account);
  update->bind(1, account).bind(2, octets);
  if (update->run() == 0) throw QuotaExceeded("the account's quota would be exceeded");
}

}  // namespace storage
