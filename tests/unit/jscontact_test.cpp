// JSContact as RFC 9555 converts it: the examples of the RFC, what is refused, and what must not get lost.

#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "dav/contacts/card.h"
#include "dav/contacts/jscontact.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_types.h"
#include "dav/content/json_tree.h"

using namespace dav::contacts;
namespace content = dav::content;
using content::Json;

namespace {

/// An example of RFC 9555: lines with LF, and members of a Card. Which ids are chosen is not for the RFC to say.
struct Figure {
  const char* name;
  const char* lines;
  const char* members;
};

const Figure figures[] = {
    {"1", "item1.TEL;VALUE=uri:tel:+1-555-555-5555\n",
     R"("phones":{"p1":{"number":"tel:+1-555-555-5555","vCardParams":{"group":"item1"}}})"},
    {"2", "item2.X-FOO:bar\n", R"("vCardProps":[["x-foo",{"group":"item2"},"unknown","bar"]])"},
    {"3", "FN;LANGUAGE=EN:John Doe\nTITLE;ALTID=1;LANGUAGE=EN:Boss\nTITLE;ALTID=1;LANGUAGE=fr:Patron\n",
     R"("language":"en","name":{"full":"John Doe"},"titles":{"TITLE-1":{"name":"Boss"}},
        "localizations":{"fr":{"titles/TITLE-1/name":"Patron"}})"},
    {"4", "FN:John Doe\nTITLE;ALTID=1:Boss\nTITLE;ALTID=1;LANGUAGE=fr:Patron\n",
     R"("name":{"full":"John Doe"},"titles":{"TITLE-1":{"name":"Boss"}},
        "localizations":{"fr":{"titles/TITLE-1/name":"Patron"}})"},
    {"5",
     "LANGUAGE:zh-Hant\nN;ALTID=1;LANGUAGE=zh-Hant:孫;中山;文,逸仙;;\n"
     "N;ALTID=1;PHONETIC=jyut;SCRIPT=Latn;LANGUAGE=yue:syun1;zung1saan1;man4,jat6sin1;;\n",
     R"("language":"zh-Hant","name":{"components":[{"kind":"surname","value":"孫"},{"kind":"given","value":"中山"},
        {"kind":"given2","value":"文"},{"kind":"given2","value":"逸仙"}]},
        "localizations":{"yue":{"name/phoneticSystem":"jyut","name/phoneticScript":"Latn",
        "name/components/0/phonetic":"syun1","name/components/1/phonetic":"zung1saan1",
        "name/components/2/phonetic":"man4","name/components/3/phonetic":"jat6sin1"}})"},
    {"6",
     "TEL;PROP-ID=PHONE-A;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5555\n"
     "TEL;PROP-ID=PHONE-B;VALUE=uri;TYPE=home:tel:+33-01-23-45-67\n",
     R"("phones":{"PHONE-A":{"contexts":{"private":true},"features":{"voice":true},
        "number":"tel:+1-555-555-5555;ext=5555","pref":1},
        "PHONE-B":{"contexts":{"private":true},"number":"tel:+33-01-23-45-67"}})"},
    {"7", "KIND:individual\n", R"("kind":"individual")"},
    {"8", "SOURCE:https://dir.example.com/addrbook/jdoe/Jean%20Dupont.vcf\n",
     R"("directories":{"ENTRY-1":{"kind":"entry","uri":"https://dir.example.com/addrbook/jdoe/Jean%20Dupont.vcf"}})"},
    {"9",
     "BDAY:19531015T231000Z\nBIRTHPLACE:123 Main Street\\nAny Town\\, CA 91921-1234\\nU.S.A.\nDEATHDATE:19960415\n"
     "DEATHPLACE:5 Court Street\\nNew England\\, ND 58647\\nU.S.A.\nANNIVERSARY:19860201\n",
     R"("anniversaries":{"ANNIVERSARY-1":{"kind":"birth","date":{"@type":"Timestamp","utc":"1953-10-15T23:10:00Z"},
        "place":{"full":"123 Main Street\nAny Town, CA 91921-1234\nU.S.A."}},
        "ANNIVERSARY-2":{"kind":"death","date":{"year":1996,"month":4,"day":15},
        "place":{"full":"5 Court Street\nNew England, ND 58647\nU.S.A."}},
        "ANNIVERSARY-3":{"kind":"wedding","date":{"year":1986,"month":2,"day":1}}})"},
    {"10", "FN:John Q. Public\\, Esq.\n", R"("name":{"full":"John Q. Public, Esq."})"},
    {"11", "GRAMGENDER:NEUTER\nPRONOUNS;PREF=2:they/them\nPRONOUNS;PREF=1:xe/xir\n",
     R"("speakToAs":{"grammaticalGender":"neuter","pronouns":{"PRONOUNS-1":{"pronouns":"they/them","pref":2},
        "PRONOUNS-2":{"pronouns":"xe/xir","pref":1}}})"},
    {"12", "N;SORT-AS=\"Stevenson,John Philip\":Stevenson;John;Philip,Paul;Dr.;Jr.,M.D.,A.C.P.;;Jr.\n",
     R"("name":{"components":[{"kind":"surname","value":"Stevenson"},{"kind":"given","value":"John"},
        {"kind":"given2","value":"Philip"},{"kind":"given2","value":"Paul"},{"kind":"title","value":"Dr."},
        {"kind":"credential","value":"M.D."},{"kind":"credential","value":"A.C.P."},
        {"kind":"generation","value":"Jr."}],"sortAs":{"surname":"Stevenson","given":"John Philip"}})"},
    {"13", "NICKNAME:Johnny\n", R"("nicknames":{"NICK-1":{"name":"Johnny"}})"},
    {"14", "PHOTO:https://www.example.com/pub/photos/jqpublic.gif\n",
     R"("media":{"PHOTO-1":{"kind":"photo","uri":"https://www.example.com/pub/photos/jqpublic.gif"}})"},
    {"15", "ADR;TYPE=work;CC=US:;;54321 Oak St;Reston;VA;20190;USA;;;;54321;Oak St;;;;;;\n",
     R"("addresses":{"ADDR-1":{"contexts":{"work":true},"components":[{"kind":"number","value":"54321"},
        {"kind":"name","value":"Oak St"},{"kind":"locality","value":"Reston"},{"kind":"region","value":"VA"},
        {"kind":"postcode","value":"20190"},{"kind":"country","value":"USA"}],"countryCode":"US"}})"},
    {"16", "EMAIL;TYPE=work:jqpublic@xyz.example.com\nEMAIL;PREF=1:jane_doe@example.com\n",
     R"("emails":{"EMAIL-1":{"contexts":{"work":true},"address":"jqpublic@xyz.example.com"},
        "EMAIL-2":{"address":"jane_doe@example.com","pref":1}})"},
    {"17", "IMPP;PREF=1:xmpp:alice@example.com\n",
     R"("onlineServices":{"OS-1":{"uri":"xmpp:alice@example.com","pref":1,"vCardName":"impp"}})"},
    {"18", "LANG;TYPE=work;PREF=1:en\nLANG;TYPE=work;PREF=2:fr\nLANG;TYPE=home:fr\n",
     R"("preferredLanguages":{"LANG-1":{"language":"en","contexts":{"work":true},"pref":1},
        "LANG-2":{"language":"fr","contexts":{"work":true},"pref":2},
        "LANG-3":{"language":"fr","contexts":{"private":true}}})"},
    {"19", "LANGUAGE:de-AT\n", R"("language":"de-AT")"},
    {"20", "SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://example.com/@foo\n",
     R"("onlineServices":{"OS-1":{"service":"Mastodon","uri":"https://example.com/@foo"}})"},
    {"21",
     "TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5555\n"
     "TEL;VALUE=uri;TYPE=home:tel:+33-01-23-45-67\n",
     R"("phones":{"PHONE-1":{"contexts":{"private":true},"features":{"voice":true},
        "number":"tel:+1-555-555-5555;ext=5555","pref":1},
        "PHONE-2":{"contexts":{"private":true},"number":"tel:+33-01-23-45-67"}})"},
    {"22", "CONTACT-URI;PREF=1:mailto:contact@example.com\n",
     R"("links":{"CONTACT-1":{"kind":"contact","uri":"mailto:contact@example.com","pref":1}})"},
    {"23", "LOGO:https://www.example.com/pub/logos/abccorp.jpg\n",
     R"("media":{"LOGO-1":{"kind":"logo","uri":"https://www.example.com/pub/logos/abccorp.jpg"}})"},
    {"24",
     "KIND:group\nFN:The Doe family\nMEMBER:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af\n"
     "MEMBER:urn:uuid:b8767877-b4a1-4c70-9acc-505d3819e519\nUID:urn:uuid:ab4310aa-fa43-11e9-8f0b-362b9e155667\n",
     R"("kind":"group","name":{"full":"The Doe family"},"uid":"urn:uuid:ab4310aa-fa43-11e9-8f0b-362b9e155667",
        "members":{"urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af":true,
        "urn:uuid:b8767877-b4a1-4c70-9acc-505d3819e519":true})"},
    {"25", "ORG;SORT-AS=\"ABC\":ABC\\, Inc.;North American Division;Marketing\n",
     R"("organizations":{"ORG-1":{"name":"ABC, Inc.","units":[{"name":"North American Division"},
        {"name":"Marketing"}],"sortAs":"ABC"}})"},
    {"26",
     "RELATED;TYPE=friend:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\n"
     "RELATED;TYPE=contact:https://example.com/directory/john.vcf\n"
     "RELATED;VALUE=text:Please contact my deputy John for any inquiries.\n",
     R"("relatedTo":{"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6":{"relation":{"friend":true}},
        "https://example.com/directory/john.vcf":{"relation":{"contact":true}},
        "Please contact my deputy John for any inquiries.":{"relation":{}}})"},
    {"27", "TITLE:Research Scientist\ngroup1.ROLE:Project Leader\ngroup1.ORG:ABC\\, Inc.\n",
     R"("titles":{"TITLE-1":{"kind":"title","name":"Research Scientist"},
        "TITLE-2":{"kind":"role","name":"Project Leader","organizationId":"ORG-1"}},
        "organizations":{"ORG-1":{"name":"ABC, Inc."}})"},
    {"28", "EXPERTISE;LEVEL=beginner;INDEX=2:Chinese literature\nEXPERTISE;INDEX=1;LEVEL=expert:chemistry\n",
     R"("personalInfo":{"PERSINFO-1":{"kind":"expertise","value":"Chinese literature","level":"low","listAs":2},
        "PERSINFO-2":{"kind":"expertise","value":"chemistry","level":"high","listAs":1}})"},
    {"29", "HOBBY;INDEX=1;LEVEL=high:reading\nHOBBY;INDEX=2;LEVEL=high:sewing\n",
     R"("personalInfo":{"PERSINFO-1":{"kind":"hobby","value":"reading","level":"high","listAs":1},
        "PERSINFO-2":{"kind":"hobby","value":"sewing","level":"high","listAs":2}})"},
    {"30", "INTEREST;INDEX=1;LEVEL=medium:r&b music\nINTEREST;INDEX=2;LEVEL=high:rock&roll music\n",
     R"("personalInfo":{"PERSINFO-1":{"kind":"interest","value":"r&b music","level":"medium","listAs":1},
        "PERSINFO-2":{"kind":"interest","value":"rock&roll music","level":"high","listAs":2}})"},
    {"31",
     "ORG-DIRECTORY;INDEX=1:https://directory.mycompany.example.com\n"
     "ORG-DIRECTORY;PREF=1:ldap://ldap.tech.example/o=Tech,ou=Engineering\n",
     R"("directories":{"DIRECTORY-1":{"kind":"directory","uri":"https://directory.mycompany.example.com","listAs":1},
        "DIRECTORY-2":{"kind":"directory","uri":"ldap://ldap.tech.example/o=Tech,ou=Engineering","pref":1}})"},
    {"32", "CATEGORIES:internet,IETF,Industry,Information Technology\n",
     R"("keywords":{"internet":true,"IETF":true,"Industry":true,"Information Technology":true})"},
    {"33", "CREATED:19940930T143510Z\n", R"("created":"1994-09-30T14:35:10Z")"},
    {"34", "NOTE;CREATED=20221123T150132Z;AUTHOR-NAME=\"John\":Office hours are from 0800 to 1715 EST\\, Mon-Fri.\n",
     R"("notes":{"NOTE-1":{"note":"Office hours are from 0800 to 1715 EST, Mon-Fri.",
        "created":"2022-11-23T15:01:32Z","author":{"name":"John"}}})"},
    {"35", "PRODID:ACME Contacts App version 1.23.5\n", R"("prodId":"ACME Contacts App version 1.23.5")"},
    {"36", "REV:19951031T222710Z\n", R"("updated":"1995-10-31T22:27:10Z")"},
    {"37", "SOUND:CID:JOHNQPUBLIC.19960229T080000.xyzMail@example.com\n",
     R"("media":{"SOUND-1":{"kind":"sound","uri":"CID:JOHNQPUBLIC.19960229T080000.xyzMail@example.com"}})"},
    {"38", "UID:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\n",
     R"("uid":"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")"},
    {"39", "URL:https://example.org/restaurant.french/~chezchic.html\n",
     R"("links":{"LINK-1":{"uri":"https://example.org/restaurant.french/~chezchic.html"}})"},
    {"40", "item1.TEL;VALUE=uri:tel:+1-555-555-5555\nitem1.X-ABLabel:foo\n",
     R"("phones":{"p1":{"number":"tel:+1-555-555-5555","label":"foo"}})"},
    {"41", "KEY:https://www.example.com/keys/jdoe.cer\n",
     R"("cryptoKeys":{"KEY-1":{"uri":"https://www.example.com/keys/jdoe.cer"}})"},
    {"42", "CALADRURI;PREF=1:mailto:janedoe@example.com\nCALADRURI:https://example.com/calendar/jdoe\n",
     R"("schedulingAddresses":{"SCHEDULING-1":{"uri":"mailto:janedoe@example.com","pref":1},
        "SCHEDULING-2":{"uri":"https://example.com/calendar/jdoe"}})"},
    {"43",
     "CALURI;PREF=1:https://cal.example.com/calA\nCALURI;MEDIATYPE=text/calendar:https://ftp.example.com/calA.ics\n",
     R"("calendars":{"CAL-1":{"kind":"calendar","uri":"https://cal.example.com/calA","pref":1},
        "CAL-2":{"kind":"calendar","uri":"https://ftp.example.com/calA.ics","mediaType":"text/calendar"}})"},
    {"44",
     "FBURL;PREF=1:https://www.example.com/busy/janedoe\n"
     "FBURL;MEDIATYPE=text/calendar:https://example.com/busy/project-a.ifb\n",
     R"("calendars":{"FBURL-1":{"kind":"freeBusy","uri":"https://www.example.com/busy/janedoe","pref":1},
        "FBURL-2":{"kind":"freeBusy","uri":"https://example.com/busy/project-a.ifb","mediaType":"text/calendar"}})"},
    {"45", "item1.X-FOO;X-BAR=Hello:World!\n",
     R"("vCardProps":[["x-foo",{"x-bar":"Hello","group":"item1"},"unknown","World!"]])"},
    {"46", "EMAIL;X-FOO=Bar:jane_doe@example.com\n",
     R"("emails":{"email1":{"address":"jane_doe@example.com","vCardParams":{"x-foo":"Bar"}}})"},
    {"47", "IMPP:xmpp:alice@example.com\n",
     R"("onlineServices":{"os1":{"uri":"xmpp:alice@example.com","vCardName":"impp"}})"},
    {"48", "JSPROP;JSPTR=\"someUnknownProperty\":true\n", R"("someUnknownProperty":true)"},
    {"49", "JSPROP;JSPTR=\"example.com:foo\":{\"bar\":1234}\n", R"("example.com:foo":{"bar":1234})"},
    {"50", "TEL;PROP-ID=phone1:tel:+33-01-23-45-67\nJSPROP;JSPTR=\"phones/phone1/example.com:foo~1bar\":\"tux hux\"\n",
     R"("phones":{"phone1":{"number":"tel:+33-01-23-45-67","example.com:foo/bar":"tux hux"}})"},
    {"51", "N;JSCOMPS=\";1;0\":Doe;Jane;;;;;;\nFN;DERIVED=TRUE:Jane Doe\n",
     R"("name":{"components":[{"kind":"given","value":"Jane"},{"kind":"surname","value":"Doe"}],"isOrdered":true})"},
    {"52",
     "N;JSCOMPS=\";1;2;2,1;0;6;4,1\":Stevenson;John;Philip,Paul;;Jr.,M.D.;;Jr.\n"
     "FN;DERIVED=TRUE:John Philip Paul Stevenson Jr. M.D.\n",
     R"("name":{"components":[{"kind":"given","value":"John"},{"kind":"given2","value":"Philip"},
        {"kind":"given2","value":"Paul"},{"kind":"surname","value":"Stevenson"},{"kind":"generation","value":"Jr."},
        {"kind":"credential","value":"M.D."}],"isOrdered":true})"},
    // With number and name at the positions that RFC 9554 2.1 gives them, which the figure has the other way round.
    {"53", "ADR;JSCOMPS=\"s,\\, ;10;s, ;11;3\":;;54321 Oak St;Reston;;;;;;;54321;Oak St;;;;;;\n",
     R"("addresses":{"a1":{"components":[{"kind":"number","value":"54321"},{"kind":"separator","value":" "},
        {"kind":"name","value":"Oak St"},{"kind":"locality","value":"Reston"}],"defaultSeparator":", ",
        "isOrdered":true}})"},
};

std::string card_with(std::string_view lines) {
  std::string text = "BEGIN:VCARD\r\nVERSION:4.0\r\n";
  const auto has = [&](std::string_view name) {
    return lines.starts_with(name) || lines.find("\n" + std::string(name)) != std::string_view::npos;
  };
  if (!has("UID")) text += "UID:urn:uuid:1\r\n";
  if (!has("FN")) text += "FN:x\r\n";
  for (const char c : lines) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return text + "END:VCARD\r\n";
}

Card parsed(const std::string& text) {
  auto card = Card::parse(text);
  if (!std::holds_alternative<Card>(card)) FAIL(std::get<Refusal>(card).reason + "\n" + text);
  return std::get<Card>(std::move(card));
}

std::string given(const std::string& text) {
  const Card card = parsed(text);
  return to_jscontact(card.component(), card.version());
}

Json jscontact_of(std::string_view lines) { return content::parse_json(given(card_with(lines))); }

/// Takes out what the figures leave out because it is a default, or about names that needn't be kept.
void take_out_extras(Json& json) {
  if (Json* parameters = content::find_member(json, "vCardParams")) {
    content::remove_member(*parameters, "altid");
    content::remove_member(*parameters, "language");
    if (parameters->keys.empty()) content::remove_member(json, "vCardParams");
  }
  for (Json& item : json.items) take_out_extras(item);
}

/// The objects of maps in order, whatever their ids are.
void number_ids(Json& card) {
  static const std::set<std::string> maps{"phones", "emails", "onlineServices", "titles", "addresses"};
  for (std::size_t i = 0; i < card.keys.size(); ++i) {
    if (!maps.contains(card.keys[i])) continue;
    auto& map = card.items[i];
    for (std::size_t n = 0; n < map.keys.size(); ++n) map.keys[n] = std::to_string(n);
    for (Json& object : map.items) {
      if (card.keys[i] == "titles" && content::string_member(object, "kind") == "title") {
        content::remove_member(object, "kind");
      }
    }
  }
}

std::string text_of(const Json& json) {
  std::string text;
  content::append_json(text, json);
  return text;
}

Json with_head(const std::string& members) {
  const auto has = [&](const std::string& name) { return members.find('"' + name + "\":") != std::string::npos; };
  std::string text = R"({"@type":"Card","version":"1.0",)";
  if (!has("uid")) text += R"("uid":"urn:uuid:1",)";
  return content::parse_json(text + members + '}');
}

std::multiset<std::string> meaning(const std::string& card) {
  const auto read = parsed(card);
  auto lines = read_lines(read.component(), read.version());
  for (Line& line : lines) line.remove("PROP-ID");
  std::multiset<std::string> all;
  for (const auto& meanings : jscontact::meaning_of(lines, {})) all.insert(meanings.begin(), meanings.end());
  return all;
}

}  // namespace

TEST_CASE("the examples of RFC 9555 convert to JSContact") {
  for (const Figure& figure : figures) {
    CAPTURE(figure.name);
    Json actual = jscontact_of(figure.lines);
    CHECK(jscontact::find_fault(actual).empty());
    Json expected = content::parse_json(std::string("{") + figure.members + "}");
    CAPTURE(text_of(actual));
    take_out_extras(actual);
    number_ids(actual);
    number_ids(expected);
    for (std::size_t i = 0; i < expected.keys.size(); ++i) {
      const Json* member = content::find_member(actual, expected.keys[i]);
      CAPTURE(expected.keys[i]);
      REQUIRE(member != nullptr);
      // FN is there for vCard's sake.
      Json copy = *member;
      const bool full = content::find_member(expected.items[i], "full") != nullptr;
      if (expected.keys[i] == "name" && !full) content::remove_member(copy, "full");
      CHECK(text_of(copy).size() == text_of(expected.items[i]).size());
      CHECK(content::same_json(copy, expected.items[i]));
    }
  }
}

TEST_CASE("the examples of RFC 9555 convert to vCard, and come back") {
  for (const Figure& figure : figures) {
    CAPTURE(figure.name);
    Json card = with_head(figure.members);
    const std::string vcard = from_jscontact(text_of(card));
    jscontact::settle_defaults(card);
    CAPTURE(vcard);
    CHECK(content::same_json(content::parse_json(given(vcard)), card));
    const bool patched = std::string_view(figure.lines).find("JSPROP") != std::string_view::npos;
    CHECK((vcard.find("JSPROP") != std::string::npos) == patched);
  }
}

TEST_CASE("the lines of the examples of RFC 9555 come back from JSContact") {
  for (const Figure& figure : figures) {
    CAPTURE(figure.name);
    const std::string before = card_with(figure.lines);
    const std::string json = given(before);
    const std::string after = from_jscontact(json);
    CAPTURE(json, after);
    CHECK(meaning(after) == meaning(before));
    CHECK(content::same_json(content::parse_json(given(after)), content::parse_json(json)));
  }
}

TEST_CASE("more alternatives of a language than can be patches come back") {
  std::string lines = "FN:x\n";
  for (int i = 0; i < 1200; ++i) {
    const std::string title = "TITLE;ALTID=" + std::to_string(i);
    lines.append(title).append(":Boss\n").append(title).append(";LANGUAGE=fr:Patron\n");
  }
  const std::string before = card_with(lines);
  const std::string json = given(before);
  std::string after;
  REQUIRE_NOTHROW(after = from_jscontact(json));
  CHECK(meaning(after) == meaning(before));
  const Json card = content::parse_json(json);
  CHECK(content::find_member(*content::find_member(card, "localizations"), "fr")->keys.size() == 1000);
}

TEST_CASE("a group that is made for a label is none that another object has") {
  for (const char* members :
       {R"("name":{"components":[{"kind":"given","value":"A"}],"vCardParams":{"group":"ITEM1"}})",
        R"("speakToAs":{"pronouns":{"a":{"pronouns":"they","vCardParams":{"group":"item1"}}}})"}) {
    CAPTURE(members);
    const std::string card =
        from_jscontact(text_of(with_head(std::string(members) + R"(,"phones":{"p":{"number":"1","label":"home"}})")));
    CAPTURE(card);
    CHECK(card.find("item2.X-ABLabel:home") != std::string::npos);
    CHECK(card.find("item2.TEL") != std::string::npos);
  }
}

namespace {

/// Makes Cards by the table of types.
class Maker {
 public:
  explicit Maker(unsigned seed) : engine_(seed) {}

  Json card() {
    Json card = object_of("Card", 3);
    content::set_member(card, "@type", content::json_string("Card"));
    content::set_member(card, "version", content::json_string("1.0"));
    if (content::find_member(card, "members")) content::set_member(card, "kind", content::json_string("group"));
    if (chance(3)) add_localization(card);
    return card;
  }

 private:
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  template <std::size_t size>
  std::string_view one_of(const std::string_view (&list)[size]) {
    return list[below(size)];
  }

  std::string text() {
    constexpr std::string_view pieces[] = {"Ada",   "Löw", ",", ";", "\n",   "\\", " ",
                                           "\"q\"", "^",   "%", "😀", "\r\n", "~1", "/"};
    std::string text;
    for (std::size_t i = below(4) + 1; i > 0; --i) text += one_of(pieces);
    return text;
  }

  std::string id() { return std::string("k") + std::to_string(below(5)); }

  std::string kind(std::string_view type) {
    constexpr std::string_view names[] = {"surname",    "given",    "given2",    "title",
                                          "credential", "surname2", "generation"};
    constexpr std::string_view places[] = {"number", "name", "locality", "room", "apartment", "country", "direction"};
    constexpr std::string_view others[] = {"title", "role",      "photo",     "logo",     "calendar",     "freeBusy",
                                           "entry", "directory", "hobby",     "interest", "contact",      "birth",
                                           "death", "wedding",   "expertise", "sound",    "example.com:x"};
    if (type == "NameComponent") return std::string(one_of(names));
    if (type == "AddressComponent") return std::string(one_of(places));
    return std::string(one_of(others));
  }

  Json value(const jscontact::MemberRow& row, std::string_view owner, int depth) {
    using enum jscontact::Type;
    constexpr std::string_view uris[] = {"tel:+1-2;ext=3", "https://x.example/a,b", "urn:uuid:1", "mailto:a@b.example"};
    constexpr std::string_view tags[] = {"de", "zh-Hant", "EN"};
    constexpr std::string_view times[] = {"2020-02-29T01:02:03Z", "1994-09-30T14:35:10.25Z"};
    constexpr std::string_view levels[] = {"high", "low", "medium", "other"};
    if (row.name == "uid") return content::json_string(chance(2) ? "urn:uuid:9" : "a;b c");
    if (row.name == "kind") return content::json_string(kind(owner));
    if (row.name == "level") return content::json_string(one_of(levels));
    if (row.name == "vCardName") return content::json_string(chance(2) ? "impp" : "x-y");
    if (row.name == "number" && chance(2)) return content::json_string(one_of(uris));
    switch (row.type) {
      case uri:
        return content::json_string(one_of(uris));
      case geo:
        return content::json_string("geo:1.5,-2");
      case language:
        return content::json_string(one_of(tags));
      case country:
        return content::json_string(chance(2) ? "US" : "de");
      case date_time:
        return content::json_string(one_of(times));
      case id:
        return content::json_string(this->id());
      case boolean:
        return chance(2) ? content::json_true() : content::parse_json("false");
      case number:
      case preference:
      case position:
        return content::json_number(below(12) + 1);
      default:
        return collection(row, depth);
    }
  }

  Json collection(const jscontact::MemberRow& row, int depth) {
    using enum jscontact::Type;
    constexpr std::string_view keys[] = {"private", "work", "mobile", "friend", "other", "a,b", "urn:uuid:2", "x y"};
    Json made = row.type == array ? content::json_array() : content::json_object();
    const std::size_t count = below(3) + (row.type == array ? 1 : 0);
    switch (row.type) {
      case set:
        for (std::size_t i = 0; i < count; ++i) content::set_member(made, one_of(keys), content::json_true());
        return made;
      case array:
        for (std::size_t i = 0; i < count; ++i) made.items.push_back(object_of(row.of, depth - 1));
        return made;
      case map:
        for (std::size_t i = 0; i < count; ++i) content::set_member(made, this->id(), object_of(row.of, depth - 1));
        return made;
      case text_map:
        for (std::size_t i = 0; i < count; ++i) content::set_member(made, one_of(keys), object_of(row.of, depth - 1));
        return made;
      case jscontact::Type::object:
        return object_of(row.of, depth - 1);
      case date:
        return content::parse_json(chance(2) ? R"({"year":2000,"month":2,"day":29})"
                                             : R"({"@type":"Timestamp","utc":"2020-02-29T01:02:03Z"})");
      case parameters:
        return content::parse_json(chance(2) ? R"({"x-a":"b^c","type":["own"]})" : R"({"group":"item1","altid":"1"})");
      case properties:
        return content::parse_json(R"([["x-b",{"group":"g"},"unknown","c\\,d"],["fn",{"language":"de"},"text","e;"]])");
      default:
        return content::json_string(text());
    }
  }

  Json object_of(std::string_view type, int depth) {
    Json made = content::json_object();
    jscontact::for_each_member(type, [&](const jscontact::MemberRow& row) {
      const bool left_out =
          row.type == jscontact::Type::patches || row.name == "sortAs" || row.name == "defaultSeparator";
      const bool wanted = row.need == jscontact::Need::mandatory || (depth > 0 && chance(4));
      if (wanted && !left_out) content::set_member(made, row.name, value(row, type, depth));
    });
    for (const auto& row : jscontact::choice_rows()) {
      const bool needed = row.object == type && type != "Author" && type != "PartialDate";
      if (needed) content::set_member(made, row.members[type == "Name" ? 1 : 0], content::json_string(text()));
      if (needed && type == "OnlineService") content::set_member(made, "uri", content::json_string("xmpp:a"));
      if (needed && type == "Address") {
        content::remove_member(made, "components");
        content::set_member(made, "full", content::json_string(text()));
        if (chance(2))
          content::set_member(made, "components", collection({"", "", jscontact::Type::array, "AddressComponent"}, 1));
      }
      if (needed && type == "SpeakToAs") content::set_member(made, "grammaticalGender", content::json_string("neuter"));
    }
    if (chance(12))
      content::set_member(made, "example.com:a/b", content::parse_json(R"({"c":[null,{"d":1.5}],"~":null})"));
    if (chance(12)) content::set_member(made, "someThing", content::json_string(text()));
    return made;
  }

  void add_localization(Json& card) {
    Json patches = content::json_object();
    for (const std::string_view map : {"titles", "notes", "nicknames"}) {
      const Json* all = content::find_member(card, map);
      if (all == nullptr || all->keys.empty()) continue;
      const std::string member = map == "notes" ? "note" : "name";
      const std::string path = std::string(map) + '/' + all->keys[0] + '/';
      content::add_member(patches, path + member, content::json_string(text()));
      if (chance(3)) content::add_member(patches, path + "example.org:x", Json());
    }
    if (content::find_member(card, "name")) content::add_member(patches, "name/full", content::json_string(text()));
    Json all = content::json_object();
    content::add_member(all, chance(2) ? "fr" : "zh-Hant", std::move(patches));
    content::set_member(card, "localizations", std::move(all));
  }

  std::mt19937 engine_;
};

}  // namespace

TEST_CASE("random Cards come back from vCard as they were") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Maker maker(seed);
  int valid = 0;
  for (int i = 0; i < 1500; ++i) {
    Json card = maker.card();
    const std::string fault = jscontact::find_fault(card);
    const std::string text = text_of(card);
    CAPTURE(text, fault);
    if (!fault.empty()) {
      CHECK_THROWS_AS(from_jscontact(text), NotJSContact);
      continue;
    }
    ++valid;
    std::string vcard;
    REQUIRE_NOTHROW(vcard = from_jscontact(text));
    CAPTURE(vcard);
    const std::string back = given(vcard);
    CAPTURE(back);
    jscontact::settle_defaults(card);
    REQUIRE(content::same_json(content::parse_json(back), card));
  }
  CHECK(valid > 500);
}

TEST_CASE("what is no JSContact Card is refused where it isn't") {
  const std::pair<const char*, const char*> refused[] = {
      {R"([])", "/: "},
      {R"({"version":"1.0","uid":"a"})", "/@type: "},
      {R"({"@type":"Group","version":"1.0","uid":"a"})", "/@type: "},
      {R"({"@type":"Card","uid":"a"})", "/version: "},
      {R"({"@type":"Card","version":"1.1","uid":"a"})", "/version: "},
      {R"({"@type":"Card","version":1.0,"uid":"a"})", "/version: "},
      {R"({"@type":"Card","version":"1.0"})", "/uid: "},
      {R"({"@type":"Card","version":"1.0","uid":""})", "/uid: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","Uid":"b"})", "/Uid: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","extra":1})", "/extra: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","a b":1})", "/a b: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","members":{"b":true}})", "/members: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","kind":"group","members":{"b":false}})", "/members/b: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{}})", "/name: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{"components":[]}})", "/name/components: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{"full":"x","defaultSeparator":" "}})",
       "/name/defaultSeparator: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{"full":"x","sortAs":{"given":"y"}}})",
       "/name/sortAs/given: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","emails":{"a b":{"address":"x"}}})", "/emails/a b: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","emails":{"a":{"@type":"Phone","address":"x"}}})",
       "/emails/a/@type: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","emails":{"a":{"address":"x","pref":101}}})", "/emails/a/pref: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","emails":{"a":{}}})", "/emails/a/address: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","links":{"a":{"uri":"x y"}}})", "/links/a/uri: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","media":{"a":{"uri":"cid:x"}}})", "/media/a/kind: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","updated":"2020-01-01T00:00:00.0Z"})", "/updated: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","anniversaries":{"a":{"kind":"birth","date":{"month":2}}}})",
       "/anniversaries/a/date/month: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","anniversaries":)"
       R"({"a":{"kind":"birth","date":{"year":2021,"month":2,"day":29}}}})",
       "/anniversaries/a/date: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","localizations":{"x y":{}}})", "/localizations/x y: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","localizations":{"de":{"name/full":"x"}}})", "/localizations/de: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","localizations":{"de":{"localizations":{}}}})",
       "/localizations/de/localizations: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{"full":"x"},"localizations":)"
       R"({"de":{"name":{"full":"y"},"name/full":"z"}}})",
       "/localizations/de: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","name":{"full":"x"},"localizations":{"de":{"name/full":1}}})",
       "/localizations/de: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","vCardProps":[["end",{},"text","VCARD"]]})", "/vCardProps: "},
      {R"({"@type":"Card","version":"1.0","uid":"a","vCardParams":{"a:b":"c"}})", "/vCardParams/a:b: "},
  };
  for (const auto& [text, place] : refused) {
    CAPTURE(text, place);
    try {
      from_jscontact(text);
      FAIL("taken");
    } catch (const NotJSContact& fault) {
      CHECK(std::string_view(fault.what()).starts_with(place));
    }
  }
  CHECK_THROWS_AS(from_jscontact(R"({"@type":"Card","version":"1.1","uid":"a"})"), OtherJSContact);
  CHECK_THROWS_AS(from_jscontact(std::string(100, '[') + std::string(100, ']')), content::MalformedJson);
}
