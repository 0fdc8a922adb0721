#include <catch2/catch.hpp>

#include "mail/mime/message_id.h"
#include "mail/mime/sort_keys.h"
#include "mail/mime/subject.h"

using namespace mail::mime;

// RFC 5256 2.1
TEST_CASE("the base subject is found") {
  struct Row {
    std::string_view subject;
    std::string_view base;
    bool reply;
  };
  const Row rows[] = {
      {"Hello", "Hello", false},
      {"Re: Hello", "Hello", true},
      {"RE:Hello", "Hello", true},
      {"re  : Hello", "Hello", true},
      {"Fw: Hello", "Hello", true},
      {"FWD: Hello", "Hello", true},
      {"Re: Fwd: re: Hello", "Hello", true},
      {"Re[2]: Hello", "Hello", true},
      {"re [x] : Hello", "Hello", true},
      {"[list] Hello", "Hello", false},
      {"[list] Re: Hello", "Hello", true},
      {"Re: [list] Hello", "Hello", true},
      {"[a] [b] Re: [c] Hello", "Hello", true},
      {"[a][b]", "[b]", false},
      {"[a] ", "[a]", false},
      {"Hello (fwd)", "Hello", true},
      {"Hello (FWD) (fwd)  ", "Hello", true},
      {"[Fwd: Hello]", "Hello", true},
      {"[fwd: [fwd: Re: Hello (fwd)]]", "Hello", true},
      {"[list] [Fwd: Hello]", "Hello", true},
      {"Re:", "", true},
      {"", "", false},
      {"Reading", "Reading", false},
      {"Hello\t  world", "Hello world", false},
      {"=?utf-8?Q?Re:_H=C3=A9?=", "Hé", true},
      {"[unclosed Re: x", "[unclosed Re: x", false},
      {"Re: [a[b] c", "[a[b] c", true},
      {"Hello (fwd) x", "Hello (fwd) x", false},
      {"[fwd:]", "", true},
      {"Aw: Hello", "Aw: Hello", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.subject);
    const BaseSubject base = base_subject(row.subject);
    CHECK(base.text == row.base);
    CHECK(base.is_reply == row.reply);
  }
}

TEST_CASE("a subject of many brackets is read in linear time") {
  for (const std::string part : {"[a]", "[fwd:", "Re:", "(fwd)", "re[", "[a]re:"}) {
    std::string text;
    while (text.size() < 400'000) text += part;
    CHECK(base_subject(text).text.size() <= text.size());
    CHECK(base_subject(text + std::string(100'000, ']')).text.size() <= text.size() + 100'000);
  }
}

// RFC 5256 3
TEST_CASE("message ids are normalized") {
  using Ids = std::vector<std::string>;
  CHECK(parse_message_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com> <01KF8JCEOCBS0045PS@xxx.yyy.com>") ==
        Ids{"01KF8JCEOCBS0045PS@xxx.yyy.com", "01KF8JCEOCBS0045PS@xxx.yyy.com"});
  CHECK(parse_message_ids("Your message of \"1 Jan\" <a@b> from <Joe>") == Ids{"a@b"});
  CHECK(parse_message_ids("<a@b><c@d>\t<e@f") == Ids{"a@b", "c@d"});
  CHECK(parse_message_ids("<a @ b> <\"a\\\"b\"@c> <@x> <\"a@b\">") == Ids{"a@b", "a\"b@c"});
  CHECK(parse_message_ids("<<a@b>>") == Ids{"a@b"});
  CHECK(parse_message_id("a@b junk") == "a@b");
  CHECK(parse_message_id(" <a@b>") == "a@b");
  CHECK_FALSE(parse_message_id("junk"));
  CHECK(reference_ids("References: <a@b>\r\n <c@d>\r\nIn-Reply-To: <e@f>\r\n") == Ids{"a@b", "c@d"});
  CHECK(reference_ids("References: none\r\nIn-Reply-To: <e@f> <g@h>\r\n") == Ids{"e@f"});
  CHECK(reference_ids("Subject: x\r\n").empty());
}

TEST_CASE("sort keys are computed") {
  const SortKeys keys = sort_keys(
      "From: =?utf-8?Q?Ad=C3=A8le?= <adele@example.org>\r\nTo: bob@example.org, x@y\r\nCc: Friends: a@b;\r\n"
      "Subject: Re: [x] Hi\r\nDate: 1 Jan 1970 00:00:10 +0000\r\nMessage-ID: <m@x>\r\nIn-Reply-To: <p@x>\r\n\r\n");
  CHECK(keys.from == "adele");
  CHECK(keys.display_from == "Adèle");
  CHECK(keys.to == "bob");
  CHECK(keys.display_to == "bob@example.org");
  CHECK(keys.cc == "Friends");
  CHECK(keys.base_subject == "Hi");
  CHECK(keys.is_reply);
  CHECK(keys.sent == 10);
  CHECK(keys.sent_day == 0);
  CHECK(keys.message_id == "m@x");
  CHECK(keys.references == std::vector<std::string>{"p@x"});
  const SortKeys none = sort_keys("");
  CHECK(none.from.empty());
  CHECK_FALSE(none.sent);
}

// RFC 5051 2
TEST_CASE("texts that differ only in case have one collation key") {
  CHECK(collation_key("Hello") == collation_key("hELLO"));
  CHECK(collation_key("ÄÖÜ straße") == collation_key("äöü STRAßE"));
  CHECK(collation_key("Ǆ") == collation_key("ǆ"));
  CHECK(collation_key("é") == collation_key("e\xCC\x81"));
  CHECK(collation_key("a") < collation_key("B"));
}
