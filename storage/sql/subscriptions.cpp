#include "storage/sql/database.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

#define PILEUS_SUBSCRIPTION_COLUMNS                                                       \
  "collection, next_fetch, lease, url, etag, last_modified, digest, period, last_fetch, " \
  "last_success, status, error, failures, gone_since"

namespace storage {

namespace {

Subscription read_subscription(const sql::Statement& row) {
  Subscription subscription;
  subscription.collection = row.integer(0);
  subscription.next_fetch = row.integer(1);
  subscription.lease = row.integer(2);
  subscription.url = row.text(3);
  subscription.etag = row.text(4);
  subscription.last_modified = row.text(5);
  subscription.digest = row.text(6);
  subscription.period = row.integer(7);
  subscription.last_fetch = row.integer(8);
  subscription.last_success = row.integer(9);
  subscription.status = static_cast<int>(row.integer(10));
  subscription.error = row.text(11);
  subscription.failures = row.integer(12);
  subscription.gone_since = row.integer(13);
  return subscription;
}

std::optional<Subscription> one(sql::Statement& row) {
  if (!row.step()) return std::nullopt;
  return read_subscription(row);
}

}  // namespace

constexpr const char* insert_subscription = "INSERT INTO subscription (collection, next_fetch) VALUES ($1, $2)";

void Transaction::subscribe(Id calendar) {
  begin_change(calendar);
  sql::set_keeper(connection_, calendar, Keeper::subscription);
  const auto insert = connection_.prepare(insert_subscription);
  insert->bind(1, calendar).bind(2, now_);
  insert->run();
}

constexpr const char* select_subscription =
    "SELECT " PILEUS_SUBSCRIPTION_COLUMNS " FROM subscription WHERE collection = $1";

std::optional<Subscription> Transaction::subscription(Id calendar) {
  if (writing_) connection_.hold(calendar);
  const auto row = connection_.prepare(select_subscription);
  row->bind(1, calendar);
  return one(*row);
}

constexpr const char* select_all_subscriptions =
    "SELECT " PILEUS_SUBSCRIPTION_COLUMNS " FROM subscription ORDER BY collection";
constexpr const char* select_subscriptions_of =
    "SELECT " PILEUS_SUBSCRIPTION_COLUMNS
    " FROM collection c JOIN subscription ON collection = c.id WHERE c.account = $1 ORDER BY collection";

std::vector<Subscription> Transaction::subscriptions(Id account) {
  const auto row = connection_.prepare(account == 0 ? select_all_subscriptions : select_subscriptions_of);
  if (account != 0) row->bind(1, account);
  std::vector<Subscription> subscriptions;
  while (row->step()) subscriptions.push_back(read_subscription(*row));
  return subscriptions;
}

constexpr const char* update_subscription_row =
    "UPDATE subscription SET next_fetch = $2, lease = $3, url = $4, etag = $5, last_modified = $6, digest = $7, "
    "period = $8, last_fetch = $9, last_success = $10, status = $11, error = $12, failures = $13, gone_since = $14 "
    "WHERE collection = $1";

void Transaction::update_subscription(const Subscription& subscription) {
  begin_change(subscription.collection);
  const auto update = connection_.prepare(update_subscription_row);
  update->bind(1, subscription.collection).bind(2, subscription.next_fetch).bind(3, subscription.lease);
  update->bind(4, subscription.url).bind(5, subscription.etag).bind(6, subscription.last_modified);
  update->bind(7, subscription.digest).bind(8, subscription.period).bind(9, subscription.last_fetch);
  update->bind(10, subscription.last_success).bind(11, subscription.status).bind(12, subscription.error);
  update->bind(13, subscription.failures).bind(14, subscription.gone_since);
  if (update->run() == 0) throw std::logic_error("a change of a subscription that isn't there");
}

constexpr const char* update_next_fetch =
    "UPDATE subscription SET next_fetch = $2 WHERE collection = $1 AND next_fetch > $2";

void Transaction::fetch_soon(Id calendar, Timestamp not_before) {
  begin_change(calendar);
  const auto update = connection_.prepare(update_next_fetch);
  update->bind(1, calendar).bind(2, not_before);
  update->run();
}

constexpr const char* select_due = "SELECT 1 FROM subscription WHERE next_fetch <= $1 AND lease <= $1 LIMIT 1";

bool Transaction::fetch_due() {
  const auto row = connection_.prepare(select_due);
  row->bind(1, now_);
  return row->step();
}

// Two who ask at the same time find the same row; the second one waits for the first, and then finds the lease taken.
constexpr const char* lease_due =
    "UPDATE subscription SET lease = $2 WHERE lease <= $1 AND collection = (SELECT d.collection FROM "
    "subscription d WHERE d.next_fetch <= $1 AND d.lease <= $1 ORDER BY d.next_fetch LIMIT 1) "
    "RETURNING " PILEUS_SUBSCRIPTION_COLUMNS;
constexpr const char* lease_one =
    "UPDATE subscription SET lease = $2 WHERE lease <= $1 AND collection = $3 "
    "RETURNING " PILEUS_SUBSCRIPTION_COLUMNS;

std::optional<Subscription> Transaction::lease_subscription(Timestamp until, Id calendar) {
  begin_change(0);
  const auto update = connection_.prepare(calendar == 0 ? lease_due : lease_one);
  update->bind(1, now_).bind(2, until);
  if (calendar != 0) update->bind(3, calendar);
  return one(*update);
}

}  // namespace storage
