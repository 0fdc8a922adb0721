#include <catch2/catch.hpp>

#include "mail/imap/grammar/date.h"
#include "mail/imap/search/match.h"

using namespace mail::imap;

namespace {

/// A message that is known wholly.
struct Whole {
  storage::Message row;
  mail::mime::SortKeys keys;
  mail::mime::SearchText text;
  Known known;

  Whole() {
    row.internal_date = 760000000;  // 31 January 1994, 07:06:40 UTC
    row.internal_zone = -8 * 60;    // where it still is the 30th
    row.saved = 760086400;          // 1 February
    row.size = 1000;
    row.email = 12;
    row.thread = 7;
    keys.sent_day = 8790;  // 25 January
    text.subject = "Grüße";
    text.body = "Some words of a Straße";
    known.number = 3;
    known.uid = 30;
    known.flags = storage::flag::seen;
    known.keywords = "$Junk foo";
    known.modseq = 99;
    known.row = &row;
    known.keys = &keys;
    known.header =
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle\r\nFrom: Anna <anna@example.org>\r\nTo: Bert <b@example.org>\r\n"
        "To: second@example.org\r\nX-Empty:\r\nX-Folded: one\r\n two\r\n\r\n";
    known.text = &text;
  }
};

const NumberSet saved = NumberSet::of_ranges({{30, 30}});

Search search_for(std::string_view text) {
  Cursor cursor(text);
  return Search(read_search_program(cursor), {5, 50, &saved, 760000100});
}

}  // namespace

TEST_CASE("a message meets the conditions that it should", "[search]") {
  const Whole message;
  const auto found = GENERATE(
      as<std::string>(), "ALL", "3", "1:*", "*:2", "$", "UID 30", "UID 20:*", "UID $", "MODSEQ 99", "SEEN", "UNDELETED",
      "KEYWORD $junk", "UNKEYWORD bar", "OLD", "BEFORE 31-Jan-1994", "ON 30-Jan-1994", "SINCE 30-Jan-1994",
      "SAVEDON 1-Feb-1994", "SAVEDSINCE 1-Jan-1994", "SAVEDBEFORE 2-Feb-1994", "SAVEDATESUPPORTED", "LARGER 999",
      "SMALLER 1001", "OLDER 100", "YOUNGER 100", "YOUNGER 4294967295", "EMAILID M12", "THREADID T7",
      "SENTON 25-Jan-1994", "SENTBEFORE 26-Jan-1994", "SENTSINCE 25-Jan-1994", "SUBJECT {7}\r\ngr\xc3\xbc\xc3\x9f\x65",
      "SUBJECT \"AN ALLE\"", "FROM ANNA@example", "FROM anna", "TO second", "HEADER X-Empty \"\"",
      "HEADER x-folded \"one two\"", "BODY {7}\r\nSTRA\xc3\x9f\x65", "TEXT words", "NOT DELETED", "OR DELETED SEEN",
      "(SEEN (KEYWORD foo))", "NOT (SEEN DELETED)", "NOT OR DELETED DRAFT", "FUZZY BODY words", "TEXT \"\"");
  INFO(found);
  CHECK(search_for(found).judge(message.known) == Truth::yes);
  CHECK(search_for("NOT " + (found.find(' ') == std::string::npos ? found : "(" + found + ")")).judge(message.known) ==
        Truth::no);
}

TEST_CASE("a message doesn't meet other conditions", "[search]") {
  const Whole message;
  const auto missed =
      GENERATE(as<std::string>(), "4", "1:2", "UID 31:50", "MODSEQ 100", "UNSEEN", "DELETED", "KEYWORD bar",
               "UNKEYWORD FOO", "RECENT", "NEW", "BEFORE 30-Jan-1994", "ON 31-Jan-1994", "SINCE 31-Jan-1994",
               "LARGER 1000", "SMALLER 1000", "OLDER 101", "YOUNGER 99", "EMAILID M1", "EMAILID m12", "THREADID 7",
               "SENTON 24-Jan-1994", "SUBJECT anna", "FROM bert", "CC bert", "BCC x", "HEADER X-None \"\"",
               "HEADER X-Empty x", "BODY anna", "TEXT nowhere", "NOT ALL", "OR DELETED DRAFT", "SEEN DELETED");
  INFO(missed);
  CHECK(search_for(missed).judge(message.known) == Truth::no);
}

TEST_CASE("no more is asked for than what decides", "[search]") {
  Whole message;
  const Known whole = message.known;
  message.known.row = nullptr;
  message.known.keys = nullptr;
  message.known.header = std::nullopt;
  message.known.text = nullptr;
  const auto [text, need] = GENERATE(table<std::string, Need>({
      {"SEEN", Need::nothing},
      {"BODY x UNSEEN", Need::nothing},
      {"OR TEXT x SEEN", Need::nothing},
      {"BODY x LARGER 5", Need::row},
      {"OR BODY x SENTON 1-Feb-1994", Need::keys},
      {"FROM x BODY y", Need::header},
      {"BODY y", Need::text},
      {"NOT BODY y", Need::text},
      {"NOT (BODY y UNSEEN)", Need::nothing},
  }));
  INFO(text);
  const Search search = search_for(text);
  CHECK(search.need(message.known) == need);
  CHECK((search.judge(message.known) == Truth::unknown) == (need != Need::nothing));
  CHECK(search.need(whole) == Need::nothing);
}

TEST_CASE("an index tells messages apart before they are read", "[search]") {
  Whole message;
  message.known.text = nullptr;
  message.known.header = std::nullopt;
  Search search = search_for("OR BODY words HEADER Subject alle");
  REQUIRE(search.questions().size() == 2);
  CHECK(search.questions()[1].where == storage::SearchIn::subject);
  CHECK(search.judge(message.known) == Truth::unknown);
  search.set_candidates(0, {29, 31});
  CHECK(search.need(message.known) == Need::header);
  search.set_candidates(1, {});
  CHECK(search.judge(message.known) == Truth::no);
  search.set_candidates(1, {30});
  CHECK(search.judge(message.known) == Truth::unknown);
}

TEST_CASE("message numbers beyond the end of the mailbox are no fault", "[search]") {
  const Whole message;
  CHECK(search_for("6:9").judge(message.known) == Truth::no);
  CHECK(search_for("2:9").judge(message.known) == Truth::yes);
  Cursor star("1:*");
  CHECK_NOTHROW(Search(read_search_program(star), SearchContext{}));
}
