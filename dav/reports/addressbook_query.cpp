#include <charconv>

#include "dav/reports/addressbook_filter.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  contacts::Filter filter;
  std::optional<std::size_t> limit;
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
  return {read_report_request(root, request, environment), read_addressbook_filter(*filter), limit_in(root),
          depth(request.headers).value_or(Depth::zero)};
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
            [this](const Resource& resource) { visit(resource); }) {}

  Response run() {
    walk_.run(context_.target, query_.depth);
    // RFC 6352 8.6.2
    if (truncated_) {
      const Error limit{condition::number_of_matches_within_limits};
      answer_.multistatus().add_status(context_.target.href, limit.status(), &limit);
    }
    return answer_.finish();
  }

 private:
  void visit(const Resource& resource) {
    if (resource.kind != Kind::card || truncated_ || !matches(resource)) return;
    if (query_.limit && written_ == *query_.limit) {
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
