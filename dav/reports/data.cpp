#include "dav/reports/data.h"

#include <algorithm>

#include "dav/content/text.h"
#include "dav/headers.h"
#include "dav/photos.h"
#include "dav/reports/calendar_filter.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CARDDAV = condition::CARDDAV;

/// One of the elements that calendar-data and address-data name properties by.
content::PropertyRequest read_property(const xml::Element& element) {
  return {std::string(element.attribute("name")), element.attribute("novalue") == "yes"};
}

// RFC 4791 9.6.1
calendar::ComponentRequest read_component(const xml::Element& element) {
  calendar::ComponentRequest component;
  component.name = element.attribute("name");
  for (const auto* child : element.children()) {
    if (child->is(CALDAV, "allprop")) component.all_properties = true;
    if (child->is(CALDAV, "allcomp")) component.all_components = true;
    if (child->is(CALDAV, "prop")) component.properties.push_back(read_property(*child));
    if (child->is(CALDAV, "comp")) component.components.push_back(read_component(*child));
  }
  return component;
}

/// RFC 4791 9.6, RFC 7265 7
bool wants_jcal(const xml::Element& element) {
  const auto type = element.attribute("content-type"), version = element.attribute("version");
  const bool json = media_type(type) == calendar_json;
  if ((!type.empty() && !json && media_type(type) != "text/calendar") || (!version.empty() && version != "2.0")) {
    throw Error{condition::supported_calendar_data,
                "calendar data is given as text/calendar and application/calendar+json, of version 2.0"};
  }
  return json;
}

/// RFC 6352 10.4, RFC 7095 1: jCard is of version 4.0. RFC 9553 1.9.2: JSContact is of 1.0.
void read_json(const xml::Element& element, Form& form) {
  const auto type = element.attribute("content-type"), version = element.attribute("version");
  const bool jcard = media_type(type) == card_json;
  form.jscontact = is_jscontact(type);
  form.json = jcard || form.jscontact;
  const bool known = version.empty() ||
                     (form.jscontact ? version == jscontact_version : version == "4.0" || (version == "3.0" && !jcard));
  if ((!type.empty() && !form.json && media_type(type) != "text/vcard") || !known) {
    throw Error{condition::supported_address_data,
                "cards are given as text/vcard of version 3.0 or 4.0, application/vcard+json of version 4.0 and "
                "application/jscontact+json of version 1.0"};
  }
}

// RFC 4791 9.6
calendar::CalendarDataRequest read_calendar_data(const xml::Element& element) {
  calendar::CalendarDataRequest request;
  for (const auto* child : element.children()) {
    if (child->is(CALDAV, "comp")) request.component = read_component(*child);
    if (child->is(CALDAV, "expand")) request.expand = read_time_range(*child, true);
    if (child->is(CALDAV, "limit-recurrence-set")) request.limit_recurrence_set = read_time_range(*child, true);
    if (child->is(CALDAV, "limit-freebusy-set")) request.limit_free_busy_set = read_time_range(*child, true);
  }
  if (request.expand && request.limit_recurrence_set) {
    throw Error{condition::bad_request, "expand and limit-recurrence-set exclude each other"};
  }
  return request;
}

// RFC 6352 10.4
contacts::AddressDataRequest read_address_data(const xml::Element& element) {
  const auto version = element.attribute("version");
  contacts::AddressDataRequest request;
  if (version == "3.0") request.version = contacts::Version::v3;
  if (version == "4.0") request.version = contacts::Version::v4;
  for (const auto* child : element.children()) {
    if (child->is(CARDDAV, "prop")) request.properties.push_back(read_property(*child));
  }
  return request;
}

}  // namespace

namespace {

/// How many instances an expansion may write: of a large object fewer, so that its text stays within 32 MiB.
std::size_t most_instances(const Context& context, std::size_t octets) {
  const auto most = static_cast<std::size_t>(std::max(context.environment.settings.max_instances, 1));
  return std::clamp<std::size_t>((std::size_t{32} << 20) / std::max<std::size_t>(octets, 1), 3, most);
}

}  // namespace

DataOptions read_data_options(const xml::Element& report, const Request& request, const Environment& environment) {
  DataOptions options;
  const auto* prop = report.child(condition::DAV, "prop");
  if (!prop) return options;
  if (const auto* data = prop->child(CALDAV, "calendar-data")) {
    options.calendar = read_calendar_data(*data);
    options.calendar_form = {wants_jcal(*data), zones_asked_for(request.headers)};
    options.zone = QueryZone::read(report, environment);
  }
  if (const auto* data = prop->child(CARDDAV, "address-data")) {
    options.wants_cards = true;
    options.card = read_address_data(*data);
    read_json(*data, options.card_form);
    if (options.card_form.json) options.card.version = contacts::Version::v4;
  }
  return options;
}

namespace {

/// All of it, as it is stored and can stand in XML.
bool append_whole(const Context& context, const storage::Member& member, std::string& out) {
  std::string loaded;
  std::string_view octets = member.bytes;
  if (octets.empty() && member.size > 0) octets = loaded = context.transaction.bytes(member);
  if (content::is_utf8(octets)) {
    xml::escape(out, octets);
  } else {
    xml::escape(out, content::mend_folds(std::string(octets)));
  }
  return true;
}

}  // namespace

bool append_calendar_data(const Context& context, const Resource& resource, std::string& out) {
  const DataOptions& options = *resource.data;
  const Form& form = options.calendar_form;
  if (options.calendar.is_whole()) {
    if (form.is_stored_form()) return append_whole(context, *resource.member, out);
    auto octets = context.transaction.bytes(*resource.member);
    xml::escape(out, content::mend_folds(calendar_in(form, std::move(octets), context.environment)));
    return true;
  }
  const auto& zones = context.environment.zones;
  std::optional<calendar::Object> read;
  if (options.object == nullptr) read = calendar::Object::read(context.transaction.bytes(*resource.member));
  const calendar::Object* object = read ? &*read : options.object;
  if (object == nullptr) return false;
  const auto most = most_instances(context, object->bytes().size());
  const auto& floating = options.floating_zone ? *options.floating_zone : calendar::TimeZones::utc();
  auto data = calendar::calendar_data(*object, options.calendar, zones, floating, most);
  // RFC 4791 7.8: a part of the instances would look like all of them.
  if (!data.is_complete)
    throw Error{condition::number_of_matches_within_limits, "too many instances; ask for less time"};
  xml::escape(out, calendar_in(form, std::move(data.text), context.environment));
  return true;
}

bool append_address_data(const Context& context, const Resource& resource, std::string& out) {
  const storage::Member& member = *resource.member;
  const Form& form = resource.data->card_form;
  const bool stored_form = resource.data->card.is_stored_form();
  if (stored_form && form.photo_side == 0) return append_whole(context, member, out);
  const auto card = contacts::Card::parse(context.transaction.bytes(member));
  const auto* read = std::get_if<contacts::Card>(&card);
  if (!read) return false;
  auto text = contacts::address_data(*read, resource.data->card);
  text = with_smaller_photos(context, member, form.photo_side, std::move(text)).text;
  xml::escape(out, card_in(form, std::move(text)));
  return true;
}

}  // namespace dav
