#include "mail/smtp/command.h"

#include <catch2/catch.hpp>
#include <string>

#include "mail/smtp/reply.h"

using namespace mail::smtp;

namespace {

const std::string l64(64, 'a');
const std::string label(63, 'b');
const std::string d255 = label + "." + label + "." + label + "." + std::string(63, 'c');

struct PathCase {
  std::string line;
  std::string local;
  std::string domain;
  std::string text;
};

const PathCase paths[] = {
    {":<ada@example.org>", "ada", "example.org", "ada@example.org"},
    {": <ada@example.org>", "ada", "example.org", "ada@example.org"},
    {":<Ada@EXAMPLE.Org>", "Ada", "example.org", "Ada@example.org"},
    {":<ada+list@example.org>", "ada+list", "example.org", "ada+list@example.org"},
    {":<\"ada\"@example.org>", "ada", "example.org", "ada@example.org"},
    {":<\"a b\"@example.org>", "a b", "example.org", "\"a b\"@example.org"},
    {":<\"a\\\"b\\\\\"@example.org>", "a\"b\\", "example.org", "\"a\\\"b\\\\\"@example.org"},
    {":<\"a>b@c\"@example.org>", "a>b@c", "example.org", "\"a>b@c\"@example.org"},
    {":<a..b@example.org>", "a..b", "example.org", "\"a..b\"@example.org"},
    {":<@one.example,@two.example:ada@example.org>", "ada", "example.org", "ada@example.org"},
    {":<ada@[192.0.2.1]>", "ada", "[192.0.2.1]", "ada@[192.0.2.1]"},
    {":<ada@[IPv6:2001:db8::1]>", "ada", "[ipv6:2001:db8::1]", "ada@[ipv6:2001:db8::1]"},
    {":<postmaster>", "postmaster", "", "postmaster"},
    {":<Postmaster>", "Postmaster", "", "Postmaster"},
    {":<a_b@under_score.example>", "a_b", "under_score.example", "a_b@under_score.example"},
    {":<" + l64 + "@example.org>", l64, "example.org", l64 + "@example.org"},
    {":<a@" + d255 + ">", "a", d255, "a@" + d255},
    {":<\xc3\xa4@\xc3\xb6.example>", "\xc3\xa4", "\xc3\xb6.example", "\xc3\xa4@\xc3\xb6.example"},
};

const std::string bad_paths[] = {
    "",
    ":",
    ":<",
    ":<>",
    ":<ada",
    ":ada@example.org",
    ":<ada@>",
    ":<@example.org>",
    ":<ada>",
    ":<ada@example.org",
    ":<ada@example..org>",
    ":<ada@.example>",
    ":<ada@-a.example>",
    ":<ada@a-.example>",
    ":<a b@example.org>",
    ":<\"a@example.org>",
    ":<\"\"@example.org>",
    ":<\"a\\",
    ":<ada@[]>",
    ":<ada@[1>",
    ":<ada@exa mple>",
    ":<@one.example,ada@example.org>",
    ":<@one.example:>",
    ":<" + l64 + "a@example.org>",
    ":<a@" + d255 + "d>",
    ":<ada@example.org>x",
    ":<\xc3@example.org>",
    ":<ada@ex\xffmple>",
    ":<ada@example.org> X=",
    ":<ada@example.org> =1",
    ":<ada@example.org> NOTIFY=NEVER,FAILURE",
    ":<ada@example.org> NOTIFY=",
    ":<ada@example.org> NOTIFY=SOON",
    ":<ada@example.org> NOTIFY=FAILURE,",
    ":<ada@example.org> ORCPT=rfc822",
    ":<ada@example.org> ORCPT=;a",
    ":<ada@example.org> ORCPT=rfc822;a+2",
    ":<ada@example.org> ORCPT=rfc822;a+zz",
    ":<ada@example.org> SIZE=1",
    ":<ada@example.org> NOTIFY=NEVER NOTIFY=NEVER",
    ":<\"a\rb\"@example.org>",
};

int code_of(const std::string& rest, const Allowed& allowed) {
  try {
    parse_mail(rest, allowed);
    return 250;
  } catch (const Refused& refused) {
    return refused.reply().code;
  }
}

}  // namespace

TEST_CASE("paths are read as RFC 5321 writes them", "[smtp]") {
  for (const PathCase& one : paths) {
    INFO(one.line);
    const RcptCommand rcpt = parse_rcpt("TO" + one.line, {});
    CHECK(rcpt.to.local == one.local);
    CHECK(rcpt.to.domain == one.domain);
    CHECK(rcpt.to.text() == one.text);
    CHECK(parse_address(one.text) == Address{one.local, one.domain});
  }
}

TEST_CASE("what is no path, or has bad parameters, is refused", "[smtp]") {
  for (const std::string& one : bad_paths) {
    INFO(one);
    CHECK_THROWS_AS(parse_rcpt("TO" + one, {}), Refused);
  }
  CHECK_THROWS_AS(parse_rcpt("FROM:<ada@example.org>", {}), Refused);
  CHECK(parse_rcpt("TO:<ada>", {true, false, true}).to.local == "ada");
}

TEST_CASE("parameters of MAIL", "[smtp]") {
  const MailCommand mail =
      parse_mail("FROM:<ada@example.org> SIZE=1000 body=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ314159 AUTH=<>+2B", {});
  CHECK(mail.size == 1000);
  CHECK(mail.body == Body::eight_bit);
  CHECK(mail.utf8);
  CHECK(mail.returned == Return::headers);
  CHECK(mail.envelope_id == "QQ314159");
  CHECK(parse_mail("FROM:<>", {}).from.empty());
  CHECK(parse_mail("from:<> SIZE=0", {}).size == 0);

  CHECK(code_of("FROM:<> SIZE=x", {}) == 501);
  CHECK(code_of("FROM:<> SIZE=99999999999999999999", {}) == 501);
  CHECK(code_of("FROM:<> SIZE", {}) == 501);
  CHECK(code_of("FROM:<> SIZE=1", {false, false, false}) == 501);
  CHECK(code_of("FROM:<> BODY=9BIT", {}) == 501);
  CHECK(code_of("FROM:<> BODY=BINARYMIME", {}) == 555);
  CHECK(code_of("FROM:<> SMTPUTF8=1", {}) == 501);
  CHECK(code_of("FROM:<> RET=ALL", {}) == 501);
  CHECK(code_of("FROM:<> RET=FULL", {true, false, false}) == 555);
  CHECK(code_of("FROM:<> ENVID=" + std::string(101, 'a'), {}) == 501);
  CHECK(code_of("FROM:<> FOO=BAR", {}) == 555);
  // RFC 6531 3.5
  CHECK(code_of("FROM:<\xc3\xa4@example.org>", {}) == 553);
  CHECK(code_of("FROM:<\xc3\xa4@example.org> SMTPUTF8", {}) == 250);
}

TEST_CASE("parameters of RCPT", "[smtp]") {
  const RcptCommand rcpt = parse_rcpt("TO:<ada@example.org> NOTIFY=SUCCESS,delay ORCPT=rfc822;Ada@example.org", {});
  CHECK(rcpt.notify == (notify::success | notify::delay));
  CHECK(rcpt.original == "rfc822;Ada@example.org");
  CHECK(parse_rcpt("TO:<ada@example.org> NOTIFY=NEVER", {}).notify == notify::never);
}

TEST_CASE("a command is a verb and what follows it", "[smtp]") {
  CHECK(parse_command("mail FROM:<a@b> ").verb == "MAIL");
  CHECK(parse_command("mail FROM:<a@b> ").rest == "FROM:<a@b>");
  CHECK(parse_command("").verb.empty());
  CHECK(parse_bdat("100").size == 100);
  CHECK_FALSE(parse_bdat("100").last);
  CHECK(parse_bdat("0 last").last);
  for (const char* bad : {"", "x", "1 FIRST", "-1", "1 LAST x", "99999999999999999999"}) {
    CHECK_THROWS_AS(parse_bdat(bad), Refused);
  }
}

TEST_CASE("xtext goes there and back", "[smtp]") {
  CHECK(to_xtext("a+b=c d") == "a+2Bb+3Dc+20d");
  CHECK(from_xtext("a+2Bb+3Dc+20d") == "a+b=c d");
  for (const char* bad : {"a=b", "a+", "a+2", "a+2b", "a b"}) CHECK_FALSE(from_xtext(bad));
}
