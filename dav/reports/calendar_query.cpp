#include "dav/calendar/narrow.h"
#include "dav/reports/answer.h"
#include "dav/reports/calendar_filter.h"
#include "dav/reports/candidates.h"
#include "dav/reports/query_zone.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  calendar::CompFilter filter;
  QueryZone zone;
  Depth depth = Depth::zero;
};

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  const auto* filter = root.child(condition::CALDAV, "filter");
  if (!filter) throw Error{condition::valid_filter, "a calendar-query holds a filter"};
  Query query{read_report_request(root, request, environment), read_calendar_filter(*filter),
              QueryZone::read(root, environment), depth(request.headers).value_or(Depth::zero)};
  return query;
}

/// What the index of the store says of a filter without reading any object.
class Shortcut {
 public:
  explicit Shortcut(const calendar::CompFilter& filter) {
    const bool plain = !filter.is_not_defined && !filter.range && filter.properties.empty() && !filter.any_of;
    if (!plain || filter.components.size() > 1) return;
    if (filter.components.empty()) {
      decides_ = true;
      return;
    }
    const auto& component = filter.components.front();
    if (component.is_not_defined || component.name == "VTIMEZONE") return;
    component_ = component.name;
    decides_ = !component.range && component.properties.empty() && component.components.empty();
  }

  bool excludes(const storage::Member& member) const {
    return !component_.empty() && member.facts.component != component_;
  }
  bool decides() const { return decides_; }

 private:
  std::string component_;  ///< objects of other components can't match
  bool decides_ = false;   ///< and all of this one do
};

class Search {
 public:
  Search(const Context& context, const Query& query)
      : context_(context),
        query_(query),
        shortcut_(query.filter),
        answer_(context, query.request),
        walk_(
            context,
            [this](Kind kind) {
              const bool read = kind == Kind::calendar_object && !shortcut_.decides();
              return Needs{answer_.needs_stored(kind), read ? storage::WithBytes::yes : answer_.bytes(kind)};
            },
            [this](const Resource& resource) { visit(resource); }) {
    const auto needed = calendar::range_needed(query.filter);
    if (!needed) return;
    candidates_.emplace(context, *needed);
    walk_.narrow([this](const storage::Collection& collection) -> std::optional<std::vector<storage::Id>> {
      if (row(kind_of(collection.kind)).member != Kind::calendar_object) return std::nullopt;
      return candidates_->in(collection, zone_of(collection));
    });
  }

  Response run() {
    walk_.run(context_.target, query_.depth);
    return answer_.finish();
  }

 private:
  void visit(const Resource& resource) {
    if (resource.kind != Kind::calendar_object || shortcut_.excludes(*resource.member)) return;
    if (shortcut_.decides()) return answer_.write(resource);
    const auto& zones = context_.environment.zones;
    const auto object = calendar::Object::read(context_.transaction.bytes(*resource.member));
    if (object && calendar::matches(*object, query_.filter, zones, zone_of(*resource.parent))) {
      answer_.write(resource, &*object);
    }
  }

  const calendar::Zone& zone_of(const storage::Collection& calendar) {
    if (calendar.id != zone_for_) zone_ = &query_.zone.of(context_, calendar);
    zone_for_ = calendar.id;
    return *zone_;
  }

  const Context& context_;
  const Query& query_;
  Shortcut shortcut_;
  ReportAnswer answer_;
  std::optional<Candidates> candidates_;
  Walk walk_;
  storage::Id zone_for_ = 0;
  const calendar::Zone* zone_ = nullptr;
};

}  // namespace

// RFC 4791 7.8
Action prepare_calendar_query(const xml::Element& root, const Request& request, const Environment& environment) {
  // Shared, since patterns and zones are made once and an Action is copied.
  const auto query = std::make_shared<const Query>(parse(root, request, environment));
  return [query](Context& context) { return Search(context, *query).run(); };
}

}  // namespace dav
