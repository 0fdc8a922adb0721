#include <algorithm>
#include <array>

#include "dav/calendar/object.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CS = condition::CS;

/// Calls `each` for the collections of an account's calendar home, until it says true; whether it did.
template <class Each>
bool any_calendar(const Context& context, storage::Id account, Each each) {
  const auto home = context.transaction.home(account, storage::CollectionKind::calendar_home);
  if (!home) return false;
  for (const auto& entry : context.transaction.children(home->id)) {
    const auto collection = context.transaction.collection(entry.child);
    if (collection && each(*collection)) return true;
  }
  return false;
}

bool append_first(const Context& context, const Resource& resource, storage::CollectionKind kind, std::string& out) {
  // What lies in another's tree can't be used, and is nobody else's business.
  if (resource.account->id != context.principal.account) return false;
  return any_calendar(context, resource.account->id, [&](const storage::Collection& collection) {
    if (collection.kind != kind) return false;
    append_href(out, collection_href(Address::Area::calendars, resource.account->name, collection.name));
    return true;
  });
}

// RFC 6638 2.2.1
bool schedule_inbox_url(const Context& context, const Resource& resource, std::string& out) {
  return append_first(context, resource, storage::CollectionKind::inbox, out);
}

// RFC 6638 2.1.1
bool schedule_outbox_url(const Context& context, const Resource& resource, std::string& out) {
  return append_first(context, resource, storage::CollectionKind::outbox, out);
}

bool notification_url(const Context& context, const Resource& resource, std::string& out) {
  return append_first(context, resource, storage::CollectionKind::notifications, out);
}

// RFC 6638 2.4.1: the mail addresses first; a client looks for its own among the attendees.
bool calendar_user_address_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto& address : resource.account->addresses) append_href(out, "mailto:" + address);
  append_href(out, principal_href(resource.account->name));
  return true;
}

// RFC 6638 2.4.2
bool calendar_user_type(const Context&, const Resource& resource, std::string& out) {
  switch (resource.account->kind) {
    case storage::AccountKind::user:
      out += "INDIVIDUAL";
      break;
    case storage::AccountKind::group:
      out += "GROUP";
      break;
    case storage::AccountKind::room:
      out += "ROOM";
      break;
    case storage::AccountKind::resource:
      out += "RESOURCE";
      break;
  }
  return true;
}

bool email_address_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto& address : resource.account->addresses) {
    out += "<CS:email-address>";
    xml::escape(out, address);
    out += "</CS:email-address>";
  }
  return true;
}

// caldav-proxy 5.3.1, 5.3.2: nobody has given anybody a share.
bool nobody(const Context&, const Resource&, std::string&) { return true; }

// RFC 6638 9.1
bool calendar_transp(const Context&, const Resource&, std::string& out) {
  out += "<C:opaque/>";
  return true;
}

std::optional<Error> check_transp(const Context&, const Resource&, const xml::Element* value) {
  if (!value || value->child(CALDAV, "opaque") || value->child(CALDAV, "transparent")) return std::nullopt;
  return Error{condition::conflict, "a calendar is opaque or transparent"};
}

/// RFC 7953 7.2.4: "a valid iCalendar object containing only one "VAVAILABILITY" component, and optionally, "VTIMEZONE"
/// components".
std::optional<Error> check_availability(const Context& context, const Resource&, const xml::Element* value) {
  if (!value || (value->children().empty() && value->text().empty())) return std::nullopt;
  const Error refusal{condition::calendar_valid_calendar_data, "availability is a VCALENDAR with one VAVAILABILITY"};
  const auto object = calendar::Object::parse(value->text(), context.environment.zones);
  const auto* read = std::get_if<calendar::Object>(&object);
  if (!read) {
    const auto& [precondition, reason, line] = std::get<calendar::Refusal>(object);
    return Error{condition::calendar_valid_calendar_data, "line " + std::to_string(line) + ": " + reason};
  }
  const auto& components = read->calendar().components;
  const auto belongs = [](const content::Component& component) {
    return component.is("VAVAILABILITY") || component.is("VTIMEZONE");
  };
  if (read->parts().size() != 1 || !std::all_of(components.begin(), components.end(), belongs)) return refusal;
  return std::nullopt;
}

bool takes_events(const storage::Collection& collection) {
  return collection.kind == storage::CollectionKind::calendar &&
         (collection.components.empty() || collection.components.find("VEVENT") != std::string::npos);
}

// RFC 6638 9.2: where none has been chosen, the calendar that every account starts with, or else the first one.
bool default_calendar(const Context& context, const Resource& resource, std::string& out) {
  std::optional<std::string> first;
  any_calendar(context, resource.account->id, [&](const storage::Collection& collection) {
    if (!takes_events(collection)) return false;
    if (!first || collection.name == "calendar") first = collection.name;
    return collection.name == "calendar";
  });
  if (first) append_href(out, collection_href(Address::Area::calendars, resource.account->name, *first));
  return first.has_value();
}

std::optional<Error> check_default_calendar(const Context& context, const Resource& resource,
                                            const xml::Element* value) {
  if (!value) return std::nullopt;
  const Error refusal{condition::valid_schedule_default_calendar_url,
                      "this is none of the account's calendars for events"};
  const auto* href = value->child(condition::DAV, "href");
  if (!href) return refusal;
  const auto address = parse_reference(href->text(), context.request.authority);
  if (!address) return refusal;
  const auto target = resolve(context.transaction, *address);
  const bool own = target.account && resource.account && target.account->id == resource.account->id;
  if (!own || !target.exists || !target.collection || !takes_events(*target.collection)) return refusal;
  return std::nullopt;
}

constexpr KindSet principals{Kind::principal};
constexpr KindSet inbox{Kind::inbox};
constexpr KindSet calendars{Kind::calendar};

constexpr std::array table{
    // RFC 6638 2.1.1, 2.2.1, 2.4.1, 2.4.2, 9.1, 9.2
    PropertyRow{CALDAV, "schedule-outbox-URL", principals, false, schedule_outbox_url, nullptr},
    PropertyRow{CALDAV, "schedule-inbox-URL", principals, false, schedule_inbox_url, nullptr},
    PropertyRow{CALDAV, "calendar-user-address-set", principals, false, calendar_user_address_set, nullptr},
    PropertyRow{CALDAV, "calendar-user-type", principals, false, calendar_user_type, nullptr},
    PropertyRow{CALDAV, "schedule-calendar-transp", calendars, false, calendar_transp, check_transp},
    PropertyRow{CALDAV, "schedule-default-calendar-URL", inbox, false, default_calendar, check_default_calendar},
    // The draft of RFC 6638, still used by Apple's clients.
    PropertyRow{CALDAV, "calendar-free-busy-set", inbox, false, nullptr, accept_any},
    // RFC 7953 7.2.4, and its older namespace.
    PropertyRow{CALDAV, "calendar-availability", KindSet(Kind::inbox, Kind::calendar), false, nullptr,
                check_availability},
    PropertyRow{CS, "calendar-availability", KindSet(Kind::inbox, Kind::calendar), false, nullptr, check_availability},
    // caldav-proxy 5.3.1, 5.3.2
    PropertyRow{CS, "calendar-proxy-read-for", principals, false, nobody, nullptr},
    PropertyRow{CS, "calendar-proxy-write-for", principals, false, nobody, nullptr},
    // caldav-notifications 4.1.1
    PropertyRow{CS, "notification-URL", principals, false, notification_url, nullptr},
    PropertyRow{CS, "email-address-set", principals, false, email_address_set, nullptr},
};

}  // namespace

std::span<const PropertyRow> schedule_properties() { return table; }

}  // namespace dav
