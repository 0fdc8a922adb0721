#include <catch2/catch.hpp>

#include "dav/content/stream.h"

namespace content = dav::content;
using content::Dialect;

namespace {

/// The index of a text that comes in pieces of that size, with each object's octets.
std::string shown(const std::string& text, Dialect dialect, std::size_t piece) {
  content::StreamReader reader(dialect, 100);
  for (std::size_t at = 0; at < text.size(); at += piece) reader.add(std::string_view(text).substr(at, piece));
  const content::StreamIndex index = reader.finish();
  std::string out = "head " + index.head;
  for (const auto& [tzid, zone] : index.zones) out += "zone " + tzid + " " + zone;
  for (const auto& object : index.objects) {
    out += "object ";
    for (const auto& extent : object) {
      out += "[" + text.substr(static_cast<std::size_t>(extent.offset), static_cast<std::size_t>(extent.length)) + "]";
    }
  }
  return out;
}

const std::string zone =
    "BEGIN:VTIMEZONE\r\nTZID:A\r\nBEGIN:STANDARD\r\nX:1\r\n  2\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
const std::string one = "BEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\nUID:no\r\nEND:VALARM\r\nEND:VEVENT\r\n";
const std::string two = "begin:vevent\nSUMMARY:END:VEVENT\nUI\n D;X=1:2\nend:vevent\n";
const std::string three = "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:1\r\nEND:VEVENT\r\n";
const std::string four = "BEGIN:VEVENT\r\nSUMMARY:none\r\nEND:VEVENT\r\n";

}  // namespace

TEST_CASE("the objects of a calendar are found, however it comes") {
  const std::string text =
      "\xEF\xBB\xBF"
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nX-LONG:a\r\n b\r\n" +
      zone + one + two + zone + three + four + four + "END:VCALENDAR";
  const std::string expected = "head VERSION:2.0\r\nX-LONG:a\r\n b\r\nzone A " + zone + "object [" + one + "][" +
                               three + "]object [" + two + "]object [" + four + "]object [" + four + "]";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 100'000U}) {
    CAPTURE(piece);
    CHECK(shown(text, Dialect::icalendar, piece) == expected);
  }
}

TEST_CASE("the cards of a stream are found") {
  const std::string a = "BEGIN:VCARD\r\nUID:1\r\nEND:VCARD\r\n";
  const std::string b = "BEGIN:VCARD\r\nUID:1\r\nFN:x\r\nEND:VCARD";
  CHECK(shown(a + b, Dialect::vcard, 5) == "head object [" + a + "]object [" + b + "]");
}

TEST_CASE("what is no stream of objects is refused") {
  const auto refused = [](const std::string& text, Dialect dialect) {
    content::StreamReader reader(dialect, 2);
    try {
      reader.add(text);
      reader.finish();
    } catch (const content::Malformed&) {
      return true;
    }
    return false;
  };
  for (const char* text : {"BEGIN:VCALENDAR\r\n", "X:1\r\n", "END:VCALENDAR\r\n", "BEGIN:VCARD\r\nEND:VCARD\r\n",
                           "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"}) {
    CAPTURE(text);
    CHECK(refused(text, Dialect::icalendar));
  }
  CHECK(refused("BEGIN:VCALENDAR\r\n" + four + four + four + "END:VCALENDAR\r\n", Dialect::icalendar));
  CHECK(refused("BEGIN:VCALENDAR\r\n" + std::string(17 << 20, 'x'), Dialect::icalendar));
  CHECK(refused("BEGIN:VCALENDAR\r\nX:" + std::string(17 << 10, 'x') + "\r\nEND:VCALENDAR\r\n", Dialect::icalendar));
  CHECK_FALSE(refused("", Dialect::vcard));
}
