#include "storage/queue.h"

#include <stdexcept>

#include "storage/mail.h"
#include "storage/sql/database.h"

#define PILEUS_QUEUED_COLUMNS                                                                               \
  "id, account, sender, envelope_id, returned, eight_bit, utf8, blob, size, created, next_attempt, lease, " \
  "attempts, held"

namespace storage {

namespace {

QueuedMessage read_queued(const sql::Statement& row) {
  QueuedMessage message;
  message.id = row.integer(0);
  message.account = row.integer(1);
  message.sender = row.text(2);
  message.envelope_id = row.text(3);
  message.returned = static_cast<int>(row.integer(4));
  message.eight_bit = row.integer(5) != 0;
  message.utf8 = row.integer(6) != 0;
  message.blob = row.integer(7);
  message.size = row.integer(8);
  message.created = row.integer(9);
  message.next_attempt = row.integer(10);
  message.lease = row.integer(11);
  message.attempts = row.integer(12);
  message.held = row.integer(13) != 0;
  return message;
}

}  // namespace

void Queue::need_writing() const {
  if (!transaction_.writing()) throw std::logic_error("the queue is changed in a reading transaction");
}

constexpr const char* insert_queued =
    "INSERT INTO queued (account, sender, envelope_id, returned, eight_bit, utf8, blob, size, created, next_attempt) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
constexpr const char* insert_queued_recipient =
    "INSERT INTO queued_recipient (message, address, original, notify) VALUES ($1, $2, $3, $4)";
constexpr const char* insert_turn =
    "INSERT INTO queue_turn (account, served) VALUES ($1, 0) ON CONFLICT (account) DO NOTHING";

Id Queue::add(const QueuedMessage& message, const StagedBlob& blob) {
  need_writing();
  if (message.recipients.empty()) return 0;
  sql::Connection& connection = transaction_.connection();
  const Id bytes = Mail(transaction_).use_blob(blob);
  Id id = 0;
  {
    const auto insert = connection.prepare(insert_queued);
    insert->bind(1, message.account).bind(2, message.sender).bind(3, message.envelope_id).bind(4, message.returned);
    insert->bind(5, message.eight_bit ? 1 : 0).bind(6, message.utf8 ? 1 : 0).bind(7, bytes).bind(8, blob.size);
    insert->bind(9, transaction_.now()).bind(10, message.next_attempt);
    insert->step();
    id = insert->integer(0);
  }
  for (const QueuedRecipient& recipient : message.recipients) {
    const auto insert = connection.prepare(insert_queued_recipient);
    insert->bind(1, id).bind(2, recipient.address).bind(3, recipient.original).bind(4, recipient.notify);
    insert->run();
  }
  const auto turn = connection.prepare(insert_turn);
  turn->bind(1, message.account);
  turn->run();
  return id;
}

// One account after the other, so that the index is asked and not read.
constexpr const char* select_next_due =
    "SELECT MIN((SELECT MIN(q.next_attempt) FROM queued q WHERE q.account = t.account AND q.held = 0)), COUNT(*) "
    "FROM queue_turn t";

std::optional<Timestamp> Queue::next_due() {
  const auto row = transaction_.connection().prepare(select_next_due);
  if (!row->step() || row->is_null(0)) return std::nullopt;
  return row->integer(0);
}

constexpr const char* select_turn =
    "SELECT t.account FROM queue_turn t WHERE EXISTS (SELECT 1 FROM queued q WHERE q.account = t.account AND "
    "q.held = 0 AND q.next_attempt <= $1) ORDER BY t.served, t.account LIMIT 1";
constexpr const char* update_turn =
    "UPDATE queue_turn SET served = 1 + (SELECT MAX(served) FROM queue_turn) WHERE account = $1";
// Two who ask at the same time find the same row; the second one waits for the first, and then finds it taken.
constexpr const char* lease_queued =
    "UPDATE queued SET lease = $3, next_attempt = $3 WHERE held = 0 AND next_attempt <= $2 AND id = (SELECT d.id FROM "
    "queued d WHERE d.account = $1 AND d.held = 0 AND d.next_attempt <= $2 ORDER BY d.next_attempt, d.id LIMIT 1) "
    "RETURNING " PILEUS_QUEUED_COLUMNS;

std::optional<QueuedMessage> Queue::lease(Timestamp until) {
  need_writing();
  sql::Connection& connection = transaction_.connection();
  Id account = 0;
  {
    const auto row = connection.prepare(select_turn);
    row->bind(1, transaction_.now());
    if (!row->step()) return std::nullopt;
    account = row->integer(0);
  }
  std::optional<QueuedMessage> message;
  {
    const auto update = connection.prepare(lease_queued);
    update->bind(1, account).bind(2, transaction_.now()).bind(3, until);
    if (!update->step()) return std::nullopt;
    message = read_queued(*update);
  }
  {
    const auto turn = connection.prepare(update_turn);
    turn->bind(1, account);
    turn->run();
  }
  message->recipients = recipients(message->id);
  return message;
}

constexpr const char* clear_leases =
    "UPDATE queued SET lease = 0, next_attempt = $1 WHERE lease <> 0 AND next_attempt = lease";

void Queue::end_leases() {
  need_writing();
  if (transaction_.connection().dialect() != sql::Dialect::sqlite) return;
  const auto clear = transaction_.connection().prepare(clear_leases);
  clear->bind(1, transaction_.now());
  clear->run();
}

constexpr const char* select_recipients =
    "SELECT id, address, original, notify, status, reason, told FROM queued_recipient WHERE message = $1 ORDER BY id";

std::vector<QueuedRecipient> Queue::recipients(Id message) {
  std::vector<QueuedRecipient> all;
  const auto row = transaction_.connection().prepare(select_recipients);
  row->bind(1, message);
  while (row->step()) {
    all.push_back({row->integer(0), std::string(row->text(1)), std::string(row->text(2)),
                   static_cast<unsigned>(row->integer(3)), std::string(row->text(4)), std::string(row->text(5)),
                   row->integer(6) != 0});
  }
  return all;
}

constexpr const char* update_settled =
    "UPDATE queued SET lease = 0, next_attempt = $3, attempts = attempts + 1 WHERE id = $1 AND lease = $2";
constexpr const char* update_recipient =
    "UPDATE queued_recipient SET status = $2, reason = $3, told = $4 WHERE id = $1";
constexpr const char* delete_recipient = "DELETE FROM queued_recipient WHERE id = $1";

bool Queue::settle(const QueuedMessage& message, std::span<const QueueOutcome> outcomes, Timestamp next_attempt) {
  need_writing();
  sql::Connection& connection = transaction_.connection();
  {
    const auto update = connection.prepare(update_settled);
    update->bind(1, message.id).bind(2, message.lease).bind(3, next_attempt);
    if (update->run() == 0) return false;
  }
  for (const QueueOutcome& outcome : outcomes) {
    const auto change = connection.prepare(outcome.done ? delete_recipient : update_recipient);
    change->bind(1, outcome.recipient);
    if (!outcome.done) change->bind(2, outcome.status).bind(3, outcome.reason).bind(4, outcome.told ? 1 : 0);
    change->run();
  }
  if (recipients(message.id).empty()) remove(message.id, message.blob);
  return true;
}

constexpr const char* delete_queued_recipients = "DELETE FROM queued_recipient WHERE message = $1";
constexpr const char* delete_queued = "DELETE FROM queued WHERE id = $1";
constexpr const char* release_queued_blob = "UPDATE blob SET uses = uses - 1, released = $2 WHERE id = $1";

void Queue::remove(Id id, Id blob) {
  sql::Connection& connection = transaction_.connection();
  for (const char* statement : {delete_queued_recipients, delete_queued}) {
    const auto removed = connection.prepare(statement);
    removed->bind(1, id);
    removed->run();
  }
  const auto release = connection.prepare(release_queued_blob);
  release->bind(1, blob).bind(2, transaction_.now());
  release->run();
}

Segment Queue::octets(const QueuedMessage& message) {
  Member member;
  member.blob = message.blob;
  member.size = message.size;
  return transaction_.content(member);
}

constexpr const char* select_queued = "SELECT " PILEUS_QUEUED_COLUMNS " FROM queued WHERE id = $1";

std::optional<QueuedMessage> Queue::message(Id id) {
  std::optional<QueuedMessage> message;
  {
    const auto row = transaction_.connection().prepare(select_queued);
    row->bind(1, id);
    if (!row->step()) return std::nullopt;
    message = read_queued(*row);
  }
  message->recipients = recipients(id);
  return message;
}

constexpr const char* select_all_queued = "SELECT " PILEUS_QUEUED_COLUMNS " FROM queued ORDER BY id";
constexpr const char* select_queued_of = "SELECT " PILEUS_QUEUED_COLUMNS " FROM queued WHERE account = $1 ORDER BY id";

std::vector<QueuedMessage> Queue::messages(std::optional<Id> account) {
  std::vector<QueuedMessage> all;
  {
    const auto row = transaction_.connection().prepare(account ? select_queued_of : select_all_queued);
    if (account) row->bind(1, *account);
    while (row->step()) all.push_back(read_queued(*row));
  }
  for (QueuedMessage& message : all) message.recipients = recipients(message.id);
  return all;
}

constexpr const char* update_held = "UPDATE queued SET held = $2 WHERE id = $1";

bool Queue::hold(Id id, bool held) {
  need_writing();
  const auto update = transaction_.connection().prepare(update_held);
  update->bind(1, id).bind(2, held ? 1 : 0);
  return update->run() > 0;
}

// One that is being sent stays whose it is.
constexpr const char* update_due =
    "UPDATE queued SET next_attempt = CASE WHEN lease > $2 THEN next_attempt ELSE $2 END, held = 0 WHERE id = $1";

bool Queue::retry(Id id) {
  need_writing();
  const auto update = transaction_.connection().prepare(update_due);
  update->bind(1, id).bind(2, transaction_.now());
  return update->run() > 0;
}

bool Queue::drop(Id id) {
  need_writing();
  const auto found = message(id);
  if (found) remove(id, found->blob);
  return found.has_value();
}

constexpr const char* select_queue_figures =
    "SELECT COUNT(*), COALESCE(SUM(held), 0), COALESCE(MIN(created), 0), (SELECT COUNT(*) FROM queued_recipient) "
    "FROM queued";

QueueFigures Queue::figures() {
  const auto row = transaction_.connection().prepare(select_queue_figures);
  QueueFigures figures;
  if (!row->step()) return figures;
  figures.messages = row->integer(0);
  figures.held = row->integer(1);
  figures.oldest = row->integer(2);
  figures.recipients = row->integer(3);
  return figures;
}

constexpr const char* forget_delivered = "DELETE FROM delivered_id WHERE at < $1";
constexpr const char* insert_delivered =
    "INSERT INTO delivered_id (account, hash, at) VALUES ($1, $2, $3) ON CONFLICT (account, hash) DO NOTHING";

bool Queue::seen(Id account, std::string_view hash, Timestamp forget_before) {
  need_writing();
  {
    const auto forget = transaction_.connection().prepare(forget_delivered);
    forget->bind(1, forget_before);
    forget->run();
  }
  const auto insert = transaction_.connection().prepare(insert_delivered);
  insert->bind(1, account).bind_bytes(2, hash).bind(3, transaction_.now());
  return insert->run() == 0;
}

}  // namespace storage
