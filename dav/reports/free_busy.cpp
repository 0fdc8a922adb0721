#include <algorithm>

#include "dav/calendar/freebusy.h"

#include "dav/headers.h"
#include "dav/reports/calendar_filter.h"
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

Response answer(const Query& query, Context& context) {
  const auto& zones = context.environment.zones;
  const auto* calendar = context.target.collection ? &*context.target.collection : nullptr;
  const auto& floating = calendar ? query.zone.of(context, *calendar) : calendar::TimeZones::utc();
  calendar::FreeBusy busy(query.range, zones, floating);
  std::vector<storage::Id> left_out;

  Walk walk(
      context,
      [](Kind kind) {
        return Needs{kind == Kind::calendar,
                     kind == Kind::calendar_object ? storage::WithBytes::yes : storage::WithBytes::no};
      },
      [&](const Resource& resource) {
        const bool own = calendar && resource.collection && resource.collection->id == calendar->id;
        if (resource.kind == Kind::calendar && !own && is_transparent(resource))
          left_out.push_back(resource.collection->id);
        if (resource.kind != Kind::calendar_object) return;
        if (std::find(left_out.begin(), left_out.end(), resource.parent->id) != left_out.end()) return;
        // What lies in the inbox is not accepted yet.
        if (resource.parent->kind != storage::CollectionKind::calendar) return;
        const auto object = calendar::Object::parse(octets_of(context, *resource.member), zones);
        if (const auto* read = std::get_if<calendar::Object>(&object)) busy.add(*read);
      });
  walk.run(context.target, query.depth);

  Response response;
  response.headers.set("Content-Type", "text/calendar; charset=utf-8");
  response.body.push_back({busy.text("-//Pileus//Pileus//EN", context.now, {}), nullptr, 0, 0});
  return response;
}

}  // namespace

// RFC 4791 7.10
Action prepare_free_busy(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return answer(query, context); };
}

}  // namespace dav
