#include "dav/contacts/card.h"

#include <catch2/catch.hpp>

using namespace dav::contacts;

namespace {

std::string card(const std::string& lines, const std::string& version = "3.0") {
  return "BEGIN:VCARD\r\nVERSION:" + version + "\r\n" + lines + "END:VCARD\r\n";
}

/// "precondition line: reason"; "accepted" if there is none.
std::string refusal(const std::string& text) {
  const auto parsed = Card::parse(text);
  const auto* refused = std::get_if<Refusal>(&parsed);
  if (refused == nullptr) return "accepted";
  const char* name = refused->precondition == Precondition::supported_address_data ? "supported " : "valid ";
  return name + std::to_string(refused->line) + ": " + refused->reason;
}

}  // namespace

TEST_CASE("a card is read, its octets kept") {
  const std::string text = "\xEF\xBB\xBF" + card("FN:Ada\\, L.\r\nUID:urn:uuid:1\r\nitem1.TEL;type=HOME:+1\r\n", "4.0");
  const auto parsed = Card::parse(text);
  const auto& ada = std::get<Card>(parsed);
  CHECK(ada.bytes() == text);
  CHECK(ada.uid() == "urn:uuid:1");
  CHECK(ada.version() == Version::v4);
  CHECK(ada.kind() == Kind::individual);
  CHECK_FALSE(ada.obey(text.size()));
  CHECK(ada.obey(text.size() - 1)->precondition == Precondition::max_resource_size);
}

TEST_CASE("groups are known in both dialects") {
  const auto apple = Card::parse(card("FN:G\nUID:1\nX-ADDRESSBOOKSERVER-KIND:group\n"));
  CHECK(std::get<Card>(apple).kind() == Kind::group);
  const auto rfc = Card::parse(card("FN:G\nUID:1\nKIND:Group\n", "4.0"));
  CHECK(std::get<Card>(rfc).kind() == Kind::group);
}

TEST_CASE("what is no card is refused with precondition, line and reason") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {card("FN:A\nUID:1\n"), "accepted"},
      {card("FN:A\nUID:1\nTEL;HOME;VOICE:1\nX-Y.Z:\n"), "accepted"},
      {card("FN:A\nUID:1\n", "2.1"), "supported 2: vCard 2.1 is not taken: 3.0 or 4.0 is"},
      {card("N;ENCODING=QUOTED-PRINTABLE:a=\n=C3=A4\n", "2.1"), "supported 2: vCard 2.1 is not taken: 3.0 or 4.0 is"},
      {"BEGIN:VCARD\nFN:A\nUID:1\nEND:VCARD\n", "valid 1: VCARD has no VERSION"},
      {card("UID:1\n"), "valid 1: VCARD has no FN"},
      {card("FN:A\n"), "valid 1: VCARD has no UID"},
      {card("FN:A\nUID: \n"), "valid 4: UID is empty"},
      {card("FN:A\nUID:1\nUID:2\n"), "valid 4: UID stands twice"},
      {card("FN:A\nUID:1\n") + card("FN:B\nUID:2\n"), "valid 6: more than one VCARD"},
      {"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "valid 1: BEGIN:VCARD is expected"},
      {"hello", "valid 1: no ':' after the property name"},
      {"", "valid 1: no component"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(refusal(text) == expected);
  }
}

// docs/clients.md, "What is tolerated in cards".
TEST_CASE("what programs write though no RFC has it is taken, and stays") {
  const std::string head = "BEGIN:VCARD\r\nVERSION:3.0\r\n", tail = "UID:1\r\nFN:A\r\nEND:VCARD\r\n";
  const std::vector<std::string> cases = {
      "BEGIN:VCARD\r\nUID:1\r\nFN:A\r\nVERSION:3.0\r\nEND:VCARD\r\n",
      "begin:vcard\r\nversion: 3.0 \r\nuid:1\r\nfn:A\r\nend:vcard\r\n",
      head + "UID:1\r\nFN:\r\nEND:VCARD\r\n",
      head + "FN:B\r\n" + tail,
      "\xEF\xBB\xBF" + head + tail,
      "BEGIN:VCARD\nVERSION:4.0\n\nUID:1\nFN:A\nEND:VCARD",
      "BEGIN:VCARD\rVERSION:3.0\rUID:1\rFN:A\rEND:VCARD\r",
      head + "NOTE:L\xC3\r\n \xB6w\r\n" + tail,
      head + "PHOTO;ENCODING=b:" + std::string(100000, 'A') + "\r\n" + tail,
      head + "TEL;HOME;;VOICE;:1\r\nEMAIL;TYPE=\"home,work\":a@b\r\n" + tail,
      head + "NOTE;ENCODING=QUOTED-PRINTABLE:one=\r\n=0Atwo\r\n" + tail,
      head + "AGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN:B\r\nEND:VCARD\r\n" + tail,
      head + "X-A.B-C_d;X-P=1:\r\nFOO;BAR=\"1;2\",3:\\x\r\nBDAY:soon\r\n" + tail,
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    REQUIRE(refusal(text) == "accepted");
    const auto parsed = Card::parse(text);
    CHECK(std::get<Card>(parsed).bytes() == text);
    CHECK(std::get<Card>(parsed).uid() == "1");
  }
}
