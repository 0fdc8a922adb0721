#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <random>
#include <set>

#include "mail/imap/search/forest.h"
#include "mail/imap/search/sort.h"
#include "mail/imap/search/thread.h"

using namespace mail::imap;

namespace {

ThreadRow row(std::uint32_t number, std::string id, std::vector<std::string> references, std::string subject = {},
              bool is_reply = false, std::int64_t sent = -1) {
  ThreadRow made;
  made.number = number;
  made.sent = sent == -1 ? number : sent;
  made.arrival = number;
  if (!id.empty()) made.message_id = std::move(id);
  made.references = std::move(references);
  made.subject = std::move(subject);
  made.is_reply = is_reply;
  return made;
}

std::string references(const std::vector<ThreadRow>& messages) { return thread_text(messages, ThreadBy::references); }

std::string sort_text(const std::vector<std::pair<storage::Message, mail::mime::SortKeys>>& messages,
                      std::string_view criteria_text) {
  Cursor cursor(criteria_text);
  const auto criteria = read_sort_criteria(cursor);
  std::vector<SortRow> rows;
  std::uint32_t number = 0;
  for (const auto& [message, keys] : messages) rows.push_back(sort_row(++number, message, keys, criteria));
  std::string text;
  for (const std::uint32_t each : sorted(std::move(rows), criteria)) text += std::to_string(each) + ' ';
  return text;
}

}  // namespace

TEST_CASE("messages are sorted by each criterion, equal ones as they are in the mailbox", "[sort]") {
  std::vector<std::pair<storage::Message, mail::mime::SortKeys>> messages(4);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i].first.internal_date = 100 - static_cast<std::int64_t>(i);
    messages[i].first.size = i == 2 ? 1 : 5;
    messages[i].second.base_subject = i % 2 == 0 ? "beta" : "Alpha";
  }
  messages[1].second.sent = 7;
  messages[0].second.from = "Zoe";
  messages[3].second.from = "anna";
  messages[2].second.display_from = "Émile";
  messages[1].second.display_from = "eve";
  messages[1].second.to = "x";
  messages[2].second.cc = "y";
  messages[0].second.display_to = "b";
  const auto [criteria, order] = GENERATE(table<std::string, std::string>({
      {"(ARRIVAL)", "4 3 2 1 "},
      {"(REVERSE ARRIVAL)", "1 2 3 4 "},
      {"(DATE)", "2 4 3 1 "},
      {"(SIZE)", "3 1 2 4 "},
      {"(REVERSE SIZE)", "1 2 4 3 "},
      {"(SUBJECT)", "2 4 1 3 "},
      {"(REVERSE SUBJECT)", "1 3 2 4 "},
      {"(SUBJECT ARRIVAL)", "4 2 3 1 "},
      {"(SUBJECT REVERSE DATE)", "4 2 1 3 "},
      {"(FROM)", "2 3 4 1 "},
      {"(DISPLAYFROM)", "1 4 2 3 "},
      {"(TO)", "1 3 4 2 "},
      {"(CC)", "1 2 4 3 "},
      {"(DISPLAYTO)", "2 3 4 1 "},
      {"(RELEVANCY)", "1 2 3 4 "},
  }));
  INFO(criteria);
  CHECK(sort_text(messages, criteria) == order);
}

TEST_CASE("threads are written as RFC 5256 4 shows them", "[thread]") {
  // Its first example: (2)(3 6 (4 23)(44 7 96)), the sent dates being in the order of the siblings there.
  CHECK(references({row(2, "2", {}), row(3, "3", {}), row(4, "4", {"3", "6"}), row(6, "6", {"3"}),
                    row(7, "7", {"3", "6", "44"}), row(23, "23", {"4"}), row(44, "44", {"6"}), row(96, "96", {"7"})}) ==
        "(2)(3 6 (4 23)(44 7 96))");
  // Its second: siblings of a parent that isn't there.
  CHECK(references({row(3, "3", {"1"}), row(5, "5", {"1"})}) == "((3)(5))");
  CHECK(references({}).empty());
}

TEST_CASE("threads follow the references", "[thread]") {
  SECTION("a dummy with one child gives it its place") {
    CHECK(references({row(1, "a", {"x", "y"}), row(2, "b", {"a"})}) == "(1 2)");
  }
  SECTION("dummies below a message give it their children") {
    CHECK(references({row(1, "a", {}), row(2, "b", {"a", "x"}), row(3, "c", {"a", "x"})}) == "(1 (2)(3))");
  }
  SECTION("a truncated list of references doesn't part what is linked") {
    CHECK(references({row(1, "a", {}), row(2, "b", {"a"}), row(3, "c", {"b"}), row(4, "d", {"a", "c"})}) ==
          "(1 2 3 4)");
  }
  SECTION("the last reference wins over a link that another message made") {
    CHECK(references({row(1, "a", {"b"}), row(2, "b", {"c"}), row(3, "x", {"b", "a"}), row(4, "c", {})}) ==
          "(4 2 1 3)");
  }
  SECTION("loops are not made") {
    CHECK(references({row(1, "a", {"b"}), row(2, "b", {"a"})}) == "(2 1)");
    CHECK(references({row(1, "a", {"a"})}) == "(1)");
    CHECK(references({row(1, "a", {"b", "c", "b"})}) == "(1)");
  }
  SECTION("a second message with an id stands alone") {
    CHECK(references({row(1, "a", {}), row(2, "a", {}), row(3, "b", {"a"})}) == "(1 3)(2)");
  }
  SECTION("messages without an id are replies all the same") {
    CHECK(references({row(1, "a", {}), row(2, "", {"a"}), row(3, "", {})}) == "(1 2)(3)");
  }
  SECTION("siblings stand in the order they were sent") {
    CHECK(references({row(1, "a", {}, "", false, 50), row(2, "b", {"a"}, "", false, 9),
                      row(3, "c", {"a"}, "", false, 5), row(4, "d", {}, "", false, 5)}) == "(4)(1 (3)(2))");
  }
}

TEST_CASE("threads of one subject come together", "[thread]") {
  SECTION("a reply goes below the message it answers") {
    CHECK(references({row(1, "a", {}, "S"), row(2, "b", {}, "S", true)}) == "(1 2)");
    CHECK(references({row(1, "b", {}, "S", true), row(2, "a", {}, "S")}) == "(2 1)");
  }
  SECTION("two that are no replies are siblings") {
    CHECK(references({row(1, "a", {}, "S"), row(2, "b", {}, "S"), row(3, "c", {}, "S")}) == "((1)(2)(3))");
  }
  SECTION("two replies are siblings") {
    CHECK(references({row(1, "a", {}, "S", true), row(2, "b", {}, "S", true)}) == "((1)(2))");
  }
  SECTION("dummies are merged") {
    CHECK(references({row(1, "a", {"x"}, "S"), row(2, "b", {"x"}, "S"), row(3, "c", {"y"}, "S"),
                      row(4, "d", {"y"}, "S"), row(5, "e", {}, "S")}) == "((1)(2)(3)(4)(5))");
  }
  SECTION("no subject is no reason") { CHECK(references({row(1, "a", {}), row(2, "b", {})}) == "(1)(2)"); }
  SECTION("REFS merges nothing, and goes by the latest arrival") {
    CHECK(thread_text({row(1, "a", {}, "S"), row(2, "b", {}, "S", true), row(3, "c", {"a"})}, ThreadBy::refs) ==
          "(2)(1 3)");
  }
}

TEST_CASE("subjects alone make threads without grandchildren", "[thread]") {
  CHECK(thread_text({row(1, "", {}, "B"), row(2, "", {}, "A"), row(3, "", {}, "B"), row(4, "", {}, "B"),
                     row(5, "", {}, "A", false, 0), row(6, "", {}, "C")},
                    ThreadBy::ordered_subject) == "(5 2)(1 (3)(4))(6)");
}

TEST_CASE("the roots of a forest are what walking up would find", "[forest]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  constexpr std::uint32_t count = 60;
  Forest forest;
  for (std::uint32_t i = 0; i < count; ++i) REQUIRE(forest.add() == i);
  const auto walk = [&](Forest::Node node) {
    while (forest.parent(node) != Forest::none) node = forest.parent(node);
    return node;
  };
  for (int step = 0; step < 20000; ++step) {
    const auto one = static_cast<Forest::Node>(random() % count);
    const auto other = static_cast<Forest::Node>(random() % count);
    REQUIRE(forest.root(one) == walk(one));
    if (forest.parent(one) != Forest::none && random() % 4 == 0) {
      forest.cut(one);
    } else if (forest.parent(one) == Forest::none && forest.root(other) != one) {
      forest.link(one, other);
    }
  }
}

TEST_CASE("every message is in the threads once, whatever refers to what", "[thread]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  for (int round = 0; round < 200; ++round) {
    std::vector<ThreadRow> messages;
    const std::uint32_t count = below(30);
    for (std::uint32_t i = 1; i <= count; ++i) {
      std::vector<std::string> ids;
      for (std::uint32_t n = below(4); n > 0; --n) ids.push_back(std::to_string(below(20)));
      messages.push_back(row(i, std::to_string(below(20)), std::move(ids), std::string(below(3), 's'), below(2) == 0,
                             static_cast<std::int64_t>(below(10))));
    }
    for (const ThreadBy by : {ThreadBy::references, ThreadBy::refs, ThreadBy::ordered_subject}) {
      const std::string text = thread_text(messages, by);
      INFO(text);
      std::multiset<std::uint32_t> found;
      int depth = 0;
      for (std::size_t at = 0; at < text.size();) {
        if (text[at] >= '0' && text[at] <= '9') {
          std::size_t used = 0;
          found.insert(static_cast<std::uint32_t>(std::stoul(text.substr(at), &used)));
          at += used;
          continue;
        }
        depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
        REQUIRE(depth >= 0);
        ++at;
      }
      REQUIRE(depth == 0);
      REQUIRE(found.size() == count);
      REQUIRE(std::set<std::uint32_t>(found.begin(), found.end()).size() == count);
    }
  }
}

TEST_CASE("a thread as long as a mailbox is no trouble", "[thread]") {
  constexpr std::uint32_t count = 100'000;
  std::vector<ThreadRow> messages;
  for (std::uint32_t i = 1; i <= count; ++i) {
    messages.push_back(row(i, std::to_string(i), {std::to_string(i - 1)}, "S", i > 1));
  }
  const std::string text = references(messages);
  CHECK(text.starts_with("(1 2 3 "));
  CHECK(text.ends_with(" 100000)"));
  // From the end, each link is made to a tree that is already there.
  for (std::uint32_t i = 0; i < count; ++i) messages[i].references = {std::to_string(i + 2)};
  CHECK(references(messages).starts_with("(100000 99999 "));
}
