#include "storage/links.h"

#include "storage/secrets.h"
#include "storage/sha256.h"
#include "storage/sql/database.h"

#define PILEUS_LINK_COLUMNS "l.id, l.collection, l.label, l.busy_only, l.created, l.expires, l.last_used"

namespace storage {

namespace {

Link read_link(const sql::Statement& row) {
  Link link;
  link.id = row.integer(0);
  link.collection = row.integer(1);
  link.label = row.text(2);
  link.busy_only = row.integer(3) != 0;
  link.created = row.integer(4);
  if (!row.is_null(5)) link.expires = row.integer(5);
  if (!row.is_null(6)) link.last_used = row.integer(6);
  return link;
}

std::string hash_of(std::string_view secret) {
  Sha256 sha256;
  sha256.add(secret);
  return sha256.finish();
}

}  // namespace

constexpr const char* insert_link =
    "INSERT INTO link (collection, hash, label, busy_only, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";

std::string create_link(Transaction& transaction, const Link& wanted) {
  const std::string secret = make_random_name();
  const auto insert = transaction.connection().prepare(insert_link);
  insert->bind(1, wanted.collection).bind_bytes(2, hash_of(secret)).bind(3, wanted.label);
  insert->bind(4, wanted.busy_only ? 1 : 0).bind(5, transaction.now());
  wanted.expires ? insert->bind(6, *wanted.expires) : insert->bind_null(6);
  insert->run();
  return secret;
}

constexpr const char* select_links = "SELECT " PILEUS_LINK_COLUMNS
                                     " FROM link l JOIN collection c ON c.id = l.collection WHERE c.account = $1 "
                                     "ORDER BY l.id";

std::vector<Link> links_of(Transaction& transaction, Id account) {
  const auto row = transaction.connection().prepare(select_links);
  row->bind(1, account);
  std::vector<Link> links;
  while (row->step()) links.push_back(read_link(*row));
  return links;
}

constexpr const char* delete_link =
    "DELETE FROM link WHERE id = $2 AND collection IN (SELECT id FROM collection WHERE account = $1)";

bool revoke_link(Transaction& transaction, Id account, Id link) {
  const auto remove = transaction.connection().prepare(delete_link);
  remove->bind(1, account).bind(2, link);
  return remove->run() > 0;
}

constexpr const char* select_link =
    "SELECT " PILEUS_LINK_COLUMNS " FROM link l WHERE l.hash = $1 AND (l.expires IS NULL OR l.expires > $2)";

std::optional<Link> find_link(Transaction& transaction, std::string_view secret) {
  const auto row = transaction.connection().prepare(select_link);
  row->bind_bytes(1, hash_of(secret)).bind(2, transaction.now());
  if (!row->step()) return std::nullopt;
  return read_link(*row);
}

constexpr const char* update_link_use = "UPDATE link SET last_used = $2 WHERE id = $1";

void link_used(Transaction& transaction, Id link) {
  const auto update = transaction.connection().prepare(update_link_use);
  update->bind(1, link).bind(2, transaction.now());
  update->run();
}

}  // namespace storage
