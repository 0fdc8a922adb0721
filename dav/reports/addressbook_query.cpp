#include <algorithm>
#include <charconv>

#include "dav/contacts/search.h"
#include "dav/directory.h"
#include "dav/facts.h"
#include "dav/reports/addressbook_filter.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  contacts::Filter filter;
  std::optional<std::size_t> limit;
  std::optional<storage::TextSearch> wanted;  ///< what the index of texts can be asked for
  Depth depth = Depth::zero;
};

// RFC 6352 10.6
std::optional<std::size_t> limit_in(const xml::Element& root) {
  const auto* limit = root.child(condition::CARDDAV, "limit");
  if (!limit) return std::nullopt;
  const auto* nresults = limit->child(condition::CARDDAV, "nresults");
  const auto text = nresults ? nresults->text() : std::string();
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) {
    throw Error{condition::bad_request, "CARDDAV:nresults is a number from 1"};
  }
  return value;
}

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  const auto* filter = root.child(condition::CARDDAV, "filter");
  if (!filter) throw Error{condition::bad_request, "an addressbook-query holds a filter"};
  Query query{read_report_request(root, request, environment),
              read_addressbook_filter(*filter),
              limit_in(root),
              {},
              depth(request.headers).value_or(Depth::zero)};
  query.wanted = text_search(query.filter);
  return query;
}

bool looks_for_text(const std::optional<contacts::TextMatch>& match) {
  return match && !match->negate && !match->pattern.is_in({});  // an empty one is in everything
}

/// Whether a filter looks for anything in particular.
bool looks_for_text(const contacts::Filter& filter) {
  return std::ranges::any_of(filter.properties, [](const contacts::PropFilter& property) {
    const auto& parameters = property.parameters;
    return std::ranges::any_of(property.texts,
                               [](const auto& match) { return looks_for_text(std::optional(match)); }) ||
           std::ranges::any_of(parameters, [](const auto& parameter) { return looks_for_text(parameter.text); });
  });
}

class Search {
 public:
  Search(const Context& context, const Query& query)
      : context_(context),
        query_(query),
        answer_(context, query.request),
        walk_(
            context,
            [this](Kind kind) {
              const bool read = kind == Kind::card && !query_.filter.properties.empty();
              return Needs{answer_.needs_stored(kind), read ? storage::WithBytes::yes : answer_.bytes(kind)};
            },
            [this](const Resource& resource) { visit(resource); }) {
    if (!query.wanted || context.transaction.text_edition() != contacts::search_edition()) return;
    walk_.narrow([this](const storage::Collection& collection) -> std::optional<std::vector<storage::Id>> {
      if (row(kind_of(collection.kind)).member != Kind::card) return std::nullopt;
      return context_.transaction.holding(collection.id, *query_.wanted);
    });
  }

  Response run() {
    if (context_.target.kind == Kind::directory) {
      search_directory();
    } else {
      walk_.run(context_.target, query_.depth);
    }
    // RFC 6352 8.6.2
    if (truncated_) {
      const Error limit{condition::number_of_matches_within_limits};
      answer_.multistatus().add_status(context_.target.href, limit.status(), &limit);
    }
    return answer_.finish();
  }

 private:
  /// draft-daboo-carddav-directory-gateway-02 6: "servers SHOULD disallow requests that effectively enumerate the
  /// collection contents (e.g., PROPFIND Depth:1, trivial CARDDAV:addressbook-query". Those find more than they get.
  void search_directory() {
    if (query_.depth == Depth::zero) return;
    const auto most = static_cast<std::size_t>(context_.environment.settings.directory_limit);
    limit_ = looks_for_text(query_.filter) ? std::min(query_.limit.value_or(most), most) : 0;
    std::string href;
    for (auto& account : context_.transaction.accounts()) {
      const auto shown = listed(std::move(account), 0);
      if (!shown) continue;
      const auto member = directory_card(*shown, context_.now);
      encode_segment(href = directory_href(), member.name);
      Resource resource;
      resource.kind = Kind::card;
      resource.href = href;
      resource.parent = &directory_collection();
      resource.member = &member;
      visit(resource);
    }
  }

  void visit(const Resource& resource) {
    if (resource.kind != Kind::card || truncated_ || !matches(resource)) return;
    if (limit_ && written_ == *limit_) {
      truncated_ = true;
      return;
    }
    ++written_;
    answer_.write(resource);
  }

  bool matches(const Resource& resource) const {
    if (query_.filter.properties.empty()) return true;
    const auto card = contacts::Card::parse(context_.transaction.bytes(*resource.member));
    const auto* read = std::get_if<contacts::Card>(&card);
    return read && contacts::matches(*read, query_.filter);
  }

  const Context& context_;
  const Query& query_;
  std::optional<std::size_t> limit_ = query_.limit;
  ReportAnswer answer_;
  Walk walk_;
  std::size_t written_ = 0;
  bool truncated_ = false;
};

}  // namespace

// RFC 6352 8.6
Action prepare_addressbook_query(const xml::Element& root, const Request& request, const Environment& environment) {
  // Shared, since patterns are made once and an Action is copied.
  const auto query = std::make_shared<const Query>(parse(root, request, environment));
  return [query](Context& context) { return Search(context, *query).run(); };
}

}  // namespace dav
