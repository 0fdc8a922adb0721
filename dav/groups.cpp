#include "dav/groups.h"

#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "dav/card_version.h"
#include "dav/contacts/group.h"
#include "dav/methods/uuid.h"
#include "dav/xml.h"

namespace dav {

namespace {

using contacts::Card;
using contacts::SetChange;

constexpr std::string_view property_name = "group-mode";
constexpr std::string_view group_component = "GROUP";

std::optional<GroupMode> group_mode_of(std::string_view name) {
  if (name == "cards") return GroupMode::cards;
  if (name == "categories") return GroupMode::categories;
  return std::nullopt;
}

GroupMode mode_of(Context& context, const storage::Collection& book) {
  if (book.kind != storage::CollectionKind::addressbook) return GroupMode::cards;
  for (const auto& property : context.transaction.properties(book.id, 0)) {
    if (property.ns != PILEUS || property.name != property_name) continue;
    return group_mode_of(xml::Document::parse(property.xml).root().text()).value_or(GroupMode::cards);
  }
  return context.environment.settings.group_mode;
}

std::optional<Card> read_card(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  auto parsed = Card::parse(*bytes);
  auto* card = std::get_if<Card>(&parsed);
  if (card == nullptr) return std::nullopt;
  return std::move(*card);
}

/// One change, in one book.
class Follower {
 public:
  Follower(Context& context, const storage::Collection& book) : context_(context), book_(book) {}

  /// RFC 6350 6.6.5: the members of a group that came, went, or got another name.
  void group_changed(const Card* before, const Card* after) {
    const auto old_members = before ? contacts::members_of(*before) : std::set<std::string>();
    const auto new_members = after ? contacts::members_of(*after) : std::set<std::string>();
    const std::string old_name = before ? contacts::group_name(*before) : std::string();
    const std::string new_name = after ? contacts::group_name(*after) : std::string();
    std::map<std::string, SetChange> changes;
    for (const std::string& uid : old_members) {
      if (!new_members.contains(uid) || old_name != new_name) changes[uid].removed.insert(old_name);
    }
    for (const std::string& uid : new_members) {
      if (!old_members.contains(uid) || old_name != new_name) changes[uid].added.insert(new_name);
    }
    for (const auto& [uid, change] : changes) change_categories(uid, change);
  }

  /// RFC 6350 6.7.1: the categories of a card that came, went, or changed. The cards of groups are written by flush().
  std::optional<storage::Member> card_changed(const Card* before, const Card* after) {
    const auto old_names = before ? contacts::categories_of(*before) : std::set<std::string>();
    const auto new_names = after ? contacts::categories_of(*after) : std::set<std::string>();
    const SetChange names = contacts::change_between(old_names, new_names);
    // A card without categories that comes may be in groups; one that stays as it is has nothing to say.
    if (names.is_empty() && before && after) return std::nullopt;
    const std::string uid(contacts::bare_uid((after ? after : before)->uid()));
    SetChange own;
    auto missing = names.added;
    for (Group& group : groups()) {
      const bool is_in = group.members.contains(uid);
      missing.erase(group.name);
      if (!is_in && names.added.contains(group.name)) group.add(uid);
      if (is_in && (names.removed.contains(group.name) || !after)) group.remove(uid);
      if (is_in && !before && !new_names.contains(group.name)) own.added.insert(group.name);
    }
    for (const std::string& name : missing) make_group(name, uid, after->version());
    if (own.is_empty()) return std::nullopt;
    return change_categories(uid, own);
  }

  void flush() {
    if (!groups_) return;
    for (const Group& group : *groups_) {
      if (!group.change.is_empty())
        put(group.member, contacts::with_members(group.card, group.change), group_component);
    }
  }

 private:
  struct Group {
    storage::Member member;  ///< without an id: not in the store yet
    Card card;
    std::string name;
    std::set<std::string> members;
    SetChange change;

    void add(const std::string& uid) {
      members.insert(uid);
      change.removed.erase(uid);
      change.added.insert(uid);
    }
    void remove(const std::string& uid) {
      members.erase(uid);
      change.added.erase(uid);
      change.removed.insert(uid);
    }
  };

  std::vector<Group>& groups() {
    if (groups_) return *groups_;
    std::vector<storage::Member> found;
    context_.transaction.for_each_member(book_.id, storage::WithBytes::no, [&](const storage::Member& member) {
      if (member.facts.component == group_component) found.push_back(member);
    });
    groups_.emplace();
    for (auto& member : found) {
      if (auto card = read_card(context_.transaction.bytes(member))) add_group(std::move(member), std::move(*card));
    }
    return *groups_;
  }

  Group& add_group(storage::Member member, Card card) {
    std::string name = contacts::group_name(card);
    auto members = contacts::members_of(card);
    return groups_->emplace_back(Group{std::move(member), std::move(card), std::move(name), std::move(members), {}});
  }

  std::optional<storage::Member> change_categories(const std::string& uid, const SetChange& change) {
    auto member = context_.transaction.member_with_uid(book_.id, uid);
    if (!member) member = context_.transaction.member_with_uid(book_.id, "urn:uuid:" + uid);
    if (!member) return std::nullopt;
    const auto card = read_card(context_.transaction.bytes(*member));
    if (!card || card->kind() == contacts::Kind::group) return std::nullopt;
    return put(*member, contacts::with_categories(*card, change), "VCARD");
  }

  std::optional<storage::Member> put(const storage::Member& member, const std::string& text,
                                     std::string_view component) {
    const auto blob = context_.environment.store.stage(storage::Spool(std::string_view(text)));
    if (blob.etag() == member.etag) return std::nullopt;
    return context_.transaction.put(book_.id, member.name, blob, member.media_type,
                                    {member.facts.uid, std::string(component)}, context_.actor());
  }

  void make_group(const std::string& name, const std::string& member_uid, contacts::Version version) {
    const std::string uid = random_uuid();
    auto empty = read_card(contacts::new_group(name, uid, version));
    if (!empty) return;
    storage::Member member;
    member.name = uid + ".vcf";
    member.media_type = card_media_type(version);
    member.facts.uid = empty->uid();
    add_group(std::move(member), std::move(*empty)).add(member_uid);
  }

  Context& context_;
  const storage::Collection& book_;
  std::optional<std::vector<Group>> groups_;
};

bool is_group(const std::optional<Card>& card) { return card && card->kind() == contacts::Kind::group; }

}  // namespace

std::optional<storage::Member> follow_groups(Context& context, const CardChange& change) {
  if (mode_of(context, change.book) == GroupMode::cards) return std::nullopt;
  const auto before = read_card(change.before);
  const auto after = change.after ? read_card(context.transaction.bytes(*change.after)) : std::nullopt;
  Follower follower(context, change.book);
  if (is_group(before) || is_group(after)) {
    follower.group_changed(is_group(before) ? &*before : nullptr, is_group(after) ? &*after : nullptr);
    return std::nullopt;
  }
  if (!before && !after) return std::nullopt;
  auto itself = follower.card_changed(before ? &*before : nullptr, after ? &*after : nullptr);
  follower.flush();
  return itself;
}

void join_groups(Context& context, const storage::Collection& book) {
  if (mode_of(context, book) == GroupMode::cards) return;
  std::vector<storage::Member> members;
  context.transaction.for_each_member(book.id, storage::WithBytes::no,
                                      [&](const storage::Member& member) { members.push_back(member); });
  Follower follower(context, book);
  for (const auto& member : members) {
    if (member.facts.component != group_component) continue;
    if (const auto group = read_card(context.transaction.bytes(member))) follower.group_changed(nullptr, &*group);
  }
  for (const auto& member : members) {
    const auto card = read_card(context.transaction.bytes(member));
    if (card && card->kind() != contacts::Kind::group) follower.card_changed(nullptr, &*card);
  }
  follower.flush();
}

std::optional<std::string> card_before(Context& context, const storage::Collection& book,
                                       const storage::Member* member) {
  if (member == nullptr || mode_of(context, book) == GroupMode::cards) return std::nullopt;
  return context.transaction.bytes(*member);
}

bool read_group_mode(const Context& context, const Resource&, std::string& out) {
  out += context.environment.settings.group_mode == GroupMode::cards ? "cards" : "categories";
  return true;
}

std::optional<Error> check_group_mode(const Context&, const Resource&, const xml::Element* value) {
  if (value == nullptr || group_mode_of(value->text())) return std::nullopt;
  return Error{condition::conflict, "the mode is cards or categories"};
}

}  // namespace dav
