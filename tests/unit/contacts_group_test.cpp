#include "dav/contacts/group.h"

#include <catch2/catch.hpp>

using namespace dav::contacts;

namespace {

using Names = std::set<std::string>;

Card card(const std::string& lines, const std::string& version = "3.0") {
  auto parsed =
      Card::parse("BEGIN:VCARD\r\nVERSION:" + version + "\r\nUID:1\r\nFN:A\\, B\r\n" + lines + "END:VCARD\r\n");
  return std::get<Card>(std::move(parsed));
}

}  // namespace

TEST_CASE("groups are read in both dialects") {
  const Card apple = card("X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a\r\n");
  CHECK(members_of(apple) == Names{"a"});
  CHECK(group_name(apple) == "A, B");
  CHECK(members_of(card("KIND:group\r\nMEMBER:urn:UUID:a\r\nMEMBER:mailto:b@c\r\nMEMBER:\r\n", "4.0")) ==
        Names{"a", "mailto:b@c"});
  CHECK(bare_uid("urn:uuid:") == "urn:uuid:");
  const auto change = change_between({"a", "b"}, {"b", "c"});
  CHECK(change.added == Names{"c"});
  CHECK(change.removed == Names{"a"});
}

// RFC 6350 6.7.1
TEST_CASE("categories change, and no other line does") {
  CHECK(categories_of(card("CATEGORIES:x,a\\,b\r\nCATEGORIES:y,\r\n")) == Names{"x", "y", "a,b"});
  const std::string rest = "item1.TEL;type=HOME:1\r\n 2\r\nNOTE:x\n";
  CHECK(with_categories(card(rest), {{"p,q"}, {}}).ends_with("NOTE:x\nCATEGORIES:p\\,q\r\nEND:VCARD\r\n"));
  CHECK(with_categories(card("CATEGORIES;X-A=1:x,y\r\n" + rest), {{"z", "x"}, {"y"}}) ==
        card("CATEGORIES;X-A=1:x,z\r\n" + rest).bytes());
  CHECK(with_categories(card("CATEGORIES:x\r\n" + rest), {{}, {"x"}}) == card(rest).bytes());
  CHECK(with_categories(card(rest), {{}, {"x"}}) == card(rest).bytes());
}

// RFC 6350 6.6.5
TEST_CASE("members change in the dialect of the group") {
  const std::string apple = "X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a\r\n";
  CHECK(with_members(card(apple), {{"a", "b"}, {}}) ==
        card(apple + "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:b\r\n").bytes());
  CHECK(with_members(card("KIND:group\r\nMEMBER:urn:uuid:a\r\nMEMBER:b\r\n", "4.0"), {{"mailto:c@d"}, {"a", "b"}}) ==
        card("KIND:group\r\nMEMBER:mailto:c@d\r\n", "4.0").bytes());
  for (const Version version : {Version::v3, Version::v4}) {
    auto parsed = Card::parse(new_group("A, B", "x", version));
    const Card& group = std::get<Card>(parsed);
    CHECK(group.version() == version);
    CHECK(group.kind() == Kind::group);
    CHECK(group_name(group) == "A, B");
    CHECK(bare_uid(group.uid()) == "x");
    CHECK(members_of(group).empty());
  }
}
