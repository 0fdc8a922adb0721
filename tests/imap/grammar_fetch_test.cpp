#include <catch2/catch.hpp>

#include "mail/imap/grammar/fetch_items.h"
#include "mail/imap/grammar/store_arguments.h"
#include "storage/mail.h"

using namespace mail::imap;

namespace {

std::vector<FetchItem> items_of(std::string_view text) {
  Cursor cursor(text);
  auto items = read_fetch_items(cursor);
  cursor.end();
  return items;
}

std::string labels(std::string_view text) {
  std::string labels;
  for (const FetchItem& item : items_of(text)) labels.append(labels.empty() ? "" : " ").append(item.label);
  return labels;
}

}  // namespace

TEST_CASE("what FETCH asks for is read, and called by its name", "[fetch]") {
  const auto row = GENERATE(table<std::string, std::string>({
      {"ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"},
      {"fast", "FLAGS INTERNALDATE RFC822.SIZE"},
      {"Full", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY"},
      {"flags", "FLAGS"},
      {"(UID flags uid)", "UID FLAGS"},
      {"(BODY BODYSTRUCTURE)", "BODY BODYSTRUCTURE"},
      {"BODY[]", "BODY[]"},
      {"BODY.PEEK[]<0.100>", "BODY[]<0>"},
      {"body[1.2.mime]", "BODY[1.2.MIME]"},
      {"BODY[HEADER.FIELDS (DATE \"From\" {2}\r\nTo)]", "BODY[HEADER.FIELDS (DATE From To)]"},
      {"BODY.PEEK[3.header.fields.not (a)]<5.6>", "BODY[3.HEADER.FIELDS.NOT (a)]<5>"},
      {"(BODY[1] BODY.PEEK[1])", "BODY[1] BODY[1]"},
      {"(BODY[1]<0.5> BODY[1]<0.5>)", "BODY[1]<0>"},
      {"BINARY[1.2]<9223372036854775807.1>", "BINARY[1.2]<9223372036854775807>"},
      {"BINARY.PEEK[]", "BINARY[]"},
      {"BINARY.SIZE[4]", "BINARY.SIZE[4]"},
      {"(RFC822 RFC822.HEADER RFC822.TEXT)", "RFC822 RFC822.HEADER RFC822.TEXT"},
      {"(MODSEQ PREVIEW EMAILID THREADID SAVEDATE)", "MODSEQ PREVIEW EMAILID THREADID SAVEDATE"},
      {"(PREVIEW (LAZY) UID)", "PREVIEW UID"},
  }));
  CHECK(labels(std::get<0>(row)) == std::get<1>(row));
}

TEST_CASE("what reads a message without marking it is told", "[fetch]") {
  CHECK_FALSE(items_of("BODY[]").front().peek);
  CHECK(items_of("BODY.PEEK[]").front().peek);
  CHECK_FALSE(items_of("BINARY[1]").front().peek);
  CHECK(items_of("BINARY.PEEK[1]").front().peek);
  CHECK(items_of("BINARY.SIZE[1]").front().peek);
  CHECK_FALSE(items_of("RFC822").front().peek);
  CHECK(items_of("RFC822.HEADER").front().peek);
  CHECK_FALSE(items_of("RFC822.TEXT").front().peek);
  CHECK(items_of("ENVELOPE").front().peek);
  CHECK(items_of("PREVIEW (LAZY)").front().lazy);
  CHECK_FALSE(items_of("PREVIEW").front().lazy);
  const auto part = items_of("BODY[TEXT]<7.9>").front();
  CHECK(part.part == FetchItem::Part{7, 9});
  CHECK(part.section.what == mail::mime::Section::What::text);
}

TEST_CASE("what nobody can ask for is refused", "[fetch]") {
  const auto bad = GENERATE(as<std::string>(), "", "()", "(FLAGS", "FOO", "(ALL)", "(FLAGS ALL)", "BODY[", "BODY[]<0>",
                            "BODY[]<0.0>", "BODY[]<-1.2>", "BODY[MIME]", "BODY[0]", "BODY[1.]", "BODY[HEADER.FIELDS]",
                            "BODY[HEADER.FIELDS ()]", "BODY[HEADER.FIELDS (a]", "BODY[HEADER (a)]", "BODY[FOO]",
                            "BINARY[1.MIME]", "BINARY[HEADER]", "BINARY", "BINARY.SIZE[1]<0.1>", "FLAGS[1]",
                            "PREVIEW (FOO)", "PREVIEW ()", "BODY[4294967296]", "FLAGS UID");
  INFO(bad);
  CHECK_THROWS_AS(items_of(bad), SyntaxError);
}

TEST_CASE("modifiers of FETCH are read", "[fetch]") {
  Cursor cursor(" (CHANGEDSINCE 12345 vanished PARTIAL -1:-30)");
  const FetchModifiers modifiers = read_fetch_modifiers(cursor);
  CHECK(modifiers.changed_since == 12345);
  CHECK(modifiers.vanished);
  CHECK(modifiers.partial->text == "-1:-30");
  Cursor nothing("");
  CHECK_FALSE(read_fetch_modifiers(nothing).changed_since);
  const auto bad = GENERATE(as<std::string>(), " ()", " (CHANGEDSINCE 0)", " (CHANGEDSINCE)", " (FOO)", " CHANGEDSINCE",
                            " (VANISHED VANISHED)", " (PARTIAL 1)", " ");
  Cursor wrong(bad);
  CHECK_THROWS_AS(read_fetch_modifiers(wrong), SyntaxError);
}

TEST_CASE("what STORE does is read", "[store]") {
  const auto read = [](std::string_view text) {
    Cursor cursor(text);
    auto arguments = read_store_arguments(cursor);
    cursor.end();
    return arguments;
  };
  const StoreArguments all = read("(UNCHANGEDSINCE 0) +FLAGS.SILENT (\\Deleted $x)");
  CHECK(all.way == StoreArguments::Way::add);
  CHECK(all.silent);
  CHECK(all.unchanged_since == 0);
  CHECK(all.flags.system == storage::flag::deleted);
  CHECK(read("FLAGS ()").way == StoreArguments::Way::replace);
  CHECK(read("-flags \\Seen x").way == StoreArguments::Way::remove);
  const auto bad =
      GENERATE(as<std::string>(), "", "FLAGS", "*FLAGS ()", "++FLAGS ()", "FLAGS.LOUD ()", "(UNCHANGEDSINCE) FLAGS ()",
               "() FLAGS ()", "(FOO 1) FLAGS ()", "FLAGS () x", "(UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS ()");
  INFO(bad);
  CHECK_THROWS_AS(read(bad), SyntaxError);
}

TEST_CASE("parameters of SELECT are read", "[select]") {
  const auto read = [](std::string_view text) {
    Cursor cursor(text);
    auto options = read_select_options(cursor);
    cursor.end();
    return options;
  };
  CHECK_FALSE(read("").condstore);
  CHECK(read(" (CONDSTORE)").condstore);
  // RFC 7162 3.2.5.2's example.
  const auto qresync = read(" (QRESYNC (67890007 90060115194045000 41:211,214:541 (1,3 41,45)))").qresync;
  CHECK(qresync->uid_validity == 67890007);
  CHECK(qresync->modseq == 90060115194045000);
  CHECK(qresync->known_uids->text() == "41:211,214:541");
  CHECK(qresync->sequence_numbers->text() == "1,3");
  CHECK(qresync->sequence_uids.text() == "41,45");
  CHECK_FALSE(read(" (QRESYNC (1 2))").qresync->known_uids);
  CHECK(read(" (QRESYNC (1 2 (1 5)))").qresync->sequence_numbers);
  const auto bad = GENERATE(as<std::string>(), " ()", " (FOO)", " (QRESYNC)", " (QRESYNC (0 1))", " (QRESYNC (1 0))",
                            " (QRESYNC (1 2 1:*))", " (QRESYNC (1 2 1:5 (1:2 5)))", " CONDSTORE", " (QRESYNC (1 2 $))");
  INFO(bad);
  CHECK_THROWS_AS(read(bad), SyntaxError);
}
