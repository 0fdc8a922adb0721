// Reading messages.
#include <algorithm>

#include "storage/failure.h"
#include "storage/sql/mail_rows.h"

namespace storage {

namespace sql {

void read_flags(const Statement& row, MessageFlags& flags) {
  flags.uid = static_cast<Uid>(row.integer(0));
  flags.flags = static_cast<unsigned>(row.integer(1));
  flags.keywords = row.text(2);
  flags.modseq = row.integer(3);
}

void read_message(const Statement& row, Message& message) {
  int column = 0;
  message.uid = static_cast<Uid>(row.integer(column++));
  message.flags = static_cast<unsigned>(row.integer(column++));
  message.keywords = row.text(column++);
  message.modseq = row.integer(column++);
  message.added_modseq = row.integer(column++);
  message.internal_date = row.integer(column++);
  message.internal_zone = static_cast<int>(row.integer(column++));
  message.saved = row.integer(column++);
  message.size = row.integer(column++);
  message.blob = row.integer(column++);
  message.email = row.integer(column++);
  message.thread = row.integer(column);
}

}  // namespace sql

namespace {

// Long lists are read in pages, so that no driver has to hold all of one in memory.
constexpr std::int64_t page_rows = 10'000;
constexpr std::size_t page_uids = 2'000;

/// What selects rows whose first column is the UID, by a list of these, or between two of them.
struct Selection {
  sql::Listed listed;
  const char* between;
};

/// Those of these UIDs that are there, in order. Where they lie close together it is cheaper to read what is between.
template <class Each>
void for_each_listed(sql::Connection& connection, const Selection& selection, Id mailbox, std::span<const Uid> uids,
                     const Each& each) {
  for (std::size_t at = 0; at < uids.size(); at += page_uids) {
    const auto page = uids.subspan(at, std::min(page_uids, uids.size() - at));
    const bool dense = (page.back() - page.front()) / 4 < page.size();
    const auto row = connection.prepare(dense ? selection.between : selection.listed.in(connection));
    row->bind(1, mailbox);
    if (dense) {
      row->bind(2, page.front()).bind(3, page.back());
    } else {
      row->bind(2, sql::list_of(connection, page));
    }
    auto wanted = page.begin();
    while (row->step()) {
      const auto uid = static_cast<Uid>(row->integer(0));
      while (wanted != page.end() && *wanted < uid) ++wanted;
      if (wanted != page.end() && *wanted == uid) each(*row);
    }
  }
}

}  // namespace

constexpr const char* select_flags =
    "SELECT " PILEUS_FLAGS_COLUMNS " FROM message m WHERE m.mailbox = $1 AND m.uid >= $2 ORDER BY m.uid LIMIT $3";

void Mail::flags_of(Id mailbox, Uid from, const std::function<void(const MessageFlags&)>& each) {
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  MessageFlags flags;
  std::int64_t next = from;
  for (std::int64_t rows = page_rows; rows == page_rows; next = std::int64_t{flags.uid} + 1) {
    const auto row = transaction_.connection_.prepare(select_flags);
    row->bind(1, mailbox).bind(2, next).bind(3, page_rows);
    for (rows = 0; row->step(); ++rows) {
      sql::read_flags(*row, flags);
      each(flags);
    }
  }
}

constexpr const char* select_changed =
    "SELECT " PILEUS_FLAGS_COLUMNS " FROM message m WHERE m.mailbox = $1 AND m.modseq > $2 ORDER BY m.uid";

std::vector<MessageFlags> Mail::changed_since(Id mailbox, Modseq after) {
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  const auto row = transaction_.connection_.prepare(select_changed);
  row->bind(1, mailbox).bind(2, after);
  std::vector<MessageFlags> changed;
  while (row->step()) sql::read_flags(*row, changed.emplace_back());
  return changed;
}

constexpr const char* select_expunged = "SELECT uid FROM expunged WHERE mailbox = $1 AND modseq > $2 ORDER BY uid";

std::optional<std::vector<Uid>> Mail::expunged_since(Id mailbox, Modseq after) {
  const auto there = this->mailbox(mailbox);
  if (!there || after < there->expunged_floor) return std::nullopt;
  const auto row = transaction_.connection_.prepare(select_expunged);
  row->bind(1, mailbox).bind(2, after);
  std::vector<Uid> uids;
  while (row->step()) uids.push_back(static_cast<Uid>(row->integer(0)));
  return uids;
}

constexpr const char* select_message =
    "SELECT " PILEUS_MESSAGE_COLUMNS " FROM message m WHERE m.mailbox = $1 AND m.uid = $2";

std::optional<Message> Mail::message(Id mailbox, Uid uid) {
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  const auto row = transaction_.connection_.prepare(select_message);
  row->bind(1, mailbox).bind(2, uid);
  if (!row->step()) return std::nullopt;
  Message message;
  message.mailbox = mailbox;
  sql::read_message(*row, message);
  return message;
}

#define PILEUS_SELECT_MESSAGES(columns, join)                                                                        \
  {                                                                                                                  \
    PILEUS_LISTED("SELECT " PILEUS_MESSAGE_COLUMNS columns " FROM message m" join " WHERE m.mailbox = $1 AND m.uid", \
                  "$2", " ORDER BY m.uid"),                                                                          \
        "SELECT " PILEUS_MESSAGE_COLUMNS columns " FROM message m" join                                              \
        " WHERE m.mailbox = $1 AND m.uid BETWEEN $2 AND $3 ORDER BY m.uid"                                           \
  }
constexpr Selection select_messages = PILEUS_SELECT_MESSAGES("", "");
constexpr Selection select_with_facts =
    PILEUS_SELECT_MESSAGES(", f.packed", " LEFT JOIN message_fact f ON f.blob = m.blob");
constexpr Selection select_with_header =
    PILEUS_SELECT_MESSAGES(", f.packed, h.octets",
                           " LEFT JOIN message_fact f ON f.blob = m.blob LEFT JOIN message_header h ON h.blob = "
                           "m.blob");

void Mail::messages(Id mailbox, std::span<const Uid> uids, WithFacts with_facts,
                    const std::function<void(const Message&, std::string_view packed)>& each) {
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  Message message;
  message.mailbox = mailbox;
  std::string packed;
  const Selection& selection = with_facts == WithFacts::no    ? select_messages
                               : with_facts == WithFacts::yes ? select_with_facts
                                                              : select_with_header;
  for_each_listed(transaction_.connection_, selection, mailbox, uids, [&](const sql::Statement& row) {
    sql::read_message(row, message);
    if (with_facts == WithFacts::no) return each(message, {});
    if (with_facts == WithFacts::yes) return each(message, row.bytes(sql::message_columns));
    packed = row.bytes(sql::message_columns);
    packed += row.bytes(sql::message_columns + 1);
    each(message, packed);
  });
}

Segment Mail::octets(const Message& message) {
  Member member;
  member.blob = message.blob;
  return transaction_.content(member);
}

constexpr Selection select_briefs = {
    PILEUS_LISTED("SELECT " PILEUS_FLAGS_COLUMNS ", m.size FROM message m WHERE m.mailbox = $1 AND m.uid", "$2",
                  " ORDER BY m.uid"),
    "SELECT " PILEUS_FLAGS_COLUMNS
    ", m.size FROM message m WHERE m.mailbox = $1 AND m.uid BETWEEN $2 AND $3 ORDER BY m.uid"};

std::vector<Mail::Brief> Mail::briefs(Id mailbox, std::span<const Uid> uids) {
  std::vector<Brief> briefs;
  for_each_listed(transaction_.connection_, select_briefs, mailbox, uids, [&](const sql::Statement& row) {
    Brief& brief = briefs.emplace_back();
    sql::read_flags(row, brief.now);
    brief.size = row.integer(4);
  });
  return briefs;
}

}  // namespace storage
