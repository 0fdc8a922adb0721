#include "dav/groups.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "dav/card_version.h"
#include "dav/facts.h"
#include "dav/group_index.h"
#include "dav/methods/uuid.h"
#include "dav/properties/values.h"
#include "dav/xml.h"

namespace dav {

namespace {

using contacts::Card;
using contacts::SetChange;

constexpr std::string_view property_name = "group-mode";
constexpr std::string_view group_component = "GROUP";

std::optional<Card> read_card(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  auto parsed = Card::parse(*bytes);
  auto* card = std::get_if<Card>(&parsed);
  if (card == nullptr) return std::nullopt;
  return std::move(*card);
}

bool is_group(const std::optional<Card>& card) { return card && card->kind() == contacts::Kind::group; }

}  // namespace

/// The changes of one book.
class GroupFollower::Follower {
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

  /// Its card is another one from now on: the index is told. What has been asked of it so far was written before.
  void group_put(const storage::Member& member, const Card* card) {
    if (!index_) return;
    index_->forget(member.id);
    if (card == nullptr) return;
    auto own = read_card(context_.transaction.bytes(member));
    if (!own) return;
    const auto namesakes = index_->named(contacts::group_name(*own));
    index_->add(member, std::move(*own));
    for (const std::size_t made : namesakes) take_over(made);
  }

  /// RFC 6350 6.7.1: the categories of a card that came, went, or changed. The cards of groups are written by flush().
  std::optional<storage::Member> card_changed(const Card* before, const Card* after) {
    const auto old_names = before ? contacts::categories_of(*before) : std::set<std::string>();
    const auto new_names = after ? contacts::categories_of(*after) : std::set<std::string>();
    const SetChange names = contacts::change_between(old_names, new_names);
    // A card without categories that comes may be in groups; one that stays as it is has nothing to say.
    if (names.is_empty() && before && after) return std::nullopt;
    const std::string uid(contacts::bare_uid((after ? after : before)->uid()));
    const auto is_in = index().of(uid);
    SetChange own;
    for (const std::size_t group : is_in) {
      const std::string& name = index().all()[group].name;
      if (!before && !new_names.contains(name)) own.added.insert(name);
      if (names.removed.contains(name) || !after) index().remove_member(group, uid);
    }
    for (const std::string& name : names.added) {
      const auto groups = index().named(name);
      if (groups.empty()) make_group(name, uid, after->version());
      for (const std::size_t group : groups) {
        if (!is_in.contains(group)) index().add_member(group, uid);
      }
    }
    if (own.is_empty()) return std::nullopt;
    return change_categories(uid, own);
  }

  void flush() {
    if (!index_) return;
    for (std::size_t place = 0; place < index_->all().size(); ++place) {
      const BookGroup& group = index_->all()[place];
      if (!group.changed) continue;
      const auto written = put(group.member, contacts::with_members(group.card, group.change));
      index_->written(place, written.value_or(group.member));
    }
  }

 private:
  /// A group that was about to be made for a category is the one that has just come.
  void take_over(std::size_t made) {
    if (index_->all()[made].member.id != 0) return;
    const auto members = index_->all()[made].change.added;
    const std::size_t come = index_->all().size() - 1;
    for (const std::string& uid : members) {
      const auto groups = index_->of(uid);
      if (!groups.contains(come)) index_->add_member(come, uid);
    }
    index_->drop(made);
  }

  GroupIndex& index() {
    if (index_) return *index_;
    index_.emplace();
    for (auto& member : context_.transaction.groups_in(book_.id)) {
      if (auto card = read_card(context_.transaction.bytes(member))) index_->add(std::move(member), std::move(*card));
    }
    return *index_;
  }

  std::optional<storage::Member> change_categories(const std::string& uid, const SetChange& change) {
    auto member = context_.transaction.member_with_uid(book_.id, uid);
    if (!member) member = context_.transaction.member_with_uid(book_.id, "urn:uuid:" + uid);
    if (!member) return std::nullopt;
    const auto card = read_card(context_.transaction.bytes(*member));
    if (!card || card->kind() == contacts::Kind::group) return std::nullopt;
    return put(*member, contacts::with_categories(*card, change));
  }

  std::optional<storage::Member> put(const storage::Member& member, const std::string& text) {
    const auto blob = context_.environment.store.stage(storage::Spool(std::string_view(text)));
    if (blob.etag() == member.etag) return std::nullopt;
    const auto card = read_card(text);
    if (!card) return std::nullopt;
    return context_.transaction.put(book_.id, member.name, blob, member.media_type, facts_of(*card), context_.actor());
  }

  void make_group(const std::string& name, const std::string& member_uid, contacts::Version version) {
    const std::string uid = random_uuid();
    auto empty = read_card(contacts::new_group(name, uid, version));
    if (!empty) return;
    storage::Member member;
    member.name = uid + ".vcf";
    member.media_type = card_media_type(version);
    member.facts.uid = empty->uid();
    index().add(std::move(member), std::move(*empty));
    index().add_member(index().all().size() - 1, member_uid);
  }

  Context& context_;
  const storage::Collection& book_;
  std::optional<GroupIndex> index_;
};

GroupFollower::GroupFollower(Context& context, const storage::Collection& book) : context_(context) {
  if (group_mode(context.transaction, context.environment.settings, book) == GroupMode::cards) return;
  follower_ = std::make_unique<Follower>(context, book);
}

GroupFollower::~GroupFollower() = default;

std::optional<std::string> GroupFollower::before(const storage::Member* member) {
  if (member == nullptr || !follower_) return std::nullopt;
  if (member->facts.component != group_component) return context_.transaction.bytes(*member);
  // What has become of it so far must be in what it is compared with.
  follower_->flush();
  const auto now = context_.transaction.member(member->collection, member->name);
  return context_.transaction.bytes(now ? *now : *member);
}

std::optional<storage::Member> GroupFollower::follow(const std::optional<std::string>& before_text,
                                                     const storage::Member* member) {
  if (!follower_) return std::nullopt;
  const auto before = read_card(before_text);
  const auto after = member ? read_card(context_.transaction.bytes(*member)) : std::nullopt;
  if (!is_group(before) && !is_group(after)) {
    if (!before && !after) return std::nullopt;
    return follower_->card_changed(before ? &*before : nullptr, after ? &*after : nullptr);
  }
  if (member != nullptr) follower_->group_put(*member, is_group(after) ? &*after : nullptr);
  follower_->group_changed(is_group(before) ? &*before : nullptr, is_group(after) ? &*after : nullptr);
  return std::nullopt;
}

void GroupFollower::finish() {
  if (follower_) follower_->flush();
}

void remove_followed(Context& context, const storage::Collection& book, const storage::Member& member) {
  GroupFollower groups(context, book);
  const auto before = groups.before(&member);
  context.transaction.remove(member, context.actor());
  groups.follow(before, nullptr);
  groups.finish();
}

void join_groups(Context& context, const storage::Collection& book) {
  std::vector<storage::Member> members;
  context.transaction.for_each_member(book.id, storage::WithBytes::no,
                                      [&](const storage::Member& member) { members.push_back(member); });
  std::stable_partition(members.begin(), members.end(),
                        [](const auto& member) { return member.facts.component == group_component; });
  GroupFollower follower(context, book);
  for (const auto& member : members) follower.follow(std::nullopt, &member);
  follower.finish();
}

std::string_view name_of(GroupMode mode) { return mode == GroupMode::cards ? "cards" : "categories"; }

std::optional<GroupMode> group_mode_of(std::string_view name) {
  if (name == "cards") return GroupMode::cards;
  if (name == "categories") return GroupMode::categories;
  return std::nullopt;
}

GroupMode group_mode(storage::Transaction& transaction, const Settings& settings, const storage::Collection& book) {
  if (book.kind != storage::CollectionKind::addressbook) return GroupMode::cards;
  const auto text = text_in(transaction.properties(book.id, 0), PILEUS, property_name);
  return text ? group_mode_of(*text).value_or(GroupMode::cards) : settings.group_mode;
}

void set_group_mode(const Environment& environment, const storage::Principal& principal, const Address& book,
                    std::optional<GroupMode> mode) {
  environment.store.write([&](storage::Transaction& transaction) {
    Target target = resolve(transaction, book);
    if (!target.collection) return;
    const storage::Id id = target.collection->id;
    if (mode) {
      transaction.set_property(id, 0, text_property(PILEUS, property_name, name_of(*mode)));
    } else {
      transaction.remove_property(id, 0, PILEUS, property_name);
    }
    transaction.touch(id);
    const Request request;
    Context context{transaction, request, principal, environment, target, transaction.now()};
    join_groups(context, *target.collection);
  });
}

bool read_group_mode(const Context& context, const Resource&, std::string& out) {
  out += name_of(context.environment.settings.group_mode);
  return true;
}

std::optional<Error> check_group_mode(const Context&, const Resource&, const xml::Element* value) {
  if (value == nullptr || group_mode_of(value->text())) return std::nullopt;
  return Error{condition::conflict, "the mode is cards or categories"};
}

}  // namespace dav
