// What a card of 10 MiB costs: one line of JSON, milliseconds of CPU by the shape of the card and what is done with it.
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/contacts/card.h"
#include "dav/contacts/convert.h"
#include "dav/contacts/jcard.h"
#include "dav/contacts/legacy.h"
#include "dav/contacts/search.h"
#include "dav/content/json.h"

namespace {

using dav::contacts::Card;
using dav::contacts::Version;

constexpr std::size_t octets = std::size_t{10} << 20;

struct Shape {
  const char* name;
  std::string text;
};

template <typename Line>
std::string card_of(const char* version, Line line) {
  std::string text = std::string("BEGIN:VCARD\r\nVERSION:") + version + "\r\nUID:1\r\nFN:x\r\n";
  for (std::size_t i = 0; text.size() < octets; ++i) text += line(i);
  return text += "END:VCARD\r\n";
}

/// One property of a value so long, folded after so many octets.
std::string one_line(const std::string& start, std::string_view piece, std::size_t width) {
  return card_of("3.0", [&](std::size_t i) {
    std::string line = i == 0 ? start : " ";
    while (line.size() < width) line += piece;
    return line + "\r\n";
  });
}

std::vector<Shape> shapes() {
  const auto number = [](std::size_t i) { return std::to_string(i); };
  return {
      {"many lines", card_of("3.0", [&](std::size_t i) { return "TEL;TYPE=HOME:+" + number(i) + "\r\n"; })},
      {"short lines",
       card_of("4.0", [](std::size_t) { return std::string("X-A:b\r\n"); }).substr(0, std::size_t{3} << 20) +
           "\r\nEND:VCARD\r\n"},
      {"one line", one_line("NOTE:", "lorem ipsum\\, ", octets)},
      {"folds", one_line("NOTE:", "a", 2)},
      {"photo", one_line("PHOTO;ENCODING=b;TYPE=JPEG:", "QUJD", 75)},
      {"groups", card_of("3.0",
                         [&](std::size_t i) {
                           const std::string group = "item" + number(i) + ".";
                           return group + "URL:http://example.com/\r\n" + group + "X-ABLabel:_$!<HomePage>!$_\r\n";
                         })},
      {"parameters", one_line("NOTE;X-A=1", ";X-B=2", octets)},
      {"values of a parameter", one_line("TEL;TYPE=a", ",b", octets)},
      {"list", one_line("CATEGORIES:a", ",b", octets)},
      {"members", card_of("4.0", [&](std::size_t i) { return "MEMBER:urn:uuid:" + number(i) + "\r\n"; })},
      {"structured", one_line("ADR:", ";", octets)},
      {"not ASCII", one_line("NOTE:", "\xC3\xA4\xE4\xBC\x9A", 75)},
      {"quoted-printable", one_line("NOTE;ENCODING=QUOTED-PRINTABLE:", "=C3=A4", octets)},
  };
}

template <typename Run>
double milliseconds(Run run) {
  const std::clock_t start = std::clock();
  run();
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void measure(const Shape& shape) {
  std::variant<Card, dav::contacts::Refusal> parsed = dav::contacts::Refusal();
  std::printf("\"%s\": {\"read\": %.1f", shape.name, milliseconds([&] { parsed = Card::parse(shape.text); }));
  std::printf(", \"mend\": %.1f", milliseconds([&] { dav::contacts::mend_legacy(shape.text); }));
  if (const auto* card = std::get_if<Card>(&parsed)) {
    const Version other = card->version() == Version::v3 ? Version::v4 : Version::v3;
    std::string json;
    std::printf(", \"texts\": %.1f", milliseconds([&] { dav::contacts::searched_texts(*card); }));
    std::printf(", \"convert\": %.1f", milliseconds([&] { dav::contacts::converted(*card, other); }));
    std::printf(", \"to jCard\": %.1f", milliseconds([&] { json = dav::contacts::to_jcard(card->component()); }));
    try {
      const double took = milliseconds([&] { dav::contacts::from_jcard(json); });
      std::printf(", \"from jCard\": %.1f", took);
    } catch (const dav::content::MalformedJson& malformed) {
      // It is bounded, too.
      std::fprintf(stderr, "%s, jCard: %s\n", shape.name, malformed.what());
    }
  } else {
    std::fprintf(stderr, "%s: %s\n", shape.name, std::get<dav::contacts::Refusal>(parsed).reason.c_str());
  }
  std::printf("}");
}

}  // namespace

int main() {
  std::printf("{");
  bool first = true;
  for (const Shape& shape : shapes()) {
    if (!first) std::printf(", ");
    first = false;
    measure(shape);
    std::fflush(stdout);
  }
  std::printf("}\n");
}
