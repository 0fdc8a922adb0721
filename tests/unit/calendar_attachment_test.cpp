#include <catch2/catch.hpp>

#include "dav/attachments.h"
#include "dav/calendar/attachment.h"

namespace calendar = dav::calendar;
using calendar::AttachmentFault;

namespace {

const calendar::TimeZones& zones() {
  static const calendar::TimeZones all;
  return all;
}

calendar::Object object(std::string text, std::string_view end = "\r\n") {
  std::string lines;
  for (const char c : text) c == '|' ? lines += end : lines += c;
  return std::get<calendar::Object>(calendar::Object::parse(lines, zones()));
}

/// The text of an edit with '|' for line ends; the name of the fault where there is none.
std::string flat(const calendar::Edited& edited) {
  if (const auto* fault = std::get_if<AttachmentFault>(&edited)) {
    return *fault == AttachmentFault::valid_rid ? "valid-rid" : "valid-managed-id";
  }
  std::string text;
  for (const char c : std::get<std::string>(edited)) {
    if (c == '\n') text += '|';
    if (c != '\n' && c != '\r') text += c;
  }
  return text;
}

using Rids = std::vector<std::string>;

std::string add(const calendar::Object& to, const calendar::AttachmentScope& rids) {
  const calendar::ZoneScope scope(zones(), to.calendar());
  return flat(calendar::add_attachment(to, scope, rids, {"m", "https://x/y", "text/plain", "a;b", "3"}));
}

std::string remove(const calendar::Object& from, const calendar::AttachmentScope& rids, std::string_view id) {
  const calendar::ZoneScope scope(zones(), from.calendar());
  return flat(calendar::remove_attachment(from, scope, rids, id));
}

const std::string head = "BEGIN:VCALENDAR|VERSION:2.0|PRODID:x|";
const std::string start = "BEGIN:VEVENT|UID:1|DTSTAMP:20260101T000000Z|";
const std::string daily = "DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:20260103|RRULE:FREQ=DAILY;COUNT=9|";
const std::string second =
    start + "RECURRENCE-ID;VALUE=DATE:20260102|DTSTART;VALUE=DATE:20260102|SUMMARY:own|END:VEVENT|";
const std::string line = "ATTACH;MANAGED-ID=m;FMTTYPE=text/plain;SIZE=3;FILENAME=\"a;b\":https://x/y|";
const std::string tail = "END:VCALENDAR|";

}  // namespace

TEST_CASE("an attachment is added where it is meant to be, and nothing else changes") {
  const auto series =
      object(head + start + daily + "BEGIN:VALARM|ACTION:AUDIO|TRIGGER:-PT1M|END:VALARM|END:VEVENT|" + second + tail);
  const std::string alarm = "BEGIN:VALARM|ACTION:AUDIO|TRIGGER:-PT1M|END:VALARM|END:VEVENT|";
  const std::string second_with = second.substr(0, second.find("END:")) + line + "END:VEVENT|";
  CHECK(add(series, std::nullopt) == head + start + daily + line + alarm + second_with + tail);
  CHECK(add(series, Rids{"M"}) == head + start + daily + line + alarm + second + tail);
  CHECK(add(series, Rids{"20260102"}) == head + start + daily + alarm + second_with + tail);
  const std::string third = start + "DTSTART;VALUE=DATE:20260103|RECURRENCE-ID;VALUE=DATE:20260103|" +
                            "DTEND;VALUE=DATE:20260105|" + line + alarm;
  CHECK(add(series, Rids{"20260103"}) == head + start + daily + alarm + second + third + tail);
  for (const char* none : {"20260110", "20251231", "20260103T000000", "X", ""}) {
    CHECK(add(series, Rids{none}) == "valid-rid");
  }
  CHECK(add(object(head + second + tail), Rids{"M"}) == "valid-rid");
}

TEST_CASE("lines are ended as those of the object are") {
  const auto single = object(head + start + "DTSTART:20260101T100000Z|END:VEVENT|" + tail, "\n");
  const calendar::ZoneScope scope(zones(), single.calendar());
  const auto edited = calendar::add_attachment(single, scope, std::nullopt, {"m", "https://x/y", "", "", ""});
  CHECK(std::get<std::string>(edited).find('\r') == std::string::npos);
}

TEST_CASE("an attachment is taken away, and leaves no trace") {
  const std::string other = "ATTACH;MANAGED-ID=other:https://x/z|";
  const auto series = object(head + start + daily + line + other + "END:VEVENT|" + second + tail);
  CHECK(remove(series, std::nullopt, "m") == head + start + daily + other + "END:VEVENT|" + second + tail);
  CHECK(remove(series, Rids{"20260102"}, "m") == "valid-managed-id");
  CHECK(remove(series, std::nullopt, "none") == "valid-managed-id");
  const std::string third = start + "DTSTART;VALUE=DATE:20260103|RECURRENCE-ID;VALUE=DATE:20260103|" +
                            "DTEND;VALUE=DATE:20260105|" + other + "END:VEVENT|";
  CHECK(remove(series, Rids{"20260103"}, "m") ==
        head + start + daily + line + other + "END:VEVENT|" + second + third + tail);
}

TEST_CASE("an update keeps the parameters that aren't the server's") {
  const auto single = object(
      head + start +
      "DTSTART:20260101T100000Z|ATTACH;X-A=1;managed-id=\"m\";SIZE=9;LABEL=\"x,y\":https://old|END:VEVENT|" + tail);
  CHECK(flat(calendar::update_attachment(single, "m", {"n", "https://new", "a/b", "f", "1"})) ==
        head + start +
            "DTSTART:20260101T100000Z|ATTACH;MANAGED-ID=n;FMTTYPE=a/b;SIZE=1;FILENAME=f;X-A=1;LABEL=\"x,y\":https:/| "
            "/new|"
            "END:VEVENT|" +
            tail);
  CHECK(flat(calendar::update_attachment(single, "n", {"n", "https://new", "a/b", "f", "1"})) == "valid-managed-id");
  CHECK(flat(calendar::with_size(single, "m", "10")) ==
        head + start +
            "DTSTART:20260101T100000Z|ATTACH;X-A=1;managed-id=\"m\";SIZE=10;LABEL=\"x,y\":https://old|END:VEVENT|" +
            tail);
  CHECK(flat(calendar::without_managed_ids(single, [](std::string_view id) { return id == "m"; })) ==
        head + start + "DTSTART:20260101T100000Z|ATTACH;X-A=1;SIZE=9;LABEL=\"x,y\":https://old|END:VEVENT|" + tail);
  CHECK(calendar::without_managed_ids(single, [](std::string_view) { return false; }) == single.bytes());
  const auto named = calendar::managed_attachments(single);
  REQUIRE(named.size() == 1);
  CHECK(named[0].managed_id == "m");
  CHECK(named[0].size == "9");
}

TEST_CASE("a file's name is only ever a name") {
  CHECK(dav::file_name_of("attachment; filename=agenda.html") == "agenda.html");
  CHECK(dav::file_name_of("attachment;filename=\"a b;c.txt\"") == "a b;c.txt");
  CHECK(dav::file_name_of("attachment; filename=\"x\"; filename*=UTF-8'en'%e2%82%ac%20rates") == "\xE2\x82\xAC rates");
  CHECK(dav::file_name_of("attachment; filename=\"x\"; filename*=iso-8859-1''%a3") == "x");
  CHECK(dav::file_name_of("attachment; filename=\"x\"; filename*=UTF-8''%ff") == "x");
  CHECK(dav::file_name_of("attachment; filename=\"../../etc/passwd\"") == "passwd");
  CHECK(dav::file_name_of("attachment; filename*=UTF-8''..%2f..%5Cevil.bat") == "evil.bat");
  CHECK(dav::file_name_of("attachment; filename=\".htaccess \"") == "htaccess");
  CHECK(dav::file_name_of("attachment; filename=\"\xE4.txt\"") == "_.txt");
  for (const char* none :
       {"", "attachment", "attachment; filename=\"\"", "attachment; filename=..", "inline; filename=\"a/\""}) {
    CHECK(dav::file_name_of(none) == "attachment");
  }
  CHECK(dav::file_name_of("x; filename=" + std::string(1000, 'a')).size() == 200);
}
