#include "dav/feed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/accept.h"
#include "dav/calendar/feed.h"
#include "dav/calendar/zone_scope.h"
#include "dav/conditions_rules.h"
#include "dav/content/content_line.h"
#include "dav/content/text.h"
#include "dav/dispatch_answer.h"
#include "dav/http_date.h"
#include "dav/methods/representation.h"
#include "dav/properties/values.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace dav {

namespace {

constexpr std::string_view ICAL = "http://apple.com/ns/ical/";
constexpr std::string_view product_id = "-//Pileus//Pileus//EN";
constexpr std::size_t piece = 64 * 1024;

std::string_view feed_type(Kind kind) { return kind == Kind::calendar ? "text/calendar" : "text/vcard"; }

/// A member's octets, also where they are kept as a file.
std::string bytes_of(storage::Transaction& transaction, const storage::Member& member) {
  if (!member.bytes.empty() || member.size == 0) return member.bytes;
  const storage::Segment content = transaction.content(member);
  if (!content.file) return content.bytes;
  std::string bytes(static_cast<std::size_t>(content.length), '\0');
  bytes.resize(content.file->read(bytes.data(), bytes.size(), content.offset));
  return bytes;
}

/// Text on its way into a spool.
class Stream {
 public:
  explicit Stream(const std::string& directory) : spool_(directory) {}

  std::string& out() {
    if (buffer_.size() > piece) flush();
    return buffer_;
  }

  void finish(Response& response) {
    flush();
    if (spool_.size() > 0) response.body.push_back(spool_.take());
  }

 private:
  void flush() {
    spool_.append(buffer_);
    buffer_.clear();
  }

  storage::Spool spool_;
  std::string buffer_;
};

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

void append_calendar(Context& context, calendar::Disclosure disclosure, Response& response) {
  const storage::Id collection = context.target.collection->id;
  const auto& directory = context.environment.store.spool_directory();
  Stream zones(directory);
  Stream components(directory);
  zones.out() = calendar::feed_head(head_of(context, context.transaction.properties(collection, 0)));
  calendar::FeedBody body(disclosure, mask_of(context));
  context.transaction.for_each_member(collection, storage::WithBytes::yes, [&](const storage::Member& member) {
    if (member.child == 0) body.add(bytes_of(context.transaction, member), zones.out(), components.out());
  });
  components.out() += calendar::feed_end;
  zones.finish(response);
  components.finish(response);
}

bool is_public_card(const std::string& bytes) {
  try {
    const auto document = content::Document::parse(bytes, content::Dialect::vcard);
    return std::all_of(document.components().begin(), document.components().end(), calendar::is_public);
  } catch (const content::Malformed&) {
    return false;
  }
}

void append_cards(Context& context, calendar::Disclosure disclosure, Response& response) {
  Stream cards(context.environment.store.spool_directory());
  const auto append = [&](const storage::Member& member) {
    if (member.child != 0) return;
    const std::string bytes = bytes_of(context.transaction, member);
    const bool shown = disclosure == calendar::Disclosure::everything || is_public_card(bytes);
    if (shown) content::append_raw(cards.out(), bytes);
  };
  context.transaction.for_each_member(context.target.collection->id, storage::WithBytes::yes, append);
  cards.finish(response);
}

/// A function of what the feed is made of: the store's life, the collection, its counter, and what is shown of it.
std::string tag_of(Context& context, calendar::Disclosure disclosure) {
  std::string token;
  const storage::Collection& collection = *context.target.collection;
  append_sync_token(token, context.transaction.epoch(), collection.id, collection.modseq);
  storage::Sha256 sha256;
  sha256.add(token);
  sha256.add(std::to_string(static_cast<int>(disclosure)));
  return storage::to_hex(sha256.finish().substr(0, 16));
}

/// When the feed was changed last; nothing while that second isn't over, in which it could change once more.
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
  const std::array<std::string_view, 2> types{feed_type(kind), "text/html"};
  return !accept || preferred_type(*accept, types) != 1;
}

Response feed(Context& context, calendar::Disclosure disclosure) {
  const Target& target = context.target;
  const std::string tag = tag_of(context, disclosure);
  const bool unchanged = is_unchanged(context, tag);
  Response response = answer(unchanged ? 304 : 200);
  Headers& headers = response.headers;
  headers.set("ETag", "W/\"" + tag + '"');
  if (const auto time = modified(context)) headers.set("Last-Modified", http_date(*time));
  headers.set("Cache-Control", "private, no-cache");
  headers.set("Vary", "Accept");
  if (unchanged) return response;
  headers.set("Content-Type", std::string(feed_type(target.kind)) + "; charset=utf-8");
  const bool calendar = target.kind == Kind::calendar;
  headers.set("Content-Disposition", content_disposition(target.name + (calendar ? ".ics" : ".vcf"), false));
  headers.set("X-Content-Type-Options", "nosniff");
  calendar ? append_calendar(context, disclosure, response) : append_cards(context, disclosure, response);
  return response;
}

}  // namespace dav
