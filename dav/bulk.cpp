#include "dav/bulk.h"

#include <algorithm>
#include <future>
#include <span>
#include <utility>
#include <vector>

#include "dav/content/stream.h"
#include "dav/content/text.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/methods/incoming.h"
#include "dav/methods/uuid.h"
#include "dav/xml.h"
#include "storage/failure.h"

namespace dav {

struct Bulk {
  Kind kind = Kind::calendar_object;
  content::StreamIndex index;
};

namespace {

constexpr std::size_t batch_size = 250;
constexpr std::size_t piece = 256 * 1024;
// Time zones go into each object that names them: so much more than was sent may come of it.
constexpr std::uint64_t most_growth = 16;
constexpr std::uint64_t free_growth = std::uint64_t{64} << 20;

constexpr Condition unavailable{"", "", 503, "RFC 9110 15.6.4"};

void for_each_piece(const storage::Spool& body, const std::function<void(std::string_view)>& each) {
  if (body.in_memory()) return each(body.bytes());
  std::string buffer(piece, '\0');
  for (std::uint64_t at = 0; at < body.size();) {
    const auto got = body.file()->read(buffer.data(), buffer.size(), at);
    if (got == 0) throw storage::Failure(storage::Trouble::unavailable, "a body is shorter than it was");
    each(std::string_view(buffer).substr(0, got));
    at += got;
  }
}

void append_extent(std::string& out, const storage::Spool& body, const content::Extent& extent) {
  std::string raw(static_cast<std::size_t>(extent.length), '\0');
  if (body.in_memory()) {
    raw = body.bytes().substr(static_cast<std::size_t>(extent.offset), raw.size());
  } else if (body.file()->read(raw.data(), raw.size(), extent.offset) != raw.size()) {
    throw storage::Failure(storage::Trouble::unavailable, "a body is shorter than it was");
  }
  content::append_raw(out, raw);
}

/// An object as it is put by itself: with the calendar's properties and the time zones that it names.
std::string object_text(const Bulk& bulk, std::size_t number, const storage::Spool& body) {
  std::string parts;
  for (const auto& extent : bulk.index.objects[number]) append_extent(parts, body, extent);
  if (bulk.kind == Kind::card) return parts;
  std::string text = "BEGIN:VCALENDAR\r\n";
  content::append_raw(text, bulk.index.head);
  // A TZID may be folded.
  std::string unfolded;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool ends = parts[i] == '\n' && i + 1 < parts.size() && (parts[i + 1] == ' ' || parts[i + 1] == '\t');
    if (ends) ++i;
    if (!ends && parts[i] != '\r') unfolded += parts[i];
  }
  for (const auto& [tzid, zone] : bulk.index.zones) {
    if (unfolded.find(tzid) != std::string::npos) text += zone;
  }
  return text.append(parts).append("END:VCALENDAR\r\n");
}

/// One object, ready to be put or refused, and what became of it.
struct Item {
  std::string uid;
  std::shared_ptr<const Incoming> incoming;
  std::optional<Error> error;
  KeptInBulk kept;
  std::uint64_t size = 0;  ///< of what was put together
};

std::vector<Item> prepare(const Bulk& bulk, std::size_t first, const storage::Spool& body,
                          const Environment& environment) {
  std::vector<Item> items(std::min(batch_size, bulk.index.objects.size() - first));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string text = object_text(bulk, first + i, body);
    items[i].size = text.size();
    try {
      items[i].incoming =
          read_incoming(bulk.kind, "", "", storage::Spool(text, environment.store.spool_directory()), environment);
      items[i].uid = items[i].incoming->facts.uid;
    } catch (const Error& error) {
      items[i].error = error;
      items[i].uid = uid_in(text);
    }
  }
  return items;
}

/// The transaction may run more than once: what an earlier run found out doesn't count.
void put_item(Context& context, Item& item, Kind kind, GroupFollower& groups) {
  item.kept = {};
  if (!item.incoming) return;
  item.error.reset();
  const Target& target = context.target;
  try {
    check_incoming(context, *item.incoming, {*target.collection, target.href});
  } catch (const Error& error) {
    item.error = error;
    return;
  }
  const std::string name = free_name(context, item.uid, kind);
  const Kept kept = keep_followed(context, *item.incoming, target.collection->id, name, nullptr, groups);
  encode_segment(item.kept.href = target.href, name);
  // RFC 6352 6.3.2.3: no tag for what isn't octet by octet what was sent, unless that comes along.
  const bool tell = !kept.as_sent && wants_changed_data(context.request);
  if (kept.as_sent || tell) item.kept.etag = kept.member.etag;
  if (tell) item.kept.changed_data = context.transaction.bytes(kept.member);
}

void put_items(Context& context, std::span<Item> items, Kind kind) {
  GroupFollower groups(context, *context.target.collection);
  for (Item& item : items) put_item(context, item, kind, groups);
  groups.finish();
}

/// The batch at once; where it would go over the quota, one after the other as far as it goes. Throws what ends it.
void put_batch(std::vector<Item>& items, Kind kind, bool first, const RunBatch& run) {
  const auto forget = [&] {
    for (Item& item : items) item.kept = {};
  };
  try {
    return run(first, [&](Context& context) { put_items(context, items, kind); });
  } catch (const storage::QuotaExceeded&) {
    forget();
  } catch (...) {
    forget();
    throw;
  }
  for (Item& item : items) {
    try {
      run(first, [&](Context& context) { put_items(context, {&item, 1}, kind); });
    } catch (...) {
      item.kept = {};
      throw;
    }
    first = false;
  }
}

void append_item(Multistatus& answer, const Item& item, Kind kind) {
  if (item.error) return append_refusal(answer, *item.error, item.uid);
  append_kept(answer, kind, item.kept, &item.uid);
}

}  // namespace

Kind bulk_kind(const Request& request) {
  return parse_path(request.path).area == Address::Area::calendars ? Kind::calendar_object : Kind::card;
}

// calendarserver-bulk-change 8.1
bool wants_changed_data(const Request& request) {
  const std::string options = content::upper(request.headers.find("X-MobileMe-DAV-Options").value_or(""));
  return options.find("RETURN-CHANGED-DATA") != std::string::npos;
}

std::string uid_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > 4 && content::equal_ignoring_case(line.substr(0, 4), "UID:")) return std::string(line.substr(4));
  }
  return {};
}

std::string free_name(Context& context, std::string_view uid, Kind kind) {
  const std::string_view ending = kind == Kind::card ? ".vcf" : ".ics";
  if (!uid.empty() && uid[0] != '.' && plain_name(uid) == uid) {
    std::string name = std::string(uid).append(ending);
    if (!context.transaction.member(context.target.collection->id, name)) return name;
  }
  return random_uuid().append(ending);
}

std::optional<Error> what_ends(bool first, const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const storage::QuotaExceeded& exceeded) {
    return Error{condition::quota_not_exceeded, exceeded.what()};
  } catch (const storage::Failure& failure) {
    if (first) throw;
    const bool full = failure.trouble() == storage::Trouble::full;
    return Error{full ? condition::sufficient_disk_space : unavailable, "the store can't take it now"};
  } catch (const Error& error) {
    // The collection has gone, or been locked, since the first ones were put.
    if (first) throw;
    return error;
  }
}

void append_kept(Multistatus& answer, Kind kind, const KeptInBulk& kept, const std::string* uid) {
  std::string& out = answer.out();
  answer.begin_response(kept.href);
  out += "<D:propstat><D:prop>";
  if (!kept.etag.empty()) out.append("<D:getetag>\"").append(kept.etag).append("\"</D:getetag>");
  if (uid != nullptr) {
    out += "<CS:uid>";
    xml::escape(out, *uid);
    out += "</CS:uid>";
  }
  if (!kept.changed_data.empty()) {
    const std::string_view name = kind == Kind::card ? "A:address-data" : "C:calendar-data";
    out.append("<").append(name).append(">");
    xml::escape(out, kept.changed_data);
    out.append("</").append(name).append(">");
  }
  out += "</D:prop>";
  answer.end_propstat(200);
  answer.end_response();
}

void append_refusal(Multistatus& answer, const Error& error, std::string_view uid) {
  std::string& out = answer.out();
  out += "<D:response><D:href/><D:status>";
  out.append(status_line(error.status())).append("</D:status><D:error>");
  out.append(condition_xml(error)).append("<CS:uid>");
  xml::escape(out, uid);
  out += "</CS:uid></D:error><D:responsedescription>";
  xml::escape(out, error.reason());
  out += "</D:responsedescription>";
  answer.end_response();
}

bool may_be_bulk(const Request& head) {
  if (head.method != "POST") return false;
  const Address address = parse_path(head.path);
  const bool area = address.area == Address::Area::calendars || address.area == Address::Area::addressbooks;
  return area && address.segments.size() == 1;
}

std::shared_ptr<const Bulk> read_bulk(const Request& request) {
  const Kind kind = bulk_kind(request);
  const std::string type = media_type(request.headers.find("Content-Type").value_or(""));
  const bool calendar = kind == Kind::calendar_object;
  if (type != (calendar ? "text/calendar" : "text/vcard")) return nullptr;
  auto bulk = std::make_shared<Bulk>();
  bulk->kind = kind;
  try {
    content::StreamReader reader(calendar ? content::Dialect::icalendar : content::Dialect::vcard, most_bulk_objects);
    for_each_piece(request.body, [&](std::string_view bytes) { reader.add(bytes); });
    bulk->index = reader.finish();
  } catch (const content::Malformed&) {
    return nullptr;  // what is wrong with it is said to the one who puts it whole
  }
  const bool asked = request.headers.find("X-MobileMe-DAV-Options").has_value();
  if (bulk->index.objects.size() < (asked ? 1U : 2U)) return nullptr;
  return bulk;
}

Response put_bulk(const Request& request, const Environment& environment, const Bulk& bulk, const RunBatch& run) {
  Multistatus answer(environment.store.spool_directory());
  const std::size_t count = bulk.index.objects.size();
  const auto begin = [&](std::size_t first) {
    return std::async(std::launch::async, [&, first] { return prepare(bulk, first, request.body, environment); });
  };
  std::optional<Error> ended;
  std::uint64_t growth_left = most_growth * request.body.size() + free_growth;
  // The next ones are read while these are written.
  auto next = begin(0);
  for (std::size_t first = 0; first < count; first += batch_size) {
    std::vector<Item> items = next.get();
    if (first + batch_size < count) next = begin(first + batch_size);
    for (const Item& item : items) {
      if (item.size > growth_left) ended = Error{condition::content_too_large, "the time zones make it too large"};
      growth_left -= std::min(item.size, growth_left);
    }
    if (!ended) {
      ended = what_ends(first == 0, [&] { put_batch(items, bulk.kind, first == 0, run); });
    }
    for (Item& item : items) {
      // What was put stays put, whatever has ended the rest.
      if (ended && item.kept.href.empty() && !item.error) item.error = ended;
      append_item(answer, item, bulk.kind);
    }
  }
  return answer.finish();
}

}  // namespace dav
