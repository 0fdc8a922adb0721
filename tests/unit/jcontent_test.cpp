#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "dav/calendar/jcal.h"
#include "dav/contacts/jcard.h"
#include "dav/content/text.h"

using dav::content::Dialect;
using dav::content::Document;
using dav::content::MalformedJson;

namespace {

std::string crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

/// JSON without the white space between its values.
std::string compact(const std::string& json) {
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') quoted = !quoted;
    if (quoted && json[i] == '\\') result += json[i++];
    if (quoted || (json[i] != ' ' && json[i] != '\n')) result += json[i];
  }
  return result;
}

std::string jcal_of(const std::string& text) {
  const auto document = Document::parse(text, Dialect::icalendar);
  return dav::calendar::to_jcal(document.components().front());
}

std::string jcard_of(const std::string& text) {
  const auto document = Document::parse(text, Dialect::vcard);
  return dav::contacts::to_jcard(document.components().front());
}

/// A line in a component as jCal, and back.
std::string property_of(const std::string& line) {
  const std::string json = jcal_of("BEGIN:V\r\n" + line + "\r\nEND:V\r\n");
  REQUIRE(json.starts_with("[\"v\",["));
  REQUIRE(json.ends_with("],[]]"));
  return json.substr(6, json.size() - 11);
}

std::string line_of(const std::string& property) {
  const std::string text = dav::calendar::from_jcal("[\"v\",[" + property + "],[]]");
  const auto document = Document::parse(text, Dialect::icalendar);
  const auto& line = document.components().front().properties.at(0);
  return {line.name.data(), line.value.data() + line.value.size()};
}

std::string card_property_of(const std::string& line) {
  const std::string json = jcard_of("BEGIN:VCARD\r\n" + line + "\r\nEND:VCARD\r\n");
  return json.substr(10, json.size() - 12);
}

std::string card_line_of(const std::string& property) {
  const std::string text = dav::contacts::from_jcard("[\"vcard\",[" + property + "]]");
  const auto document = Document::parse(text, Dialect::vcard);
  const auto& line = document.components().front().properties.at(0);
  const char* first = line.group.empty() ? line.name.data() : line.group.data();
  return {first, line.value.data() + line.value.size()};
}

std::string reason_of(const std::string& json) {
  try {
    dav::calendar::from_jcal(json);
  } catch (const MalformedJson& malformed) {
    return malformed.what();
  }
  return {};
}

struct Pair {
  const char* line;
  const char* json;
};

}  // namespace

// RFC 7265 3.4 to 3.6, 5.3, RFC 7529 9
TEST_CASE("properties are jCal as the RFC shows, and come back") {
  const Pair pairs[] = {
      {"SUMMARY:Meeting with Fred", R"(["summary",{},"text","Meeting with Fred"])"},
      {"CATEGORIES:Meetings,Work", R"(["categories",{},"text","Meetings","Work"])"},
      {"CATEGORIES:a\\,b,c\\;d", R"(["categories",{},"text","a,b","c;d"])"},
      {"GEO:37.386013;-122.082932", R"(["geo",{},"float",[37.386013,-122.082932]])"},
      {"REQUEST-STATUS:2.0;Success", R"(["request-status",{},"text",["2.0","Success"]])"},
      {"REQUEST-STATUS:3.7;Invalid calendar user;ATTENDEE:mailto:jsmith@example.com",
       R"(["request-status",{},"text",["3.7","Invalid calendar user","ATTENDEE:mailto:jsmith@example.com"]])"},
      {"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE;ROLE=REQ-PARTICIPANT:mailto:jsmith@example.org",
       R"(["attendee",{"partstat":"ACCEPTED","rsvp":"TRUE","role":"REQ-PARTICIPANT"},"cal-address",)"
       R"("mailto:jsmith@example.org"])"},
      {R"(ATTENDEE;DELEGATED-TO="mailto:jdoe@example.org","mailto:jqpublic@example.org":mailto:jsmith@example.org)",
       R"(["attendee",{"delegated-to":["mailto:jdoe@example.org","mailto:jqpublic@example.org"]},"cal-address",)"
       R"("mailto:jsmith@example.org"])"},
      {R"(ATTENDEE;CN="Smith, ^'J^' ^^^n":mailto:j@example.org)",
       R"(["attendee",{"cn":"Smith, \"J\" ^\n"},"cal-address","mailto:j@example.org"])"},
      {"ATTACH;ENCODING=BASE64;VALUE=BINARY:SGVsbG8gV29ybGQh", R"(["attach",{},"binary","SGVsbG8gV29ybGQh"])"},
      {"X-NON-SMOKING;VALUE=BOOLEAN:TRUE", R"(["x-non-smoking",{},"boolean",true])"},
      {"DTSTART;VALUE=DATE:20110517", R"(["dtstart",{},"date","2011-05-17"])"},
      {"DTSTART:20110517T120000", R"(["dtstart",{},"date-time","2011-05-17T12:00:00"])"},
      {"DTSTAMP:20121017T120000Z", R"(["dtstamp",{},"date-time","2012-10-17T12:00:00Z"])"},
      {"DTEND;TZID=Europe/Berlin:20111017T130000",
       R"(["dtend",{"tzid":"Europe/Berlin"},"date-time","2011-10-17T13:00:00"])"},
      {"DURATION:P1D", R"(["duration",{},"duration","P1D"])"},
      {"X-GRADE;VALUE=FLOAT:1.3", R"(["x-grade",{},"float",1.3])"},
      {"PERCENT-COMPLETE:42", R"(["percent-complete",{},"integer",42])"},
      {"FREEBUSY;FBTYPE=FREE:19970308T160000Z/P1D",
       R"(["freebusy",{"fbtype":"FREE"},"period",["1997-03-08T16:00:00Z","P1D"]])"},
      {"FREEBUSY:19970308T160000Z/PT3H,19970308T200000Z/19970308T210000Z",
       R"(["freebusy",{},"period",["1997-03-08T16:00:00Z","PT3H"],["1997-03-08T20:00:00Z","1997-03-08T21:00:00Z"]])"},
      {"RRULE:FREQ=YEARLY;COUNT=5;BYDAY=-1SU,2MO;BYMONTH=10",
       R"(["rrule",{},"recur",{"freq":"YEARLY","count":5,"byday":["-1SU","2MO"],"bymonth":10}])"},
      {"RRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15,-1;UNTIL=20131001",
       R"(["rrule",{},"recur",{"freq":"MONTHLY","interval":2,"bymonthday":[1,15,-1],"until":"2013-10-01"}])"},
      {"RRULE:RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",
       R"(["rrule",{},"recur",{"rscale":"HEBREW","freq":"YEARLY","bymonth":"5L","bymonthday":8,"skip":"FORWARD"}])"},
      {"COMMENT:hello\\, world", R"(["comment",{},"text","hello, world"])"},
      {"X-TIME-LOCAL;VALUE=TIME:123000", R"(["x-time-local",{},"time","12:30:00"])"},
      {"X-TIME-UTC;VALUE=TIME:123000Z", R"(["x-time-utc",{},"time","12:30:00Z"])"},
      {"TZURL:http://example.org/tz/Europe-Berlin.ics",
       R"(["tzurl",{},"uri","http://example.org/tz/Europe-Berlin.ics"])"},
      {"TZOFFSETFROM:-0500", R"(["tzoffsetfrom",{},"utc-offset","-05:00"])"},
      {"TZOFFSETTO:+124530", R"(["tzoffsetto",{},"utc-offset","+12:45:30"])"},
      {"X-COMPLAINT-DEADLINE:20110512T120000Z", R"(["x-complaint-deadline",{},"unknown","20110512T120000Z"])"},
      {"X-COFFEE-DATA:Stenophylla;Guinea\\,Africa", R"(["x-coffee-data",{},"unknown","Stenophylla;Guinea\\,Africa"])"},
      {"DTSTART;X-SLACK=30.3;VALUE=DATE:20110512", R"(["dtstart",{"x-slack":"30.3"},"date","2011-05-12"])"},
      {"EXDATE;TZID=X:20110512T120000,20110513T120000",
       R"(["exdate",{"tzid":"X"},"date-time","2011-05-12T12:00:00","2011-05-13T12:00:00"])"},
      {"TRIGGER;VALUE=DATE-TIME:20110512T120000Z", R"(["trigger",{},"date-time","2011-05-12T12:00:00Z"])"},
      {"IMAGE;VALUE=URI;DISPLAY=BADGE,THUMBNAIL:http://example.com/a,b;c",
       R"(["image",{"display":["BADGE","THUMBNAIL"]},"uri","http://example.com/a,b;c"])"},
      // Texts that may be lists, and what isn't of the type that it claims: as it is.
      {"X-A;VALUE=TEXT:a,b", R"(["x-a",{},"text","a","b"])"},
      {"X-A;VALUE=INTEGER:many", R"(["x-a",{},"integer","many"])"},
      {"X-A;VALUE=X-OWN:a\\,b", R"(["x-a",{},"x-own","a\\,b"])"},
      {"PRIORITY:12345678901234567890", R"(["priority",{},"integer","12345678901234567890"])"},
      {"RRULE:sometimes", R"(["rrule",{},"recur","sometimes"])"},
  };
  for (const auto& [line, json] : pairs) {
    CAPTURE(line);
    CHECK(property_of(line) == json);
    const std::string back = line_of(json);
    // VALUE comes last there.
    CHECK(property_of(back) == json);
    if (std::string(line).find("VALUE=") == std::string::npos) CHECK(back == line);
  }
}

TEST_CASE("what jCal says in other ways is read") {
  const Pair pairs[] = {
      {"PERCENT-COMPLETE:95", R"(["PERCENT-COMPLETE", {}, "integer", 9.5e1])"},
      {"X-GRADE;VALUE=FLOAT:200000.0", R"(["x-grade",{},"float",2e5])"},
      {"ATTENDEE;DELEGATED-TO=\"mailto:a@b.c\":mailto:x@y.z",
       R"(["attendee",{"delegated-to":["mailto:a@b.c"]},"cal-address","mailto:x@y.z"])"},
      {"RRULE:FREQ=DAILY;COUNT=5", R"(["rrule",{},"recur",{"count":[5],"freq":"DAILY"}])"},
      // The last example of RFC 7265 has a period as one text.
      {"RDATE;TZID=US/Eastern;VALUE=PERIOD:20060102T150000/PT2H",
       R"(["rdate",{"tzid":"US/Eastern"},"period","2006-01-02T15:00:00/PT2H"])"},
      {"DTSTART;VALUE=DATE:20110517", R"(["dtstart",{},"date","20110517"])"},
      {"SUMMARY:one\\ntwo\\n", R"(["summary",{},"text","one\ntwo\r\n"])"},
      {"SUMMARY:\xE2\x82\xAC\xF0\x9F\x98\x80", R"(["summary",{"value":"date"},"text","\u20ac\ud83d\ude00"])"},
  };
  for (const auto& [line, json] : pairs) CHECK(line_of(json) == line);
  CHECK(property_of("DTSTART:20081006") == R"(["dtstart",{},"date","2008-10-06"])");
  CHECK(property_of("PRIORITY:+007") == R"(["priority",{},"integer",7])");
  CHECK(property_of("DESCRIPTION;ENCODING=BASE64:R3LDvMOfZQ==") == "[\"description\",{},\"text\",\"Grüße\"]");
}

TEST_CASE("jCal that makes no content lines is refused, with its place") {
  CHECK(reason_of("") == "this is not JSON, at octet 0");
  CHECK(reason_of("[\"v\",[],[]") == "this is not JSON, at octet 10");
  CHECK(reason_of("{}") == "a component is its name, its properties and its components, at octet 1");
  for (const char* property : {R"(["summary",{},"text"])",
                               R"([1,{},"text","x"])",
                               R"(["summary",[],"text","x"])",
                               R"(["a b",{},"text","x"])",
                               R"(["begin",{},"text","VEVENT"])",
                               R"(["END",{},"text","VEVENT"])",
                               R"(["url",{},"uri","a\nBEGIN:VEVENT"])",
                               R"(["x-a",{},"unknown","a\r\nb"])",
                               R"(["summary",{},"text","\u0007"])",
                               R"(["summary",{},"text",null])",
                               R"(["summary",{"a:b":"c"},"text","x"])",
                               R"(["summary",{"a":{}},"text","x"])",
                               R"(["x-a",{},"a\nb","x"])",
                               R"(["rrule",{},"recur",{"freq":"DAILY;COUNT=1"}])",
                               R"(["rrule",{},"recur",{"f\n":"DAILY"}])",
                               R"(["rrule",{},"recur",1])",
                               R"(["freebusy",{},"period",["19970101T000000Z"]])",
                               R"(["categories",{},"text",[["a",["b"]]]])",
                               R"(["summary",{},"text","x","\ud800"])",
                               R"(["summary",{"a":"1","a":"2"},"text","x"])",
                               R"(["x-a",{},"float",1e300])",
                               R"(["summary",{},"text",{}])"}) {
    CAPTURE(property);
    CHECK(reason_of("[\"v\",[" + std::string(property) + "],[]]") != "");
  }
  std::string deep = "[\"v\",[],[]]";
  for (int i = 0; i < 15; ++i) deep = "[\"v\",[],[" + deep + "]]";
  CHECK(reason_of(deep) == "");
  CHECK(reason_of("[\"v\",[],[" + deep + "]]").starts_with("components nested too deeply"));
  CHECK(reason_of(std::string(100'000, '[')).starts_with("nested too deeply"));
  std::string many = "[\"v\",[";
  for (int i = 0; i < 500'000; ++i) many += "0,";
  CHECK(reason_of(many + "0],[]]").starts_with("too many values"));
}

// RFC 7265 B.1, B.2; there with some slips: other values than the text has.
TEST_CASE("objects are jCal as the RFC shows") {
  CHECK(jcal_of(crlf(R"(BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Example Inc.//Example Calendar//EN
VERSION:2.0
BEGIN:VEVENT
DTSTAMP:20080205T191224Z
DTSTART:20081006
SUMMARY:Planning meeting
UID:4088E990AD89CB3DBB484909
END:VEVENT
END:VCALENDAR
)")) == compact(R"(["vcalendar",
     [
       ["calscale", {}, "text", "GREGORIAN"],
       ["prodid", {}, "text", "-//Example Inc.//Example Calendar//EN"],
       ["version", {}, "text", "2.0"]
     ],
     [
       ["vevent",
         [
           ["dtstamp", {}, "date-time", "2008-02-05T19:12:24Z"],
           ["dtstart", {}, "date", "2008-10-06"],
           ["summary", {}, "text", "Planning meeting"],
           ["uid", {}, "text", "4088E990AD89CB3DBB484909"]
         ],
         []
       ]
     ]
   ])"));
  CHECK(jcal_of(crlf(R"(BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example Corp.//Example Client//EN
BEGIN:VTIMEZONE
LAST-MODIFIED:20040110T032845Z
TZID:US/Eastern
BEGIN:DAYLIGHT
DTSTART:20000404T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=US/Eastern:20060102T120000
DURATION:PT1H
RRULE:FREQ=DAILY;COUNT=5
RDATE;TZID=US/Eastern;VALUE=PERIOD:20060102T150000/PT2H
DESCRIPTION:We are having a meeting all this week at 12 pm fo
 r one hour\, with an additional meeting on the first day 2 h
 ours long.\nPlease bring your own lunch for the 12 pm meetin
 gs.
UID:00959BC664CA650E933C892C@example.com
END:VEVENT
END:VCALENDAR
)")) == compact(
            R"(["vcalendar",
     [["version", {}, "text", "2.0"], ["prodid", {}, "text", "-//Example Corp.//Example Client//EN"]],
     [
       ["vtimezone",
         [
           ["last-modified", {}, "date-time", "2004-01-10T03:28:45Z"],
           ["tzid", {}, "text", "US/Eastern"]
         ],
         [
           ["daylight",
             [
               ["dtstart", {}, "date-time", "2000-04-04T02:00:00"],
               ["rrule", {}, "recur", {"freq": "YEARLY", "byday": "1SU", "bymonth": 4}],
               ["tzname", {}, "text", "EDT"],
               ["tzoffsetfrom", {}, "utc-offset", "-05:00"],
               ["tzoffsetto", {}, "utc-offset", "-04:00"]
             ],
             []
           ]
         ]
       ],
       ["vevent",
         [
           ["dtstart", {"tzid": "US/Eastern"}, "date-time", "2006-01-02T12:00:00"],
           ["duration", {}, "duration", "PT1H"],
           ["rrule", {}, "recur", {"freq": "DAILY", "count": 5}],
           ["rdate", {"tzid": "US/Eastern"}, "period", ["2006-01-02T15:00:00", "PT2H"]],
           ["description", {}, "text", "We are having a meeting all this week at 12 pm for one hour, with an )"
            R"(additional meeting on the first day 2 hours long.\nPlease bring your own lunch for the 12 pm meetings."],
           ["uid", {}, "text", "00959BC664CA650E933C892C@example.com"]
         ],
         []
       ]
     ]
   ])"));
}

TEST_CASE("jCal and back is the same calendar") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/data/rfc4791")) {
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string json = jcal_of(text);
    const std::string back = dav::calendar::from_jcal(json);
    CHECK(jcal_of(back) == json);
    ++count;
  }
  CHECK(count == 8);
}

// RFC 7095 3.3 to 3.5
TEST_CASE("properties are jCard as the RFC shows, and come back") {
  const Pair pairs[] = {
      {"CONTACT.FN:Mr. John Q. Public\\, Esq.", R"(["fn",{"group":"CONTACT"},"text","Mr. John Q. Public, Esq."])"},
      {"ADR:;;123 Main Street;Any Town;CA;91921-1234;U.S.A.",
       R"(["adr",{},"text",["","","123 Main Street","Any Town","CA","91921-1234","U.S.A."]])"},
      {"ADR:;;My Street,Left Side,Second Shack;Hometown;PA;18252;U.S.A.",
       R"(["adr",{},"text",["","",["My Street","Left Side","Second Shack"],"Hometown","PA","18252","U.S.A."]])"},
      {"ADR;LABEL=123 Maple Ave^nSuite 901:;;;;;;",
       R"(["adr",{"label":"123 Maple Ave\nSuite 901"},"text",["","","","","","",""]])"},
      {"GENDER:F;grrrl", R"(["gender",{},"text",["F","grrrl"]])"},
      {"GENDER:M", R"(["gender",{},"text","M"])"},
      {"ROLE;LANGUAGE=tr:roca", R"(["role",{"language":"tr"},"text","roca"])"},
      {"N;SORT-AS=Harten,Rene:van der Harten;Rene;J.;Sir;R.D.O.N.",
       R"(["n",{"sort-as":["Harten","Rene"]},"text",["van der Harten","Rene","J.","Sir","R.D.O.N."]])"},
      {"N:a,b", R"(["n",{},"text",[["a","b"]]])"},
      {"ORG:ABC\\, Inc.;North American Division;Marketing",
       R"(["org",{},"text",["ABC, Inc.","North American Division","Marketing"]])"},
      {"CATEGORIES:computers,cameras", R"(["categories",{},"text","computers","cameras"])"},
      {"SOURCE:ldap://ldap.example.com/cn=babs%20jensen",
       R"(["source",{},"uri","ldap://ldap.example.com/cn=babs%20jensen"])"},
      {"BDAY:19850412", R"(["bday",{},"date-and-or-time","1985-04-12"])"},
      {"BDAY:1985-04", R"(["bday",{},"date-and-or-time","1985-04"])"},
      {"BDAY:1985", R"(["bday",{},"date-and-or-time","1985"])"},
      {"BDAY:--0412", R"(["bday",{},"date-and-or-time","--04-12"])"},
      {"BDAY:---12", R"(["bday",{},"date-and-or-time","---12"])"},
      {"BDAY:---22T1400", R"(["bday",{},"date-and-or-time","---22T14:00"])"},
      {"BDAY:T1230", R"(["bday",{},"date-and-or-time","T12:30"])"},
      {"X-T;VALUE=time:123000-0800", R"(["x-t",{},"time","12:30:00-08:00"])"},
      {"X-T;VALUE=time:23", R"(["x-t",{},"time","23"])"},
      {"X-T;VALUE=time:-2050", R"(["x-t",{},"time","-20:50"])"},
      {"X-T;VALUE=time:-30", R"(["x-t",{},"time","-30"])"},
      {"X-T;VALUE=time:--50", R"(["x-t",{},"time","--50"])"},
      {"ANNIVERSARY;VALUE=date-time:20130815T094500+0100",
       R"(["anniversary",{},"date-time","2013-08-15T09:45:00+01:00"])"},
      {"ANNIVERSARY;VALUE=date-time:19850412T232050+04", R"(["anniversary",{},"date-time","1985-04-12T23:20:50+04"])"},
      {"ANNIVERSARY;VALUE=date-time:---15T094500+0100", R"(["anniversary",{},"date-time","---15T09:45:00+01:00"])"},
      {"ANNIVERSARY;VALUE=date-time:--04T23", R"(["anniversary",{},"date-time","--04T23"])"},
      {"REV:20130214T123000-0500", R"(["rev",{},"timestamp","2013-02-14T12:30:00-05:00"])"},
      {"X-KARMA-POINTS;VALUE=integer:42", R"(["x-karma-points",{},"integer",42])"},
      {"TZ;VALUE=utc-offset:-0500", R"(["tz",{},"utc-offset","-05:00"])"},
      {"LANG:de", R"(["lang",{},"language-tag","de"])"},
      {"item1.X-ABLabel:_$!<HomePage>!$_", R"(["x-ablabel",{"group":"item1"},"unknown","_$!<HomePage>!$_"])"},
      {"PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AA=", R"(["photo",{"encoding":"b","type":"JPEG"},"binary","/9j/4AA="])"},
      {"TEL;TYPE=HOME,VOICE:+1", R"(["tel",{"type":["HOME","VOICE"]},"text","+1"])"},
  };
  for (const auto& [line, json] : pairs) {
    CAPTURE(line);
    CHECK(card_property_of(line) == json);
    const std::string back = card_line_of(json);
    CHECK(card_property_of(back) == json);
    if (std::string(line).find("VALUE=") == std::string::npos) {
      CHECK(dav::content::equal_ignoring_case(back, line));
    }
  }
  CHECK(card_property_of("TEL;TYPE=HOME;VOICE;TYPE=\"cell,pref\":+1") ==
        R"(["tel",{"type":["HOME","VOICE","cell","pref"]},"text","+1"])");
  CHECK_THROWS_AS(dav::contacts::from_jcard(R"(["vcard",[["item1.tel",{},"text","1"]]])"), MalformedJson);
  CHECK_THROWS_AS(dav::contacts::from_jcard(R"(["vcard",[["tel",{"group":"a.b"},"text","1"]]])"), MalformedJson);
  CHECK_THROWS_AS(dav::contacts::from_jcard(R"(["vcard",[["tel",{"group":["a"]},"text","1"]]])"), MalformedJson);
  CHECK_THROWS_AS(dav::contacts::from_jcard(R"(["vcard",[],[]])"), MalformedJson);
}

// RFC 7095 B.1
TEST_CASE("the card of an author is jCard as the RFC shows") {
  const std::string card = crlf(R"(BEGIN:VCARD
VERSION:4.0
FN:Simon Perreault
N:Perreault;Simon;;;ing. jr,M.Sc.
BDAY:--0203
ANNIVERSARY:20090808T1430-0500
GENDER:M
LANG;PREF=1:fr
LANG;PREF=2:en
ORG;TYPE=work:Viagenie
ADR;TYPE=work:;Suite D2-630;2875 Laurier;
 Quebec;QC;G1V 2M2;Canada
TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102
TEL;VALUE=uri;TYPE="work,cell,voice,video,text":tel:+1-418-262-6501
EMAIL;TYPE=work:simon.perreault@viagenie.ca
GEO;TYPE=work:geo:46.772673,-71.282945
KEY;TYPE=work;VALUE=uri:
 http://www.viagenie.ca/simon.perreault/simon.asc
TZ:-0500
URL;TYPE=home:http://nomis80.org
END:VCARD
)");
  // The time of the anniversary stands there with seconds that the text doesn't have.
  const std::string json = compact(R"(["vcard",
     [
       ["version", {}, "text", "4.0"],
       ["fn", {}, "text", "Simon Perreault"],
       ["n", {}, "text", ["Perreault", "Simon", "", "", ["ing. jr", "M.Sc."]]],
       ["bday", {}, "date-and-or-time", "--02-03"],
       ["anniversary", {}, "date-and-or-time", "2009-08-08T14:30-05:00"],
       ["gender", {}, "text", "M"],
       ["lang", { "pref": "1" }, "language-tag", "fr"],
       ["lang", { "pref": "2" }, "language-tag", "en"],
       ["org", { "type": "work" }, "text", "Viagenie"],
       ["adr", { "type": "work" }, "text", ["", "Suite D2-630", "2875 Laurier", "Quebec", "QC", "G1V 2M2", "Canada"]],
       ["tel", { "type": ["work", "voice"], "pref": "1" }, "uri", "tel:+1-418-656-9254;ext=102"],
       ["tel", { "type": ["work", "cell", "voice", "video", "text"] }, "uri", "tel:+1-418-262-6501"],
       ["email", { "type": "work" }, "text", "simon.perreault@viagenie.ca"],
       ["geo", { "type": "work" }, "uri", "geo:46.772673,-71.282945"],
       ["key", { "type": "work" }, "uri", "http://www.viagenie.ca/simon.perreault/simon.asc"],
       ["tz", {}, "utc-offset", "-05:00"],
       ["url", { "type": "home" }, "uri", "http://nomis80.org"]
     ]
   ])");
  CHECK(jcard_of(card) == json);
  CHECK(jcard_of(dav::contacts::from_jcard(json)) == json);
}
