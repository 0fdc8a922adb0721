#include "dav/contacts/convert.h"

#include <catch2/catch.hpp>

using namespace dav::contacts;

namespace {

const std::string end = "END:VCARD\r\n";

std::string card(const std::string& lines, Version version) {
  return std::string("BEGIN:VCARD\r\nVERSION:") + (version == Version::v4 ? "4.0" : "3.0") + "\r\n" + lines + "\r\n" +
         end;
}

/// What lines become in the other version; without the frame and without folds.
std::string other(const std::string& lines, Version from) {
  const auto parsed = Card::parse(card("UID:1\r\nFN:A\r\nN:A;;;;\r\n" + lines, from));
  REQUIRE(std::holds_alternative<Card>(parsed));
  std::string text = converted(std::get<Card>(parsed), from == Version::v4 ? Version::v3 : Version::v4);
  for (auto fold = text.find("\r\n "); fold != std::string::npos; fold = text.find("\r\n ")) text.erase(fold, 3);
  const auto begin = text.find("N:A;;;;\r\n");
  REQUIRE(begin != std::string::npos);
  REQUIRE(text.ends_with(end));
  text = text.substr(begin + 9, text.size() - begin - 9 - end.size());
  return text.ends_with("\r\n") ? text.substr(0, text.size() - 2) : text;
}

struct Case {
  std::string v3;
  std::string v4;
};

/// Both directions.
void check_pairs(const std::vector<Case>& cases) {
  for (const auto& [v3, v4] : cases) {
    CAPTURE(v3, v4);
    CHECK(other(v3, Version::v3) == v4);
    CHECK(other(v4, Version::v4) == v3);
  }
}

}  // namespace

TEST_CASE("what 3.0 and 4.0 have in common stays") {
  check_pairs({
      {"NOTE:a\\, b\\; c\\nd\\\\e", "NOTE:a\\, b\\; c\\nd\\\\e"},
      {"NICKNAME:a,b", "NICKNAME:a,b"},
      {"ORG:Firm;Part", "ORG:Firm;Part"},
      {"TITLE;LANGUAGE=de:Chefin", "TITLE;LANGUAGE=de:Chefin"},
      {"item1.URL;TYPE=work:http://x.example", "item1.URL;TYPE=work:http://x.example"},
      {"item1.X-ABLabel:mine", "item1.X-ABLabel:mine"},
      {"X-FOO;X-BAR=1:x;y", "X-FOO;X-BAR=1:x;y"},
      {"CALURI:http://x.example", "CALURI:http://x.example"},
  });
}

// RFC 6868: `^` in 4.0 begins an escape, in 3.0 it is itself.
TEST_CASE("parameters are escaped as each version has it") {
  check_pairs({
      {"NOTE;X-A=1^n2:x", "NOTE;X-A=1^^n2:x"},
      {"NOTE;X-A=\"a;b,c\":x", "NOTE;X-A=\"a;b,c\":x"},
      {"NOTE;X-VCARD4-X-A=say %22hi%22%0A%25:x", "NOTE;X-A=say ^'hi^'^n%:x"},
      {"NOTE;X-VCARD4-ALTID=1:x", "NOTE;ALTID=1:x"},
  });
  CHECK(other("TEL;HOME;VOICE:1", Version::v3) == "TEL;TYPE=HOME,VOICE:1");
  CHECK(other("TEL;TYPE=\"home,work\":1", Version::v4) == "TEL;TYPE=home,work:1");
}

// RFC 6350 5.3
TEST_CASE("PREF and TYPE=pref") {
  check_pairs({
      {"TEL;TYPE=home,pref:1\r\nTEL:2", "TEL;TYPE=home;PREF=1:1\r\nTEL:2"},
      {"URL;TYPE=pref:1\r\nURL;X-VCARD4-PREF=2:2", "URL;PREF=1:1\r\nURL;PREF=2:2"},
  });
  CHECK(other("EMAIL;PREF=50:a\r\nEMAIL;PREF=70:b", Version::v4) ==
        "EMAIL;X-VCARD4-PREF=50;TYPE=pref:a\r\nEMAIL;X-VCARD4-PREF=70:b");
  CHECK(other("EMAIL;X-VCARD4-PREF=50;TYPE=pref:a", Version::v3) == "EMAIL;PREF=50:a");
  CHECK(other("EMAIL;PREF=x:a", Version::v4) == "EMAIL;X-VCARD4-PREF=x:a");
}

// RFC 2426 3.1.4, 3.5.3, 3.6.6, 3.7.2; RFC 6350 6.2.4, 6.6.3, 6.7.5, 6.8.1
TEST_CASE("images, sounds and keys") {
  check_pairs({
      {"PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", "PHOTO:data:image/jpeg;base64,/9j/4AAQ"},
      {"PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0&0;ENCODING=b;TYPE=PNG:iVBO",
       "PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0&0:data:image/png;base64,iVBO"},
      {"LOGO;VALUE=uri;TYPE=GIF:http://x.example/a.gif", "LOGO;MEDIATYPE=image/gif:http://x.example/a.gif"},
      {"SOUND;ENCODING=b;TYPE=BASIC:AAAA", "SOUND:data:audio/basic;base64,AAAA"},
      {"KEY;ENCODING=b;TYPE=PGP:AAAA", "KEY:data:application/pgp-keys;base64,AAAA"},
      {"KEY;ENCODING=b;TYPE=X509:AAAA", "KEY:data:application/pkix-cert;base64,AAAA"},
      {"PHOTO;ENCODING=b:AAAA", "PHOTO:data:application/octet-stream;base64,AAAA"},
      {"PHOTO;ENCODING=b;X-VCARD4-MEDIATYPE=\"application/x;q=%221%22\":AAAA",
       "PHOTO:data:application/x;q=\"1\";base64,AAAA"},
  });
  CHECK(other("PHOTO;TYPE=jpeg;ENCODING=B;VALUE=binary:/9 j/", Version::v3) == "PHOTO:data:image/jpeg;base64,/9j/");
  CHECK(other("PHOTO;BASE64;JPEG:/9j/", Version::v3) == "PHOTO:data:image/jpeg;base64,/9j/");
  CHECK(other("PHOTO;TYPE=home,pref,jpeg;ENCODING=b:/9j/", Version::v3) ==
        "PHOTO;TYPE=home;PREF=1:data:image/jpeg;base64,/9j/");
  CHECK(other("PHOTO;TYPE=image/webp;ENCODING=b:AAAA", Version::v3) == "PHOTO:data:image/webp;base64,AAAA");
  CHECK(other("PHOTO:http://x.example/a", Version::v3) == "PHOTO:http://x.example/a");
  CHECK(other("KEY;TYPE=PGP:text\\nmore", Version::v3) == "KEY;VALUE=text;MEDIATYPE=application/pgp-keys:text\\nmore");
  CHECK(other("KEY;VALUE=text;MEDIATYPE=application/pgp-keys:text", Version::v4) == "KEY;TYPE=PGP:text");
  CHECK(other("PHOTO:data:,a%20b", Version::v4) == "PHOTO;ENCODING=b;X-VCARD4-MEDIATYPE=text/plain:YSBi");
  CHECK(other("PHOTO:DATA:image/png;BASE64,AA%3D%3D", Version::v4) == "PHOTO;ENCODING=b;TYPE=PNG:AA==");
  CHECK(other("PHOTO;ENCODING=b;TYPE=JPEG:/9j/", Version::v4) == "PHOTO;ENCODING=b;TYPE=JPEG:/9j/");
}

// RFC 2426 3.3.1, RFC 6350 6.4.1; RFC 2426 3.3.2
TEST_CASE("telephones and addresses of mail") {
  check_pairs({
      {"TEL;TYPE=cell:+1 555", "TEL;TYPE=cell:+1 555"},
      {"TEL;TYPE=voice,home;X-VCARD4-VALUE=uri:+1-555\\;ext=5", "TEL;TYPE=voice,home;VALUE=uri:tel:+1-555;ext=5"},
      {"TEL;VALUE=uri:sip:a@b", "TEL;VALUE=uri:sip:a@b"},
  });
  CHECK(other("TEL;X-VCARD4-VALUE=uri:+1 555", Version::v3) == "TEL:+1 555");
  CHECK(other("TEL;VALUE=phone-number:1", Version::v3) == "TEL:1");
  CHECK(other("EMAIL;TYPE=INTERNET,HOME:a@b", Version::v3) == "EMAIL;TYPE=HOME:a@b");
}

// RFC 2426 3.2, RFC 6350 6.3.1, RFC 9554 2.1
TEST_CASE("postal addresses and their labels") {
  check_pairs({
      {"ADR;TYPE=home:;;1 St;T;;;\r\nLABEL;TYPE=home:1 St\\nT", "ADR;TYPE=home;LABEL=1 St^nT:;;1 St;T;;;"},
      {"item1.ADR:;;1;T;;;\r\nitem1.LABEL:1\\, T\\; \"x\"", "item1.ADR;LABEL=\"1, T; ^'x^'\":;;1;T;;;"},
      {"ADR;X-VCARD4-COMPONENTS=\";;;1;Main %22St%22;;;;;;\":;;s;t;r;c;n", "ADR:;;s;t;r;c;n;;;;1;Main \"St\";;;;;;"},
      {"ADR;X-VCARD4-GEO=\"geo:1,2\":;;;;;;", "ADR;GEO=\"geo:1,2\":;;;;;;"},
  });
  CHECK(other("LABEL;TYPE=work:x\r\nADR;TYPE=home:;;1;;;;\r\nADR;TYPE=work:;;2;;;;", Version::v3) ==
        "ADR;TYPE=home:;;1;;;;\r\nADR;TYPE=work;LABEL=x:;;2;;;;");
  CHECK(other("LABEL;TYPE=work:x", Version::v3) == "X-VCARD3-LABEL;TYPE=work:x");
  CHECK(other("ADR;LABEL=\"a\\nb\":;;;;;;", Version::v4) == "ADR:;;;;;;\r\nLABEL:a\\nb");
}

// RFC 2426 3.1.5, RFC 6350 6.2.5, 6.2.6, 4.3
TEST_CASE("birthdays and other days") {
  check_pairs({
      {"BDAY:1996-04-15", "BDAY:19960415"},
      {"BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15", "BDAY:--0415"},
      {"BDAY:1953-10-15T23:10:00Z", "BDAY:19531015T231000Z"},
      {"BDAY:1953-10-15T23:10:00+01:00", "BDAY:19531015T231000+0100"},
      {"X-VCARD4-BDAY:1996-04", "BDAY:1996-04"},
      {"X-VCARD4-BDAY;VALUE=text:circa 1800", "BDAY;VALUE=text:circa 1800"},
      {"BDAY;X-VCARD4-CALSCALE=gregorian:1996-04-15", "BDAY;CALSCALE=gregorian:19960415"},
      {"BDAY:soon", "X-VCARD3-BDAY:soon"},
  });
}

TEST_CASE("anniversaries") {
  check_pairs({
      {"item1.X-ABDATE:2000-01-02\r\nitem1.X-ABLabel;X-VCARD3-ONLY=group:_$!<Anniversary>!$_", "ANNIVERSARY:20000102"},
      {"item7.X-ABDATE;TYPE=pref:2000-01-02\r\nitem7.X-ABLabel:_$!<Anniversary>!$_",
       "item7.ANNIVERSARY;PREF=1:20000102\r\nitem7.X-ABLabel:_$!<Anniversary>!$_"},
      {"item1.X-ABDATE:2000-01-02\r\nitem1.X-ABLabel:first met",
       "item1.X-ABDATE:2000-01-02\r\nitem1.X-ABLabel:first met"},
      {"X-ANNIVERSARY:2000-01-02", "ANNIVERSARY;X-VCARD3-NAME=X-ANNIVERSARY:20000102"},
      {"X-EVOLUTION-ANNIVERSARY:2000-01-02", "ANNIVERSARY;X-VCARD3-NAME=X-EVOLUTION-ANNIVERSARY:20000102"},
      {"X-VCARD4-ANNIVERSARY:2000", "ANNIVERSARY:2000"},
      {"X-ANNIVERSARY:long ago", "X-ANNIVERSARY:long ago"},
  });
}

// RFC 6350 6.4.3, and the names that programs had before.
TEST_CASE("messengers and profiles") {
  check_pairs({
      {"IMPP;X-SERVICE-TYPE=Jabber;TYPE=HOME,pref:xmpp:a@b", "IMPP;SERVICE-TYPE=Jabber;TYPE=HOME;PREF=1:xmpp:a@b"},
      {"X-AIM;TYPE=HOME:ada l", "IMPP;TYPE=HOME;X-VCARD3-NAME=X-AIM:aim:ada%20l"},
      {"X-SKYPE-USERNAME:ada", "IMPP;X-VCARD3-NAME=X-SKYPE-USERNAME:skype:ada"},
      {"X-JABBER:xmpp:ada", "X-JABBER:xmpp:ada"},
      {"X-SOCIALPROFILE;X-USER=ada;TYPE=twitter:http://t.example/ada",
       "SOCIALPROFILE;USERNAME=ada;SERVICE-TYPE=twitter:http://t.example/ada"},
      {"X-SOCIALPROFILE;TYPE=SomeSite,home:peter94",
       "SOCIALPROFILE;TYPE=home;VALUE=text;SERVICE-TYPE=SomeSite:peter94"},
      {"X-SOCIALPROFILE;X-VCARD4-SERVICE-TYPE=A B:http://t.example/",
       "SOCIALPROFILE;SERVICE-TYPE=A B:http://t.example/"},
  });
  CHECK(other("IMPP:aim:ada\r\nX-AIM:ada", Version::v3) == "IMPP:aim:ada\r\nX-AIM:ada");
  CHECK(other("IMPP;X-VCARD3-NAME=X-AIM:aim:%00", Version::v4) == "IMPP:aim:%00");
  CHECK(other("IMPP;X-VCARD3-NAME=X-NO:aim:a", Version::v4) == "IMPP:aim:a");
}

// RFC 6350 6.6.6
TEST_CASE("related people") {
  check_pairs({
      {"item1.X-ABRELATEDNAMES:Jane\r\nitem1.X-ABLabel:_$!<Spouse>!$_",
       "item1.RELATED;TYPE=spouse;VALUE=text:Jane\r\nitem1.X-ABLabel:_$!<Spouse>!$_"},
      {"item1.X-ABRELATEDNAMES:Jane\r\nitem1.X-ABLabel;X-VCARD3-ONLY=group:_$!<Friend>!$_",
       "RELATED;TYPE=friend;VALUE=text:Jane"},
      {"item1.X-ABRELATEDNAMES:Jane\r\nitem1.X-ABLabel:My cousin",
       "item1.RELATED;VALUE=text:Jane\r\nitem1.X-ABLabel:My cousin"},
      {"X-ABRELATEDNAMES:Jane", "RELATED;VALUE=text:Jane"},
      {"X-SPOUSE:Jane", "RELATED;TYPE=spouse;VALUE=text;X-VCARD3-NAME=X-SPOUSE:Jane"},
      {"X-EVOLUTION-MANAGER:Max", "RELATED;TYPE=co-worker;VALUE=text;X-VCARD3-NAME=X-EVOLUTION-MANAGER:Max"},
      {"X-VCARD4-RELATED;TYPE=friend:urn:uuid:1", "RELATED;TYPE=friend:urn:uuid:1"},
      {"AGENT;VALUE=uri:http://x.example/a.vcf", "RELATED;TYPE=agent;X-VCARD3-NAME=AGENT:http://x.example/a.vcf"},
      {"AGENT:BEGIN:VCARD\\nEND:VCARD", "X-VCARD3-AGENT:BEGIN:VCARD\\nEND:VCARD"},
  });
  // Who keeps the mark, but writes another label, means the label.
  CHECK(other("item1.X-ABRELATEDNAMES:J\r\nitem1.X-ABLabel;X-VCARD3-ONLY=group:Boss", Version::v3) ==
        "RELATED;VALUE=text:J\r\nitem1.X-ABLabel:Boss");
}

// RFC 2426 3.4, RFC 6350 6.5
TEST_CASE("time zones and places") {
  check_pairs({
      {"TZ:-05:00", "TZ;VALUE=utc-offset:-0500"},
      {"TZ;VALUE=text:Raleigh/North America", "TZ:Raleigh/North America"},
      {"TZ;VALUE=uri:http://x.example", "TZ;VALUE=uri:http://x.example"},
      {"GEO:37.386013;-122.082932", "GEO:geo:37.386013,-122.082932"},
      {"X-VCARD4-GEO:geo:1,2;u=10", "GEO:geo:1,2;u=10"},
      {"GEO:north", "X-VCARD3-GEO:north"},
  });
  CHECK(other("GEO:1.0; 2.0", Version::v3) == "GEO:geo:1.0,2.0");
}

// RFC 6350 6.1.4, 6.6.5
TEST_CASE("groups and firms") {
  check_pairs({
      {"X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1", "KIND:group\r\nMEMBER:urn:uuid:1"},
      {"X-ABShowAs:COMPANY", "KIND:org"},
      {"X-VCARD4-KIND:location", "KIND:location"},
  });
}

// RFC 6350 A.2; RFC 6350 6.2.7, 6.4.4, 6.7.7; RFC 6474, 6715, 8605, 9554, 9555
TEST_CASE("what only one version has is carried through the other") {
  check_pairs({
      {"CLASS:PRIVATE", "X-VCARD3-CLASS:PRIVATE"},
      {"MAILER:PigeonMail", "X-VCARD3-MAILER:PigeonMail"},
      {"NAME:x", "X-VCARD3-NAME:x"},
      {"PROFILE:VCARD", "X-VCARD3-PROFILE:VCARD"},
      {"SOURCE;CONTEXT=word:http://x.example", "SOURCE;X-VCARD3-CONTEXT=word:http://x.example"},
      {"X-DATA;ENCODING=b:AAAA", "X-DATA;X-VCARD3-ENCODING=b:AAAA"},
      {"X-GENDER:F;she", "GENDER:F;she"},
      {"X-GENDER:Female", "X-GENDER:Female"},
      {"X-VCARD4-LANG;TYPE=pref:de", "LANG;PREF=1:de"},
      {"X-VCARD4-CLIENTPIDMAP:1;urn:uuid:3", "CLIENTPIDMAP:1;urn:uuid:3"},
      {"TEL;X-VCARD4-PID=1.1,2.1:1", "TEL;PID=1.1,2.1:1"},
      {"X-VCARD4-BIRTHPLACE:Babies'R'Us Hospital", "BIRTHPLACE:Babies'R'Us Hospital"},
      {"X-VCARD4-EXPERTISE;X-VCARD4-LEVEL=expert;X-VCARD4-INDEX=2:chess", "EXPERTISE;LEVEL=expert;INDEX=2:chess"},
      {"X-VCARD4-CONTACT-URI:mailto:a@b", "CONTACT-URI:mailto:a@b"},
      {"ADR;X-VCARD4-CC=US:;;;;;;", "ADR;CC=US:;;;;;;"},
      {"X-VCARD4-PRONOUNS;LANGUAGE=en:she", "PRONOUNS;LANGUAGE=en:she"},
      {"TEL;X-VCARD4-PROP-ID=p1:1", "TEL;PROP-ID=p1:1"},
      {"NOTE;X-VCARD4-AUTHOR=\"mailto:a@b\";X-VCARD4-CREATED=20200101T000000Z:x",
       "NOTE;AUTHOR=\"mailto:a@b\";CREATED=20200101T000000Z:x"},
      {"X-VCARD4-JSPROP;X-VCARD4-JSPTR=a/b:{\\n}", "JSPROP;JSPTR=a/b:{\\n}"},
      {"X-VCARD4-XML:<a/>", "XML:<a/>"},
      {"REV:1995-10-31T22:27:10Z", "REV:19951031T222710Z"},
      {"REV:1997-11-15", "X-VCARD3-REV:1997-11-15"},
      {"X-VCARD4-N;X-VCARD4-ALTID=1:\xE5\xAD\xAB;;;;", "N;ALTID=1:\xE5\xAD\xAB;;;;"},
  });
  CHECK(other("X-VCARD4-UID:2\r\nX-VCARD4-END:VCARD", Version::v3) == "X-VCARD4-UID:2\r\nX-VCARD4-END:VCARD");
}

TEST_CASE("names: sort strings, more components, and one that 3.0 must have") {
  const auto whole = [](const std::string& lines, Version from) {
    const auto parsed = Card::parse(card("UID:urn:uuid:1\r\n" + lines, from));
    const std::string text = converted(std::get<Card>(parsed), from == Version::v4 ? Version::v3 : Version::v4);
    const std::size_t head = std::string("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:urn:uuid:1\r\n").size();
    return text.substr(head, text.size() - head - end.size() - 2);
  };
  const std::vector<Case> cases = {
      {"FN:R\r\nN:van der Harten;Rene;J.;Sir;R.D.O.N.\r\nSORT-STRING:Harten\\,Rene",
       "FN:R\r\nN;SORT-AS=\"Harten,Rene\":van der Harten;Rene;J.;Sir;R.D.O.N."},
      {"FN:J\r\nN;X-VCARD4-COMPONENTS=\";Jr.\":S;J;P;Dr.;Jr.,M.D.", "FN:J\r\nN:S;J;P;Dr.;Jr.,M.D.;;Jr."},
      {"FN:J\\, S\r\nN;X-VCARD3-ONLY=name:J\\, S;;;;", "FN:J\\, S"},
      {"FN:F\r\nN;X-VCARD3-ONLY=name:;;;;\r\nX-ABShowAs:COMPANY", "FN:F\r\nKIND:org"},
      {"FN:F\r\nX-VCARD4-LANG:de\r\nN:F;;;;", "FN:F\r\nLANG:de\r\nN:F;;;;"},
  };
  for (const auto& [v3, v4] : cases) {
    CAPTURE(v3, v4);
    CHECK(whole(v3, Version::v3) == v4);
    CHECK(whole(v4, Version::v4) == v3);
  }
  // Who has written another name into it means it.
  CHECK(whole("FN:J\r\nN;X-VCARD3-ONLY=name:S;J;;;", Version::v3) == "FN:J\r\nN:S;J;;;");
  CHECK(whole("FN:J\r\nN:J;;;;\r\nUID-X:1", Version::v3) == "FN:J\r\nN:J;;;;\r\nUID-X:1");
}

// RFC 6350 6.7.6
TEST_CASE("a UID that is no URI is text in 4.0, and stays the same") {
  const auto parsed = Card::parse(card("UID:a-1\r\nFN:A\r\nN:A;;;;", Version::v3));
  const std::string v4 = converted(std::get<Card>(parsed), Version::v4);
  CHECK(v4 == card("UID;VALUE=text:a-1\r\nFN:A\r\nN:A;;;;", Version::v4));
  const auto again = Card::parse(v4);
  CHECK(std::get<Card>(again).uid() == "a-1");
  CHECK(converted(std::get<Card>(again), Version::v3) == card("UID:a-1\r\nFN:A\r\nN:A;;;;", Version::v3));
  CHECK(converted(std::get<Card>(again), Version::v4) == v4);
}
