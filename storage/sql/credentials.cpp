#include "storage/sql/credentials.h"

#include "storage/sql/database.h"
#include "storage/sql/scram_keys.h"

#define PILEUS_CREDENTIAL_COLUMNS \
  "id, account, label, dav, mail, read_only, created, expires, last_used, last_address, last_client"

namespace storage::sql {

namespace {

Credential read_credential(const Statement& row) {
  Credential credential;
  credential.id = row.integer(0);
  credential.account = row.integer(1);
  credential.label = row.text(2);
  credential.scope.dav = row.integer(3) != 0;
  credential.scope.mail = row.integer(4) != 0;
  credential.scope.read_only = row.integer(5) != 0;
  credential.created = row.integer(6);
  if (!row.is_null(7)) credential.expires = row.integer(7);
  if (!row.is_null(8)) credential.last_used = row.integer(8);
  credential.last_address = row.text(9);
  credential.last_client = row.text(10);
  return credential;
}

}  // namespace

constexpr const char* select_login_by_name = "SELECT id, name, disabled, password FROM account WHERE name = $1";
constexpr const char* select_login_by_address =
    "SELECT a.id, a.name, a.disabled, a.password FROM address e JOIN account a ON a.id = e.account WHERE e.email = $1";

std::optional<LoginRow> find_login(Transaction& transaction, std::string_view name) {
  for (const char* sql : {select_login_by_name, select_login_by_address}) {
    const auto row = transaction.connection().prepare(sql);
    row->bind(1, name);
    if (!row->step()) continue;
    return LoginRow{row->integer(0), std::string(row->text(1)), row->integer(2) != 0, std::string(row->text(3))};
  }
  return std::nullopt;
}

constexpr const char* update_password = "UPDATE account SET password = $2 WHERE id = $1";

bool write_password(Transaction& transaction, Id account, std::string_view encoded) {
  delete_scram_keys(transaction, account, 0);
  const auto update = transaction.connection().prepare(update_password);
  update->bind(1, account).bind(2, encoded);
  return update->run() > 0;
}

constexpr const char* replace_password = "UPDATE account SET password = $3 WHERE id = $1 AND password = $2";

void rewrite_password(Transaction& transaction, Id account, std::string_view before, std::string_view encoded) {
  const auto update = transaction.connection().prepare(replace_password);
  update->bind(1, account).bind(2, before).bind(3, encoded);
  update->run();
}

constexpr const char* select_credential_by_hash =
    "SELECT " PILEUS_CREDENTIAL_COLUMNS ", hash FROM credential WHERE account = $1 AND hash = $2";

std::optional<std::pair<Credential, std::string>> find_credential(Transaction& transaction, Id account,
                                                                  std::string_view hash) {
  const auto row = transaction.connection().prepare(select_credential_by_hash);
  row->bind(1, account).bind_bytes(2, hash);
  if (!row->step()) return std::nullopt;
  return std::pair(read_credential(*row), std::string(row->bytes(11)));
}

constexpr const char* select_credentials =
    "SELECT " PILEUS_CREDENTIAL_COLUMNS " FROM credential WHERE account = $1 ORDER BY id";

std::vector<Credential> list_credentials(Transaction& transaction, Id account) {
  const auto row = transaction.connection().prepare(select_credentials);
  row->bind(1, account);
  std::vector<Credential> credentials;
  while (row->step()) credentials.push_back(read_credential(*row));
  return credentials;
}

constexpr const char* insert_credential_row =
    "INSERT INTO credential (account, label, hash, dav, mail, read_only, created, expires) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";

Id insert_credential(Transaction& transaction, const Credential& credential, std::string_view hash) {
  const auto insert = transaction.connection().prepare(insert_credential_row);
  insert->bind(1, credential.account).bind(2, credential.label).bind_bytes(3, hash);
  insert->bind(4, credential.scope.dav ? 1 : 0).bind(5, credential.scope.mail ? 1 : 0);
  insert->bind(6, credential.scope.read_only ? 1 : 0).bind(7, credential.created);
  credential.expires ? insert->bind(8, *credential.expires) : insert->bind_null(8);
  insert->step();
  return insert->integer(0);
}

constexpr const char* delete_credential_row = "DELETE FROM credential WHERE account = $1 AND id = $2";

bool delete_credential(Transaction& transaction, Id account, Id credential) {
  delete_scram_keys(transaction, account, credential);
  const auto remove = transaction.connection().prepare(delete_credential_row);
  remove->bind(1, account).bind(2, credential);
  return remove->run() > 0;
}

constexpr const char* update_last_use =
    "UPDATE credential SET last_used = $2, last_address = $3, last_client = $4 WHERE id = $1";

void write_last_use(Transaction& transaction, Id credential, std::string_view address, std::string_view client) {
  const auto update = transaction.connection().prepare(update_last_use);
  update->bind(1, credential).bind(2, transaction.now()).bind(3, address).bind(4, client);
  update->run();
}

}  // namespace storage::sql
