#include "mail/facts.h"

#include <catch2/catch.hpp>

#include "mail/mime/envelope.h"
#include "mail/mime/scanner.h"
#include "storage/failure.h"
#include "storage/signature.h"

using namespace mail;
using mime::Client;
using mime::Detail;
using storage::SearchIn;

namespace {

const std::string letter =
    "From: =?utf-8?q?J=C3=BCrgen?= <j@x.test>\r\n"
    "To: ada@y.test\r\n"
    "Subject: Re: the\r\n plan\r\n"
    "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
    "Message-ID: <3@x.test>\r\n"
    "References: <1@x.test> <2@x.test>\r\n"
    "X-Mailer: Pen 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\xC3\xBC\xC3\x9F"
    "e <b>from</b> Ober&shy;bayern</p>\r\n"
    "--b\r\nContent-Disposition: attachment; filename=\"report.pdf\"\r\n\r\nxyz\r\n--b--\r\n";

storage::MessageFacts facts_of(const std::string& octets) {
  return make_facts(storage::Spool(std::string_view(octets)));
}

bool may_hold(const storage::MessageFacts& facts, SearchIn where, std::string_view text) {
  const storage::SignatureQuery query(where, mime::collation_key(text));
  REQUIRE_FALSE(query.empty());
  return !facts.signature || query.matches(*facts.signature);
}

}  // namespace

TEST_CASE("what is packed is what was derived") {
  const auto made = facts_of(letter);
  const Facts facts(made.packed);
  const auto structure = mime::scan(letter);
  const std::string& header = structure.descriptions.front().header;
  CHECK(made.edition == facts_edition);
  for (const auto client : {Client::rev1, Client::utf8}) {
    CHECK(facts.envelope(client) == mime::envelope(header, client));
    for (const auto detail : {Detail::body, Detail::body_structure}) {
      CHECK(facts.body_structure(detail, client) == mime::body_structure(structure, detail, client));
    }
  }
  CHECK(facts.layout() == structure.layout);
  CHECK_FALSE(facts.has_nul());
  CHECK(
      facts.preview().starts_with("Gr\xC3\xBC\xC3\x9F"
                                  "e from Ober"));
  const auto keys = facts.sort_keys();
  const auto expected = mime::sort_keys(header);
  CHECK(keys.display_from == expected.display_from);
  CHECK(keys.from == expected.from);
  CHECK(keys.to == expected.to);
  CHECK(keys.cc == expected.cc);
  CHECK(keys.base_subject == "the plan");
  CHECK(keys.is_reply);
  CHECK(keys.sent == expected.sent);
  CHECK(keys.sent_day == expected.sent_day);
  CHECK(keys.message_id == "3@x.test");
  CHECK(keys.references == std::vector<std::string>{"1@x.test", "2@x.test"});
  CHECK(made.message_ids == std::vector<std::string>{"3@x.test", "1@x.test", "2@x.test"});
}

TEST_CASE("a header stands behind the facts, if it is there") {
  const auto made = facts_of(letter);
  REQUIRE(made.header);
  CHECK(*made.header == letter.substr(0, letter.find("\r\n\r\n") + 4));
  CHECK_FALSE(Facts(made.packed).header());
  const std::string both = made.packed + *made.header;
  CHECK(Facts(both).header() == *made.header);
  CHECK(Facts(both).sort_keys().references.size() == 2);

  const auto without = facts_of("");
  CHECK(without.header == "");
  CHECK(Facts(without.packed).header() == "");
  const auto longer = facts_of("X: " + std::string(longest_kept_header, 'x') + "\r\n\r\n");
  CHECK_FALSE(longer.header);
  CHECK_FALSE(Facts(longer.packed).header());
}

TEST_CASE("a message in a file is read as one in memory is") {
  storage::Spool spool("/tmp", 1000);
  std::string octets = letter;
  octets.insert(octets.find("xyz"), std::string(300'000, 'z') + "\r\n");
  spool.append(octets);
  REQUIRE_FALSE(spool.in_memory());
  CHECK(make_facts(spool).packed == facts_of(octets).packed);
  CHECK(make_facts(spool).signature == facts_of(octets).signature);
  CHECK(make_facts(spool.share().take()).packed == facts_of(octets).packed);
}

TEST_CASE("what may have a text has it among its candidates, in every script") {
  const auto facts = facts_of(letter);
  CHECK(may_hold(facts, SearchIn::subject, "THE pl"));
  CHECK(may_hold(facts, SearchIn::from, "j\xC3\x9Crg"));
  CHECK(may_hold(facts, SearchIn::to, "y.test"));
  CHECK(may_hold(facts, SearchIn::headers, "x-mailer: pen"));
  CHECK(may_hold(facts, SearchIn::headers, "Subject: re"));
  CHECK(may_hold(facts, SearchIn::body, "r\xC3\x9C\xC3\x9F"));
  CHECK(may_hold(facts, SearchIn::attachments, "port.PDF"));
  for (const char* text : {"the plan", "rgen", "ada@", "report", "from Ober"}) {
    CHECK(may_hold(facts, SearchIn::anywhere, text));
  }
  CHECK_FALSE(may_hold(facts, SearchIn::body, "the plan of others"));
  CHECK_FALSE(may_hold(facts, SearchIn::subject, "ada@y.test"));
  CHECK_FALSE(may_hold(facts, SearchIn::anywhere, "something else"));
  const auto chinese = facts_of("Subject: x\r\n\r\n\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD\r\n");
  CHECK(may_hold(chinese, SearchIn::body, "\xE4\xBA\xAC\xE9\x83\xBD"));
  CHECK_FALSE(may_hold(chinese, SearchIn::body, "\xE4\xBA\xAC\xE6\x9D\xB1"));
}

TEST_CASE("of what is not read whole, any text may be found") {
  const auto facts = facts_of("Subject: x\r\n\r\n" + std::string(2'000'000, 'x') + "the end");
  CHECK_FALSE(facts.signature);
}

TEST_CASE("facts of hostile messages are bounded") {
  std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 50'000; ++i) parts += "--b\r\n\r\n";
  const auto many = facts_of(parts);
  CHECK(many.packed.size() < 4'000'000);
  CHECK(Facts(many.packed).layout().size() <= 10'001);
  std::string ids = "References:";
  for (int i = 0; i < 20'000; ++i) ids += " <" + std::to_string(i) + "@x>\r\n";
  CHECK(Facts(facts_of(ids).packed).sort_keys().references.size() == 1000);
  CHECK(Facts(facts_of(std::string("A: \0b\r\n\r\n", 9)).packed).has_nul());
}

TEST_CASE("what nobody has packed is refused") {
  const auto made = facts_of(letter);
  CHECK_THROWS_AS(Facts(""), storage::Failure);
  for (std::size_t size = 0; size < made.packed.size(); ++size) {
    CHECK_THROWS_AS(Facts(std::string_view(made.packed).substr(0, size)), storage::Failure);
  }
  std::string other = made.packed;
  for (std::size_t at = 0; at < other.size(); ++at) {
    other[at] = static_cast<char>(other[at] ^ 0x55);
    try {
      const Facts facts(other);
      static_cast<void>(facts.sort_keys());
      static_cast<void>(facts.layout());
      static_cast<void>(facts.header());
    } catch (const storage::Failure&) {
    }
    other[at] = made.packed[at];
  }
}
