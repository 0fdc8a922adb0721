// Messages that come in: their rows, what is derived of their octets, and their threads.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "storage/failure.h"
#include "storage/sha256.h"
#include "storage/sql/keywords.h"
#include "storage/sql/mail_rows.h"

namespace storage {

namespace {

// Of a message that refers to more, the first and the last ones count.
constexpr std::size_t most_ids = 64;

using Hash = std::int64_t;

Hash hash_of(std::string_view message_id) {
  Sha256 sha256;
  sha256.add(message_id);
  std::uint64_t hash = 0;
  for (const char octet : sha256.finish().substr(0, sizeof hash)) hash = hash << 8 | static_cast<unsigned char>(octet);
  return static_cast<Hash>(hash);
}

std::vector<Hash> hashes_of(const std::vector<std::string>& ids) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i < most_ids / 2 || i + most_ids / 2 >= ids.size()) hashes.push_back(hash_of(ids[i]));
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

constexpr sql::Listed select_threads =
    PILEUS_LISTED("SELECT hash, thread FROM thread_id WHERE account = $1 AND hash", "$2", "");
constexpr sql::Listed insert_thread = {
    "INSERT INTO thread_id (account, hash, thread) SELECT $1, value, $3 FROM json_each($2) WHERE true ON CONFLICT DO "
    "NOTHING",
    "INSERT INTO thread_id (account, hash, thread) SELECT CAST($1 AS BIGINT), h, CAST($3 AS BIGINT) FROM "
    "unnest(CAST(CAST($2 AS TEXT) AS BIGINT[])) AS h ON CONFLICT DO NOTHING"};

/// The threads of an account, as far as messages that come in need to know of them.
class Threads {
 public:
  Threads(sql::Connection& connection, Id account, std::span<const NewMessage> messages)
      : connection_(connection), account_(account) {
    std::vector<Hash> all;
    for (const NewMessage& message : messages) {
      const auto& hashes = hashes_.emplace_back(hashes_of(message.facts.message_ids));
      all.insert(all.end(), hashes.begin(), hashes.end());
    }
    if (all.empty()) return;
    const auto row = connection.prepare(select_threads.in(connection));
    row->bind(1, account).bind(2, sql::list_of<Hash>(connection, all));
    while (row->step()) threads_[row->integer(0)] = row->integer(1);
  }

  /// The oldest thread that knows one of the ids of that message; none of them: a new one of that number.
  Id join(std::size_t message, Id number) {
    Id thread = 0;
    std::vector<Hash> unknown;
    for (const Hash hash : hashes_[message]) {
      const auto known = threads_.find(hash);
      if (known == threads_.end()) {
        unknown.push_back(hash);
      } else if (thread == 0 || known->second < thread) {
        thread = known->second;
      }
    }
    if (thread == 0) thread = number;
    for (const Hash hash : unknown) threads_[hash] = thread;
    if (!unknown.empty()) {
      const auto insert = connection_.prepare(insert_thread.in(connection_));
      insert->bind(1, account_).bind(2, sql::list_of<Hash>(connection_, unknown)).bind(3, thread);
      insert->send();
    }
    return thread;
  }

 private:
  sql::Connection& connection_;
  Id account_;
  std::vector<std::vector<Hash>> hashes_;  // of each message
  std::unordered_map<Hash, Id> threads_;
};

/// Unlike that of any other message: no mailbox has the id of another, and no message the UID of another.
Id number_of(Id mailbox, Uid uid) {
  constexpr Id most = std::numeric_limits<std::int32_t>::max();
  if (mailbox > most) throw Failure(Trouble::refused, "there were too many collections");
  return mailbox << 32 | Id{uid};
}

}  // namespace

void Mail::Counts::add(unsigned flags, std::int64_t size, int sign) {
  messages += sign;
  if ((flags & flag::seen) == 0) unseen += sign;
  if ((flags & flag::deleted) != 0) deleted += sign;
  octets += sign * size;
}

constexpr const char* update_counts =
    "UPDATE mailbox SET messages = messages + $2, unseen = unseen + $3, deleted = deleted + $4, octets = octets + $5, "
    "uid_next = uid_next + $6 WHERE id = $1 RETURNING uid_next, selectable";

// The UIDs given out are the last ones before what comes back.
Uid Mail::count(Id mailbox, const Counts& change, std::size_t uids) {
  const auto update = transaction_.connection_.prepare(update_counts);
  update->bind(1, mailbox).bind(2, change.messages).bind(3, change.unseen).bind(4, change.deleted);
  update->bind(5, change.octets).bind(6, static_cast<std::int64_t>(uids));
  if (!update->step()) throw std::logic_error("messages in what is no mailbox");
  if (uids > 0 && update->integer(1) == 0) throw std::logic_error("messages in a mailbox that can't be selected");
  constexpr std::int64_t most = std::numeric_limits<Uid>::max();
  if (update->integer(0) > most) throw Failure(Trouble::refused, "the mailbox has no UIDs left");
  return static_cast<Uid>(update->integer(0));
}

constexpr const char* insert_message =
    "INSERT INTO message (mailbox, uid, flags, keywords, modseq, added_modseq, internal_date, internal_zone, saved, "
    "size, blob, email, thread) VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12)";

std::vector<Message> Mail::append(Id mailbox, std::span<const NewMessage> messages, const Actor&) {
  if (messages.empty()) return {};
  transaction_.begin_change(mailbox);
  auto& connection = transaction_.connection_;
  std::vector<sql::Use> blobs;
  Counts counts;
  for (const NewMessage& message : messages) {
    blobs.push_back(transaction_.start_blob(message.blob));
    counts.add(message.flags, message.blob.size);
  }
  const auto step = transaction_.advance(mailbox, 0);
  transaction_.charge(step.account, counts.octets);
  Uid uid = count(mailbox, counts, messages.size()) - static_cast<Uid>(messages.size());
  Threads threads(connection, step.account, messages);

  std::vector<Message> appended;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Message& message = appended.emplace_back();
    message.mailbox = mailbox;
    message.uid = uid++;
    message.flags = messages[i].flags;
    message.keywords = sql::keywords_of(messages[i].keywords);
    message.modseq = message.added_modseq = step.modseq;
    message.internal_date = messages[i].internal_date;
    message.internal_zone = messages[i].internal_zone;
    message.saved = transaction_.now();
    message.size = messages[i].blob.size;
    message.blob = transaction_.finish_blob(*blobs[i], messages[i].blob);
    message.email = number_of(mailbox, message.uid);
    message.thread = threads.join(i, message.email);
    put_facts(message.blob, messages[i].facts);
    const auto insert = connection.prepare(insert_message);
    insert->bind(1, mailbox).bind(2, message.uid).bind(3, message.flags).bind(4, message.keywords);
    insert->bind(5, message.modseq).bind(6, message.internal_date).bind(7, message.internal_zone);
    insert->bind(8, message.saved).bind(9, message.size).bind(10, message.blob).bind(11, message.email);
    insert->bind(12, message.thread);
    insert->send();
  }
  return appended;
}

constexpr const char* upsert_facts =
    "INSERT INTO message_fact (blob, edition, packed) VALUES ($1, $2, $3) ON CONFLICT (blob) DO UPDATE SET edition = "
    "excluded.edition, packed = excluded.packed WHERE message_fact.edition <> excluded.edition";
constexpr const char* insert_header =
    "INSERT INTO message_header (blob, octets) VALUES ($1, $2) ON CONFLICT (blob) DO NOTHING";
constexpr const char* insert_signature =
    "INSERT INTO message_signature (blob, bits) VALUES ($1, $2) ON CONFLICT (blob) DO UPDATE SET bits = excluded.bits "
    "WHERE message_signature.bits <> excluded.bits";

void Mail::put_facts(Id blob, const MessageFacts& facts) {
  const auto upsert = transaction_.connection_.prepare(upsert_facts);
  upsert->bind(1, blob).bind(2, facts.edition).bind_bytes(3, facts.packed);
  upsert->send();
  const auto insert = [&](const char* sql, const std::optional<std::string>& octets) {
    if (!octets) return;
    const auto statement = transaction_.connection_.prepare(sql);
    statement->bind(1, blob).bind_bytes(2, *octets);
    statement->send();
  };
  insert(insert_header, facts.header);
  insert(insert_signature, facts.signature);
}

}  // namespace storage
