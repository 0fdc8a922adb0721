#include "dav/contacts/birthdays.h"

#include <catch2/catch.hpp>

using dav::contacts::Card;
using dav::contacts::full_name;
using dav::contacts::yearly_dates;
using dav::contacts::yearly_event;
using dav::contacts::YearlyDate;

namespace {

Card card(const std::string& lines) {
  auto parsed = Card::parse("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\nFN:Ada\\, Countess\r\n" + lines + "END:VCARD\r\n");
  REQUIRE(std::holds_alternative<Card>(parsed));
  return std::get<Card>(std::move(parsed));
}

std::string dates(const std::string& lines) {
  std::string out;
  for (const YearlyDate& date : yearly_dates(card(lines))) {
    constexpr const char* kinds[] = {"birthday", "anniversary", "other"};
    if (!out.empty()) out += ", ";
    out += kinds[static_cast<std::size_t>(date.kind)];
    if (!date.label.empty()) out += " " + date.label;
    out += " " + (date.year ? std::to_string(*date.year) : "-") + "/" + std::to_string(date.month) + "/" +
           std::to_string(date.day);
  }
  return out;
}

bool has_line(const std::string& event, const std::string& line) {
  return event.find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the days of a card that come again every year") {
  struct Case {
    const char* lines;
    const char* expected;
  };
  const Case cases[] = {
      // RFC 6350 6.2.5, 6.2.6, 4.3.1
      {"BDAY:19960415\r\n", "birthday 1996/4/15"},
      {"BDAY:--0415\r\n", "birthday -/4/15"},
      {"BDAY:19531015T231000Z\r\n", "birthday 1953/10/15"},
      {"BDAY;VALUE=text:circa 1800\r\n", ""},
      {"BDAY;VALUE=text:19960415\r\n", ""},
      {"ANNIVERSARY:20090808T1430-0500\r\n", "anniversary 2009/8/8"},
      {"BDAY;CALSCALE=gregorian:19960415\r\n", "birthday 1996/4/15"},
      {"BDAY;CALSCALE=chinese:19960415\r\n", ""},
      {"BDAY:1996\r\n", ""},
      {"BDAY:1996-04\r\n", ""},
      {"BDAY:---15\r\n", ""},
      {"BDAY:--04\r\n", ""},
      // RFC 2426 3.1.5
      {"BDAY:1996-04-15\r\n", "birthday 1996/4/15"},
      {"BDAY;VALUE=date:1996-04-15\r\n", "birthday 1996/4/15"},
      {"BDAY:1953-10-15T23:10:00Z\r\n", "birthday 1953/10/15"},
      // Apple
      {"BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15\r\n", "birthday -/4/15"},
      {"BDAY;X-APPLE-OMIT-YEAR=1888:1888-04-15\r\n", "birthday -/4/15"},
      {"BDAY;X-APPLE-OMIT-YEAR=1604:1996-04-15\r\n", "birthday 1996/4/15"},
      {"BDAY:1604-02-29\r\n", "birthday -/2/29"},
      {"item1.X-ABDATE;type=pref:2010-06-12\r\nitem1.X-ABLabel:_$!<Anniversary>!$_\r\n", "anniversary 2010/6/12"},
      {"item2.X-ABDATE:2010-06-12\r\nitem1.X-ABLabel:no\r\nitem2.X-ABLabel:first\\, day\r\n",
       "other first, day 2010/6/12"},
      {"X-ABDATE:2010-06-12\r\n", "other date 2010/6/12"},
      // Android, Evolution, KDE
      {"BDAY:--04-15\r\n", "birthday -/4/15"},
      {"BDAY:0000-04-15\r\n", "birthday -/4/15"},
      {"X-EVOLUTION-ANNIVERSARY:2010-06-12\r\nX-ANNIVERSARY:20100612\r\nX-KADDRESSBOOK-X-Anniversary:2010-06-13\r\n",
       "anniversary 2010/6/12, anniversary 2010/6/13"},
      // What is no day.
      {"BDAY:\r\n", ""},
      {"BDAY:19960431\r\n", ""},
      {"BDAY:19961301\r\n", ""},
      {"BDAY:19950229\r\n", ""},
      {"BDAY:19960229\r\n", "birthday 1996/2/29"},
      {"BDAY:99999999999999\r\n", ""},
      {"BDAY:1996-0415\r\n", ""},
  };
  for (const Case& one : cases) {
    INFO(one.lines);
    CHECK(dates(one.lines) == one.expected);
  }
  std::string many;
  for (int day = 10; day < 31; ++day) many += "X-ABDATE:199612" + std::to_string(day) + "\r\n";
  CHECK(yearly_dates(card(many)).size() == 20);
}

TEST_CASE("the event of such a day") {
  CHECK(yearly_event({YearlyDate::Kind::birthday, "", 1996, 4, 5}, full_name(card("")), "x") ==
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Pileus//Birthdays//EN\r\nBEGIN:VEVENT\r\nUID:x\r\n"
        "DTSTAMP:19700101T000000Z\r\nDTSTART;VALUE=DATE:19960405\r\nRRULE:FREQ=YEARLY\r\n"
        "SUMMARY:Ada\\, Countess (birthday)\r\nDESCRIPTION:Born in 1996\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n");
  const auto no_year = yearly_event({YearlyDate::Kind::birthday, "", {}, 4, 5}, "Ada", "x");
  CHECK(has_line(no_year, "DTSTART;VALUE=DATE:19720405"));
  CHECK(no_year.find("DESCRIPTION") == std::string::npos);
  const auto leap = yearly_event({YearlyDate::Kind::birthday, "", 1996, 2, 29}, "Ada", "x");
  CHECK(has_line(leap, "DTSTART;VALUE=DATE:19960229"));
  CHECK(has_line(leap, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"));
  const auto old = yearly_event({YearlyDate::Kind::anniversary, "", 1815, 12, 10}, "Ada", "x");
  CHECK(has_line(old, "DTSTART;VALUE=DATE:19001210"));
  CHECK(has_line(old, "DESCRIPTION:Since 1815"));
  CHECK(has_line(old, "SUMMARY:Ada (anniversary)"));
  CHECK(
      has_line(yearly_event({YearlyDate::Kind::birthday, "", 1816, 2, 29}, "Ada", "x"), "DTSTART;VALUE=DATE:19040229"));
  CHECK(has_line(yearly_event({YearlyDate::Kind::other, "first; day", 2000, 1, 1}, "Ada", "x"),
                 "SUMMARY:Ada (first\\; day)"));
}
