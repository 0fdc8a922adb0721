#include <catch2/catch.hpp>

#include "mail/mime/date.h"

using namespace mail::mime;

TEST_CASE("dates are read") {
  struct Row {
    std::string_view value;
    std::string_view utc;
    int offset;
  };
  const Row rows[] = {
      // RFC 5322 A
      {"Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06", -360},
      {"Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37", 120},
      {"Thu,\t13\tFeb\t1969\t23:32\t-0330 (Newfoundland Time)", "1969-02-14T03:02:00", -210},
      {"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06", 0},
      {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06", -360},
      // RFC 5256 2.2
      {"31 Dec 2000 16:01:33 -0800", "2001-01-01T00:01:33", -480},
      {"31 Dec 2000 16:01:33 what", "2000-12-31T16:01:33", 0},
      {"31 Dec 2000 16:01:33 +9999", "2000-12-31T16:01:33", 0},
      {"31 Dec 2000 99:99:99 -0800", "2000-12-31T08:00:00", -480},
      {"31 Dec 2000", "2000-12-31T00:00:00", 0},
      // RFC 5322 4.3
      {"Wed, 17 Jul 96 02:23:25 PDT", "1996-07-17T09:23:25", -420},
      {"1 Jan 49 00:00:00 EST", "2049-01-01T05:00:00", -300},
      {"1 Jan 50 00:00:00 Z", "1950-01-01T00:00:00", 0},
      {"1 Jan 103 00:00:00 A", "2003-01-01T00:00:00", 0},
      // What is met.
      {"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", "1996-07-17T09:23:25", -420},
      {"17-Jul-1996 02:44:25 -0700", "1996-07-17T09:44:25", -420},
      {"1996-07-17T02:44:25+02:00", "1996-07-17T00:44:25", 120},
      {"1996-07-17 02:44:25", "1996-07-17T02:44:25", 0},
      {"Wed Jul 17 02:23:25 1996", "1996-07-17T02:23:25", 0},
      {"Wed, 17 July 1996 2:23:25 PM +0000", "1996-07-17T14:23:25", 0},
      {"Sat, 29 Feb 2020 23:59:60 GMT", "2020-03-01T00:00:00", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const auto date = parse_date(row.value);
    REQUIRE(date);
    CHECK(utc_text(date->seconds) == row.utc);
    CHECK(date->offset_minutes == row.offset);
  }
}

TEST_CASE("what is no date is none") {
  for (const std::string_view value : {"", "yesterday", "32 Jan 2000", "29 Feb 2019 10:00:00 +0000", "Jan 2000",
                                       "0 Jan 2000", "10:00:00", "-", "1", "(1 Jan 2000)", "99999999999 Jan 2000"}) {
    CAPTURE(value);
    CHECK_FALSE(parse_date(value));
  }
}

TEST_CASE("the day is the sender's") {
  CHECK(local_day(*parse_date("1 Jan 1970 00:30:00 +0200")) == 0);
  CHECK(local_day(*parse_date("31 Dec 1969 23:30:00 -0200")) == -1);
  CHECK(utc_text(-1) == "1969-12-31T23:59:59");
}

TEST_CASE("a trace field has its date behind a semicolon") {
  const auto date =
      parse_trace_date("from x.y.test by example.net via TCP with ESMTP id ABC12345; 21 Nov 1997 10:05:43 -0600");
  REQUIRE(date);
  CHECK(utc_text(date->seconds) == "1997-11-21T16:05:43");
  CHECK_FALSE(parse_trace_date("from x by y"));
}
