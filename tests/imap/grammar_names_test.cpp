#include <catch2/catch.hpp>

#include <random>

#include "mail/imap/grammar/list_options.h"
#include "mail/imap/grammar/list_pattern.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/grammar/utf7.h"

using namespace mail::imap;

TEST_CASE("modified UTF-7 goes both ways", "[utf7]") {
  // The first two are RFC 3501 5.1.3's.
  const auto row = GENERATE(table<std::string, std::string>({
      {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},
      {"&Jjo-!", "☺!"},
      {"plain", "plain"},
      {"A&-B", "A&B"},
      {"&-&-", "&&"},
      {"Entw&APw-rfe", "Entwürfe"},
      {"&2D3eAA-", "\xf0\x9f\x98\x80"},
      {"&AOkA6QDp-", "ééé"},
      {"&AOk-&-", "é&"},
      {"&-&AOk-", "&é"},
  }));
  CHECK(from_utf7(std::get<0>(row)) == std::get<1>(row));
  CHECK(to_utf7(std::get<1>(row)) == std::get<0>(row));
}

TEST_CASE("modified UTF-7 that nobody writes is refused", "[utf7]") {
  // The third and fourth are RFC 3501 5.1.3's: superfluous shifts.
  const auto bad =
      GENERATE(as<std::string>(), "&", "&AOk", "&U,BTFw-&ZeVnLIqe-", "&Jjo!", "&AEE-", "&AAo-", "&AOl-", "&AO-", "&A-",
               "&2D0-", "&3gA-", "&2D3YPQ-", "&AOk=-", "a\xc3\xa9", "a\x01", "&AH8-", "&AOkA-", "&AO/k-");
  INFO(bad);
  CHECK_FALSE(from_utf7(bad));
}

TEST_CASE("all that is UTF-8 comes back of UTF-7", "[utf7]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto i = random() % 12; i > 0; --i) {
      static const std::string parts[] = {"a", "&", "-", "é", "日", "\xf0\x9f\x98\x80", " ", "\xc2\xa0"};
      text += parts[random() % std::size(parts)];
    }
    INFO(text << " " << to_utf7(text));
    REQUIRE(from_utf7(to_utf7(text)) == text);
  }
}

TEST_CASE("names of mailboxes are read for either kind of client", "[names]") {
  const auto read = [](std::string_view text, Client client) {
    Cursor cursor(text, client);
    return read_mailbox(cursor);
  };
  CHECK(read("iNbOx", Client::rev1) == "INBOX");
  CHECK(read("inbox/Foo", Client::rev1) == "INBOX/Foo");
  CHECK(read("inboxes", Client::rev1) == "inboxes");
  CHECK(read("Entw&APw-rfe", Client::rev1) == "Entwürfe");
  CHECK(read("A&B", Client::utf8) == "A&B");
  CHECK(read("\"Entwürfe\"", Client::utf8) == "Entwürfe");
  // A letter and a combining mark are the letter with its mark.
  CHECK(read("\"u\xcc\x88\"", Client::utf8) == "ü");
  CHECK(read("u&Awg-", Client::rev1) == "ü");
  CHECK_THROWS_AS(read("A&B", Client::rev1), SyntaxError);
  CHECK_THROWS_AS(read("{2}\r\n\xc3\xa9", Client::rev1), SyntaxError);
  CHECK_THROWS_AS(read("{1}\r\n\xc3", Client::utf8), SyntaxError);
  std::string out;
  append_mailbox(out, "Entwürfe", Client::rev1);
  append_mailbox(out += ' ', "Entwürfe", Client::utf8);
  append_mailbox(out += ' ', "A&B", Client::rev1);
  append_mailbox(out += ' ', "A B", Client::rev1);
  CHECK(out == "Entw&APw-rfe \"Entwürfe\" A&-B \"A B\"");
}

TEST_CASE("names that no mailbox can have are told", "[names]") {
  const std::string deep = [] {
    std::string name = "a";
    for (std::size_t i = 1; i < most_levels; ++i) name += "/a";
    return name;
  }();
  const auto good = GENERATE_REF(as<std::string>(), "a", "a/b", "日本語", "#news", "a&b", "a\"b\\", deep);
  INFO(good);
  CHECK_FALSE(name_fault(good));
  const auto bad = GENERATE_REF(as<std::string>(), "", "/a", "a/", "a//b", "a*", "%", "a\nb", "a\x7f", "a\xc2\x85",
                                "a\xe2\x80\xa8", "\xff", std::string(256, 'a'), deep + "/a");
  INFO(bad);
  CHECK(name_fault(bad));
}

TEST_CASE("patterns meet names", "[pattern]") {
  const auto row = GENERATE(table<std::string, std::string, std::string, bool>({
      {"", "*", "a/b/c", true},
      {"", "%", "a", true},
      {"", "%", "a/b", false},
      {"", "%/%", "a/b", true},
      {"", "a/%", "a/b", true},
      {"", "a/%", "a", false},
      {"", "a*", "a/b", true},
      {"", "a*", "ba", false},
      {"a/", "%", "a/b", true},
      {"a", "/b", "b", true},
      {"", "inbox", "INBOX", true},
      {"", "InB%", "INBOX", true},
      {"", "inb*", "INBOX/a", false},
      {"", "inbox/*", "INBOX/a", true},
      {"", "a", "A", false},
      {"", "", "", true},
      {"", "", "a", false},
      {"", "a%*b", "axx/yb", true},
      {"", "*a*b*c*", "xaxbxc", true},
      {"", "*a*b*c*", "xaxcxb", false},
      {"", "%b%d", "abcd", true},
      {"", "%b%d", "ab/d", false},
      {"", "日*", "日本", true},
  }));
  INFO(std::get<1>(row) << " " << std::get<2>(row));
  CHECK(ListPattern(std::get<0>(row), std::get<1>(row)).matches(std::get<2>(row)) == std::get<3>(row));
}

TEST_CASE("patterns say whether something below could be met", "[pattern]") {
  CHECK(ListPattern("", "a/%").may_match_below("a"));
  CHECK_FALSE(ListPattern("", "a/%").may_match_below("b"));
  CHECK_FALSE(ListPattern("", "%").may_match_below("a"));
  CHECK(ListPattern("", "*").may_match_below("a/b"));
}

TEST_CASE("a pattern made to be slow is not", "[pattern]") {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  CHECK_FALSE(ListPattern("", pattern + "b").matches(std::string(1000, 'a')));
}

TEST_CASE("the arguments of LIST are read", "[list]") {
  const auto read = [](std::string_view text) {
    Cursor cursor(text);
    return read_list_arguments(cursor);
  };
  const ListArguments plain = read("\"\" inb%x*]");
  CHECK(plain.patterns == std::vector<std::string>{"inb%x*]"});
  CHECK_FALSE(plain.extended);
  const ListArguments all = read(
      "(SUBSCRIBED REMOTE RECURSIVEMATCH SPECIAL-USE) foo (a \"b c\" inbox) RETURN (SUBSCRIBED CHILDREN "
      "SPECIAL-USE MYRIGHTS STATUS (MESSAGES unseen MESSAGES))");
  CHECK(all.subscribed);
  CHECK(all.remote);
  CHECK(all.recursive_match);
  CHECK(all.special_use);
  CHECK(all.reference == "foo");
  CHECK(all.patterns == std::vector<std::string>{"a", "b c", "INBOX"});
  CHECK(all.return_subscribed);
  CHECK(all.return_children);
  CHECK(all.return_special_use);
  CHECK(all.return_my_rights);
  CHECK(all.return_status == std::vector<StatusItem>{StatusItem::messages, StatusItem::unseen});
  CHECK(read("() \"\" (a) RETURN ()").extended);
}

TEST_CASE("arguments of LIST that are none are refused", "[list]") {
  const auto bad =
      GENERATE(as<std::string>(), "", "\"\"", "\"\" ", "(RECURSIVEMATCH) \"\" *", "(RECURSIVEMATCH REMOTE) \"\" *",
               "(FOO) \"\" *", "\"\" * RETURN", "\"\" * RETURN (FOO)", "\"\" * RETURN (STATUS)",
               "\"\" * RETURN (STATUS ())", "\"\" * x", "\"\" ()", "\"\" (a", "\"\" * RETURN (STATUS (FOO))");
  INFO(bad);
  Cursor cursor(bad);
  CHECK_THROWS_AS(read_list_arguments(cursor), SyntaxError);
}
