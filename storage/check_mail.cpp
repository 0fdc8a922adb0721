#include "storage/check_mail.h"

#include "storage/failure.h"
#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::int64_t page_rows = 500;

/// What a fault in a query's rows is called, and the query that finds such rows: as (id, what).
struct Rule {
  const char* where;
  const char* sql;
};

constexpr Rule rules[] = {
    // 9 and 10 are CollectionKind::mail_home and mailbox.
    {"collection",
     "SELECT c.id, 'a mailbox without its row' FROM collection c LEFT JOIN mailbox b ON b.id = c.id WHERE c.kind IN "
     "(9, "
     "10) AND b.id IS NULL"},
    {"mailbox",
     "SELECT b.id, 'of what is no mailbox' FROM mailbox b LEFT JOIN collection c ON c.id = b.id WHERE c.id IS NULL OR "
     "c.kind NOT IN (9, 10)"},
    {"mailbox",
     "SELECT DISTINCT m.mailbox, 'has messages, and no row' FROM message m LEFT JOIN mailbox b ON b.id = m.mailbox "
     "WHERE b.id IS NULL"},
    {"mailbox",
     "SELECT b.id, 'its counts are not those of its messages' FROM mailbox b LEFT JOIN (SELECT mailbox, COUNT(*) AS n, "
     "SUM(1 - (flags & 1)) AS unseen, SUM((flags & 8) / 8) AS deleted, SUM(size) AS octets FROM message GROUP BY "
     "mailbox) m ON m.mailbox = b.id WHERE b.messages <> COALESCE(m.n, 0) OR b.unseen <> COALESCE(m.unseen, 0) OR "
     "b.deleted <> COALESCE(m.deleted, 0) OR b.octets <> COALESCE(m.octets, 0)"},
    {"mailbox",
     "SELECT b.id, 'can not be selected, and has messages' FROM mailbox b WHERE b.selectable = 0 AND b.messages <> 0"},
    {"mailbox",
     "SELECT b.id, 'its next UID is given already' FROM mailbox b JOIN (SELECT mailbox, MAX(uid) AS most FROM (SELECT "
     "mailbox, uid FROM message UNION ALL SELECT mailbox, uid FROM expunged) AS u GROUP BY mailbox) m ON m.mailbox = "
     "b.id WHERE b.uid_next <= m.most OR b.first_recent > b.uid_next"},
    {"mailbox",
     "SELECT b.id, 'its UIDVALIDITY is over that of its home, or another has it' FROM mailbox b JOIN collection c ON "
     "c.id = b.id JOIN mailbox h ON h.id = c.home WHERE b.uid_validity > h.uid_validity OR EXISTS (SELECT 1 FROM "
     "collection o JOIN mailbox x ON x.id = o.id WHERE o.home = c.home AND x.id <> b.id AND x.uid_validity = "
     "b.uid_validity)"},
    {"mailbox",
     "SELECT c.id, 'its modseq is below that of a message' FROM collection c JOIN (SELECT mailbox, MAX(modseq) AS most "
     "FROM (SELECT mailbox, modseq FROM message UNION ALL SELECT mailbox, modseq FROM expunged) AS u GROUP BY mailbox) "
     "m ON m.mailbox = c.id WHERE c.modseq < m.most"},
    {"message in mailbox",
     "SELECT m.mailbox, 'added after its last change' FROM message m WHERE m.added_modseq > m.modseq OR m.modseq < 1"},
    {"message in mailbox",
     "SELECT m.mailbox, 'there and expunged' FROM message m JOIN expunged e ON e.mailbox = m.mailbox AND e.uid = "
     "m.uid"},
    {"message in mailbox",
     "SELECT m.mailbox, 'its octets are not there, or not that many' FROM message m LEFT JOIN blob b ON b.id = m.blob "
     "WHERE b.id IS NULL OR b.size <> m.size"},
    {"message in mailbox",
     "SELECT m.mailbox, 'nothing is derived of it' FROM message m LEFT JOIN message_fact f ON f.blob = m.blob WHERE "
     "f.blob IS NULL"},
};

struct Derived {
  Id blob = 0;
  std::int64_t edition = 0;
  std::string packed;
  std::optional<std::string> header;
  std::optional<std::string> bits;
};

constexpr const char* select_derived =
    "SELECT f.blob, f.edition, f.packed, h.octets, s.bits FROM message_fact f LEFT JOIN message_header h ON h.blob = "
    "f.blob LEFT JOIN message_signature s ON s.blob = f.blob WHERE f.blob > $1 ORDER BY f.blob LIMIT $2";

std::optional<std::string> bytes_in(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string(row.bytes(column));
}

std::vector<Derived> page_after(Transaction& transaction, Id last) {
  const auto row = transaction.connection().prepare(select_derived);
  row->bind(1, last).bind(2, page_rows);
  std::vector<Derived> page;
  while (row->step()) {
    page.push_back(
        {row->integer(0), row->integer(1), std::string(row->bytes(2)), bytes_in(*row, 3), bytes_in(*row, 4)});
  }
  return page;
}

void check_derived(Transaction& transaction, const Derived& stored, const DeriveMessage& derive,
                   const std::function<void(std::string, std::string)>& tell) {
  Message message;
  message.blob = stored.blob;
  MessageFacts facts;
  try {
    facts = derive(Mail(transaction).octets(message));
  } catch (const Failure& failure) {
    if (failure.trouble() != Trouble::corrupt) throw;
    return;  // That its octets are gone is told elsewhere.
  }
  const std::string where = "message of blob " + std::to_string(stored.blob);
  if (facts.edition != stored.edition) return;
  if (facts.packed != stored.packed) tell(where, "what is derived is not that of its octets");
  if (facts.header != stored.header) tell(where, "the header kept is not that of its octets");
  if (facts.signature != stored.bits) tell(where, "its signature is not that of its octets");
}

}  // namespace

void check_mail(Transaction& transaction, const DeriveMessage& derive,
                const std::function<void(std::string, std::string)>& tell) {
  for (const Rule& rule : rules) {
    const auto row = transaction.connection().prepare(rule.sql);
    while (row->step()) tell(rule.where + (" " + std::to_string(row->integer(0))), std::string(row->text(1)));
  }
  if (!derive) return;
  Id last = 0;
  for (auto page = page_after(transaction, last); !page.empty(); page = page_after(transaction, last)) {
    for (const Derived& stored : page) check_derived(transaction, stored, derive, tell);
    last = page.back().blob;
  }
}

}  // namespace storage
