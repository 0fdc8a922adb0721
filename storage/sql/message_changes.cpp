// Messages that are here: their flags, and where they go.
#include <map>

#include "storage/sql/keywords.h"
#include "storage/sql/mail_rows.h"

namespace storage {

namespace {

/// The flags and keywords of a message.
using Marks = std::pair<unsigned, std::string>;

Marks changed_marks(const Marks& now, const FlagChange& change) {
  Marks next{change.flags, sql::changed_keywords(now.second, change)};
  if (change.way == FlagChange::Way::add) next.first = now.first | change.flags;
  if (change.way == FlagChange::Way::remove) next.first = now.first & ~change.flags;
  return next;
}

std::vector<Uid> uids_of(const auto& briefs) {
  std::vector<Uid> uids;
  uids.reserve(briefs.size());
  for (const auto& brief : briefs) uids.push_back(brief.now.uid);
  return uids;
}

}  // namespace

constexpr sql::Listed update_marks =
    PILEUS_LISTED("UPDATE message SET flags = $3, keywords = $4, modseq = $5 WHERE mailbox = $1 AND uid", "$2", "");

// All that one call changes has one modseq. Messages that get the same flags are changed together.
std::vector<FlagOutcome> Mail::store(Id mailbox, std::span<const Uid> uids, const FlagChange& change) {
  transaction_.begin_change(mailbox);
  std::map<Marks, Marks> changes;
  std::map<Marks, std::vector<Uid>> groups;
  std::vector<FlagOutcome> outcomes;
  Counts counts;
  for (Brief& brief : briefs(mailbox, uids)) {
    FlagOutcome& outcome = outcomes.emplace_back();
    outcome.now = std::move(brief.now);
    outcome.refused = change.unchanged_since && outcome.now.modseq > *change.unchanged_since;
    if (outcome.refused) continue;
    const Marks before{outcome.now.flags, outcome.now.keywords};
    auto known = changes.find(before);
    if (known == changes.end()) known = changes.emplace(before, changed_marks(before, change)).first;
    const Marks& after = known->second;
    if (after == before) continue;
    outcome.changed = true;
    counts.add(before.first, 0, -1);
    counts.add(after.first, 0);
    outcome.now.flags = after.first;
    outcome.now.keywords = after.second;
    groups[after].push_back(outcome.now.uid);
  }
  if (groups.empty()) return outcomes;

  const auto step = transaction_.advance(mailbox, 0);
  for (FlagOutcome& outcome : outcomes) {
    if (outcome.changed) outcome.now.modseq = step.modseq;
  }
  for (const auto& [marks, changed] : groups) {
    auto& connection = transaction_.connection_;
    const auto update = connection.prepare(update_marks.in(connection));
    update->bind(1, mailbox).bind(2, sql::list_of<Uid>(connection, changed)).bind(3, marks.first);
    update->bind(4, marks.second).bind(5, step.modseq);
    update->send();
  }
  count(mailbox, counts, 0);
  return outcomes;
}

constexpr sql::Listed record_rows = PILEUS_LISTED(
    "INSERT INTO revision (account, collection, member, name, modseq, change, before, media_type, actor, credential, "
    "at) SELECT CAST($3 AS BIGINT), m.mailbox, 0, CAST(m.uid AS TEXT), CAST($4 AS BIGINT), 2, m.blob, "
    "'message/rfc822', CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS BIGINT) FROM message m WHERE m.mailbox = $1 "
    "AND m.uid",
    "$2", "");

// The history takes over the use of the octets.
void Mail::record_expunged(Id mailbox, Id account, Modseq modseq, const std::string& uids, const Actor& actor) {
  auto& connection = transaction_.connection_;
  const auto record = connection.prepare(record_rows.in(connection));
  record->bind(1, mailbox).bind(2, uids).bind(3, account).bind(4, modseq).bind(5, actor.account);
  record->bind(6, actor.credential).bind(7, transaction_.now());
  record->send();
}

constexpr sql::Listed insert_tombstones = PILEUS_LISTED(
    "INSERT INTO expunged (mailbox, modseq, uid, at) SELECT m.mailbox, CAST($3 AS BIGINT), m.uid, CAST($4 AS BIGINT) "
    "FROM message m WHERE m.mailbox = $1 AND m.uid",
    "$2", "");
constexpr sql::Listed delete_rows = PILEUS_LISTED("DELETE FROM message WHERE mailbox = $1 AND uid", "$2", "");

void Mail::bury(Id mailbox, Modseq modseq, const std::string& uids) {
  auto& connection = transaction_.connection_;
  const auto insert = connection.prepare(insert_tombstones.in(connection));
  insert->bind(1, mailbox).bind(2, uids).bind(3, modseq).bind(4, transaction_.now());
  insert->send();
  const auto remove = connection.prepare(delete_rows.in(connection));
  remove->bind(1, mailbox).bind(2, uids);
  remove->send();
}

std::vector<Uid> Mail::expunge(Id mailbox, std::span<const Uid> uids, const Actor& actor) {
  transaction_.begin_change(mailbox);
  const auto gone = briefs(mailbox, uids);
  if (gone.empty()) return {};
  Counts counts;
  for (const Brief& brief : gone) counts.add(brief.now.flags, brief.size, -1);
  const auto step = transaction_.advance(mailbox, 0);
  transaction_.charge(step.account, counts.octets);
  count(mailbox, counts, 0);
  std::vector<Uid> removed = uids_of(gone);
  const std::string list = sql::list_of<Uid>(transaction_.connection_, removed);
  record_expunged(mailbox, step.account, step.modseq, list, actor);
  bury(mailbox, step.modseq, list);
  return removed;
}

constexpr sql::Listed copy_rows = PILEUS_LISTED(
    "INSERT INTO message (mailbox, uid, flags, keywords, modseq, added_modseq, internal_date, internal_zone, saved, "
    "size, blob, email, thread) SELECT CAST($3 AS BIGINT), CAST($4 AS BIGINT) - 1 + ROW_NUMBER() OVER (ORDER BY "
    "m.uid), m.flags, m.keywords, CAST($5 AS BIGINT), CAST($5 AS BIGINT), m.internal_date, m.internal_zone, "
    "CAST($6 AS BIGINT), m.size, m.blob, m.email, m.thread FROM message m WHERE m.mailbox = $1 AND m.uid",
    "$2", "");

void Mail::insert_copies(Id from, const std::string& uids, Id to, Uid first, Modseq modseq) {
  auto& connection = transaction_.connection_;
  const auto insert = connection.prepare(copy_rows.in(connection));
  insert->bind(1, from).bind(2, uids).bind(3, to).bind(4, first).bind(5, modseq).bind(6, transaction_.now());
  insert->send();
}

constexpr sql::Listed reuse_blobs = PILEUS_LISTED(
    "UPDATE blob SET uses = uses + c.n FROM (SELECT m.blob AS id, COUNT(*) AS n FROM message m WHERE m.mailbox = $1 "
    "AND "
    "m.uid",
    "$2", " GROUP BY m.blob) AS c WHERE blob.id = c.id");

std::vector<Copied> Mail::transfer(Id from, std::span<const Uid> uids, Id to, bool moves) {
  transaction_.begin_change(from);
  transaction_.begin_change(to);
  const auto sources = briefs(from, uids);
  if (sources.empty()) return {};
  Counts counts;
  Counts gone;
  for (const Brief& brief : sources) {
    counts.add(brief.now.flags, brief.size);
    gone.add(brief.now.flags, brief.size, -1);
  }
  auto& connection = transaction_.connection_;
  const std::string list = sql::list_of<Uid>(connection, uids_of(sources));
  const auto arrival = transaction_.advance(to, 0);
  const auto leave = moves && from != to ? transaction_.advance(from, 0) : arrival;
  if (!moves || leave.account != arrival.account) transaction_.charge(arrival.account, counts.octets);
  Uid next = count(to, counts, sources.size()) - static_cast<Uid>(sources.size());
  if (!moves) {
    const auto reuse = connection.prepare(reuse_blobs.in(connection));
    reuse->bind(1, from).bind(2, list);
    reuse->send();
  }
  insert_copies(from, list, to, next, arrival.modseq);
  if (moves) {
    bury(from, leave.modseq, list);
    count(from, gone, 0);
    if (leave.account != arrival.account) transaction_.charge(leave.account, gone.octets);
  }
  std::vector<Copied> copied;
  for (const Brief& brief : sources) copied.push_back({brief.now.uid, next++});
  return copied;
}

std::vector<Copied> Mail::copy(Id from, std::span<const Uid> uids, Id to, const Actor&) {
  return transfer(from, uids, to, false);
}

std::vector<Copied> Mail::move(Id from, std::span<const Uid> uids, Id to, const Actor&) {
  return transfer(from, uids, to, true);
}

}  // namespace storage
