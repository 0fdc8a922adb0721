#include "dav/feed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/accept.h"
#include "dav/calendar/feed.h"
#include "dav/calendar/jcal.h"
#include "dav/calendar/zone_scope.h"
#include "dav/conditions_rules.h"
#include "dav/content/content_line.h"
#include "dav/content/text.h"
#include "dav/dispatch_answer.h"
#include "dav/form.h"
#include "dav/http_date.h"
#include "dav/methods/representation.h"
#include "dav/properties/values.h"
#include "dav/spooled_text.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace dav {

namespace {

constexpr std::string_view ICAL = "http://apple.com/ns/ical/";
constexpr std::string_view product_id = "-//Pileus//Pileus//EN";

/// What a feed can be, its own form first.
std::array<std::string_view, 2> feed_types(Kind kind) {
  if (kind == Kind::calendar) return {"text/calendar", calendar_json};
  return {"text/vcard", card_json};
}

/// RFC 7265 7, RFC 7095 8, RFC 7809 7.1
Form form_of(const Request& request, Kind kind) {
  Form form;
  if (kind == Kind::calendar) form.zones = zones_asked_for(request.headers);
  const auto accept = request.headers.joined("Accept");
  form.json = accept && acceptable_type(*accept, feed_types(kind)) == 1;
  return form;
}

void give_away(SpooledText& text, Response& response) {
  storage::Segment segment = text.finish();
  if (segment.size() > 0) response.body.push_back(std::move(segment));
}

calendar::FeedHead head_of(Context& context, const std::vector<storage::Property>& stored) {
  Resource resource = resource_at(context.target);
  resource.stored = stored;
  calendar::FeedHead head;
  head.product_id = product_id;
  head.name = stored_text(resource, condition::DAV, "displayname");
  if (head.name.empty()) head.name = context.target.name;
  head.description = stored_text(resource, condition::CALDAV, "calendar-description");
  head.color = stored_text(resource, ICAL, "calendar-color");
  head.refresh = stored_text(resource, ICAL, "refreshrate");
  head.time_zone = stored_text(resource, condition::CALDAV, "calendar-timezone-id");
  if (head.time_zone.empty()) head.time_zone = context.target.account->time_zone;
  return head;
}

/// A hash of the UID that nobody can compute who doesn't know the store.
calendar::MaskUid mask_of(Context& context) {
  return [salt = context.transaction.epoch()](std::string_view uid) {
    storage::Sha256 sha256;
    sha256.add(salt);
    sha256.add(uid);
    return storage::to_hex(sha256.finish().substr(0, 16));
  };
}

void append_calendar(Context& context, calendar::Disclosure disclosure, const Form& form, Response& response) {
  const storage::Id collection = context.target.collection->id;
  const auto& directory = context.environment.store.spool_directory();
  SpooledText zones(directory);
  SpooledText components(directory);
  const auto head = calendar::feed_head(head_of(context, context.transaction.properties(collection, 0)));
  zones.out() = form.json ? calendar::jcal_head(head) : head;
  calendar::FeedBody body(disclosure, mask_of(context));
  bool first_zone = true, first_component = true;
  const auto append_json = [&](std::string bytes) {
    std::string zone_lines, component_lines;
    if (!body.add(std::move(bytes), zone_lines, component_lines)) return;
    calendar::append_jcal_components(zones.out(), std::move(zone_lines), first_zone);
    calendar::append_jcal_components(components.out(), std::move(component_lines), first_component);
  };
  const Form with_zones{.json = false, .zones = form.zones};
  context.transaction.for_each_member(collection, storage::WithBytes::yes, [&](const storage::Member& member) {
    if (member.child != 0) return;
    auto bytes = calendar_in(with_zones, context.transaction.bytes(member), context.environment);
    if (form.json) {
      append_json(std::move(bytes));
    } else {
      body.add(std::move(bytes), zones.out(), components.out());
    }
  });
  if (form.json && !first_zone && !first_component) zones.out() += ',';
  components.out() += form.json ? calendar::jcal_end : calendar::feed_end;
  give_away(zones, response);
  give_away(components, response);
}

bool is_public_card(const std::string& bytes) {
  try {
    const auto document = content::Document::parse(bytes, content::Dialect::vcard);
    return std::all_of(document.components().begin(), document.components().end(), calendar::is_public);
  } catch (const content::Malformed&) {
    return false;
  }
}

/// RFC 7095 3.2: as JSON, cards stand in an array.
void append_cards(Context& context, calendar::Disclosure disclosure, const Form& form, Response& response) {
  SpooledText cards(context.environment.store.spool_directory());
  bool first = true;
  if (form.json) cards.out() += '[';
  const auto append = [&](const storage::Member& member) {
    if (member.child != 0) return;
    const std::string bytes = context.transaction.bytes(member);
    const bool shown = disclosure == calendar::Disclosure::everything || is_public_card(bytes);
    if (!shown) return;
    if (!form.json) return content::append_raw(cards.out(), bytes);
    if (!first) cards.out() += ',';
    first = false;
    cards.out() += card_in(form, bytes);
  };
  context.transaction.for_each_member(context.target.collection->id, storage::WithBytes::yes, append);
  if (form.json) cards.out() += ']';
  give_away(cards, response);
}

/// A function of what the feed is made of: the store's life, the collection,
/// its counter, and what is shown of it.
std::string tag_of(Context& context, calendar::Disclosure disclosure, const Form& form) {
  std::string token;
  const storage::Collection& collection = *context.target.collection;
  append_sync_token(token, context.transaction.epoch(), collection.id, collection.modseq);
  storage::Sha256 sha256;
  sha256.add(token);
  sha256.add(std::to_string(static_cast<int>(disclosure)));
  return tag_in(form, storage::to_hex(sha256.finish().substr(0, 16)));
}

/// When the feed was changed last; nothing while that second isn't over, in
/// which it could change once more.
std::optional<storage::Timestamp> modified(const Context& context) {
  const storage::Timestamp time = context.target.collection->modified;
  return time + 1 < context.now ? std::optional(time) : std::nullopt;
}

bool is_unchanged(const Context& context, const std::string& tag) {
  Validators current{true, tag, modified(context)};
  // Only the very date that was given out tells that nothing has changed since.
  const auto since = context.request.headers.find("If-Modified-Since");
  if (since && current.modified && parse_http_date(*since, context.now) != current.modified) current.modified.reset();
  return evaluate_preconditions(context.request.headers, true, current, context.now) == Verdict::not_modified;
}

}  // namespace

bool has_feed(Kind kind) { return kind == Kind::calendar || kind == Kind::addressbook; }

bool wants_feed(const Request& request, Kind kind) {
  if (!has_feed(kind)) return false;
  const auto accept = request.headers.joined("Accept");
  const std::array<std::string_view, 2> types{feed_types(kind)[0], "text/html"};
  return !accept || preferred_type(*accept, types) != 1;
}

Response feed(Context& context, calendar::Disclosure disclosure) {
  const Target& target = context.target;
  const Form form = form_of(context.request, target.kind);
  const std::string tag = tag_of(context, disclosure, form);
  const bool unchanged = is_unchanged(context, tag);
  Response response = answer(unchanged ? 304 : 200);
  Headers& headers = response.headers;
  headers.set("ETag", "W/\"" + tag + '"');
  if (const auto time = modified(context)) headers.set("Last-Modified", http_date(*time));
  headers.set("Cache-Control", "private, no-cache");
  headers.set("Vary", target.kind == Kind::calendar ? "Accept, CalDAV-Timezones" : "Accept");
  if (unchanged) return response;
  headers.set("Content-Type", form.json ? std::string(feed_types(target.kind)[1])
                                        : std::string(feed_types(target.kind)[0]) + "; charset=utf-8");
  const bool calendar = target.kind == Kind::calendar;
  headers.set("Content-Disposition", content_disposition(target.name + (form.json  ? ".json"
                                                                        : calendar ? ".ics"
                                                                                   : ".vcf"),
                                                         false));
  headers.set("X-Content-Type-Options", "nosniff");
  calendar ? append_calendar(context, disclosure, form, response) : append_cards(context, disclosure, form, response);
  return response;
}

}  // namespace dav
