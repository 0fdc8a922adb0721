#include "storage/check.h"

#include <algorithm>

#include "storage/blobs.h"
#include "storage/check_grams.h"
#include "storage/check_mail.h"
#include "storage/failure.h"
#include "storage/sha256.h"
#include "storage/sql/change.h"
#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::int64_t page_rows = 500;
// No calendar object or card is near it.
constexpr std::int64_t largest_object = std::int64_t{1} << 30;

/// What a fault in a query's rows is called, and the query that finds such rows: what differs, as text, in its only
/// column.
struct Rule {
  const char* where;
  const char* sql;
};

// A table of faults: each query finds the rows that break one rule, as (id, what). Nothing found is as it should be.
constexpr Rule rules[] = {
    // Every row refers to what is there.
    {"member",
     "SELECT m.id, 'in a collection that is not there' FROM member m LEFT JOIN collection c ON c.id = m.collection "
     "WHERE c.id IS NULL"},
    {"member",
     "SELECT m.id, 'its bytes are not there' FROM member m LEFT JOIN blob b ON b.id = m.blob "
     "WHERE m.blob IS NOT NULL AND b.id IS NULL"},
    {"member",
     "SELECT m.id, 'neither object nor collection' FROM member m WHERE m.deleted = 0 AND m.child IS NULL AND m.blob "
     "IS NULL"},
    {"revision",
     "SELECT r.id, 'the bytes before are not there' FROM revision r LEFT JOIN blob b ON b.id = r.before "
     "WHERE r.before IS NOT NULL AND b.id IS NULL"},
    {"property of member",
     "SELECT p.member, 'of a member that is not there' FROM property p LEFT JOIN member m ON m.id = p.member AND "
     "m.collection = p.collection AND m.deleted = 0 WHERE p.member <> 0 AND m.id IS NULL"},
    {"lock on member",
     "SELECT l.member, 'of a member that is not there' FROM lock l LEFT JOIN member m ON m.id = l.member AND "
     "m.collection = l.collection AND m.deleted = 0 WHERE l.member <> 0 AND m.id IS NULL"},
    {"link",
     "SELECT l.id, 'of what is neither calendar nor address book' FROM link l LEFT JOIN collection c ON c.id = "
     "l.collection WHERE c.id IS NULL OR c.kind NOT IN (3, 4)"},
    {"time of member",
     "SELECT f.member, 'of a member that is not there' FROM event_fact f LEFT JOIN member m ON m.id = f.member AND "
     "m.collection = f.collection AND m.deleted = 0 WHERE m.id IS NULL"},
    {"text of member",
     "SELECT f.member, 'of a member that is not there' FROM card_fact f LEFT JOIN member m ON m.id = f.member AND "
     "m.collection = f.collection AND m.deleted = 0 WHERE m.id IS NULL AND (f.text IS NULL OR f.text <> '')"},
    // A collection and its entry in its parent belong together.
    {"member",
     "SELECT m.id, 'its collection has another parent or name' FROM member m LEFT JOIN collection c ON c.id = m.child "
     "WHERE m.deleted = 0 AND m.child IS NOT NULL AND (c.id IS NULL OR c.parent IS NULL OR c.parent <> m.collection OR "
     "c.name <> m.name)"},
    {"collection",
     "SELECT c.id, 'has no entry in its parent' FROM collection c LEFT JOIN member m ON m.child = c.id AND "
     "m.collection "
     "= c.parent AND m.deleted = 0 WHERE c.parent IS NOT NULL AND m.id IS NULL"},
    {"collection",
     "SELECT c.id, 'its home or account is not that of its parent' FROM collection c JOIN collection p ON p.id = "
     "c.parent WHERE c.account <> p.account OR COALESCE(c.home, 0) <> COALESCE(p.home, p.id)"},
    // Counters: changes lie within them and are told apart by them (sync-rules 1 to 7).
    {"collection",
     "SELECT c.id, 'its modseq is below that of a member' FROM collection c JOIN (SELECT collection, MAX(modseq) AS "
     "most FROM member GROUP BY collection) m ON m.collection = c.id WHERE c.modseq < m.most"},
    {"collection",
     "SELECT c.id, 'its last number is below that of a member' FROM collection c JOIN (SELECT collection, MAX(number) "
     "AS most FROM member GROUP BY collection) m ON m.collection = c.id WHERE c.last_number < m.most"},
    {"collection",
     "SELECT c.id, 'its tombstone floor is over its modseq' FROM collection c WHERE c.tombstone_floor > c.modseq"},
    {"collection",
     "SELECT m.collection, 'a modseq stands at two members' FROM member m GROUP BY m.collection, m.modseq HAVING "
     "COUNT(*) "
     "> 1"},
    {"collection",
     "SELECT m.collection, 'a number stands at two members' FROM member m GROUP BY m.collection, m.number HAVING "
     "COUNT(*) > 1"},
    {"member",
     "SELECT m.id, 'added after its last change' FROM member m WHERE m.added_modseq > m.modseq OR m.modseq < 1"},
    // A tombstone keeps a name and nothing else (sync-rules 6 and 15).
    {"member",
     "SELECT m.id, 'a tombstone with content' FROM member m WHERE m.deleted = 1 AND (m.blob IS NOT NULL OR m.uid IS "
     "NOT "
     "NULL OR m.size <> 0 OR m.etag <> '')"},
    // Bytes are counted by those who use them.
    {"blob",
     "SELECT b.id, 'its uses are not those that there are' FROM blob b LEFT JOIN (SELECT blob, COUNT(*) AS n FROM "
     "member WHERE blob IS NOT NULL GROUP BY blob) m ON m.blob = b.id LEFT JOIN (SELECT before, COUNT(*) AS n FROM "
     "revision WHERE before IS NOT NULL GROUP BY before) r ON r.before = b.id LEFT JOIN (SELECT blob, COUNT(*) AS n "
     "FROM attachment GROUP BY blob) t ON t.blob = b.id LEFT JOIN (SELECT blob, COUNT(*) AS n FROM message GROUP BY "
     "blob) e ON e.blob = b.id LEFT JOIN (SELECT blob, COUNT(*) AS n FROM queued GROUP BY blob) q ON q.blob = b.id "
     "WHERE b.uses <> COALESCE(m.n, 0) + COALESCE(r.n, 0) + COALESCE(t.n, 0) + COALESCE(e.n, 0) + COALESCE(q.n, 0)"},
    {"queued",
     "SELECT q.id, 'in the queue, with nobody who is to get it' FROM queued q LEFT JOIN queued_recipient r ON "
     "r.message = q.id WHERE r.id IS NULL"},
    {"attachment",
     "SELECT t.id, 'its uses are not those that there are' FROM attachment t LEFT JOIN (SELECT attachment, COUNT(*) AS "
     "n FROM attachment_use GROUP BY attachment) u ON u.attachment = t.id WHERE t.uses <> COALESCE(u.n, 0)"},
    {"attachment",
     "SELECT t.id, 'its size is not that of its bytes' FROM attachment t LEFT JOIN blob b ON b.id = t.blob WHERE b.id "
     "IS NULL OR t.size <> b.size"},
    {"attachment",
     "SELECT u.attachment, 'used by a member that is not there' FROM attachment_use u LEFT JOIN member m ON m.id = "
     "u.member AND m.deleted = 0 WHERE m.id IS NULL"},
    {"member",
     "SELECT m.id, 'its size is not that of its bytes' FROM member m JOIN blob b ON b.id = m.blob WHERE m.size <> "
     "b.size"},
    {"account",
     "SELECT a.id, 'the octets used are not those of its members, messages and attachments' FROM account a LEFT JOIN "
     "(SELECT "
     "c.account, SUM(m.size) AS octets FROM member m JOIN collection c ON c.id = m.collection WHERE m.deleted = 0 "
     "AND c.keeper <> 3 GROUP "
     "BY c.account) s ON s.account = a.id LEFT JOIN (SELECT account, SUM(size) AS octets FROM attachment WHERE uses > "
     "0 "
     "GROUP BY account) t ON t.account = a.id LEFT JOIN (SELECT c.account, SUM(m.size) AS octets FROM message m JOIN "
     "collection c ON c.id = m.mailbox GROUP BY c.account) e ON e.account = a.id WHERE a.used <> COALESCE(s.octets, 0) "
     "+ COALESCE(t.octets, 0) + COALESCE(e.octets, 0)"},
    // What the server keeps has its state, and nothing else has.
    {"collection",
     "SELECT c.id, 'fetched from elsewhere, without a subscription' FROM collection c LEFT JOIN subscription s ON "
     "s.collection = c.id WHERE c.keeper = 1 AND s.collection IS NULL"},
    {"collection",
     "SELECT s.collection, 'a subscription of what is not fetched from elsewhere' FROM subscription s LEFT JOIN "
     "collection c ON c.id = s.collection WHERE c.id IS NULL OR c.keeper <> 1"},
    {"collection",
     "SELECT c.id, 'made of birthdays, and not noted as that' FROM collection c LEFT JOIN birthdays b ON b.calendar = "
     "c.id WHERE c.keeper = 2 AND b.calendar IS NULL"},
    {"collection",
     "SELECT b.calendar, 'noted as made of birthdays, and is not' FROM birthdays b LEFT JOIN collection c ON c.id = "
     "b.calendar WHERE c.id IS NULL OR c.keeper <> 2 OR c.account <> b.account"},
    {"collection",
     "SELECT c.id, 'made of other address books, and not noted as that' FROM collection c LEFT JOIN merged_book b ON "
     "b.book = c.id WHERE c.keeper = 3 AND b.book IS NULL"},
    {"collection",
     "SELECT b.book, 'noted as made of other address books, and is not' FROM merged_book b LEFT JOIN collection c ON "
     "c.id = b.book WHERE c.id IS NULL OR c.keeper <> 3"},
    {"account",
     "SELECT a.id, 'has not its three homes' FROM account a WHERE (SELECT COUNT(*) FROM collection c WHERE c.account = "
     "a.id "
     "AND c.parent IS NULL AND c.kind < 3) <> 3"},
    {"account",
     "SELECT account, 'more than one script of Sieve is active' FROM sieve_script WHERE active = 1 GROUP BY account "
     "HAVING COUNT(*) > 1"},
    {"account",
     "SELECT account, 'the size of a script of Sieve is not that of its octets' FROM sieve_script "
     "WHERE size <> LENGTH(octets)"},
};

constexpr const char* select_blobs =
    "SELECT id, hash, size, place, bytes, uses FROM blob WHERE id > $1 ORDER BY id LIMIT $2";
constexpr const char* select_objects =
    "SELECT m.id, m.etag, m.uid, m.component, m.size, c.kind, b.hash, b.bytes, b.id, b.place, m.collection FROM member "
    "m JOIN "
    "collection c ON c.id = m.collection JOIN blob b ON b.id = m.blob WHERE m.id > $1 AND m.deleted = 0 ORDER BY m.id "
    "LIMIT $2";
constexpr const char* select_place =
    "SELECT a.name, c.name, m.name FROM member m JOIN collection c ON c.id = m.collection JOIN account a ON a.id = "
    "c.account WHERE m.id = $1";
constexpr const char* count_accounts = "SELECT COUNT(*) FROM account";
constexpr const char* count_collections = "SELECT COUNT(*) FROM collection";

// The database's own look at itself.
constexpr const char* integrity = "PRAGMA integrity_check(20)";

/// One run over one snapshot.
class Checker {
 public:
  Checker(Transaction& transaction, const DeriveFacts& derive, std::string_view release,
          const std::function<void(const Difference&)>& each, std::string_view text_edition,
          const DeriveMessage& derive_message)
      : transaction_(transaction),
        derive_(derive),
        derive_message_(derive_message),
        release_(release),
        compares_texts_(!text_edition.empty() && transaction.text_edition() == text_edition),
        each_(each) {}

  CheckReport run() {
    report_.accounts = count(count_accounts);
    report_.collections = count(count_collections);
    if (transaction_.connection().dialect() == sql::Dialect::sqlite) check_database();
    for (const Rule& rule : rules) check_rule(rule);
    // Other time zones make other times; those that are there hold by their own until they are derived anew.
    compares_times_ = transaction_.index_release() == release_;
    check_blobs();
    check_objects();
    check_mail(transaction_, derive_message_,
               [&](std::string where, std::string what) { tell(std::move(where), std::move(what)); });
    for (const Id member : members_with_other_grams(transaction_)) {
      tell(place_of(member), "the index of texts doesn't hold what it should");
    }
    return report_;
  }

 private:
  void tell(std::string where, std::string what) {
    ++report_.differences;
    each_({std::move(where), std::move(what)});
  }

  std::int64_t count(const char* sql) {
    const auto row = transaction_.connection().prepare(sql);
    return row->step() ? row->integer(0) : 0;
  }

  std::string place_of(Id member) {
    const std::string number = "member " + std::to_string(member);
    const auto row = transaction_.connection().prepare(select_place);
    row->bind(1, member);
    if (!row->step()) return number;
    return number + " (" + std::string(row->text(0)) + "/" + std::string(row->text(1)) + "/" +
           std::string(row->text(2)) + ")";
  }

  void check_database() {
    const auto row = transaction_.connection().prepare(integrity);
    while (row->step()) {
      if (row->text(0) != "ok") tell("database", std::string(row->text(0)));
    }
  }

  void check_rule(const Rule& rule) {
    const auto row = transaction_.connection().prepare(rule.sql);
    while (row->step()) {
      const Id id = row->integer(0);
      const bool is_member = std::string_view(rule.where) == "member";
      tell(is_member ? place_of(id) : rule.where + (" " + std::to_string(id)), std::string(row->text(1)));
    }
  }

  void check_blobs() {
    Id last = 0;
    for (std::int64_t rows = page_rows; rows == page_rows;) {
      const auto row = transaction_.connection().prepare(select_blobs);
      row->bind(1, last).bind(2, page_rows);
      for (rows = 0; row->step(); ++rows) {
        last = row->integer(0);
        ++report_.blobs;
        // A file that nobody uses may go at any time.
        if (row->integer(3) == sql::place_file && row->integer(5) == 0) continue;
        check_blob(*row);
      }
    }
  }

  void check_blob(const sql::Statement& row) {
    const std::string where = "blob " + std::to_string(row.integer(0));
    const std::string hash(row.bytes(1));
    std::int64_t size = 0;
    Sha256 sha256;
    const auto add = [&](std::string_view piece) {
      sha256.add(piece);
      size += static_cast<std::int64_t>(piece.size());
    };
    if (row.integer(3) == sql::place_row) {
      if (row.is_null(4)) return tell(where, "has no bytes");
      add(row.bytes(4));
    } else if (!read_file(row.integer(0), add)) {
      return tell(where, "its file is not there: " + to_hex(hash));
    }
    report_.octets += size;
    if (size != row.integer(2)) {
      tell(where, "size is " + std::to_string(row.integer(2)) + ", should be " + std::to_string(size));
    }
    const std::string is = sha256.finish();
    if (is != hash) tell(where, "hash is " + to_hex(hash) + ", should be " + to_hex(is));
  }

  bool read_file(Id blob, const std::function<void(std::string_view)>& each) {
    Member member;
    member.blob = blob;
    Segment content;
    try {
      content = transaction_.content(member);
    } catch (const Failure& failure) {
      if (failure.trouble() == Trouble::corrupt) return false;
      throw;
    }
    std::string buffer(256 * 1024, '\0');
    std::uint64_t offset = 0;
    while (const std::size_t got = content.file->read(buffer.data(), buffer.size(), offset)) {
      each({buffer.data(), got});
      offset += got;
    }
    return true;
  }

  void check_objects() {
    Id last = 0;
    for (std::int64_t rows = page_rows; rows == page_rows;) {
      const auto row = transaction_.connection().prepare(select_objects);
      row->bind(1, last).bind(2, page_rows);
      for (rows = 0; row->step(); ++rows) {
        last = row->integer(0);
        ++report_.members;
        check_object(*row);
      }
    }
  }

  void check_object(const sql::Statement& row) {
    const Id id = row.integer(0);
    StagedBlob blob;
    blob.hash = row.bytes(6);
    if (row.text(1) != blob.etag()) {
      tell(place_of(id), "etag is " + std::string(row.text(1)) + ", should be " + blob.etag());
    }
    const auto kind = static_cast<CollectionKind>(row.integer(5));
    const bool has_facts = kind == CollectionKind::calendar || kind == CollectionKind::addressbook;
    const bool is_file = kind == CollectionKind::folder || kind == CollectionKind::file_home;
    if (is_file && !row.text(2).empty()) tell(place_of(id), "a file with the UID " + std::string(row.text(2)));
    if (!has_facts) return;
    std::string bytes(row.bytes(7));
    if (row.integer(9) == sql::place_file && row.integer(4) < largest_object) {
      read_file(row.integer(8), [&](std::string_view piece) { bytes += piece; });
    }
    const auto facts = derive_(kind, bytes);
    if (!facts) return tell(place_of(id), "its bytes can't be read");
    if (facts->uid != row.text(2)) {
      tell(place_of(id), "UID is " + std::string(row.text(2)) + ", should be " + facts->uid);
    }
    if (facts->component != row.text(3)) {
      tell(place_of(id), "component is " + std::string(row.text(3)) + ", should be " + facts->component);
    }
    if (compares_times_) check_times(id, facts->times);
    if (compares_texts_ && facts->searched) check_text(id, row.integer(10), facts->text);
  }

  void check_text(Id id, Id collection, const std::optional<std::string>& text) {
    Member member;
    member.id = id;
    member.collection = collection;
    if (transaction_.text(member) != text) tell(place_of(id), "the text to be searched is not that of its bytes");
  }

  void check_times(Id id, std::vector<TimeFact> times) {
    std::ranges::sort(times);
    const auto stored = transaction_.times(id);
    if (stored != times) tell(place_of(id), "times are " + text_of(stored) + ", should be " + text_of(times));
  }

  static std::string text_of(const std::vector<TimeFact>& times) {
    std::string text;
    for (const TimeFact& each : times) {
      text += (text.empty() ? "" : " ") + std::to_string(each.first) + "/" + std::to_string(each.last) + "/" +
              std::to_string(each.pattern) + (each.yearly ? "y" : "") +
              (each.layer == 0 ? "" : "@" + std::to_string(each.layer));
    }
    return text.empty() ? "none" : text;
  }

  Transaction& transaction_;
  const DeriveFacts& derive_;
  const DeriveMessage& derive_message_;
  std::string_view release_;
  bool compares_times_ = false;
  const bool compares_texts_;
  const std::function<void(const Difference&)>& each_;
  CheckReport report_;
};

}  // namespace

CheckReport check(Store& store, const DeriveFacts& derive, std::string_view release,
                  const std::function<void(const Difference&)>& each, std::string_view text_edition,
                  const DeriveMessage& derive_message) {
  return store.read([&](Transaction& transaction) {
    return Checker(transaction, derive, release, each, text_edition, derive_message).run();
  });
}

}  // namespace storage
