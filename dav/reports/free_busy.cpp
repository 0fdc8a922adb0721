#include <algorithm>

#include "dav/calendar/freebusy.h"

#include "dav/headers.h"
#include "dav/reports/calendar_filter.h"
#include "dav/reports/candidates.h"
#include "dav/reports/data.h"
#include "dav/reports/query_zone.h"
#include "dav/reports/reports.h"
#include "dav/walk.h"

namespace dav {

namespace {

struct Query {
  calendar::TimeRange range;
  QueryZone zone;
  Depth depth = Depth::zero;
};

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  const auto* range = root.child(condition::CALDAV, "time-range");
  if (!range) throw Error{condition::bad_request, "a free-busy-query holds a time-range"};
  return {read_time_range(*range), QueryZone::read(root, environment), depth(request.headers).value_or(Depth::zero)};
}

/// RFC 6638 9.1: what is in a transparent calendar makes nobody busy; asked itself, it answers.
bool is_transparent(const Resource& calendar) {
  const auto* stored = find_stored(calendar, condition::CALDAV, "schedule-calendar-transp");
  return stored && stored->xml.find("transparent") != std::string::npos;
}

/// RFC 7953 7.2.4, and the namespace that it had before, which Apple's clients still use.
std::optional<calendar::Object> stored_availability(const Resource& resource, const calendar::TimeZones& zones) {
  const auto* stored = find_stored(resource, condition::CALDAV, "calendar-availability");
  if (!stored) stored = find_stored(resource, condition::CS, "calendar-availability");
  if (!stored) return std::nullopt;
  auto parsed = calendar::Object::parse(xml::Document::parse(stored->xml).root().text(), zones);
  auto* object = std::get_if<calendar::Object>(&parsed);
  return object && object->component() == "VAVAILABILITY" ? std::optional(std::move(*object)) : std::nullopt;
}

/// Gathers what lies below the target of the report.
class Gathering {
 public:
  Gathering(const Query& query, const Context& context)
      : query_(query),
        context_(context),
        zones_(context.environment.zones),
        target_zone_(zone_of_target()),
        busy_(query.range, zones_, target_zone_),
        candidates_(context, {query.range}) {}

  void visit(const Resource& resource) {
    if (resource.kind == Kind::calendar) open(resource);
    if (resource.kind == Kind::calendar || resource.kind == Kind::inbox) {
      const auto availability = stored_availability(resource, zones_);
      if (availability && !is_left_out(resource.collection->id))
        busy_.add(*availability, resource.kind == Kind::calendar ? zone_ : nullptr);
    }
    // What lies in the inbox is not accepted yet.
    if (resource.kind != Kind::calendar_object || resource.parent->kind != storage::CollectionKind::calendar) return;
    if (is_left_out(resource.parent->id)) return;
    if (const auto object = calendar::Object::read(context_.transaction.bytes(*resource.member)))
      busy_.add(*object, zone_);
  }

  /// The objects of a calendar that have to be looked at; of other collections all.
  std::optional<std::vector<storage::Id>> candidates(const storage::Collection& collection) const {
    if (collection.kind != storage::CollectionKind::calendar || !zone_) return std::nullopt;
    if (is_left_out(collection.id)) return std::vector<storage::Id>();
    return candidates_.in(collection, *zone_);
  }

  const calendar::FreeBusy& busy() const { return busy_; }

 private:
  const calendar::Zone& zone_of_target() const {
    const auto& collection = context_.target.collection;
    return collection ? query_.zone.of(context_, *collection) : calendar::TimeZones::utc();
  }

  void open(const Resource& calendar) {
    const bool own = context_.target.collection && calendar.collection->id == context_.target.collection->id;
    if (!own && is_transparent(calendar)) left_out_.push_back(calendar.collection->id);
    zone_ = &query_.zone.of(context_, *calendar.collection);
  }

  bool is_left_out(storage::Id calendar) const {
    return std::find(left_out_.begin(), left_out_.end(), calendar) != left_out_.end();
  }

  const Query& query_;
  const Context& context_;
  const calendar::TimeZones& zones_;
  const calendar::Zone target_zone_;  ///< a copy: QueryZone keeps that of the last calendar only
  calendar::FreeBusy busy_;
  Candidates candidates_;
  std::vector<storage::Id> left_out_;
  const calendar::Zone* zone_ = nullptr;  ///< of the calendar at hand
};

Response answer(const Query& query, Context& context) {
  Gathering gathering(query, context);
  Walk walk(
      context,
      [](Kind kind) {
        return Needs{kind == Kind::calendar || kind == Kind::inbox,
                     kind == Kind::calendar_object ? storage::WithBytes::yes : storage::WithBytes::no};
      },
      [&](const Resource& resource) { gathering.visit(resource); });
  walk.narrow([&](const storage::Collection& collection) { return gathering.candidates(collection); });
  walk.run(context.target, query.depth);

  Response response;
  response.headers.set("Content-Type", "text/calendar; charset=utf-8");
  response.body.push_back({gathering.busy().text("-//Pileus//Pileus//EN", context.now, {}), nullptr, 0, 0});
  return response;
}

}  // namespace

// RFC 4791 7.10
Action prepare_free_busy(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return answer(query, context); };
}

}  // namespace dav
