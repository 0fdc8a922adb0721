#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/sieve/outcome.h"

using namespace mail::sieve;

namespace {

/// Whether a test is so.
bool holds(const std::string& test, const std::string& message = message_a, const std::string& before = "") {
  const std::string found = result(all_extensions + before + "if " + test + " { discard; }", message);
  INFO(test << " gives " << found);
  CHECK((found.starts_with("keep") && found.find("error") == std::string::npos) != (found == "discard"));
  return found == "discard";
}

struct Truth {
  const char* test;
  bool expected;
};

void check(const std::vector<Truth>& cases, const std::string& message = message_a, const std::string& before = "") {
  for (const Truth& one : cases) {
    INFO(one.test);
    CHECK(holds(one.test, message, before) == one.expected);
  }
}

}  // namespace

// RFC 5228 2.7.1
TEST_CASE("match types compare whole values, parts of them, and patterns") {
  check({
      {R"(string :contains "frobnitzm" "frob")", true},
      {R"(string :contains "frobnitzm" "nit")", true},
      {R"(string :contains "frobnitzm" "fbm")", false},
      {R"(string :contains "frobnitzm" "")", true},
      {R"(string :is "frobnitzm" "frobnitzm")", true},
      {R"(string :is "frobnitzm" "")", false},
      {R"(string :is "" "")", true},
      {R"(string :contains "aabaabaaab" "aabaaa")", true},
      {R"(string :contains "aabaabaab" "aabaaa")", false},
      {R"(string :matches "frobnitzm" "frob*tz?")", true},
      {R"(string :matches "frobnitzm" "frob*t")", false},
      {R"(string :matches "frobnitzm" "?robnitzm*")", true},
      {R"(string :matches "frobnitzm" "????")", false},
      {R"(string :matches "" "*")", true},
      {R"(string :matches "" "?")", false},
      {R"(string :matches "a*b" "a\\*b")", true},
      {R"(string :matches "axb" "a\\*b")", false},
      {R"(string :matches "a\\b" "a\\\\b")", true},
      {R"(string :matches "mississippi" "*iss*ip*i")", true},
      {R"(string :matches "mississippi" "*sis*sip?")", false},
      {R"(string "FrobNitzM" "fROBnITZm")", true},
      {R"(string :comparator "i;octet" "FrobNitzM" "fROBnITZm")", false},
      {R"(string :comparator "i;ascii-casemap" "É" "é")", false},
      {R"(string :comparator "i;unicode-casemap" "É" "é")", true},
      {R"(string :matches "é" "?")", false},
      {R"(string :matches "é" "??")", true},
      {R"(string :comparator "i;unicode-casemap" :matches "ÉTÉ" "?té")", true},
      {R"(string :comparator "i;unicode-casemap" :contains "Straße Nord" "É")", false},
      {R"(string :comparator "i;ascii-numeric" "007" "7")", true},
      {R"(string :comparator "i;ascii-numeric" "7b" "7")", true},
      {R"(string :comparator "i;ascii-numeric" "x" "")", true},
      {R"(string :comparator "i;ascii-numeric" "x" "7")", false},
      {R"(string ["a", "b"] ["c", "b"])", true},
      {R"(string ["a", "b"] ["c", "d"])", false},
  });
}

// RFC 5231 4
TEST_CASE("relations compare values and counts") {
  check({
      {R"(string :value "gt" :comparator "i;ascii-numeric" "10" "9")", true},
      {R"(string :value "gt" "10" "9")", false},
      {R"(string :value "ge" :comparator "i;ascii-numeric" "9" "9")", true},
      {R"(string :value "lt" :comparator "i;ascii-numeric" "4294967298" "04294967299")", true},
      {R"(string :value "le" "b" "a")", false},
      {R"(string :value "eq" "a" "A")", true},
      {R"(string :value "ne" "a" "A")", false},
      {R"(string :value "lt" :comparator "i;ascii-numeric" "04294967298" "")", true},
      {R"(header :count "eq" :comparator "i;ascii-numeric" ["from", "to", "cc"] "2")", true},
      {R"(string :count "eq" ["a", "", "b"] "2")", true},
  });
  const std::string message = crlf(
      "received: a\nreceived: b\nsubject: example\nto: foo@example.com, baz@example.com\n"
      "cc: qux@example.com\n\n");
  // RFC 5231 6
  check(
      {
          {R"(address :count "ge" :comparator "i;ascii-numeric" ["to", "cc"] ["3"])", true},
          {R"(anyof (address :count "ge" :comparator "i;ascii-numeric" ["to"] ["3"],
                     address :count "ge" :comparator "i;ascii-numeric" ["cc"] ["3"]))",
           false},
          {R"(header :count "ge" :comparator "i;ascii-numeric" ["received"] ["3"])", false},
          {R"(header :count "ge" :comparator "i;ascii-numeric" ["received", "subject"] ["3"])", true},
          {R"(header :count "ge" :comparator "i;ascii-numeric" ["to", "cc"] ["3"])", false},
          {R"(envelope :count "eq" ["from", "to"] "2")", true},
      },
      message);
}

// RFC 5228 5
TEST_CASE("tests look at the header, the envelope and the size") {
  check({
      {R"(header "x-caffeine" "C8H10N4O2")", true},
      {R"(header :is ["X-Caffeine"] [""])", false},
      {R"(header :contains ["X-Caffeine"] [""])", true},
      {R"(header :is "X-Empty" "")", true},
      {R"(header :is "X-Missing" "")", false},
      {R"(header :contains "subject" "PRESENT for")", true},
      {R"(not header "subject" "x")", true},
      {R"(exists ["From", "Date"])", true},
      {R"(exists ["From", "Cc"])", false},
      {R"(address :is :all "from" "coyote@desert.example.org")", true},
      {R"(address :domain ["from", "to"] "acme.example.com")", true},
      {R"(address :localpart "to" "roadrunner")", true},
      {R"(address :localpart "to" "acme")", false},
      {R"(envelope :is "from" "coyote@desert.example.org")", true},
      {R"(envelope :user "to" "roadrunner")", true},
      {R"(envelope :detail "to" "birdseed")", true},
      {R"(envelope :localpart "TO" "roadrunner+birdseed")", true},
      {R"(envelope :detail "from" "")", false},
      {R"(size :over 100)", true},
      {R"(size :over 1K)", false},
      {R"(size :under 1M)", true},
      {R"(anyof (false, allof (true, true)))", true},
      {R"(allof (true, false))", false},
      {R"(environment "name" "pileus")", true},
      {R"(environment :contains "remote-host" "")", true},
      {R"(environment :contains "vnd.acme.sled" "")", false},
      {R"(mailboxexists "Junk")", true},
      {R"(mailboxexists ["Junk", "Partners"])", false},
      {R"(specialuse_exists "\\Junk")", true},
      {R"(specialuse_exists ["\\Junk", "\\Sent"])", false},
      {R"(specialuse_exists "Junk" "\\Junk")", true},
      {R"(specialuse_exists "INBOX" "\\Junk")", false},
  });
  // RFC 5228 2.7.2, 2.7.4, RFC 5233 4
  check(
      {
          {R"(header :contains "subject" "Grüße")", true},
          {R"(header :is "subject" "Viele Grüße und mehr")", true},
          {R"(address "to" "ken+list@example.com")", true},
          {R"(address :user "to" "ken")", true},
          {R"(address :detail "to" "list")", true},
          {R"(address :detail "to" "")", true},
          {R"(address :all "to" "nobody")", true},
          {R"(address :localpart "to" "nobody")", false},
          {R"(address :contains "to" "Group")", false},
          {R"(address :contains "to" "Ken")", true},
          {R"(address :contains "to" "Display")", false},
          {R"(address :index 2 "to" "x@example.org")", true},
          {R"(address :index 1 :last "to" "x@example.org")", true},
          {R"(address :index 3 "to" "x@example.org")", false},
          {R"(header :index 2 ["subject", "to"] "x@example.org")", false},
          {R"(header :index 3 ["subject", "to"] "x@example.org")", true},
      },
      crlf("Subject: =?iso-8859-1?q?Viele_Gr=FC=DFe?=\n und mehr\nTo: Group: \"Display\" <ken+list@example.com>,"
           " jo+@example.com;, nobody\nTo: x@example.org\n\n"));
}

// RFC 5173
TEST_CASE("body tests look at the body as it is, at its parts, and at its text") {
  const std::string message = crlf(R"(From: Whomever
To: Someone
Date: Whenever
Subject: whatever
Content-Type: multipart/mixed; boundary=outer

This is a multi-part message in MIME format.

--outer
Content-Type: multipart/alternative; boundary=inner

This is a nested multi-part message in MIME format.

--inner
Content-Type: text/plain; charset="us-ascii"

Hello

--inner
Content-Type: text/html; charset="us-ascii"

<html><body>Hello</body></html>

--inner--

This is the end of the inner MIME multipart.

--outer
Content-Type: message/rfc822

From: Someone Else
Subject: hello request

Please say Hello

--outer--

This is the end of the outer MIME multipart.
)");
  check(
      {
          {R"(body :content "multipart" :contains "MIME")", true},
          {R"(body :content "multipart" :contains "end of the outer MIME")", true},
          {R"(body :content "multipart" :contains "end of the inner MIME")", true},
          {R"(body :content "multipart" :contains "This is a nested")", true},
          {R"(body :content "multipart" :contains "boundary")", false},
          {R"(body :content "multipart" :contains "Hello")", false},
          {R"(body :content "multipart" :contains "outer--")", false},
          {R"(body :content "text/plain" :contains "Hello")", true},
          {R"(body :content "text/html" :contains "<body>Hello")", true},
          {R"(body :content "text" :contains "Please")", true},
          {R"(body :content "message/rfc822" :contains "Hello request")", true},
          {R"(body :content "message/rfc822" :contains "Please")", false},
          {R"(body :content "audio/mp3" :contains "")", false},
          {R"(body :content "" :contains "Please")", true},
          {R"(body :content "/html" :contains "")", false},
          {R"(body :content "text/" :contains "")", false},
          {R"(body :content "text/html/x" :contains "")", false},
          {R"(body :content "html" :contains "")", false},
          {R"(body :raw :contains "--inner")", true},
          {R"(body :raw :contains "Whomever")", false},
          {R"(body :text :contains "Hello")", true},
          {R"(body :contains "<body>")", false},
      },
      message);
  check({{R"(body :contains "Look, I'm sorry")", true},
         {R"(body :matches "Look*\r\n*anvil*")", false},
         {R"(body :raw :matches "Look*drop it*")", true}});
  check({{R"(body :contains "")", false}, {R"(body :raw :contains "")", false}}, "Subject: x\r\n");
  check({{R"(body :raw :is "")", true}}, "Subject: x\r\n\r\n");
  check({{R"(body :contains "péché")", true}, {R"(body :raw :contains "cMOp")", true}},
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\ncMOpY2jDqQ==\r\n");
  CHECK(result(all_extensions + R"(if body :matches "Look*" { fileinto "x${1}"; })") == "fileinto x");
}

// RFC 5260
TEST_CASE("dates are taken apart in the zone that is asked for") {
  check({
      {R"(date "date" "year" "1997")", true},
      {R"(date :originalzone "date" "hour" "09")", true},
      {R"(date "date" "hour" "17")", true},
      {R"(date :zone "+0530" "date" "time" "22:36:31")", true},
      {R"(date :originalzone "date" "zone" "-0800")", true},
      {R"(date "date" "zone" "+0000")", true},
      {R"(date :zone "-0500" "date" "zone" "-0500")", true},
      {R"(date :originalzone "date" "iso8601" "1997-04-01T09:06:31-08:00")", true},
      {R"(date "date" "iso8601" "1997-04-01T17:06:31Z")", true},
      {R"(date :originalzone "date" "std11" "Tue, 01 Apr 1997 09:06:31 -0800")", true},
      {R"(date "date" "julian" "50539")", true},
      {R"(date "date" "weekday" "2")", true},
      {R"(date "date" "month" "04")", true},
      {R"(date "date" "day" "01")", true},
      {R"(date "date" "minute" "06")", true},
      {R"(date "date" "second" "31")", true},
      {R"(date :value "ge" "date" "date" "1997-04-01")", true},
      {R"(date "received" "year" "1997")", false},
      {R"(date :count "eq" "received" "year" "0")", true},
      {R"(date :count "eq" "date" "year" "1")", true},
      {R"(currentdate "date" "2007-06-30")", true},
      {R"(currentdate "weekday" "6")", true},
      {R"(currentdate :zone "+1200" "weekday" "0")", true},
      {R"(currentdate :count "eq" "date" "1")", true},
      {R"(allof (currentdate :value "ge" "date" "2007-06-30", currentdate :value "le" "date" "2007-07-07"))", true},
  });
  check({{R"(date :index 2 :zone "-0500" "received" "iso8601" "2007-02-26T09:00:00-05:00")", true},
         {R"(date :value "gt" :index 1 :zone "-0500" "received" "iso8601" "2007-02-26T09:00:00-05:00")", true}},
        crlf("Received: from a by b; Mon, 26 Feb 2007 15:00:00 +0000\n"
             "Received: from c by d\n id 1; Mon, 26 Feb 2007 14:00:00 +0000\n\n"));
  CHECK(result(R"(require ["date", "variables", "fileinto"];
     if currentdate :matches "month" "*" { set "month" "${1}"; }
     if currentdate :matches "year"  "*" { set "year"  "${1}"; }
     fileinto "${month}-${year}";)") == "fileinto 06-2007");
}

// RFC 5229
TEST_CASE("variables are put into texts") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"&%${}!", "&%${}!"},
      {"${doh!}", "${doh!}"},
      {"${full}x", "x"},
      {"${company}", "ACME"},
      {"${BAD${Company}", "${BADACME"},
      {"${President, ${Company} Inc.}", "${President, ACME Inc.}"},
      {"${comp\\any}", "ACME"},
      {"${comp\\\\any}", "${comp\\any}"},
      {"\\${company}", "ACME"},
      {"\\\\${company}", "\\ACME"},
      {"${hex:20 24 7b}company}", " ACME"},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(result(all_extensions + "set \"company\" \"ACME\"; fileinto \"" + text + "\";") == "fileinto " + expected);
  }
  const std::vector<std::pair<std::string, std::string>> modifiers = {
      {"", "juMBlEd lETteRS"},
      {":length", "15"},
      {":lower", "jumbled letters"},
      {":upperfirst", "JuMBlEd lETteRS"},
      {":upperfirst :lower", "Jumbled letters"},
      {":lowerfirst :upper", "jUMBLED LETTERS"},
  };
  for (const auto& [modifier, expected] : modifiers) {
    CHECK(result(all_extensions + "set \"a\" \"juMBlEd lETteRS\"; set " + modifier +
                 " \"b\" \"${a}\"; fileinto \"${b}\";") == "fileinto " + expected);
  }
  CHECK(result(all_extensions + R"(set :quotewildcard "b" "Rock*?\\"; fileinto "${b}";)") == R"(fileinto Rock\*\?\\)");
  CHECK(result(all_extensions + R"(set :length "b" "é€"; fileinto "${b}";)") == "fileinto 2");
  check({{R"(string :matches " ${state} " "* pending *")", true}}, message_a, R"(set "state" "${state} pending";)");
}

// RFC 5229 3.2
TEST_CASE("match variables hold what wildcards stand for") {
  const std::string message = crlf(
      "Subject: [acme-users] [fwd] version 1.0 is out\nList-ID: x <list@host.example>\n"
      "To: coyote@ACME.Example.COM\n\n");
  CHECK(result(all_extensions + R"(if header :matches "List-ID" "*<*@*" { fileinto "INBOX.lists.${2}"; })", message) ==
        "fileinto INBOX.lists.list");
  CHECK(result(all_extensions + R"(if header :matches "Subject" "[*] *" { fileinto "${1}|${2}|${3}"; })", message) ==
        "fileinto acme-users|[fwd] version 1.0 is out|");
  CHECK(result(all_extensions + R"(if address :matches ["To", "Cc"] ["coyote@**.com", "wile@**.com"]
                        { fileinto "${0}|${1}|${2}"; })",
               message) == "fileinto coyote@ACME.Example.COM||ACME.Example");
  CHECK(result(all_extensions + R"(if anyof (true, address :domain :matches "To" "*.com") { fileinto "x${1}"; })",
               message) == "fileinto x");
  CHECK(
      result(all_extensions + R"(if string :comparator "i;unicode-casemap" :matches "aÉb" "A?B" { fileinto "${1}"; })",
             message) == "fileinto É");
  // A test that fails leaves them as they are.
  CHECK(result(all_extensions + R"(if string :matches "ab" "a*" {} if string :matches "x" "y*" {} fileinto "${1}";)") ==
        "fileinto b");
}

// RFC 5228 2.10, 4, RFC 3894
TEST_CASE("actions are put in their order, and cancel the implicit keep or don't") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "keep"},
      {"keep;", "keep"},
      {"keep; keep;", "keep"},
      {"discard;", "discard"},
      {"discard; keep;", "keep"},
      {"stop; discard;", "keep"},
      {"if size :over 500K { discard; }", "keep"},
      {"if false { discard; } elsif true { stop; } else { discard; } discard;", "keep"},
      {"if true { keep; } elsif true { discard; } else { discard; } if false { } else { fileinto \"x\"; }",
       "keep; fileinto x"},
      {"fileinto \"x\"; fileinto \"y\"; fileinto \"x\";", "fileinto x; fileinto y"},
      {"fileinto \"inbox\"; keep;", "fileinto inbox"},
      {"fileinto :copy \"x\";", "fileinto x; keep"},
      {"fileinto :copy :create \"x\";", "fileinto x +create; keep"},
      {"redirect \"bart@example.com\";", "redirect bart@example.com"},
      {"redirect :copy \"Bart <bart@example.com>\"; redirect :copy \"BART@example.com\";",
       "redirect bart@example.com; keep"},
      {"fileinto :specialuse \"\\\\Junk\" \"Spam\";", "fileinto Junk"},
      {"fileinto :specialuse \"\\\\Sent\" :create \"Spam\";", "fileinto Spam +create for \\Sent"},
      {"fileinto :specialuse \"\\\\Junk\" \"Junk\";", "fileinto Junk"},
      {"reject \"No.\";", "reject No."},
      {"ereject \"No.\"; stop;", "ereject No."},
      {"discard; reject \"No.\";", "reject No."},
      {"reject \"No.\"; reject \"No!\";",
       "keep; error line 2, column 15: a message can't be refused and something else be done with it, too"},
      {"keep; ereject \"No!\";",
       "keep; error line 2, column 7: a message can't be refused and something else be done with it, too"},
      {"reject \"No.\"; fileinto \"x\";",
       "keep; error line 2, column 15: a message can't be refused and something else be done with it, too"},
      {"vacation \"x\"; reject \"No.\";",
       "keep; error line 2, column 15: a message can't be refused and something else be done with it, too"},
      {"reject \"No.\"; vacation \"x\";", "keep; error line 2, column 15: a message that is refused is not answered"},
      {"vacation \"x\"; vacation \"y\";", "keep; error line 2, column 15: there can be one 'vacation' only"},
      {"redirect \"${x}\";", "keep; error line 2, column 1: \"\" is no address"},
      {"fileinto \"${x}\";", "keep; error line 2, column 1: \"\" is no name of a mailbox"},
      {"addheader \"${x}\" \"y\";", "keep; error line 2, column 1: \"\" is no name of a header field"},
      {"addheader \"X\" \"${hex:ff}\";", "keep; error line 2, column 1: the value of a header field is UTF-8"},
      {"redirect \"a@b.example\"; redirect \"c@b.example\"; redirect \"d@b.example\"; redirect \"e@b.example\"; "
       "redirect \"f@b.example\";",
       "keep; error line 2, column 97: there are too many redirects"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(result(all_extensions + script) == expected);
  }
}

// RFC 5232
TEST_CASE("flags are collected and put on what is kept") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(addflag "flagvar" "\\Deleted"; addflag "flagvar" "\\Answered"; keep :flags "${flagvar}";)",
       R"(keep \Deleted \Answered)"},
      {R"(addflag ["\\Deleted", "\\Answered"];)", R"(keep \Deleted \Answered)"},
      {R"(setflag "  a   b A "; removeflag "B"; fileinto "x";)", "fileinto x a"},
      {R"(setflag "a"; setflag "b"; keep;)", "keep b"},
      {R"(setflag "a"; keep :flags "";)", "keep"},
      {R"(setflag ["\\Recent", "\\X", "a(b", "é", "", "ok", "\\seen"];)", R"(keep ok \seen)"},
      {R"(fileinto :flags "a" "x"; fileinto :flags "b" "x";)", "fileinto x b"},
      {R"(addflag "v" "$MDNRequired x"; removeflag "v" "$mdnrequired"; fileinto :flags "${v}" "l";)", "fileinto l x"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(result(all_extensions + script) == expected);
  }
  check({{R"(hasflag :is "b A")", true}, {R"(hasflag ["b","A"])", true}, {R"(hasflag "c")", false}}, message_a,
        R"(setflag "A B";)");
  check(
      {
          {R"(hasflag :contains "MyVar" "Junk")", true},
          {R"(hasflag :contains "MyVar" "forward")", true},
          {R"(hasflag :contains "MyVar" ["label", "forward"])", true},
          {R"(hasflag :contains "MyVar" "junk forward")", true},
          {R"(hasflag :contains "MyVar" "label")", false},
          {R"(hasflag :contains "MyVar" ["label1", "label2"])", false},
          {R"(hasflag :count "ge" :comparator "i;ascii-numeric" "MyFlags" "2")", true},
          {R"(hasflag :count "ge" :comparator "i;ascii-numeric" "MyFlags" "3")", false},
      },
      message_a,
      R"(set "MyVar" "NonJunk Junk gnus-forward $Forwarded NotJunk JunkRecorded $Junk $NotJunk";
         set "MyFlags" "A B";)");
}
