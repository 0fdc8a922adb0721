#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  std::vector<std::string> hrefs;
};

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  Query query{read_report_request(root, request, environment), {}};
  for (const auto* child : root.children()) {
    if (child->is(condition::DAV, "href")) query.hrefs.push_back(child->text());
  }
  if (query.hrefs.empty()) throw Error{condition::bad_request, "a multiget names resources by DAV:href"};
  return query;
}

bool holds_objects(Kind collection) {
  const Kind member = row(collection).member;
  return member == Kind::calendar_object || member == Kind::card;
}

class Multiget {
 public:
  Multiget(const Context& context, const Query& query)
      : context_(context), query_(query), answer_(context, query.request) {}

  Response run() {
    if (context_.target.collection && query_.hrefs.size() > 100)
      answer_.walk().load_stored(*context_.target.collection);
    names_given_.reserve(query_.hrefs.size());
    for (const auto& href : query_.hrefs) {
      if (const auto name = plain_name(href)) {
        if (names_given_.insert(*name).second) page_.push_back({href, *name});
        if (page_.size() == page_size) give_page();
        continue;
      }
      give_page();
      // RFC 4791 7.9: a resource that isn't there is answered by a status of its own.
      if (!get(href)) answer_.multistatus().add_status(href, 404);
    }
    give_page();
    return answer_.finish();
  }

 private:
  /// One of those that are looked up together.
  struct Wanted {
    std::string_view href;
    std::string_view name;
  };
  static constexpr std::size_t page_size = 20;

  /// The name in a reference to a member of the collection at hand, written as this server writes it and without
  /// escapes: nearly all are.
  std::optional<std::string_view> plain_name(std::string_view href) const {
    const std::string& own = context_.target.href;
    if (!context_.target.collection || !holds_objects(context_.target.kind) || !href.starts_with(own))
      return std::nullopt;
    const auto name = href.substr(own.size());
    const auto is_plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
             c == '.' || c == '@' || c == '~';
    };
    const bool plain =
        !name.empty() && name.size() <= 255 && name.front() != '.' && std::ranges::all_of(name, is_plain);
    return plain ? std::optional(name) : std::nullopt;
  }

  /// Answers those of the page, in their order.
  void give_page() {
    if (page_.empty()) return;
    const auto& parent = *context_.target.collection;
    std::array<std::string_view, page_size> names;
    std::ranges::transform(page_, names.begin(), &Wanted::name);
    std::array<bool, page_size> found{};
    const auto kind = row(context_.target.kind).member;
    context_.transaction.for_each_named(parent.id, std::span(names).first(page_.size()), answer_.bytes(kind),
                                        [&](const storage::Member& member) {
                                          const auto place = std::ranges::find(names, std::string_view(member.name));
                                          const auto index = static_cast<std::size_t>(place - names.begin());
                                          members_.at(index) = member;
                                          found.at(index) = member.child == 0;
                                        });
    for (std::size_t i = 0; i < page_.size(); ++i) {
      if (found.at(i)) {
        answer_.walk().visit_member(*context_.target.account, parent, members_.at(i), context_.target.href);
      } else {
        answer_.multistatus().add_status(page_[i].href, 404);
      }
    }
    page_.clear();
  }

  bool get(const std::string& href) {
    const auto address = address_of(href);
    if (!address || !is_below(*address)) return false;
    const auto& own = context_.target.address.segments;
    if (context_.target.collection && address->segments.size() == own.size() + 1) {
      return member_of(*context_.target.collection, context_.target.href, address->segments.back());
    }
    const auto target = resolve(context_.transaction, *address);
    if (target.address.area == Address::Area::directory) return card_of_directory(target);
    if (!target.exists || !target.parent || !target.account) return false;
    const auto parent = target.href.substr(0, target.href.rfind('/') + 1);
    return member_of(*target.parent, parent, target.name);
  }

  bool card_of_directory(const Target& target) {
    if (!target.member) return false;
    if (given_.insert({0, target.name}).second) answer_.write(resource_at(target));
    return true;
  }

  std::optional<Address> address_of(const std::string& href) const {
    try {
      return parse_reference(href, context_.request.authority);
    } catch (const Error&) {
      return std::nullopt;  // what is no path of ours names nothing here
    }
  }

  bool is_below(const Address& address) const {
    const auto& own = context_.target.address;
    return address.area == own.area && address.account == own.account &&
           address.segments.size() >= own.segments.size() &&
           std::equal(own.segments.begin(), own.segments.end(), address.segments.begin());
  }

  bool member_of(const storage::Collection& parent, std::string_view parent_href, const std::string& name) {
    if (!holds_objects(kind_of(parent.kind))) return false;
    const auto kind = row(kind_of(parent.kind)).member;
    // Once is enough: a list of one name over and over would make an answer without bounds.
    if (!given_.insert({parent.id, name}).second) return true;
    if (parent.id == collection_id() && !names_given_.insert(given_.find({parent.id, name})->second).second)
      return true;
    const auto member = context_.transaction.member(parent.id, name, answer_.bytes(kind));
    if (!member || member->child != 0) return false;
    answer_.walk().visit_member(*context_.target.account, parent, *member, parent_href);
    return true;
  }

  storage::Id collection_id() const { return context_.target.collection ? context_.target.collection->id : 0; }

  const Context& context_;
  const Query& query_;
  ReportAnswer answer_;
  std::vector<Wanted> page_;
  std::array<storage::Member, page_size> members_;    ///< of the page; kept, so that their texts are not made anew
  std::unordered_set<std::string_view> names_given_;  ///< of members of the collection at hand
  std::set<std::pair<storage::Id, std::string>> given_;
};

}  // namespace

// RFC 4791 7.9, RFC 6352 8.7. Depth means nothing here.
Action prepare_multiget(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return Multiget(context, query).run(); };
}

}  // namespace dav
