#include "mail/imap/grammar/search_key.h"

#include <algorithm>

#include "mail/imap/grammar/date.h"
#include "mail/imap/grammar/flags.h"
#include "mail/mime/charset.h"
#include "storage/mail.h"

namespace mail::imap {

namespace {

using Kind = SearchKey::Kind;

/// What follows a key's name.
enum class Takes { nothing, text, date, size, seconds };

struct Word {
  std::string_view name;
  Kind kind;
  Takes takes = Takes::nothing;
  unsigned flag = 0;
  bool wanted = true;
};
constexpr Word words[] = {
    // RFC 9051 6.4.4
    {"ALL", Kind::all_of},
    {"ANSWERED", Kind::flag, Takes::nothing, storage::flag::answered},
    {"BCC", Kind::bcc, Takes::text},
    {"BEFORE", Kind::before, Takes::date},
    {"BODY", Kind::body, Takes::text},
    {"CC", Kind::cc, Takes::text},
    {"DELETED", Kind::flag, Takes::nothing, storage::flag::deleted},
    {"DRAFT", Kind::flag, Takes::nothing, storage::flag::draft},
    {"FLAGGED", Kind::flag, Takes::nothing, storage::flag::flagged},
    {"FROM", Kind::from, Takes::text},
    {"LARGER", Kind::larger, Takes::size},
    {"ON", Kind::on, Takes::date},
    {"SEEN", Kind::flag, Takes::nothing, storage::flag::seen},
    {"SENTBEFORE", Kind::sent_before, Takes::date},
    {"SENTON", Kind::sent_on, Takes::date},
    {"SENTSINCE", Kind::sent_since, Takes::date},
    {"SINCE", Kind::since, Takes::date},
    {"SMALLER", Kind::smaller, Takes::size},
    {"SUBJECT", Kind::subject, Takes::text},
    {"TEXT", Kind::anywhere, Takes::text},
    {"TO", Kind::to, Takes::text},
    {"UNANSWERED", Kind::flag, Takes::nothing, storage::flag::answered, false},
    {"UNDELETED", Kind::flag, Takes::nothing, storage::flag::deleted, false},
    {"UNDRAFT", Kind::flag, Takes::nothing, storage::flag::draft, false},
    {"UNFLAGGED", Kind::flag, Takes::nothing, storage::flag::flagged, false},
    {"UNSEEN", Kind::flag, Takes::nothing, storage::flag::seen, false},
    // RFC 3501 6.4.4
    {"OLD", Kind::recent, Takes::nothing, 0, false},
    {"RECENT", Kind::recent},
    // RFC 5032 2
    {"OLDER", Kind::older, Takes::seconds},
    {"YOUNGER", Kind::younger, Takes::seconds},
    // RFC 8514 4.3; the save date is always known.
    {"SAVEDATESUPPORTED", Kind::all_of},
    {"SAVEDBEFORE", Kind::saved_before, Takes::date},
    {"SAVEDON", Kind::saved_on, Takes::date},
    {"SAVEDSINCE", Kind::saved_since, Takes::date},
    // RFC 8474 5.3
    {"EMAILID", Kind::email_id, Takes::text},
    {"THREADID", Kind::thread_id, Takes::text},
};

class Reader {
 public:
  explicit Reader(Cursor& cursor) : cursor_(cursor) {}

  SearchProgram program() {
    SearchProgram program;
    do program.key.keys.push_back(key(0));
    while (cursor_.skip_if(' '));
    cursor_.end();
    program.uses_modseq = uses_modseq_;
    program.uses_saved = uses_saved_;
    return program;
  }

 private:
  SearchKey key(std::size_t depth) {
    if (depth > deepest_search || ++count_ > most_search_keys) throw Refusal("LIMIT", "the search is too complex");
    SearchKey key;
    const char c = cursor_.peek();
    if (c == '(') {
      cursor_.list(Cursor::Empty::refused, [&] { key.keys.push_back(this->key(depth + 1)); });
      return key;
    }
    if ((c >= '0' && c <= '9') || c == '*' || c == '$') {
      key.kind = Kind::sequence;
      read_set(key);
      return key;
    }
    const std::string name = cursor_.word();
    const auto row =
        std::find_if(std::begin(words), std::end(words), [&](const Word& each) { return each.name == name; });
    if (row == std::end(words)) return other(name, depth);
    key.kind = row->kind;
    key.flag = row->flag;
    key.wanted = row->wanted;
    if (row->takes == Takes::nothing) return key;
    cursor_.space();
    switch (row->takes) {
      case Takes::text:
        key.text = text();
        break;
      case Takes::date:
        key.day = read_date(cursor_);
        break;
      case Takes::size:
        key.number = cursor_.number64();
        break;
      default:
        key.number = cursor_.nz_number();
        break;
    }
    return key;
  }

  /// The keys that aren't a name and one value.
  SearchKey other(const std::string& name, std::size_t depth) {
    if (name == "OR") return any_of(depth);
    SearchKey key;
    if (name == "NEW") {
      // "functionally equivalent to (RECENT UNSEEN)". RFC 3501 6.4.4
      key.keys.resize(2);
      key.keys[0].kind = Kind::recent;
      key.keys[1].kind = Kind::flag;
      key.keys[1].flag = storage::flag::seen;
      key.keys[1].wanted = false;
      return key;
    }
    const bool known = name == "NOT" || name == "FUZZY" || name == "UID" || name == "MODSEQ" || name == "KEYWORD" ||
                       name == "UNKEYWORD" || name == "HEADER";
    if (!known) throw SyntaxError("SEARCH has no key " + name.substr(0, 100));
    cursor_.space();
    if (name == "NOT") {
      key.kind = Kind::none_of;
      key.keys.push_back(this->key(depth + 1));
    } else if (name == "FUZZY") {
      key.keys.push_back(this->key(depth + 1));
      set_fuzzy(key);
    } else if (name == "UID") {
      key.kind = Kind::uids;
      read_set(key);
    } else if (name == "MODSEQ") {
      read_modseq(key);
    } else if (name == "HEADER") {
      key.kind = Kind::header;
      key.name = cursor_.astring();
      cursor_.space();
      key.text = text();
    } else {
      key.kind = Kind::keyword;
      key.wanted = name == "KEYWORD";
      key.text = read_keyword(cursor_);
    }
    return key;
  }

  /// `OR a OR b c` is one list: a client that looks for a hundred names must not come to the limit of depth.
  SearchKey any_of(std::size_t depth) {
    SearchKey key;
    key.kind = Kind::any_of;
    do {
      cursor_.space();
      key.keys.push_back(this->key(depth + 1));
      cursor_.space();
    } while (cursor_.skip_word("OR"));
    key.keys.push_back(this->key(depth + 1));
    return key;
  }

  void read_set(SearchKey& key) {
    key.set = read_sequence_set(cursor_);
    uses_saved_ = uses_saved_ || key.set.saved;
  }

  /// `["/flags/\\draft" all] 620162338`; there is one modseq for all of a message. RFC 7162 3.1.5
  void read_modseq(SearchKey& key) {
    key.kind = Kind::modseq;
    uses_modseq_ = true;
    if (cursor_.peek() == '"') {
      cursor_.string();
      cursor_.space();
      const std::string type = cursor_.word();
      if (type != "PRIV" && type != "SHARED" && type != "ALL") throw SyntaxError("MODSEQ has no entry type " + type);
      cursor_.space();
    }
    key.number = cursor_.number64();
  }

  static void set_fuzzy(SearchKey& key) {
    key.fuzzy = true;
    for (SearchKey& each : key.keys) set_fuzzy(each);
  }

  std::string text() {
    std::string text = cursor_.astring();
    if (!mime::is_utf8(text)) throw SyntaxError("what is searched for is not UTF-8");
    return text;
  }

  Cursor& cursor_;
  std::size_t count_ = 0;
  bool uses_modseq_ = false;
  bool uses_saved_ = false;
};

/// Texts are taken as UTF-8, of which US-ASCII is a part.
void read_charset(Cursor& cursor) {
  const std::string name = upper_case(cursor.astring());
  if (name != "UTF-8" && name != "US-ASCII") {
    throw Refusal("BADCHARSET (US-ASCII UTF-8)", "searches are in UTF-8");
  }
  cursor.space();
}

}  // namespace

SearchProgram read_search_program(Cursor& cursor) {
  if (cursor.skip_word("CHARSET")) {
    cursor.space();
    read_charset(cursor);
  }
  return Reader(cursor).program();
}

SearchProgram read_search_criteria(Cursor& cursor) {
  read_charset(cursor);
  return Reader(cursor).program();
}

}  // namespace mail::imap
