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
