#include "server/transfer/pieces.h"

#include <catch2/catch.hpp>

using server::calendar_pieces;
using server::card_pieces;
using server::Piece;

namespace {

const std::string zone =
    "BEGIN:VTIMEZONE\r\nTZID:Zone/"
    "A\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\n";

std::string event(const std::string& lines) { return "BEGIN:VEVENT\r\n" + lines + "END:VEVENT\r\n"; }

std::string calendar(const std::string& content) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + content + "END:VCALENDAR\r\n";
}

}  // namespace

TEST_CASE("a file of one calendar object stays as it is, octet by octet") {
  const std::string odd =
      "BEGIN:VCALENDAR\nVERSION:2.0\nX-ODD:  fold\n ed\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\n\nEND:VCALENDAR";
  const auto pieces = calendar_pieces(odd);
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].bytes == odd);
  CHECK(pieces[0].uid == "1");
  CHECK(pieces[0].component == "VEVENT");
  CHECK(pieces[0].repairs.empty());
  const std::string card = "BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:A\nEND:VCARD";
  CHECK(card_pieces(card).at(0).bytes == card);
}

TEST_CASE("a file of many is taken apart by UID, with the zones that each needs and without METHOD") {
  const std::string first = event("UID:a\r\nDTSTART;TZID=Zone/A:20260101T100000\r\n");
  const std::string changed =
      event("UID:a\r\nRECURRENCE-ID;TZID=Zone/A:20260102T100000\r\nDTSTART:20260102T110000Z\r\n");
  const std::string other = event("UID:b\r\nDTSTART:20260103T100000Z\r\n");
  const auto pieces = calendar_pieces(calendar("METHOD:PUBLISH\r\n" + zone + first + other + changed));
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].uid == "a");
  CHECK(pieces[0].bytes == calendar(zone + first + changed));
  CHECK(pieces[0].repairs == std::vector<std::string>{"METHOD was taken away"});
  CHECK(pieces[1].uid == "b");
  CHECK(pieces[1].bytes == calendar(other));
}

TEST_CASE("several calendars in one file, and one UID of two kinds") {
  const auto pieces = calendar_pieces(calendar(event("UID:a\r\n") + "BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\n") +
                                      calendar(event("UID:c\r\n")));
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].component == "VEVENT");
  CHECK(pieces[1].component == "VTODO");
  CHECK(pieces[2].bytes == calendar(event("UID:c\r\n")));
}

TEST_CASE("what is missing is made, the same each time, and named") {
  const std::string text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n";
  const auto pieces = calendar_pieces(text);
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].repairs == std::vector<std::string>{"a UID was made", "VERSION was added"});
  CHECK(pieces[0].uid.size() == 45);
  CHECK(pieces[0].bytes == "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:" + pieces[0].uid +
                               "\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n");
  CHECK(calendar_pieces(text)[0].uid == pieces[0].uid);

  const auto cards = card_pieces(
      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:L\xF6w;Ada;;;\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nUID:2\r\nFN:"
      "\r\nORG:Firm;Dept\r\nEND:VCARD");
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].bytes == "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + cards[0].uid +
                              "\r\nFN:Ada L\xC3\xB6w\r\nN:L\xC3\xB6w;Ada;;;\r\nEND:VCARD\r\n");
  CHECK(cards[0].repairs == std::vector<std::string>{"a UID was made", "FN was added", "not UTF-8, taken for Latin-1"});
  CHECK(cards[1].bytes == "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Firm\r\nUID:2\r\nORG:Firm;Dept\r\nEND:VCARD\r\n");
}

TEST_CASE("what can't be read is told with its line") {
  CHECK(calendar_pieces("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n").at(0).fault.starts_with("line 3: "));
  CHECK(calendar_pieces("hello").size() == 1);
  CHECK_FALSE(calendar_pieces("hello")[0].fault.empty());
  CHECK_FALSE(calendar_pieces("").at(0).fault.empty());
  CHECK(calendar_pieces(calendar("")).at(0).fault == "a calendar without any object");
  CHECK(calendar_pieces("BEGIN:VCARD\r\nUID:1\r\nEND:VCARD\r\n").at(0).fault == "a VCARD has no place here");
}
