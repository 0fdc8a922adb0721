#include <catch2/catch.hpp>

#include "mail/imap/grammar/search_key.h"
#include "mail/imap/grammar/search_options.h"
#include "storage/mail.h"

using namespace mail::imap;
using Kind = SearchKey::Kind;

namespace {

SearchProgram program_of(std::string_view text, Client client = Client::rev1) {
  Cursor cursor(text, client);
  return read_search_program(cursor);
}

/// The first key of a search.
SearchKey key_of(std::string_view text) { return program_of(text).key.keys.at(0); }

std::string repeated(std::string_view what, std::size_t count) {
  std::string text;
  for (; count > 0; --count) text += what;
  return text;
}

}  // namespace

TEST_CASE("each key of SEARCH is read", "[search]") {
  const auto row = GENERATE(table<std::string, Kind>({
      {"ALL", Kind::all_of},
      {"answered", Kind::flag},
      {"BCC x", Kind::bcc},
      {"BEFORE 1-Feb-1994", Kind::before},
      {"BODY \"a b\"", Kind::body},
      {"CC x", Kind::cc},
      {"DELETED", Kind::flag},
      {"DRAFT", Kind::flag},
      {"FLAGGED", Kind::flag},
      {"FROM x", Kind::from},
      {"HEADER X-Foo \"\"", Kind::header},
      {"KEYWORD $x", Kind::keyword},
      {"LARGER 9223372036854775807", Kind::larger},
      {"NEW", Kind::all_of},
      {"NOT SEEN", Kind::none_of},
      {"OLD", Kind::recent},
      {"ON 1-Feb-1994", Kind::on},
      {"OR SEEN DRAFT", Kind::any_of},
      {"RECENT", Kind::recent},
      {"SEEN", Kind::flag},
      {"SENTBEFORE 1-Feb-1994", Kind::sent_before},
      {"SENTON \"1-Feb-1994\"", Kind::sent_on},
      {"SENTSINCE 1-Feb-1994", Kind::sent_since},
      {"SINCE 1-Feb-1994", Kind::since},
      {"SMALLER 1", Kind::smaller},
      {"SUBJECT {3}\r\na b", Kind::subject},
      {"TEXT x", Kind::anywhere},
      {"TO x", Kind::to},
      {"UID 1:*", Kind::uids},
      {"UNANSWERED", Kind::flag},
      {"UNDELETED", Kind::flag},
      {"UNDRAFT", Kind::flag},
      {"UNFLAGGED", Kind::flag},
      {"UNKEYWORD x", Kind::keyword},
      {"UNSEEN", Kind::flag},
      {"1,3:*", Kind::sequence},
      {"*", Kind::sequence},
      {"$", Kind::sequence},
      {"(SEEN DRAFT)", Kind::all_of},
      {"OLDER 1", Kind::older},
      {"YOUNGER 1", Kind::younger},
      {"MODSEQ 0", Kind::modseq},
      {"MODSEQ \"/flags/\\\\draft\" all 620162338", Kind::modseq},
      {"EMAILID M6d99ac3275bb4e", Kind::email_id},
      {"THREADID T64b478a75b7ea9", Kind::thread_id},
      {"SAVEDBEFORE 1-Feb-1994", Kind::saved_before},
      {"SAVEDON 1-Feb-1994", Kind::saved_on},
      {"SAVEDSINCE 1-Feb-1994", Kind::saved_since},
      {"SAVEDATESUPPORTED", Kind::all_of},
      {"FUZZY BODY x", Kind::all_of},
  }));
  INFO(std::get<0>(row));
  CHECK(key_of(std::get<0>(row)).kind == std::get<1>(row));
}

TEST_CASE("keys have their values", "[search]") {
  CHECK(key_of("SINCE 1-Feb-1994").day == 8797);
  CHECK(key_of("LARGER 9223372036854775807").number == 9223372036854775807ULL);
  CHECK(key_of("UNSEEN").flag == storage::flag::seen);
  CHECK_FALSE(key_of("UNSEEN").wanted);
  CHECK(key_of("HEADER Message-ID <a>").name == "Message-ID");
  CHECK(key_of("HEADER Message-ID <a>").text == "<a>");
  CHECK(key_of("MODSEQ \"/flags/\\\\draft\" all 620162338").number == 620162338);
  CHECK(key_of("UNKEYWORD x").text == "x");
  CHECK_FALSE(key_of("UNKEYWORD x").wanted);
  CHECK(key_of("FUZZY (OR BODY x FROM y)").keys[0].keys[0].keys[1].fuzzy);
  CHECK(key_of("OR SEEN OR DRAFT OR FLAGGED ALL").keys.size() == 4);
  CHECK(program_of("SEEN (DRAFT FLAGGED) NOT ALL").key.keys.size() == 3);
  CHECK(program_of("OR MODSEQ 1 $").uses_modseq);
  CHECK(program_of("OR MODSEQ 1 $").uses_saved);
  CHECK_FALSE(program_of("1:3").uses_saved);
  CHECK(program_of("CHARSET UTF-8 TEXT {2}\r\n\xc3\xa9").key.keys[0].text == "\xc3\xa9");
  CHECK(program_of("charset \"us-ascii\" ALL").key.keys.size() == 1);
  CHECK(program_of("TEXT \"\xc3\xa9\"", Client::utf8).key.keys[0].text == "\xc3\xa9");
  Cursor criteria("UTF-8 SEEN");
  CHECK(read_search_criteria(criteria).key.keys.size() == 1);
}

TEST_CASE("searches that are none are refused", "[search]") {
  const auto bad = GENERATE(as<std::string>(), "", "FOO", "SEEN ", "SEEN)", "()", "(SEEN", "NOT", "NOT ", "OR SEEN",
                            "OR SEEN ", "BEFORE", "BEFORE x", "LARGER x", "LARGER 9223372036854775808", "OLDER 0",
                            "UID x", "MODSEQ", "MODSEQ \"/flags/x\" some 1", "KEYWORD \\Seen", "HEADER x",
                            "TEXT {2}\r\n\xc3\x28", "TEXT \"\xc3\xa9\"", "CHARSET UTF-8", "SEENDRAFT", "0", "SUBJECT");
  INFO(bad);
  CHECK_THROWS_AS(program_of(bad), SyntaxError);
}

TEST_CASE("searches beyond the bounds are refused", "[search]") {
  CHECK_NOTHROW(program_of(repeated("NOT ", deepest_search) + "ALL"));
  CHECK_NOTHROW(program_of(repeated("OR ALL ", most_search_keys - 2) + "ALL"));
  const auto text = GENERATE(repeated("NOT ", deepest_search + 1) + "ALL", repeated("(", 100'000),
                             repeated("OR ", 100'000), repeated("OR ALL ", most_search_keys) + "ALL",
                             "ALL" + repeated(" ALL", most_search_keys), std::string("CHARSET KOI8-R ALL"));
  CHECK_THROWS_AS(program_of(text), Refusal);
  try {
    program_of("CHARSET KOI8-R ALL");
  } catch (const Refusal& refusal) {
    CHECK(refusal.code() == "BADCHARSET (US-ASCII UTF-8)");
  }
}

TEST_CASE("what a search shall answer is read", "[search]") {
  const auto read = [](std::string_view text) {
    Cursor cursor(text);
    return read_search_return(cursor);
  };
  CHECK_FALSE(read("ALL").extended);
  CHECK_FALSE(read("ALL").all);
  CHECK(read("RETURN () ALL").all);
  const SearchReturn all = read("return (MIN max COUNT SAVE RELEVANCY CONTEXT UPDATE PARTIAL 1:10) ALL");
  CHECK((all.extended && all.min && all.max && all.count && all.save && all.relevancy && all.context && all.update));
  CHECK_FALSE(all.all);
  CHECK(all.partial->last == 10);
  CHECK_FALSE(read("RETURN (SAVE) ALL").all);
  const auto bad = GENERATE(as<std::string>(), "RETURN", "RETURN ", "RETURN (FOO) ALL", "RETURN (ALL PARTIAL 1:2) ALL",
                            "RETURN (PARTIAL) ALL", "RETURN (PARTIAL 1:2 PARTIAL 1:2) ALL", "RETURN ()", "RETURN (MIN");
  INFO(bad);
  CHECK_THROWS_AS(read(bad), SyntaxError);
}

TEST_CASE("sort criteria and threading algorithms are read", "[sort]") {
  Cursor cursor("(ARRIVAL reverse CC DATE FROM SIZE SUBJECT TO DISPLAYFROM REVERSE DISPLAYTO RELEVANCY)");
  const auto criteria = read_sort_criteria(cursor);
  CHECK(criteria.size() == 10);
  CHECK(criteria[1] == SortCriterion{SortBy::cc, true});
  CHECK(criteria[8] == SortCriterion{SortBy::display_to, true});
  const auto bad = GENERATE(as<std::string>(), "()", "(REVERSE)", "(REVERSE REVERSE CC)", "(FOO)", "CC", "");
  Cursor wrong(bad);
  CHECK_THROWS_AS(read_sort_criteria(wrong), SyntaxError);
  Cursor thread("references");
  CHECK(read_thread_algorithm(thread) == ThreadBy::references);
  Cursor unknown("FOO");
  CHECK_THROWS_AS(read_thread_algorithm(unknown), SyntaxError);
}

TEST_CASE("the mailboxes of a search are read", "[search]") {
  // RFC 7377 2.1's example.
  Cursor cursor("IN (mailboxes \"folder1\" subtree (\"folder2\" inbox) personal) unseen");
  const auto sources = read_search_sources(cursor);
  CHECK(sources.size() == 3);
  CHECK(sources[0].names == std::vector<std::string>{"folder1"});
  CHECK(sources[1].which == MailboxFilter::Which::subtree);
  CHECK(sources[1].names == std::vector<std::string>{"folder2", "INBOX"});
  CHECK(cursor.rest() == "unseen");
  const auto bad = GENERATE(as<std::string>(), "IN () x", "IN (foo) x", "IN (subtree) x", "IN (subtree ()) x",
                            "IN (selected-delayed) x", "IN (personal)");
  Cursor wrong(bad);
  CHECK_THROWS_AS(read_search_sources(wrong), SyntaxError);
}
