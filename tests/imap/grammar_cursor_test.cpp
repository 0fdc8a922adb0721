#include <catch2/catch.hpp>

#include <limits>

#include "mail/imap/grammar/cursor.h"
#include "mail/imap/grammar/date.h"
#include "mail/imap/grammar/flags.h"
#include "storage/mail.h"

using namespace mail::imap;

namespace {

template <typename Read>
bool refused(std::string_view octets, Read read, Client client = Client::rev1) {
  Cursor cursor(octets, client);
  try {
    read(cursor);
    cursor.end();
  } catch (const SyntaxError& error) {
    CHECK_FALSE(std::string(error.what()).empty());
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("strings in all their forms are read", "[cursor]") {
  using namespace std::string_view_literals;
  const auto row = GENERATE(table<std::string_view, std::string>({
      {"atom", "atom"},
      {"a]b", "a]b"},
      {"\"\"", ""},
      {"\"a \\\"b\\\\\"", "a \"b\\"},
      {"{5}\r\na\r\nb\x80", "a\r\nb\x80"},
      {"{3+}\r\nabc", "abc"},
      {"{0}\r\n", ""},
      {"NIL", "NIL"},
  }));
  Cursor cursor(std::get<0>(row));
  CHECK(cursor.astring() == std::get<1>(row));
  CHECK(cursor.at_end());
}

TEST_CASE("what is no string is refused", "[cursor]") {
  using namespace std::string_view_literals;
  const auto text = GENERATE(""sv, " a"sv, "(a"sv, "%"sv, "\"abc"sv, "\"a\\n\""sv, "\"a\\"sv, "\"a\r\nb\""sv,
                             "{5}\r\nabc"sv, "{5}"sv, "{5}abcde"sv, "{-1}\r\n"sv, "{99999999999999999999}\r\na"sv,
                             "{9223372036854775807}\r\na"sv, "{1}\r\n\0"sv, "\"\xc3\xa9\""sv, "a\x80"sv, "~{1}\r\na"sv);
  INFO(text);
  CHECK(refused(text, [](Cursor& cursor) { cursor.astring(); }));
}

TEST_CASE("UTF-8 may be quoted once that is enabled", "[cursor]") {
  CHECK(Cursor("\"\xc3\xa9\"", Client::utf8).astring() == "\xc3\xa9");
  CHECK(refused(
      "\"\xc3\"", [](Cursor& cursor) { cursor.astring(); }, Client::utf8));
}

TEST_CASE("numbers have their bounds", "[cursor]") {
  CHECK(Cursor("4294967295").number() == 4294967295U);
  CHECK(Cursor("9223372036854775807").number64() == 9223372036854775807ULL);
  CHECK(Cursor("007").nz_number() == 7);
  CHECK(refused("4294967296", [](Cursor& cursor) { cursor.number(); }));
  CHECK(refused("9223372036854775808", [](Cursor& cursor) { cursor.number64(); }));
  CHECK(refused("99999999999999999999999", [](Cursor& cursor) { cursor.number64(); }));
  CHECK(refused("0", [](Cursor& cursor) { cursor.nz_number(); }));
  CHECK(refused("-1", [](Cursor& cursor) { cursor.number64(); }));
  CHECK(refused("", [](Cursor& cursor) { cursor.number(); }));
}

TEST_CASE("a literal is seen at the end of a line", "[cursor]") {
  CHECK(literal_at_end("a LOGIN {11}")->size == 11);
  CHECK(literal_at_end("a LOGIN {11}")->synchronizing);
  CHECK_FALSE(literal_at_end("a LOGIN {11+}")->synchronizing);
  CHECK(literal_at_end("a APPEND x ~{11+}")->binary);
  CHECK_FALSE(literal_at_end("a LOGIN \"{11}\""));
  CHECK_FALSE(literal_at_end("a LOGIN {11}x"));
  CHECK_FALSE(literal_at_end("a LOGIN {}"));
  CHECK_FALSE(literal_at_end("a LOGIN 11}"));
  CHECK_FALSE(literal_at_end("{9223372036854775808}"));
  CHECK_FALSE(literal_at_end(""));
}

TEST_CASE("words are met whole and in any case", "[cursor]") {
  Cursor cursor("return RETURNS (a b) ()");
  CHECK(cursor.skip_word("RETURN"));
  cursor.space();
  CHECK_FALSE(cursor.skip_word("RETURN"));
  CHECK(cursor.word() == "RETURNS");
  CHECK_FALSE(cursor.skip_space_and_word("A"));
  cursor.space();
  std::string read;
  cursor.list(Cursor::Empty::refused, [&] { read += cursor.atom(); });
  CHECK(read == "ab");
  cursor.space();
  cursor.list(Cursor::Empty::allowed, [&] { FAIL("there is nothing"); });
  CHECK(cursor.at_end());
}

TEST_CASE("values that nobody understands are passed over", "[cursor]") {
  const std::string deep = std::string(50, '(') + "a" + std::string(50, ')');
  const auto good = GENERATE_REF(as<std::string>(), "1:*,5", "()", "(a \"b c\" (d {1}\r\n) ()) e)", "-1", "(())", deep);
  Cursor cursor(good);
  cursor.skip_value();
  CHECK(cursor.at_end());
  const std::string too_deep = "(" + deep + ")";
  const auto bad = GENERATE_REF(as<std::string>(), "", "(a", "(a b)c", "(a  b)", "( a)", "(a )", ")", too_deep);
  INFO(bad);
  CHECK(refused(bad, [](Cursor& at) { at.skip_value(); }));
}

TEST_CASE("an astring is written as an atom where it is one", "[cursor]") {
  const auto row = GENERATE(table<std::string, std::string>(
      {{"INBOX", "INBOX"}, {"a b", "\"a b\""}, {"", "\"\""}, {"nil", "\"nil\""}, {"a*", "\"a*\""}, {"[x]", "[x]"}}));
  std::string out;
  append_astring(out, std::get<0>(row), Client::rev1);
  CHECK(out == std::get<1>(row));
}

TEST_CASE("flags are read and written", "[flags]") {
  Cursor cursor("(\\Seen $Junk \\deleted foo FOO \\Recent)");
  const Flags flags = read_flag_list(cursor);
  CHECK(flags.system == (storage::flag::seen | storage::flag::deleted));
  CHECK(flags.keywords == std::vector<std::string>{"$Junk", "foo"});
  CHECK(flags_text(flags.system, "$Junk foo", Recent::yes) == "\\Deleted \\Seen $Junk foo \\Recent");
  CHECK(flags_text(0, "").empty());
  Cursor bare("\\Answered x");
  CHECK(read_flags(bare).keywords.size() == 1);
  CHECK(bare.at_end());
  CHECK(refused("(\\Foo)", [](Cursor& at) { read_flag_list(at); }));
  CHECK(refused("(\\*)", [](Cursor& at) { read_flag_list(at); }));
  CHECK(refused("(a", [](Cursor& at) { read_flag_list(at); }));
  CHECK(has_keyword("$Forwarded foo", "FOO"));
  CHECK_FALSE(has_keyword("$Forwarded foo", "fo"));
  CHECK_FALSE(has_keyword("", "fo"));
  std::string many = "(";
  for (std::size_t i = 0; i <= most_keywords; ++i) many += (i == 0 ? "k" : " k") + std::to_string(i);
  Cursor too_many(many);
  CHECK_THROWS_AS(read_flag_list(too_many), Refusal);
}

TEST_CASE("dates are of the calendar", "[date]") {
  const auto row = GENERATE(table<std::string, int>({{"1-Jan-1970", 0},
                                                     {"\"1-feb-1994\"", 8797},
                                                     {"01-Mar-2000", 11017},
                                                     {"31-Dec-1969", -1},
                                                     {"29-Feb-2024", 19782}}));
  Cursor cursor(std::get<0>(row));
  CHECK(read_date(cursor) == std::get<1>(row));
  CHECK(cursor.at_end());
  const auto bad = GENERATE(as<std::string>(), "29-Feb-2023", "0-Jan-2000", "1-Foo-2000", "1-Jan-20", "1-Jan-20000",
                            "\"1-Jan-2000", "1 Jan 2000", "", "123-Jan-2000", "1-Ja");
  INFO(bad);
  CHECK(refused(bad, [](Cursor& at) { read_date(at); }));
}

TEST_CASE("a moment keeps the zone that it was given in", "[date]") {
  const auto row = GENERATE(table<std::string, std::int64_t, int>({
      {"\"17-Jul-1996 02:44:25 -0700\"", 837596665, -420},
      {"\" 1-Jan-1970 00:00:00 +0000\"", 0, 0},
      {"\"31-Dec-1969 23:59:59 -0030\"", 1799, -30},
      {"\" 1-Jan-0000 00:00:00 +0100\"", -62167219200 - 3600, 60},
  }));
  Cursor cursor(std::get<0>(row));
  const DateTime moment = read_date_time(cursor);
  CHECK(moment.seconds == std::get<1>(row));
  CHECK(moment.zone == std::get<2>(row));
  CHECK(date_time_text(moment) == std::get<0>(row));
  const auto bad = GENERATE(as<std::string>(), "\"1-Jan-2000 00:00:00 +0000\"", "\" 1-Jan-2000 24:00:00 +0000\"",
                            "\" 1-Jan-2000 00:60:00 +0000\"", "\" 1-Jan-2000 00:00:00 0000\"",
                            "\" 1-Jan-2000 00:00:00 +000\"", "\" 1-Jan-2000 00:00:00 +0060\"", "NIL");
  INFO(bad);
  CHECK(refused(bad, [](Cursor& at) { read_date_time(at); }));
}

TEST_CASE("a moment out of all years is written as one that is in", "[date]") {
  CHECK(date_time_text({std::numeric_limits<std::int64_t>::max(), 0}) == "\"31-Dec-9999 23:59:59 +0000\"");
  CHECK(date_time_text({std::numeric_limits<std::int64_t>::min(), -5}) == "\" 1-Jan-0000 00:00:00 -0005\"");
  CHECK(day_of(-1, 0) == -1);
  CHECK(day_of(-1, 1) == 0);
  CHECK(day_of(86400, -1) == 0);
}
