// Random cards in the manner of both versions: to the other version and back, every property means the same.

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "dav/contacts/convert.h"
#include "dav/contacts/jscontact.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/legacy.h"
#include "dav/content/json_tree.h"
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

/// The text of a LABEL parameter; empty for all others.
std::string joined_label(const std::string& name, const std::vector<std::string>& values) {
  return name == "label" && !values.empty() ? values.front() : std::string();
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
      // RFC 6350 6.3.1 shows line ends with backslashes, RFC 6868 has them otherwise.
      for (auto at = joined_label(name, values).find("\\n"); at != std::string::npos;) {
        values.front().replace(at, 2, "\n");
        at = values.front().find("\\n");
      }
      if (name == "type") {
        for (std::string& value : values) value = lower(value);
        if (each.is("EMAIL")) std::erase(values, "internet");
        if (values.empty()) continue;
        std::sort(values.begin(), values.end());
      }
      std::string joined;
      for (const std::string& value : values) joined += value + ',';
      const std::string kind = name == "value" ? lower(joined) : "";
      const bool is_text = each.is("TZ") || each.is("TEL") || each.is("UID");
      const bool is_reference = each.is("PHOTO") || each.is("TEL") || each.is("KEY");
      const bool is_default =
          kind == "date," || kind == "date-time," || (is_text && kind == "text,") || (is_reference && kind == "uri,");
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

/// What a card says, as the conversion to JSContact sees it. Ids are added by it.
std::multiset<std::string> jscontact_meaning(const std::string& bytes) {
  const auto parsed = Card::parse(convert(bytes, Version::v4));
  const Card& card = std::get<Card>(parsed);
  auto lines = read_lines(card.component(), Version::v4);
  for (Line& each : lines) {
    const auto id = each.parameter("PROP-ID");
    if (id.find('-') != std::string::npos && id.find(' ') == std::string::npos) each.remove("PROP-ID");
  }
  std::multiset<std::string> all;
  for (const auto& meanings : jscontact::meaning_of(lines, {})) all.insert(meanings.begin(), meanings.end());
  return all;
}

void check_jscontact(const std::string& bytes) {
  const auto parsed = Card::parse(bytes);
  const std::string json = to_jscontact(std::get<Card>(parsed).component(), std::get<Card>(parsed).version());
  CAPTURE(bytes, json);
  REQUIRE(jscontact::find_fault(content::parse_json(json)).empty());
  const std::string back = from_jscontact(json);
  CAPTURE(back);
  REQUIRE(jscontact_meaning(back) == jscontact_meaning(bytes));
  const auto again = Card::parse(back);
  const std::string again_json = to_jscontact(std::get<Card>(again).component(), Version::v4);
  CAPTURE(again_json);
  REQUIRE(content::same_json(content::parse_json(again_json), content::parse_json(json)));
}

}  // namespace

TEST_CASE("cards come back from JSContact with their meaning") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 700; ++i) {
    check_jscontact(random_card(random, Version::v3));
    check_jscontact(random_card(random, Version::v4));
  }
}

TEST_CASE("cards come back from the other version with their meaning") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 1500; ++i) {
    check_round_trip(random_card(random, Version::v3), Version::v3);
    check_round_trip(random_card(random, Version::v4), Version::v4);
  }
}

namespace {

/// A card as a client writes it, with fields that vary.
struct Manner {
  const char* client;
  Version version;
  const char* text;
};

// {n} a name, {t} a text, {d} digits, {p} base64.
const Manner manners[] = {
    {"macOS 14 Contacts", Version::v3,
     "PRODID:-//Apple Inc.//macOS 14.5//EN\nN:{n};{n};;;\nFN:{n} "
     "{n}\nORG:{t};\nEMAIL;type=INTERNET;type=HOME;type=pref:"
     "{d}@x.example\nTEL;type=CELL;type=VOICE;type=pref:{d}\nitem1.ADR;type=HOME;type=pref:;;{t};{n};;{d};{n}\n"
     "item1.X-ABADR:de\nitem2.URL;type=pref:http\\://x.example/{d}\nitem2.X-ABLabel:_$!<HomePage>!$_\n"
     "item3.X-ABDATE;type=pref:2001-02-03\nitem3.X-ABLabel:_$!<Anniversary>!$_\nitem4.X-ABRELATEDNAMES;type=pref:{n}\n"
     "item4.X-ABLabel:_$!<Mother>!$_\nX-SOCIALPROFILE;type=twitter;x-user={d}:https://t.example/{d}\n"
     "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-04\nIMPP;X-SERVICE-TYPE=Skype;type=HOME;type=pref:skype:{d}\nNOTE:{t}\n"
     "PHOTO;ENCODING=b;TYPE=JPEG:{p}\nX-PHONETIC-LAST-NAME:{n}\nX-ABShowAs:COMPANY\nUID:{d}-a"},
    {"Google export", Version::v3,
     "FN:{n}\nN:{n};{n};;;\nEMAIL;TYPE=INTERNET;TYPE=HOME:{d}@x.example\nitem1.EMAIL;TYPE=INTERNET:{d}@y.example\n"
     "item1.X-ABLabel:{n}\nTEL;TYPE=CELL:{d}\nADR;TYPE=WORK:;;{t};{n};;{d};{n}\nORG:{n};{n}\nTITLE:{t}\n"
     "BDAY:19850102\nitem2.URL:http\\://www.google.com/profiles/{d}\nitem2.X-ABLabel:PROFILE\nNOTE:{t}\n"
     "CATEGORIES:myContacts,{n}\nPHOTO:https://lh3.example/{d}\nUID:{d}"},
    {"Evolution 3.46", Version::v3,
     "UID:{d}\nFN:{n}\nN:{n};{n};;;\nX-EVOLUTION-FILE-AS:{n}\\, {n}\nTEL;X-EVOLUTION-UI-SLOT=1;TYPE=WORK,VOICE:{d}\n"
     "EMAIL;TYPE=WORK;X-EVOLUTION-UI-SLOT=1:{d}@x.example\nX-EVOLUTION-SPOUSE:{n}\nX-EVOLUTION-MANAGER:{n}\n"
     "X-EVOLUTION-ANNIVERSARY:1999-01-02\nX-JABBER;TYPE=HOME:{d}@x.example\nX-AIM;X-EVOLUTION-UI-SLOT=2:{d}\n"
     "ADR;TYPE=HOME:;;{t};{n};{n};{d};{n}\nLABEL;TYPE=HOME:{t}\nCALURI:http://x.example/{d}\n"
     "REV:2023-01-02T03:04:05Z\nX-MOZILLA-HTML:FALSE"},
    {"KDE KAddressBook 5", Version::v3,
     "EMAIL:{d}@x.example\nFN:{n}\nN:{n};{n};;;\nTEL;TYPE=CELL:{d}\nTZ:+01:00\nGEO:52.5;13.25\nCLASS:PRIVATE\n"
     "X-KADDRESSBOOK-X-Anniversary:1999-01-02\nX-KADDRESSBOOK-X-SpousesName:{n}\nSORT-STRING:{n}\nMAILER:{t}\n"
     "REV:2023-01-02T03:04:05Z\nUID:{d}\nKEY;ENCODING=b;TYPE=PGP:{p}"},
    {"Thunderbird 115", Version::v4,
     "EMAIL;PREF=1;TYPE=home:{d}@x.example\nFN:{n}\nN:{n};{n};;;\nNICKNAME:{n}\nTEL;TYPE=work;VALUE=TEXT:{d}\n"
     "BDAY;VALUE=DATE:19850102\nANNIVERSARY;VALUE=DATE:19990102\nTZ;VALUE=TEXT:Europe/Berlin\nURL;TYPE=work;VALUE=URL:"
     "https://x.example/{d}\nIMPP;VALUE=URI:xmpp:{d}@x.example\nROLE:{t}\nX-CUSTOM1;VALUE=TEXT:{t}\n"
     "PHOTO;VALUE=URI:data:image/jpeg;base64,{p}\nUID:{d}-t"},
    {"DAVx5 4.4", Version::v4,
     "PRODID:+//IDN bitfire.at//DAVx5/4.4.4-ose ez-vcard/0.12.1\nUID:urn:uuid:{d}\nFN:{n}\nN:{n};{n};;;\n"
     "NICKNAME:{n}\nTEL;TYPE=cell;PREF=1:{d}\ngroup1.TEL:{d}\ngroup1.X-ABLABEL:{n}\nEMAIL;TYPE=home:{d}@x.example\n"
     "ADR;LABEL=\"{t}\";TYPE=home:;;{t};{n};;{d};{n}\nBDAY:--0102\nANNIVERSARY:19990102\nRELATED;TYPE=friend;VALUE="
     "text:"
     "{n}\nRELATED;TYPE=spouse:urn:uuid:{d}\nIMPP;TYPE=home:sip:{d}@x.example\nCATEGORIES:{n},{n}\nNOTE:{t}\n"
     "PHOTO:data:image/png;base64,{p}\nX-PHONETIC-FIRST-NAME:{n}\nREV:20230102T030405Z"},
    {"Nextcloud Contacts 5", Version::v4,
     "UID:{d}\nFN:{n}\nN:{n};{n};;;\nGENDER:F;{n}\nLANG;PREF=1:de\nSOCIALPROFILE;SERVICE-TYPE=TWITTER:https://"
     "t.example/{d}\n"
     "PRONOUNS;LANGUAGE=en:they/them\nHOBBY;LEVEL=high:{t}\nORG;SORT-AS=\"{n}\":{n};{n}\nTEL;VALUE=uri;PREF=1;TYPE="
     "\"voice,home\":tel:+1-{d};ext={d}\nGEO:geo:52.5,13.25\nMEMBER:urn:uuid:{d}\nKIND:group\nXML:<a/>"},
    {"Outlook 16, version 2.1", Version::v3,
     "N;LANGUAGE=de:{n};{n}\nFN:{n} "
     "{n}\nORG:{n};{n}\nTITLE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gesch=E4ft={n}\n"
     "TEL;WORK;VOICE:{d}\nTEL;CELL:{d}\nADR;WORK;PREF:;;{n};{n};;{d};{n}\nLABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:{n}"
     "="
     "0D=0A=\n{n}\nX-MS-OL-DEFAULT-POSTAL-ADDRESS:2\nEMAIL;PREF;INTERNET:{d}@x.example\nPHOTO;TYPE=JPEG;ENCODING="
     "BASE64:\n "
     "{p}\n\nX-MS-CARDPICTURE;TYPE=JPEG;ENCODING=BASE64:\n {p}\n\nREV:20230102T030405Z\nUID:{d}"},
    {"Nokia, version 2.1", Version::v3,
     "N;ENCODING=8BIT;CHARSET=UTF-8:{n};{n};;;\nFN:{n}\nTEL;PREF;CELL;ENCODING=8BIT:{d}\nTEL;HOME;VOICE:{d}\nBDAY:"
     "19850102\n"
     "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:={n}=C3=A4\nURL:http://x.example/{d}\nX-SIP;SWIS:{d}\nUID:{d}"},
};

std::string filled(Random& random, const Manner& manner) {
  static const char* const names[] = {"Ada", "L\xC3\xB6w", "O'Neil", "\xE5\xB1\xB1\xE7\x94\xB0",
                                      "D\xC3\xA9sir\xC3\xA9"};
  static const char* const texts[] = {"one\\, two", "a\\nb", "x \\; y", "100 %", "say hi", "\\\\server"};
  std::string out;
  const std::string_view text = manner.text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      out += "\r\n";
    } else if (text[i] == '{') {
      if (text[i + 1] == 'n') out += random.of(names);
      if (text[i + 1] == 't') out += random.of(texts);
      if (text[i + 1] == 'd') out += std::to_string(random.below(1000000));
      if (text[i + 1] == 'p') out += "/9j/4AAQSkZJRgABAQ==";
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out + "\r\nEND:VCARD\r\n";
}

}  // namespace

TEST_CASE("what clients write comes back from the other version with its meaning") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 60; ++i) {
    for (const Manner& manner : manners) {
      CAPTURE(manner.client);
      const std::string lines = filled(random, manner);
      const bool legacy = std::string_view(manner.client).ends_with("2.1");
      std::string card = std::string("BEGIN:VCARD\r\nVERSION:") +
                         (legacy                          ? "2.1"
                          : manner.version == Version::v4 ? "4.0"
                                                          : "3.0") +
                         "\r\n" + lines;
      if (legacy) {
        const auto document = content::Document::parse(mend_legacy(card).text, content::Dialect::vcard);
        card = from_legacy(document.components().front());
      }
      check_round_trip(card, manner.version);
      check_jscontact(card);
    }
  }
}
