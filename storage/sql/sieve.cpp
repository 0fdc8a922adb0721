#include "storage/sieve.h"

#include <stdexcept>

#include "storage/sql/database.h"

namespace storage {

namespace {

sql::Use prepare(Transaction& transaction, const char* sql, Id account) {
  sql::Use out = transaction.connection().prepare(sql);
  out->bind(1, account);
  return out;
}

void check_writing(const Transaction& transaction) {
  if (!transaction.writing()) throw std::logic_error("a reading transaction can't change scripts");
}

}  // namespace

constexpr const char* select_scripts =
    "SELECT name, active, size, modified FROM sieve_script WHERE account = $1 ORDER BY name";

std::vector<SieveScript> Sieve::scripts(Id account) {
  const auto row = prepare(transaction_, select_scripts, account);
  std::vector<SieveScript> out;
  while (row->step()) {
    out.push_back({std::string(row->text(0)), row->integer(1) != 0, row->integer(2), row->integer(3)});
  }
  return out;
}

constexpr const char* select_script = "SELECT octets FROM sieve_script WHERE account = $1 AND name = $2";

std::optional<std::string> Sieve::script(Id account, std::string_view name) {
  const auto row = prepare(transaction_, select_script, account);
  row->bind(2, name);
  if (!row->step()) return std::nullopt;
  return std::string(row->bytes(0));
}

constexpr const char* select_active =
    "SELECT name, octets, fault FROM sieve_script WHERE account = $1 AND active = 1 ORDER BY name";

std::optional<ActiveSieveScript> Sieve::active(Id account) {
  const auto row = prepare(transaction_, select_active, account);
  if (!row->step()) return std::nullopt;
  return ActiveSieveScript{std::string(row->text(0)), std::string(row->bytes(1)), std::string(row->text(2))};
}

constexpr const char* count_others = "SELECT COUNT(*) FROM sieve_script WHERE account = $1 AND name <> $2";

Sieve::Room Sieve::room(Id account, std::string_view name, std::int64_t size, const SieveQuota& quota) {
  if (size > quota.octets) return Room::too_large;
  const auto row = prepare(transaction_, count_others, account);
  row->bind(2, name);
  row->step();
  return row->integer(0) < quota.scripts ? Room::enough : Room::too_many;
}

constexpr const char* upsert_script =
    "INSERT INTO sieve_script (account, name, octets, size, modified) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (account, name) DO UPDATE SET octets = excluded.octets, size = excluded.size, "
    "modified = excluded.modified, fault = ''";

void Sieve::put(Id account, std::string_view name, std::string_view octets) {
  check_writing(transaction_);
  const auto put = prepare(transaction_, upsert_script, account);
  put->bind(2, name).bind_bytes(3, octets);
  put->bind(4, static_cast<std::int64_t>(octets.size())).bind(5, transaction_.now());
  put->run();
}

constexpr const char* activate_script = "UPDATE sieve_script SET active = 1 WHERE account = $1 AND name = $2";
constexpr const char* deactivate_others =
    "UPDATE sieve_script SET active = 0 WHERE account = $1 AND name <> $2 AND active = 1";

bool Sieve::activate(Id account, std::string_view name) {
  check_writing(transaction_);
  if (!name.empty()) {
    const auto set = prepare(transaction_, activate_script, account);
    set->bind(2, name);
    if (set->run() == 0) return false;
  }
  const auto clear = prepare(transaction_, deactivate_others, account);
  clear->bind(2, name);
  clear->run();
  return true;
}

constexpr const char* select_is_active = "SELECT active FROM sieve_script WHERE account = $1 AND name = $2";
constexpr const char* delete_script = "DELETE FROM sieve_script WHERE account = $1 AND name = $2";

Sieve::Outcome Sieve::remove(Id account, std::string_view name) {
  check_writing(transaction_);
  {
    const auto row = prepare(transaction_, select_is_active, account);
    row->bind(2, name);
    if (!row->step()) return Outcome::missing;
    if (row->integer(0) != 0) return Outcome::active;
  }
  const auto remove = prepare(transaction_, delete_script, account);
  remove->bind(2, name);
  remove->run();
  return Outcome::done;
}

constexpr const char* rename_script = "UPDATE sieve_script SET name = $3 WHERE account = $1 AND name = $2";

Sieve::Outcome Sieve::rename(Id account, std::string_view name, std::string_view to) {
  check_writing(transaction_);
  if (!script(account, name)) return Outcome::missing;
  if (name == to) return Outcome::done;
  if (script(account, to)) return Outcome::taken;
  const auto change = prepare(transaction_, rename_script, account);
  change->bind(2, name).bind(3, to);
  change->run();
  return Outcome::done;
}

constexpr const char* update_fault =
    "UPDATE sieve_script SET fault = $3 WHERE account = $1 AND name = $2 AND fault <> $3";

bool Sieve::set_fault(Id account, std::string_view name, std::string_view fault) {
  check_writing(transaction_);
  const auto change = prepare(transaction_, update_fault, account);
  change->bind(2, name).bind(3, fault);
  return change->run() > 0;
}

constexpr const char* select_memory = "SELECT 1 FROM sieve_memory WHERE account = $1 AND hash = $2 AND expires > $3";

bool Sieve::remembers(Id account, std::string_view hash) {
  const auto row = prepare(transaction_, select_memory, account);
  row->bind_bytes(2, hash).bind(3, transaction_.now());
  return row->step();
}

constexpr const char* upsert_memory =
    "INSERT INTO sieve_memory (account, hash, expires) VALUES ($1, $2, $3) "
    "ON CONFLICT (account, hash) DO UPDATE SET expires = excluded.expires";
constexpr const char* count_memory = "SELECT COUNT(*) FROM sieve_memory WHERE account = $1";
constexpr const char* trim_memory =
    "DELETE FROM sieve_memory WHERE account = $1 AND hash IN "
    "(SELECT hash FROM sieve_memory WHERE account = $1 ORDER BY expires LIMIT $2)";

void Sieve::remember(Id account, std::string_view hash, Timestamp until) {
  check_writing(transaction_);
  {
    const auto put = prepare(transaction_, upsert_memory, account);
    put->bind_bytes(2, hash).bind(3, until);
    put->run();
  }
  std::int64_t kept = 0;
  {
    const auto row = prepare(transaction_, count_memory, account);
    row->step();
    kept = row->integer(0);
  }
  if (kept <= memory) return;
  const auto trim = prepare(transaction_, trim_memory, account);
  trim->bind(2, kept - memory);
  trim->run();
}

}  // namespace storage
