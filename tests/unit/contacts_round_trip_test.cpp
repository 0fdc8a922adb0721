// Random cards in the manner of both versions: to the other version and back, every property means the same.

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "dav/contacts/convert.h"
#include "dav/content/text.h"

using namespace dav::contacts;
namespace content = dav::content;

namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  template <std::size_t size>
  std::string of(const char* const (&list)[size]) {
    return list[below(size)];
  }

 private:
  std::mt19937 engine_;
};

std::string text(Random& random) {
  static const char* const pieces[] = {
      "Ada", "L\xC3\xB6w", "\\,", "\\;", "\\n", "\\\\", " ", "a^nb", "\"q\"", "%41", "^", "\xF0\x9F\x98\x80", "x"};
  std::string out;
  for (std::size_t i = random.below(6) + 1; i > 0; --i) out += random.of(pieces);
  return out;
}

std::string structured(Random& random, std::size_t components) {
  std::string out;
  for (std::size_t i = 0; i < components; ++i) {
    if (i > 0) out += ';';
    if (random.chance(2)) out += text(random);
    if (random.chance(6)) out += ',' + text(random);
  }
  return out;
}

std::string word(Random& random) {
  static const char* const words[] = {"a b", "x;y", "1,2", "plain", "c:d", "^n", "50%", "\xC3\xA4"};
  return random.of(words);
}

/// A parameter of the version's own.
std::string parameter(Random& random, Version version) {
  static const char* const names_v4[] = {"ALTID", "PID", "SORT-AS", "INDEX", "LEVEL", "PROP-ID", "AUTHOR", "GEO", "CC"};
  const std::string value = word(random);
  if (random.chance(2)) {
    const std::string quoted = version == Version::v4 ? content::encode_parameter(value) : '"' + value + '"';
    return (version == Version::v4 && random.chance(2) ? ";" + random.of(names_v4) : ";X-P") + "=" + quoted;
  }
  if (version == Version::v4 && random.chance(3)) return ";X-Q=say ^'hi^'^nthere";
  return random.chance(2) ? ";LANGUAGE=de" : "";
}

std::string types(Random& random, Version version) {
  static const char* const names[] = {"home", "WORK", "cell", "voice", "x-own"};
  std::string out;
  if (random.chance(2)) out += ";TYPE=" + random.of(names);
  if (version == Version::v3 && random.chance(3)) out += ";TYPE=pref";
  if (version == Version::v4 && random.chance(3)) out += ";PREF=" + std::to_string(random.below(3) + 1);
  return out;
}

std::string media(Random& random, Version version) {
  static const char* const names[] = {"PHOTO", "LOGO", "SOUND", "KEY"};
  static const char* const formats[] = {"JPEG", "PNG", "OGG", "PGP", "X-OWN"};
  static const char* const media_types[] = {"image/jpeg", "audio/ogg", "application/pgp-keys", "image/svg+xml",
                                            "text/plain;charset=x"};
  const std::string name = random.of(names);
  if (version == Version::v3) {
    if (random.chance(3)) return name + ";VALUE=uri;TYPE=" + random.of(formats) + ":http://x.example/a;b,c";
    return name + ";ENCODING=b" + (random.chance(4) ? "" : ";TYPE=" + random.of(formats)) + ":AAECAw==";
  }
  if (random.chance(3)) return name + ";MEDIATYPE=\"" + random.of(media_types) + "\":http://x.example/a;b,c";
  return name + (random.chance(4) ? ";TYPE=home" : "") + ":data:" + random.of(media_types) + ";base64,AAECAw==";
}

/// Lines that the versions write differently, or that only one has.
std::string line(Random& random, Version version, int& group) {
  static const char* const plain[] = {"NOTE", "TITLE", "NICKNAME", "ROLE", "X-MINE", "PRODID", "EMAIL"};
  static const char* const own_v3[] = {
      "CLASS", "MAILER",        "NAME", "X-AIM", "X-SPOUSE", "X-JABBER", "AGENT", "X-EVOLUTION-MANAGER",
      "BDAY",  "X-ANNIVERSARY", "GEO",  "TZ",    "REV"};
  static const char* const own_v4[] = {"LANG",         "HOBBY",      "XML",
                                       "CLIENTPIDMAP", "BIRTHPLACE", "PRONOUNS",
                                       "JSPROP",       "EXPERTISE",  "RELATED;VALUE=text;TYPE=muse",
                                       "GEO",          "TZ",         "BDAY;VALUE=text"};
  static const char* const days_v3[] = {"BDAY:1996-04-15",
                                        "BDAY:19960415",
                                        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
                                        "X-ANNIVERSARY:2000-01-01",
                                        "REV:1995-10-31T22:27:10Z",
                                        "TZ:-05:00",
                                        "TZ;VALUE=text:x",
                                        "GEO:1.5;-2.25",
                                        "BDAY;VALUE=date-time:1953-10-15T23:10:00Z"};
  static const char* const days_v4[] = {"BDAY:19960415",
                                        "BDAY:--0229",
                                        "BDAY:1985",
                                        "ANNIVERSARY:20000101",
                                        "ANNIVERSARY:---05",
                                        "DEATHDATE:19960415",
                                        "REV:19951031T222710Z",
                                        "TZ;VALUE=utc-offset:-0500",
                                        "TZ:Europe/Berlin",
                                        "GEO:geo:1.5,-2.25",
                                        "GEO:geo:1,2;u=3"};
  static const char* const labels[] = {"_$!<Spouse>!$_", "_$!<Mother>!$_", "mine", "friend"};
  const bool v4 = version == Version::v4;
  const std::string own = "g" + std::to_string(++group);
  switch (random.below(11)) {
    case 0:
      return random.of(plain) + types(random, version) + parameter(random, version) + ':' + text(random);
    case 1:
      return (random.chance(2) ? own + ".TEL" : "TEL") + types(random, version) + ":+1 2" + std::to_string(group);
    case 2:
      if (v4) return "TEL" + types(random, version) + ";VALUE=uri:tel:+1-2;ext=3";
      return "ADR;TYPE=home:" + structured(random, 7) + "\r\nLABEL;TYPE=home:" + text(random);
    case 3:
      if (v4 && random.chance(2)) return "ADR;LABEL=\"a^nb, ^'c^'\":" + structured(random, 18);
      return "ADR" + types(random, version) + ':' + structured(random, 7);
    case 4:
      return media(random, version);
    case 5:
      return v4 ? random.of(days_v4) : random.of(days_v3);
    case 6:
      return v4 ? random.of(own_v4) + ':' + text(random) : random.of(own_v3) + ':' + text(random);
    case 7:
      if (v4) return "RELATED;VALUE=text;TYPE=spouse:" + text(random);
      return own + ".X-ABRELATEDNAMES:" + text(random) + "\r\n" + own + ".X-ABLabel:" + random.of(labels);
    case 8:
      if (v4) return "RELATED;TYPE=friend:urn:uuid:" + std::to_string(group);
      return own + ".X-ABDATE:2001-02-03\r\n" + own +
             ".X-ABLabel:" + (random.chance(2) ? "_$!<Anniversary>!$_" : "a day");
    case 9:
      if (v4) return "IMPP;SERVICE-TYPE=Some;USERNAME=x:xmpp:a" + std::to_string(group);
      return "IMPP;X-SERVICE-TYPE=Some;TYPE=HOME:xmpp:a" + std::to_string(group);
    default:
      if (v4) return "SOCIALPROFILE;SERVICE-TYPE=Some One;USERNAME=\"a b\":https://x.example/";
      return "X-SOCIALPROFILE;TYPE=twitter;X-USER=ada:https://x.example/";
  }
}

std::string random_card(Random& random, Version version) {
  std::string out = std::string("BEGIN:VCARD\r\nVERSION:") + (version == Version::v4 ? "4.0" : "3.0") + "\r\n";
  out += random.chance(2) ? "UID:urn:uuid:1\r\n" : version == Version::v4 ? "UID;VALUE=text:one\r\n" : "UID:one\r\n";
  out += "FN:" + text(random) + "\r\n";
  if (version == Version::v3) {
    out += "N:" + structured(random, 5) + "\r\n";
    if (random.chance(3)) out += "SORT-STRING:" + text(random) + "\r\n";
  } else if (random.chance(2)) {
    out += (random.chance(3) ? "N;SORT-AS=\"a,b\":" : "N:") + structured(random, 7) + "\r\n";
  }
  if (random.chance(6)) {
    out += version == Version::v4 ? "KIND:org\r\n" : "X-ABShowAs:COMPANY\r\n";
  } else if (random.chance(6)) {
    out += version == Version::v4 ? "KIND:group\r\nMEMBER:urn:uuid:2\r\n"
                                  : "X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2\r\n";
  }
  int group = 0;
  for (std::size_t i = random.below(9); i > 0; --i) out += line(random, version, group) + "\r\n";
  return out + "END:VCARD\r\n";
}

std::string lower(std::string_view given) {
  std::string out(given);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::string digits(std::string_view given) {
  std::string out(given);
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

/// A card's meaning: its properties in any order, parameters in any order, TYPE in any case; defaults left out; dates
/// by their digits; groups by what they hold.
std::vector<std::string> meaning(const std::string& bytes) {
  const auto parsed = Card::parse(bytes);
  if (!std::holds_alternative<Card>(parsed)) FAIL(std::get<Refusal>(parsed).reason);
  const Card& card = std::get<Card>(parsed);
  std::map<std::string, std::string> groups;
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Line& each : read_lines(card.component(), card.version())) {
    std::vector<std::string> parameters;
    for (const LineParameter& parameter : each.parameters) {
      const std::string name = lower(parameter.name);
      std::vector<std::string> values = parameter.values;
      if (name == "type") {
        for (std::string& value : values) value = lower(value);
        std::sort(values.begin(), values.end());
      }
      std::string joined;
      for (const std::string& value : values) joined += value + ',';
      const bool is_default =
          name == "value" && (joined == "date," || joined == "date-time," || (each.is("TZ") && joined == "text,"));
      if (!is_default) parameters.push_back(name + '=' + joined);
    }
    std::sort(parameters.begin(), parameters.end());
    const bool date = each.is("BDAY") || each.is("X-ABDATE") || each.is("X-ANNIVERSARY") || each.is("REV");
    std::string whole = content::upper(each.name);
    for (const std::string& parameter : parameters) whole += ';' + parameter;
    std::string value = date ? digits(each.value) : each.value;
    // Components that are empty at the end are as good as none.
    while ((each.is("N") || each.is("ADR")) && !value.empty() && content::split(value, ';').back().empty()) {
      value.pop_back();
    }
    whole += ':' + value;
    lines.emplace_back(each.group, whole);
    if (!each.group.empty()) groups[each.group] += whole + '|';
  }
  std::vector<std::string> all;
  for (const auto& [group, whole] : lines) all.push_back((group.empty() ? "" : groups[group] + " . ") + whole);
  std::sort(all.begin(), all.end());
  return all;
}

std::string convert(const std::string& bytes, Version to) {
  const auto parsed = Card::parse(bytes);
  if (!std::holds_alternative<Card>(parsed)) FAIL(std::get<Refusal>(parsed).reason + "\n" + bytes);
  return converted(std::get<Card>(parsed), to);
}

void check_round_trip(const std::string& bytes, Version from) {
  const Version to = from == Version::v4 ? Version::v3 : Version::v4;
  const std::string there = convert(bytes, to), back = convert(there, from);
  CAPTURE(bytes, there, back);
  REQUIRE(meaning(back) == meaning(bytes));
  // What has come back stays as it is from now on.
  REQUIRE(meaning(convert(back, to)) == meaning(there));
}

}  // namespace

TEST_CASE("cards come back from the other version with their meaning") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 1500; ++i) {
    check_round_trip(random_card(random, Version::v3), Version::v3);
    check_round_trip(random_card(random, Version::v4), Version::v4);
  }
}
