// Mailboxes: collections that have a row of their own, too.
#include <array>

#include "storage/mail.h"
#include "storage/sql/database.h"
#include "storage/sql/rows.h"

#define PILEUS_MAILBOX_COLUMNS                                                                                   \
  "c.id, c.account, c.parent, c.name, c.modseq, c.tombstone_floor, b.uid_validity, b.uid_next, b.first_recent, " \
  "b.messages, b.unseen, b.deleted, b.octets, b.special_use, b.selectable"

namespace storage {

namespace {

/// What everybody has. RFC 6154 2
struct Usual {
  std::string_view name;
  std::string_view special_use;
};
constexpr std::array usual_mailboxes{
    Usual{"INBOX", ""},      Usual{"Drafts", "\\Drafts"}, Usual{"Sent", "\\Sent"},
    Usual{"Junk", "\\Junk"}, Usual{"Trash", "\\Trash"},   Usual{"Archive", "\\Archive"},
};

Mailbox read_mailbox(const sql::Statement& row) {
  int column = 0;
  Mailbox mailbox;
  mailbox.id = row.integer(column++);
  mailbox.account = row.integer(column++);
  mailbox.parent = row.integer(column++);
  mailbox.name = row.text(column++);
  mailbox.modseq = row.integer(column++);
  mailbox.expunged_floor = row.integer(column++);
  mailbox.uid_validity = static_cast<Uid>(row.integer(column++));
  mailbox.uid_next = static_cast<Uid>(row.integer(column++));
  mailbox.first_recent = static_cast<Uid>(row.integer(column++));
  mailbox.messages = row.integer(column++);
  mailbox.unseen = row.integer(column++);
  mailbox.deleted = row.integer(column++);
  mailbox.octets = row.integer(column++);
  mailbox.special_use = row.text(column++);
  mailbox.selectable = row.integer(column) != 0;
  return mailbox;
}

}  // namespace

std::optional<Collection> Mail::home(Id account) {
  auto home = transaction_.home(account, CollectionKind::mail_home);
  return home || !transaction_.writing() ? home : make_home(account);
}

// 9 is CollectionKind::mail_home. Another may make it at the same time.
constexpr const char* insert_mail_home =
    "INSERT INTO collection (account, kind, name, created, modified) VALUES ($1, 9, '', $2, $2) ON CONFLICT DO NOTHING";
constexpr const char* insert_home_row = "INSERT INTO mailbox (id, uid_validity, selectable) VALUES ($1, 0, 0)";

Collection Mail::make_home(Id account) {
  std::int64_t made = 0;
  {
    const auto insert = transaction_.connection_.prepare(insert_mail_home);
    insert->bind(1, account).bind(2, transaction_.now());
    made = insert->run();
  }
  const auto home = transaction_.home(account, CollectionKind::mail_home);
  if (!home) throw std::logic_error("a mail home of an account that isn't there");
  if (made == 0) return *home;
  {
    const auto insert = transaction_.connection_.prepare(insert_home_row);
    insert->bind(1, home->id);
    insert->send();
  }
  for (const auto& [name, special_use] : usual_mailboxes) {
    create(home->id, name, special_use);
    subscribe(account, name);
  }
  return *transaction_.collection(home->id);
}

constexpr const char* select_mailbox = "SELECT " PILEUS_MAILBOX_COLUMNS
                                       " FROM mailbox b JOIN collection c ON c.id = b.id WHERE b.id = $1 AND c.parent "
                                       "IS NOT NULL";

std::optional<Mailbox> Mail::mailbox(Id id) {
  if (transaction_.writing()) transaction_.connection_.hold(id);
  const auto row = transaction_.connection_.prepare(select_mailbox);
  row->bind(1, id);
  if (!row->step()) return std::nullopt;
  return read_mailbox(*row);
}

constexpr const char* select_child = "SELECT " PILEUS_MAILBOX_COLUMNS
                                     " FROM member m JOIN mailbox b ON b.id = m.child JOIN collection c ON c.id = "
                                     "m.child WHERE m.collection = $1 AND m.deleted = 0 AND m.name = $2";

std::optional<Mailbox> Mail::child(Id parent, std::string_view name) {
  if (transaction_.writing()) transaction_.connection_.hold(parent);
  const auto row = transaction_.connection_.prepare(select_child);
  row->bind(1, parent).bind(2, name);
  if (!row->step()) return std::nullopt;
  return read_mailbox(*row);
}

constexpr const char* select_mailboxes =
    "WITH RECURSIVE below (id, depth) AS (SELECT h.id, 0 FROM collection h WHERE h.account = $1 AND h.kind = 9 AND "
    "h.parent IS NULL UNION ALL SELECT n.id, below.depth + 1 FROM collection n JOIN below ON n.parent = below.id) "
    "SELECT " PILEUS_MAILBOX_COLUMNS
    " FROM below JOIN mailbox b ON b.id = below.id JOIN collection c ON c.id = below.id WHERE below.depth > 0 "
    "ORDER BY below.depth, c.name";

std::vector<Mailbox> Mail::mailboxes(Id account) {
  if (transaction_.writing()) transaction_.home(account, CollectionKind::mail_home);
  const auto row = transaction_.connection_.prepare(select_mailboxes);
  row->bind(1, account);
  std::vector<Mailbox> mailboxes;
  while (row->step()) mailboxes.push_back(read_mailbox(*row));
  return mailboxes;
}

// Those of one home rise, also those that are made within one second: what comes in the place of what was removed, or
// renamed, has another one. RFC 9051 2.3.1.1
constexpr const char* take_validity =
    "UPDATE mailbox SET uid_validity = CASE WHEN uid_validity < $2 THEN $2 ELSE uid_validity + 1 END WHERE id = $1 "
    "RETURNING uid_validity";
constexpr const char* select_home_of = "SELECT COALESCE(home, id) FROM collection WHERE id = $1";

std::int64_t Mail::next_validity(Id mailbox) {
  Id home = 0;
  {
    const auto row = transaction_.connection_.prepare(select_home_of);
    row->bind(1, mailbox);
    if (row->step()) home = row->integer(0);
  }
  const auto take = transaction_.connection_.prepare(take_validity);
  take->bind(1, home).bind(2, transaction_.now());
  if (!take->step()) throw std::logic_error("a mailbox outside a mail home");
  return take->integer(0);
}

constexpr const char* insert_mailbox_row = "INSERT INTO mailbox (id, uid_validity, special_use) VALUES ($1, $2, $3)";
// A mailbox never has the modseq 0. RFC 7162 3.1.2.1
constexpr const char* begin_modseq = "UPDATE collection SET modseq = 1 WHERE id = $1";

void Mail::insert_mailbox(Id collection, std::string_view special_use) {
  const std::int64_t validity = next_validity(collection);
  const auto insert = transaction_.connection_.prepare(insert_mailbox_row);
  insert->bind(1, collection).bind(2, validity).bind(3, special_use);
  insert->send();
  const auto begin = transaction_.connection_.prepare(begin_modseq);
  begin->bind(1, collection);
  begin->send();
}

constexpr const char* make_selectable =
    "UPDATE mailbox SET selectable = 1, uid_validity = $2, special_use = $3 WHERE id = $1";

Mailbox Mail::create(Id parent, std::string_view name, std::string_view special_use) {
  transaction_.begin_change(parent);
  const auto there = child(parent, name);
  if (!there || there->selectable) {
    const Collection made = transaction_.create_collection(parent, CollectionKind::mailbox, name);
    insert_mailbox(made.id, special_use);
    return *mailbox(made.id);
  }
  const std::int64_t validity = next_validity(there->id);
  transaction_.advance(there->id, 0);
  const auto update = transaction_.connection_.prepare(make_selectable);
  update->bind(1, there->id).bind(2, validity).bind(3, special_use);
  update->send();
  return *mailbox(there->id);
}

constexpr const char* find_child = "SELECT 1 FROM collection WHERE parent = $1 LIMIT 1";

bool Mail::has_children(Id mailbox) {
  const auto row = transaction_.connection_.prepare(find_child);
  row->bind(1, mailbox);
  return row->step();
}

constexpr const char* select_all_uids = "SELECT uid FROM message WHERE mailbox = $1 ORDER BY uid";
constexpr const char* make_unselectable = "UPDATE mailbox SET selectable = 0, special_use = '' WHERE id = $1";
constexpr const char* delete_rights = "DELETE FROM mailbox_rights WHERE mailbox = $1";

void Mail::remove(Id mailbox, const Actor& actor) {
  transaction_.begin_change(mailbox);
  if (!has_children(mailbox)) return transaction_.remove_collection(mailbox, actor);
  std::vector<Uid> uids;
  {
    const auto row = transaction_.connection_.prepare(select_all_uids);
    row->bind(1, mailbox);
    while (row->step()) uids.push_back(static_cast<Uid>(row->integer(0)));
  }
  expunge(mailbox, uids, actor);
  transaction_.advance(mailbox, 0);
  for (const char* sql : {make_unselectable, delete_rights}) {
    const auto clear = transaction_.connection_.prepare(sql);
    clear->bind(1, mailbox);
    clear->send();
  }
}

void Mail::rename(Id mailbox, Id to_parent, std::string_view name, const Actor& actor) {
  transaction_.begin_change(mailbox);
  transaction_.begin_change(to_parent);
  const auto renamed = this->mailbox(mailbox);
  const auto parent = transaction_.collection(to_parent);
  if (!renamed || !parent || parent->account != renamed->account) {
    throw std::logic_error("a mailbox that isn't there is renamed, or out of its account");
  }
  if (transaction_.member(to_parent, name)) throw DuplicateName("the name is taken: " + std::string(name));
  const auto entry = transaction_.member(renamed->parent, renamed->name);
  if (!entry) throw Failure(Trouble::corrupt, "a mailbox without its entry in what is above");
  transaction_.move(*entry, to_parent, name, actor);
}

constexpr const char* update_special_use = "UPDATE mailbox SET special_use = $2 WHERE id = $1";

void Mail::set_special_use(Id mailbox, std::string_view special_use) {
  transaction_.touch(mailbox);
  const auto update = transaction_.connection_.prepare(update_special_use);
  update->bind(1, mailbox).bind(2, special_use);
  update->send();
}

constexpr const char* select_recent = "SELECT first_recent, uid_next FROM mailbox WHERE id = $1";
constexpr const char* update_recent = "UPDATE mailbox SET first_recent = uid_next WHERE id = $1";

Uid Mail::take_recent(Id mailbox) {
  transaction_.begin_change(mailbox);
  Uid before = 0;
  {
    const auto row = transaction_.connection_.prepare(select_recent);
    row->bind(1, mailbox);
    if (!row->step()) throw std::logic_error("the recent messages of what is no mailbox");
    before = static_cast<Uid>(row->integer(0));
    if (row->integer(0) == row->integer(1)) return before;
  }
  const auto update = transaction_.connection_.prepare(update_recent);
  update->bind(1, mailbox);
  update->send();
  return before;
}

constexpr const char* sum_octets = "SELECT octets FROM mailbox WHERE id = $1";
constexpr const char* record_all =
    "INSERT INTO revision (account, collection, member, name, modseq, change, before, media_type, actor, credential, "
    "at) SELECT CAST($2 AS BIGINT), m.mailbox, 0, CAST(m.uid AS TEXT), m.modseq, 2, m.blob, 'message/rfc822', "
    "CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM message m WHERE m.mailbox = $1 ORDER BY m.uid";
constexpr const char* delete_messages = "DELETE FROM message WHERE mailbox = $1";
constexpr const char* delete_expunged = "DELETE FROM expunged WHERE mailbox = $1";
constexpr const char* delete_mailbox = "DELETE FROM mailbox WHERE id = $1";

void Mail::drop_mailbox(Id account, Id collection, const Actor& actor) {
  std::int64_t octets = 0;
  {
    const auto row = transaction_.connection_.prepare(sum_octets);
    row->bind(1, collection);
    if (!row->step()) return;
    octets = row->integer(0);
  }
  transaction_.charge(account, -octets);
  {
    const auto record = transaction_.connection_.prepare(record_all);
    record->bind(1, collection).bind(2, account).bind(3, actor.account).bind(4, actor.credential);
    record->bind(5, transaction_.now());
    record->send();
  }
  for (const char* sql : {delete_messages, delete_expunged, delete_rights, delete_mailbox}) {
    const auto clear = transaction_.connection_.prepare(sql);
    clear->bind(1, collection);
    clear->send();
  }
}

}  // namespace storage
