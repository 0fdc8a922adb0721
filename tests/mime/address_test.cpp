#include <catch2/catch.hpp>

#include "mail/mime/address.h"

using namespace mail::mime;

namespace {

/// `name|route|mailbox|host` for each, `name{` and `}` for groups.
std::string shown(std::string_view value) {
  std::string out;
  for (const Address& address : parse_addresses(value)) {
    if (!out.empty()) out += ' ';
    if (address.kind == Address::Kind::group_begin) {
      out += address.name + "{";
    } else if (address.kind == Address::Kind::group_end) {
      out += "}";
    } else {
      out += address.name + "|" + address.route + "|" + address.mailbox + "|" + address.host;
    }
  }
  return out;
}

struct Row {
  std::string_view value;
  std::string_view shown;
};

}  // namespace

TEST_CASE("address lists are read") {
  const Row rows[] = {
      // RFC 5322 A.1
      {"John Doe <jdoe@machine.example>", "John Doe||jdoe|machine.example"},
      {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
       "Mary Smith||mary|x.test ||jdoe|example.org Who?||one|y.test"},
      {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
       "||boss|nil.test Giant; \"Big\" Box||sysservices|example.net"},
      {"\"Joe Q. Public\" <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com"},
      {"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
       "A Group{ Ed Jones||c|a.test ||joe|where.test John||jdoe|one.test }"},
      {"Undisclosed recipients:;", "Undisclosed recipients{ }"},
      // RFC 5322 A.5
      {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete||pete|silly.test"},
      {"A Group(Some people) :Chris Jones <c@(Chris's host.)public.example>, joe@example.org, John <jdoe@one.test> (my "
       "dear friend); (the end of the group)",
       "A Group{ Chris Jones||c|public.example ||joe|example.org John||jdoe|one.test }"},
      {"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "Hidden recipients{ }"},
      // RFC 5322 A.6.1
      {"Joe Q. Public <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com"},
      {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
       "Mary Smith|@node.test|mary|example.net ||jdoe|test.example"},
      {"<@a.test,@b.test:c@d.test>", "|@a.test,@b.test|c|d.test"},
      // RFC 5322 A.6.3
      {"John Doe <jdoe@machine(comment).  example>", "John Doe||jdoe|machine.example"},
      {"Mary Smith          <mary@example.net>", "Mary Smith||mary|example.net"},
      // Old style, literals, quoting, UTF-8 (RFC 6532 3.2).
      {"joe@example.com (Joe Public)", "Joe Public||joe|example.com"},
      {"joe@example.com(Joe)", "Joe||joe|example.com"},
      {"<joe@example.com> (Joe)", "Joe||joe|example.com"},
      {"joe@[192.0.2.1], joe@[IPv6:2001:db8::1]", "||joe|[192.0.2.1] ||joe|[IPv6:2001:db8::1]"},
      {"\"joe smith\"@example.com", "||joe smith|example.com"},
      {"\"a\".b@example.com", "||a.b|example.com"},
      {"δοκιμή <χρήστης@παράδειγμα.ελ>", "δοκιμή||χρήστης|παράδειγμα.ελ"},
      {"=?utf-8?Q?Ad=C3=A8le?= =?utf-8?Q?_B?= <a@b>", "=?utf-8?Q?Ad=C3=A8le?= =?utf-8?Q?_B?=||a|b"},
      // RFC 7103 7.1
      {"<<<user2@example.org>>>", "||user2|example.org"},
      {"<another@example.net", "||another|example.net"},
      {"second@example.org>", "||second|example.org"},
      {"(Testing <fran@example.com>", "||fran|example.com"},
      {"Testing) <sam@example.com>", "Testing)||sam|example.com"},
      {"<third@example.net, fourth@example.net>", "||third|example.net ||fourth|example.net"},
      {"\"Joe <joe@example.com>", "Joe||joe|example.com"},
      {"Joe", "||Joe|"},
      // What else is met.
      {"joe@example.com <joe@example.com>", "joe@example.com||joe|example.com"},
      {"'joe@example.com' <joe@example.com>, x@y", "'joe@example.com'||joe|example.com ||x|y"},
      {"a@b; c@d", "||a|b ||c|d"},
      {"a@b c@d", "||a|b ||c|d"},
      {"Doe, John <jdoe@x.test>", "||Doe| John||jdoe|x.test"},
      {"<>", ""},
      {"Mailer <>", "Mailer|||"},
      {"", ""},
      {" , ,; ", ""},
      {"a@b@c", "||a|b"},
      {"list: a@b", "list{ ||a|b }"},
      {":;@<>,\"(", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(shown(row.value) == row.shown);
  }
}

TEST_CASE("an address is written as it must be") {
  CHECK(address_text({Address::Kind::mailbox, "", "", "a.b", "c"}) == "a.b@c");
  CHECK(address_text({Address::Kind::mailbox, "", "", "a b\"", "c"}) == "\"a b\\\"\"@c");
  CHECK(address_text({Address::Kind::mailbox, "", "", "a..b", "c"}) == "\"a..b\"@c");
  CHECK(address_text({Address::Kind::mailbox, "", "", "a", ""}) == "a");
  CHECK(address_text({Address::Kind::group_end, "", "", "", ""}).empty());
}

TEST_CASE("broken address lists are read in linear time") {
  for (const std::string part : {"(", "<", "\"", "a:", "@", "<@a,", "(\\", "\"\\", "a@b<", "[", "a b"}) {
    std::string text;
    while (text.size() < 500'000) text += part;
    CAPTURE(part);
    CHECK(parse_addresses(text).size() < text.size());
  }
}
