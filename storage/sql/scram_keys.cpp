#include "storage/sql/scram_keys.h"

#include "storage/sql/database.h"

namespace storage::sql {

constexpr const char* select_salt = "SELECT salt, iterations FROM scram WHERE account = $1";

std::optional<ScramSalt> find_scram_salt(Transaction& transaction, Id account) {
  const auto row = transaction.connection().prepare(select_salt);
  row->bind(1, account);
  if (!row->step()) return std::nullopt;
  return ScramSalt{std::string(row->bytes(0)), static_cast<std::uint32_t>(row->integer(1))};
}

constexpr const char* insert_salt =
    "INSERT INTO scram (account, salt, iterations) VALUES ($1, $2, $3) ON CONFLICT (account) DO NOTHING";

void write_scram_salt(Transaction& transaction, Id account, const ScramSalt& salt) {
  const auto insert = transaction.connection().prepare(insert_salt);
  insert->bind(1, account).bind_bytes(2, salt.salt).bind(3, salt.iterations);
  insert->run();
}

constexpr const char* select_keys =
    "SELECT credential, stored_key, server_key FROM scram_key WHERE account = $1 ORDER BY credential";

std::vector<ScramRow> find_scram_keys(Transaction& transaction, Id account) {
  const auto row = transaction.connection().prepare(select_keys);
  row->bind(1, account);
  std::vector<ScramRow> rows;
  while (row->step()) {
    rows.push_back({row->integer(0), {std::string(row->bytes(1)), std::string(row->bytes(2))}});
  }
  return rows;
}

constexpr const char* upsert_keys =
    "INSERT INTO scram_key (account, credential, stored_key, server_key) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (account, credential) DO UPDATE SET stored_key = excluded.stored_key, "
    "server_key = excluded.server_key";

void write_scram_keys(Transaction& transaction, Id account, const ScramRow& row) {
  const auto upsert = transaction.connection().prepare(upsert_keys);
  upsert->bind(1, account).bind(2, row.credential);
  upsert->bind_bytes(3, row.keys.stored_key).bind_bytes(4, row.keys.server_key);
  upsert->run();
}

constexpr const char* delete_keys = "DELETE FROM scram_key WHERE account = $1 AND credential = $2";

void delete_scram_keys(Transaction& transaction, Id account, Id credential) {
  const auto remove = transaction.connection().prepare(delete_keys);
  remove->bind(1, account).bind(2, credential);
  remove->run();
}

constexpr const char* select_secret = "SELECT octets FROM secret WHERE name = $1";

std::optional<std::string> find_secret(Transaction& transaction, std::string_view name) {
  const auto row = transaction.connection().prepare(select_secret);
  row->bind(1, name);
  if (!row->step()) return std::nullopt;
  return std::string(row->bytes(0));
}

constexpr const char* insert_secret = "INSERT INTO secret (name, octets) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

std::string shared_secret(Transaction& transaction, std::string_view name, std::string_view fresh) {
  const auto insert = transaction.connection().prepare(insert_secret);
  insert->bind(1, name).bind_bytes(2, fresh);
  insert->run();
  return find_secret(transaction, name).value();
}

}  // namespace storage::sql
