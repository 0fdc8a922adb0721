#include "dav/form.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/accept.h"
#include "dav/calendar/jcal.h"
#include "dav/calendar/timezone.h"
#include "dav/calendar/vtimezone.h"
#include "dav/calendar/zone_catalog.h"
#include "dav/calendar/zone_reference.h"
#include "dav/card_version.h"
#include "dav/contacts/convert.h"
#include "dav/contacts/jcard.h"
#include "dav/contacts/jscontact.h"
#include "dav/headers.h"
#include "dav/photos.h"

namespace dav {

namespace {

bool is_file(const storage::Member& member) { return member.facts.component.empty(); }

std::string with_zones_as(ZonesGiven zones, std::string text, const Environment& environment) {
  const auto document = content::Document::parse(std::move(text), content::Dialect::icalendar);
  const auto& calendar = document.components().front();
  if (zones == ZonesGiven::no_standard) {
    return calendar::without_standard_zones(
        calendar, [&](std::string_view tzid) { return environment.catalog.find(tzid) != nullptr; });
  }
  return calendar::with_zones(calendar, [&](std::string_view tzid) { return vtimezone_of(environment, tzid); });
}

/// RFC 9110 12.5.1, without what asks for JSContact of another version.
std::string accept_of_cards(std::string_view accept) {
  std::string kept;
  while (!accept.empty()) {
    const std::string_view element = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), element.size() + 1));
    if (media_type(element) == jscontact_json && !is_jscontact(element)) continue;
    kept.append(kept.empty() ? "" : ",").append(element);
  }
  return kept;
}

/// Who takes none of them gets what is stored: RFC 9110 12.5.1 leaves that to the server.
void choose_json(Form& form, const std::string& accept, bool card) {
  if (!card) {
    constexpr std::array<std::string_view, 2> types{"text/calendar", calendar_json};
    form.json = acceptable_type(accept, types) == 1;
    return;
  }
  constexpr std::array<std::string_view, 3> types{"text/vcard", card_json, jscontact_json};
  const auto chosen = acceptable_type(accept_of_cards(accept), types).value_or(0);
  form.json = chosen > 0;
  form.jscontact = chosen == 2;
}

}  // namespace

bool is_jscontact(std::string_view content_type) {
  const std::string version = media_parameter(content_type, "version");
  return media_type(content_type) == jscontact_json && (version.empty() || version == jscontact_version);
}

std::string card_media_type(const Form& form) {
  if (!form.jscontact) return std::string(card_json);
  return std::string(jscontact_json) + "; version=" + std::string(jscontact_version);
}

std::string vtimezone_of(const Environment& environment, std::string_view tzid) {
  const auto& catalog = environment.catalog;
  if (const auto* data = catalog.data(tzid)) return data->vtimezone;
  const auto* zone = environment.zones.find(tzid);
  const auto* data = zone ? catalog.data(zone->name()) : nullptr;
  return data ? calendar::write_vtimezone(tzid, data->file) : std::string();
}

ZonesGiven zones_asked_for(const Headers& headers) {
  const auto value = headers.find("CalDAV-Timezones").value_or("");
  if (value == "T") return ZonesGiven::all;
  return value == "F" ? ZonesGiven::no_standard : ZonesGiven::as_stored;
}

Form form_of(const Headers& headers, const storage::Member& member) {
  Form form;
  if (is_file(member)) return form;
  if (!is_card(member)) form.zones = zones_asked_for(headers);
  if (const auto accept = headers.joined("Accept")) choose_json(form, *accept, is_card(member));
  if (!is_card(member) || form.json) return form;
  form.version = version_wanted(headers);
  if (form.version == stored_version(member)) form.version.reset();
  return form;
}

Form form_of(const Context& context, const storage::Member& member) {
  Form form = form_of(context.request.headers, member);
  if (is_card(member)) form.photo_side = photo_side_for(context, member);
  return form;
}

std::string_view varies_by(const storage::Member& member) {
  if (is_file(member)) return {};
  return is_card(member) ? "Accept, User-Agent" : "Accept, CalDAV-Timezones";
}

std::string tag_in(const Form& form, std::string_view etag) {
  std::string tag(etag);
  if (form.zones == ZonesGiven::all) tag += "-zones";
  if (form.zones == ZonesGiven::no_standard) tag += "-nozones";
  if (form.json) tag += form.jscontact ? "-jscontact" : "-json";
  if (form.version) tag += form.version == contacts::Version::v4 ? "-v4" : "-v3";
  if (form.photo_side != 0) tag += "-small" + std::to_string(form.photo_side);
  return tag;
}

std::string tag_given(const Context& context, const storage::Member& member) {
  const auto photo = is_card(member) ? photo_query(context.request) : std::nullopt;
  if (!photo) return tag_in(form_of(context, member), member.etag);
  return member.etag + "-photo" + (photo->side == 0 ? "" : std::to_string(photo->side));
}

std::string calendar_in(const Form& form, std::string text, const Environment& environment) {
  if (text.empty()) return text;  // a part of which nothing was asked for that is there
  if (form.zones != ZonesGiven::as_stored) text = with_zones_as(form.zones, std::move(text), environment);
  if (!form.json) return text;
  const auto document = content::Document::parse(std::move(text), content::Dialect::icalendar);
  return calendar::to_jcal(document.components().front());
}

std::string card_in(const Form& form, std::string text) {
  if (text.empty()) return text;
  const auto version = form.json ? contacts::Version::v4 : form.version;
  if (!version) return text;
  const auto parsed = contacts::Card::parse(text);
  const auto* card = std::get_if<contacts::Card>(&parsed);  // a part of a card is none
  if (card && card->version() != *version) text = contacts::converted(*card, *version);
  if (!form.json) return text;
  const auto document = content::Document::parse(std::move(text), content::Dialect::vcard);
  if (form.jscontact) return contacts::to_jscontact(document.components().front(), contacts::Version::v4);
  return contacts::to_jcard(document.components().front());
}

}  // namespace dav
