#include <array>
#include <chrono>

#include "dav/access.h"
#include "dav/http_date.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"
#include "dav/reports/report.h"

namespace dav {

namespace {

constexpr std::string_view DAV = condition::DAV;

void append_padded(std::string& out, unsigned value, std::size_t width) {
  const auto digits = std::to_string(value);
  out.append(width > digits.size() ? width - digits.size() : 0, '0').append(digits);
}

/// RFC 3339 in UTC.
void append_iso_date(std::string& out, storage::Timestamp time) {
  const auto instant = std::chrono::sys_seconds(std::chrono::seconds(time));
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(instant - day);
  append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4), out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2), out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2), out += 'T';
  append_padded(out, static_cast<unsigned>(clock.hours().count()), 2), out += ':';
  append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2), out += ':';
  append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2), out += 'Z';
}

bool creationdate(const Context&, const Resource& resource, std::string& out) {
  if (resource.kind == Kind::principal && !resource.account) return false;
  const auto time = resource.member       ? resource.member->created
                    : resource.collection ? resource.collection->created
                                          : resource.account->created;
  append_iso_date(out, time);
  return true;
}

bool getlastmodified(const Context&, const Resource& resource, std::string& out) {
  // Of a collection, what is in it counts; its entry knows only of changes of the entry.
  out += http_date(resource.collection ? resource.collection->modified : resource.member->modified);
  return true;
}

bool displayname(const Context&, const Resource& resource, std::string& out) {
  if (resource.kind == Kind::principal || row(resource.kind).collection) {
    const bool named = resource.collection && !resource.collection->name.empty();
    if (named) {
      xml::escape(out, resource.collection->name);
      return true;
    }
    if (!resource.account) return false;
    xml::escape(out, resource.account->display_name.empty() ? resource.account->name : resource.account->display_name);
    return true;
  }
  return false;
}

bool getcontentlength(const Context&, const Resource& resource, std::string& out) {
  out += std::to_string(resource.member->size);
  return true;
}

bool getcontenttype(const Context&, const Resource& resource, std::string& out) {
  if (resource.kind == Kind::calendar_object) {
    // Apple's clients tell events from tasks by the parameter.
    out += "text/calendar; charset=utf-8";
    if (!resource.member->facts.component.empty()) out.append("; component=").append(resource.member->facts.component);
  } else if (resource.kind == Kind::card) {
    out += "text/vcard; charset=utf-8";
  } else {
    if (resource.member->media_type.empty()) return false;
    xml::escape(out, resource.member->media_type);
  }
  return true;
}

bool getetag(const Context&, const Resource& resource, std::string& out) {
  out.append("\"").append(resource.member->etag).append("\"");
  return true;
}

bool resourcetype(const Context&, const Resource& resource, std::string& out) {
  out += row(resource.kind).resourcetype;
  // Most clients look for calendars only; Apple's look for what they have made as a subscription.
  if (resource.collection && resource.collection->keeper == storage::Keeper::subscription) out += "<CS:subscribed/>";
  return true;
}

// RFC 4918 14.1
void append_lock(const storage::Lock& lock, storage::Timestamp now, std::string& out) {
  out += "<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>";
  out += lock.exclusive ? "<D:exclusive/>" : "<D:shared/>";
  out += "</D:lockscope><D:depth>";
  out += lock.infinite ? "infinity" : "0";
  out += "</D:depth>";
  if (!lock.owner.empty()) out.append("<D:owner>").append(lock.owner).append("</D:owner>");
  out.append("<D:timeout>Second-").append(std::to_string(std::max<std::int64_t>(lock.expires - now, 0)));
  out += "</D:timeout><D:locktoken>";
  append_href(out, lock.token);
  out += "</D:locktoken><D:lockroot>";
  append_href(out, lock.root);
  out += "</D:lockroot></D:activelock>";
}

bool lockdiscovery(const Context& context, const Resource& resource, std::string& out) {
  const bool whole = resource.collection != nullptr;
  const auto collection = whole ? resource.collection->id : resource.member->collection;
  for (const auto& lock : context.transaction.locks_covering(collection, whole ? 0 : resource.member->id)) {
    append_lock(lock, context.now, out);
  }
  return true;
}

bool supportedlock(const Context&, const Resource&, std::string& out) {
  out +=
      "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
      "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>";
  return true;
}

// RFC 3253 3.1.3
bool supported_method_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto& method : methods()) {
    if (method.on.has(resource.kind)) out.append("<D:supported-method name=\"").append(method.name).append("\"/>");
  }
  return true;
}

// RFC 3253 3.1.4
bool supported_live_property_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto* property : properties_on(resource.kind)) {
    out += "<D:supported-live-property><D:prop>";
    xml::empty_tag(out, property->ns, property->name);
    out += "</D:prop></D:supported-live-property>";
  }
  return true;
}

// RFC 3253 3.1.5
bool supported_report_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto& report : reports()) {
    if (!report.on.has(resource.kind)) continue;
    out += "<D:supported-report><D:report>";
    xml::empty_tag(out, report.ns, report.name);
    out += "</D:report></D:supported-report>";
  }
  return true;
}

/// A name that belongs to the resource for good: made of what never changes and is never used again.
std::uint64_t mixed(std::uint64_t seed, std::int64_t value) {
  std::uint64_t x = seed + 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(value);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// RFC 5842 3.1
bool resource_id(const Context&, const Resource& resource, std::string& out) {
  std::array<std::int64_t, 6> facts{static_cast<std::int64_t>(resource.kind)};
  if (resource.account) facts[1] = resource.account->id, facts[2] = resource.account->created;
  if (resource.collection) {
    facts[3] = resource.collection->id;
  } else if (resource.member) {
    facts[4] = resource.member->id, facts[5] = resource.member->created;
  }
  std::uint64_t high = 1, low = 2;
  for (const auto fact : facts) high = mixed(high, fact), low = mixed(low, fact);
  constexpr std::string_view digits = "0123456789abcdef";
  out += "<D:href>urn:uuid:";
  // RFC 9562 5.8: version 8, whose bits are the maker's own.
  high = (high & ~std::uint64_t{0xF000}) | 0x8000;
  low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += digits[((i < 16 ? high : low) >> (60 - 4 * (i % 16))) & 15];
  }
  out += "</D:href>";
  return true;
}

// RFC 5995 3.2.1: what is posted to the collection itself becomes its member.
bool add_member(const Context&, const Resource& resource, std::string& out) {
  if (resource.collection->keeper == storage::Keeper::merged) return false;
  append_href(out, resource.href);
  return true;
}

// RFC 5397 3
bool current_user_principal(const Context& context, const Resource&, std::string& out) {
  append_href(out, principal_href(context.principal.name));
  return true;
}

constexpr KindSet kept = all_stored | all_objects;
constexpr KindSet dated = kept | KindSet{Kind::principal};
constexpr KindSet unnamed = all_objects;

constexpr std::array table{
    // RFC 4918 15
    PropertyRow{DAV, "creationdate", dated, true, creationdate, nullptr},
    PropertyRow{DAV, "displayname", all_stored, true, displayname, accept_text},
    PropertyRow{DAV, "displayname", unnamed, true, nullptr, accept_text},
    PropertyRow{DAV, "displayname", KindSet{Kind::principal}, true, displayname, nullptr},
    PropertyRow{DAV, "getcontentlanguage", all_objects, true, nullptr, accept_text},
    PropertyRow{DAV, "getcontentlength", all_objects, true, getcontentlength, nullptr},
    PropertyRow{DAV, "getcontenttype", all_objects, true, getcontenttype, nullptr},
    PropertyRow{DAV, "getetag", all_objects, true, getetag, nullptr},
    PropertyRow{DAV, "getlastmodified", kept, true, getlastmodified, nullptr},
    PropertyRow{DAV, "lockdiscovery", kept, true, lockdiscovery, nullptr},
    PropertyRow{DAV, "resourcetype", everything, true, resourcetype, nullptr},
    PropertyRow{DAV, "supportedlock", kept, true, supportedlock, nullptr},
    // RFC 3253 3.1.3, 3.1.4, 3.1.5
    PropertyRow{DAV, "supported-method-set", everything, false, supported_method_set, nullptr},
    PropertyRow{DAV, "supported-live-property-set", everything, false, supported_live_property_set, nullptr},
    PropertyRow{DAV, "supported-report-set", everything, false, supported_report_set, nullptr},
    // RFC 5842 3.1
    PropertyRow{DAV, "resource-id", dated, false, resource_id, nullptr},
    // RFC 5995 3.2.1
    PropertyRow{DAV, "add-member", KindSet(Kind::calendar, Kind::addressbook, Kind::folder, Kind::file_home), false,
                add_member, nullptr},
    // RFC 5397 3
    PropertyRow{DAV, "current-user-principal", everything, false, current_user_principal, nullptr},
};

}  // namespace

std::span<const PropertyRow> core_properties() { return table; }

}  // namespace dav
