#include "dav/methods/incoming.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "dav/attachments.h"
#include "dav/calendar/attachment.h"
#include "dav/calendar/jcal.h"
#include "dav/calendar/object.h"
#include "dav/calendar/span.h"
#include "dav/card_version.h"
#include "dav/contacts/card.h"
#include "dav/contacts/jcard.h"
#include "dav/contacts/jscontact.h"
#include "dav/error.h"
#include "dav/facts.h"
#include "dav/form.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/methods/media_types.h"
#include "dav/photos.h"

namespace dav {

namespace {

constexpr std::size_t longest_media_type = 255;

/// Many programs that put files name no type, or the one that says nothing; then the content must speak for itself.
bool says_nothing(std::string_view type) { return type.empty() || type == "application/octet-stream"; }

std::string with_line(const std::string& reason, std::size_t line) {
  return line == 0 ? reason : "line " + std::to_string(line) + ": " + reason;
}

// RFC 4791 5.3.2.1
Condition condition_of(calendar::Precondition precondition) {
  using P = calendar::Precondition;
  switch (precondition) {
    case P::supported_calendar_data:
      return condition::supported_calendar_data;
    case P::valid_calendar_data:
      return condition::calendar_valid_calendar_data;
    case P::valid_calendar_object_resource:
      return condition::valid_calendar_object_resource;
    case P::supported_calendar_component:
      return condition::supported_calendar_component;
    case P::supported_rscale:
      return condition::supported_rscale;
    case P::max_resource_size:
      return condition::max_resource_size;
    case P::min_date_time:
      return condition::min_date_time;
    case P::max_date_time:
      return condition::max_date_time;
    case P::max_instances:
      return condition::max_instances;
    case P::max_attendees_per_instance:
      return condition::max_attendees_per_instance;
  }
  return condition::calendar_valid_calendar_data;
}

// RFC 6352 6.3.2.1
Condition condition_of(contacts::Precondition precondition) {
  switch (precondition) {
    case contacts::Precondition::supported_address_data:
      return condition::supported_address_data;
    case contacts::Precondition::valid_address_data:
      return condition::valid_address_data;
    case contacts::Precondition::max_resource_size:
      return condition::card_max_resource_size;
  }
  return condition::valid_address_data;
}

template <class Refusal>
Error refused(const Refusal& refusal) {
  return Error{condition_of(refusal.precondition), with_line(refusal.reason, refusal.line)};
}

calendar::Seconds date_time(const std::string& text, calendar::Seconds otherwise) {
  const auto value = calendar::parse_date_time(text);
  return value ? value->local : otherwise;
}

std::vector<std::string> components_of(const storage::Collection& collection) {
  std::vector<std::string> names;
  std::string_view rest = collection.components;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (comma > 0) names.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return names;
}

calendar::ObjectLimits limits_of(const Settings& settings) {
  calendar::ObjectLimits limits;
  limits.max_resource_size = static_cast<std::uint64_t>(settings.max_object_size);
  limits.max_attendees_per_instance = static_cast<std::size_t>(settings.max_attendees_per_instance);
  limits.min_date_time = date_time(settings.min_date_time, limits.min_date_time);
  limits.max_date_time = date_time(settings.max_date_time, limits.max_date_time);
  return limits;
}

std::optional<calendar::Refusal> refusal_of_instances(const calendar::Object& object, const Environment& environment) {
  const calendar::ZoneScope scope(environment.zones, object.calendar());
  const auto most = static_cast<std::size_t>(environment.settings.max_instances);
  return obey_instances(object, limits_of(environment.settings), most, scope);
}

void check_own_limits(const Environment& environment, const calendar::Object& object,
                      const storage::Collection& collection) {
  auto limits = limits_of(environment.settings);
  limits.components = components_of(collection);
  if (const auto refusal = object.obey(limits)) throw refused(*refusal);
}

/// What is kept of jCal, jCard and JSContact: the content lines that they stand for (RFC 7265 4, RFC 7095 4, RFC 9555
/// 3). Nothing for all else.
std::optional<storage::Spool> lines_of_json(Kind kind, std::string_view content_type, const storage::Spool& content,
                                            const Environment& environment) {
  const std::string type = media_type(content_type);
  const bool calendar = kind == Kind::calendar_object && type == calendar_json;
  const bool jscontact = kind == Kind::card && is_jscontact(content_type);
  if (!calendar && !jscontact && (kind != Kind::card || type != card_json)) return std::nullopt;
  const auto convert = calendar ? calendar::from_jcal : jscontact ? contacts::from_jscontact : contacts::from_jcard;
  try {
    return storage::Spool(convert(content.text()), environment.store.spool_directory());
  } catch (const contacts::OtherJSContact& other) {
    throw Error{condition::supported_address_data, other.what()};
  } catch (const contacts::NotJSContact& fault) {
    throw Error{condition::valid_address_data, fault.what()};
  } catch (const content::MalformedJson& malformed) {
    throw Error{calendar ? condition::calendar_valid_calendar_data : condition::valid_address_data, malformed.what()};
  }
}

void read_calendar_object(Incoming& incoming, std::string_view type, std::string bytes,
                          const Environment& environment) {
  if (!says_nothing(type) && type != "text/calendar") {
    throw Error{condition::supported_calendar_data, "a calendar takes text/calendar and application/calendar+json"};
  }
  auto parsed = calendar::Object::parse(std::move(bytes), environment.zones);
  if (const auto* refusal = std::get_if<calendar::Refusal>(&parsed)) throw refused(*refusal);
  incoming.object = std::make_shared<const calendar::Object>(std::get<calendar::Object>(std::move(parsed)));
  incoming.facts = facts_of(*incoming.object, environment.zones);
  incoming.instances = refusal_of_instances(*incoming.object, environment);
  // RFC 5545 8.1 has the parameter; Apple's clients look for it.
  incoming.media_type = "text/calendar; charset=utf-8; component=" + incoming.facts.component;
}

void read_card(Incoming& incoming, std::string_view type, std::string bytes, const Settings& settings) {
  if (!says_nothing(type) && type != "text/vcard" && type != "text/x-vcard" && type != "text/directory") {
    throw Error{
        condition::supported_address_data,
        "an address book takes text/vcard, application/vcard+json and application/jscontact+json of version 1.0"};
  }
  auto parsed = contacts::Card::parse(std::move(bytes));
  if (const auto* refusal = std::get_if<contacts::Refusal>(&parsed)) throw refused(*refusal);
  const auto& card = std::get<contacts::Card>(parsed);
  if (const auto refusal = card.obey(static_cast<std::uint64_t>(settings.max_object_size))) throw refused(*refusal);
  incoming.facts = facts_of(card);
  incoming.media_type = card_media_type(card.version());
  if (has_smaller_photos(card)) incoming.with_smaller_photos = card.bytes();
}

/// The bytes with the true SIZE of each attachment; nothing where they have it already. What isn't said isn't added.
std::optional<std::string> with_true_sizes(const Incoming& incoming, const std::vector<storage::Attachment>& used,
                                           const Environment& environment) {
  std::optional<std::string> bytes;
  for (const auto& named : calendar::managed_attachments(*incoming.object)) {
    const auto found =
        std::find_if(used.begin(), used.end(), [&](const auto& one) { return one.managed_id == named.managed_id; });
    if (found == used.end() || !named.size || *named.size == std::to_string(found->size)) continue;
    const auto now = calendar::Object::parse(bytes ? *bytes : incoming.object->bytes(), environment.zones);
    if (const auto* object = std::get_if<calendar::Object>(&now)) {
      bytes = calendar::with_size(*object, named.managed_id, std::to_string(found->size));
    }
  }
  return bytes;
}

std::vector<storage::Attachment> used_by(Context& context, const Incoming& incoming) {
  std::vector<storage::Attachment> used;
  for (const auto& named : calendar::managed_attachments(*incoming.object)) {
    if (auto attachment = context.transaction.attachment(named.managed_id)) used.push_back(*std::move(attachment));
  }
  return used;
}

}  // namespace

std::string type_of_file(std::string_view content_type, std::string_view name) {
  const std::string type = media_type(content_type);
  if (type.find('/') == std::string::npos || content_type.size() > longest_media_type) return media_type_of_name(name);
  return std::string(content_type);
}

Kept keep(Context& context, const Incoming& incoming, storage::Id collection, std::string_view name) {
  std::vector<storage::Attachment> used;
  if (incoming.object) used = used_by(context, incoming);
  std::optional<std::string> corrected;
  if (!used.empty()) corrected = with_true_sizes(incoming, used, context.environment);
  if (!incoming.with_smaller_photos.empty()) {
    corrected = with_stored_photos(context, incoming.with_smaller_photos, collection, name, incoming.facts.uid);
    if (*corrected == incoming.with_smaller_photos) corrected.reset();
  }
  auto& store = context.environment.store;
  const auto blob = corrected ? store.stage(storage::Spool(*corrected, store.spool_directory())) : incoming.blob;
  Kept kept{context.transaction.put(collection, name, blob, incoming.media_type, incoming.facts, context.actor()),
            !corrected && !incoming.converted};
  const bool is_new = kept.member.added_modseq == kept.member.modseq;
  if (used.empty() && (is_new || !incoming.object)) return kept;
  std::vector<storage::Id> ids;
  for (const auto& attachment : used) ids.push_back(attachment.id);
  context.transaction.use_attachments(kept.member, ids);
  return kept;
}

Kept keep_followed(Context& context, const Incoming& incoming, storage::Id collection, std::string_view name,
                   const storage::Member* replaced, GroupFollower& groups) {
  const auto before = groups.before(replaced);
  Kept kept = keep(context, incoming, collection, name);
  if (auto changed = groups.follow(before, &kept.member)) kept = {*std::move(changed), false};
  return kept;
}

Kept keep_followed(Context& context, const Incoming& incoming, const storage::Collection& collection,
                   std::string_view name, const storage::Member* replaced) {
  GroupFollower groups(context, collection);
  Kept kept = keep_followed(context, incoming, collection.id, name, replaced, groups);
  groups.finish();
  return kept;
}

std::shared_ptr<const Incoming> read_incoming(Kind kind, std::string_view content_type, std::string_view name,
                                              const storage::Spool& content, const Environment& environment) {
  auto incoming = std::make_shared<Incoming>();
  incoming->kind = kind;
  const Settings& settings = environment.settings;
  if (kind != Kind::file && content.size() > static_cast<std::uint64_t>(settings.max_object_size)) {
    throw Error{kind == Kind::card ? condition::card_max_resource_size : condition::max_resource_size,
                "it is too large"};
  }
  const std::string sent = media_type(content_type);
  const auto lines = lines_of_json(kind, content_type, content, environment);
  const storage::Spool& kept = lines ? *lines : content;
  const std::string type = lines ? std::string() : sent;
  incoming->converted = lines.has_value();
  if (kind == Kind::calendar_object) {
    read_calendar_object(*incoming, type, kept.text(), environment);
  } else if (kind == Kind::card) {
    read_card(*incoming, type, kept.text(), settings);
  } else {
    incoming->media_type = type_of_file(content_type, name);
  }
  incoming->blob = environment.store.stage(kept.share());
  return incoming;
}

void check_component(const storage::Collection& collection, const storage::ObjectFacts& facts) {
  if (collection.kind != storage::CollectionKind::calendar) return;
  const auto taken = components_of(collection);
  if (taken.empty() || std::find(taken.begin(), taken.end(), facts.component) != taken.end()) return;
  throw Error{condition::supported_calendar_component,
              "this calendar takes " + collection.components + ", not " + facts.component};
}

void check_uid(storage::Transaction& transaction, const Place& place, const storage::ObjectFacts& facts) {
  if (facts.uid.empty()) return;
  const bool cards = place.collection.kind == storage::CollectionKind::addressbook;
  const auto conflict = [&](const std::string& name, const char* why) {
    std::string href(place.href);
    encode_segment(href, name);
    return Error{cards ? condition::card_no_uid_conflict : condition::no_uid_conflict, why}.with_href(std::move(href));
  };
  // "… or overwrite an existing calendar object resource with one that has a different UID property value".
  if (place.replaced && place.replaced->facts.uid != facts.uid) {
    throw conflict(place.replaced->name, "what stands there has another UID");
  }
  const auto other = transaction.member_with_uid(place.collection.id, facts.uid);
  if (!other || (place.replaced && other->id == place.replaced->id) || (place.moved && other->id == place.moved->id))
    return;
  throw conflict(other->name, "the UID is in use");
}

void check_limits(const Environment& environment, const calendar::Object& object,
                  const storage::Collection& collection) {
  check_own_limits(environment, object, collection);
  if (const auto refusal = refusal_of_instances(object, environment)) throw refused(*refusal);
}

void check_incoming(Context& context, const Incoming& incoming, const Place& place) {
  check_incoming(context.transaction, context.environment, incoming, place);
  if (incoming.object) check_attachments(context, incoming, place.collection.account);
}

void check_incoming(storage::Transaction& transaction, const Environment& environment, const Incoming& incoming,
                    const Place& place) {
  if (incoming.object) check_own_limits(environment, *incoming.object, place.collection);
  if (incoming.instances) throw refused(*incoming.instances);
  check_component(place.collection, incoming.facts);
  check_uid(transaction, place, incoming.facts);
}

}  // namespace dav
