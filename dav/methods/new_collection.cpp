#include "dav/methods/new_collection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/headers.h"
#include "dav/methods/body.h"
#include "dav/methods/location.h"

namespace dav {

namespace {

using condition::CALDAV;
using condition::CARDDAV;
using condition::CS;
using condition::DAV;

bool is_xml(std::string_view type) {
  return type.empty() || type == "application/xml" || type == "text/xml" || type.ends_with("+xml");
}

// RFC 5689 3, 3.3
void read_resourcetype(const xml::Element& element, NewCollection& wanted) {
  if (!element.child(DAV, "collection")) throw Error{condition::valid_resourcetype, "DAV:collection is missing"};
  std::optional<Kind> kind;
  const auto take = [&](Kind made) {
    if (kind) throw Error{condition::valid_resourcetype, "it can't be several things at a time"};
    kind = made;
  };
  for (const xml::Element* type : element.children()) {
    if (type->is(DAV, "collection")) continue;
    if (type->is(CS, "subscribed")) {
      wanted.subscribed = true;
    } else if (type->is(CALDAV, "calendar")) {
      take(Kind::calendar);
    } else if (type->is(CARDDAV, "addressbook")) {
      take(Kind::addressbook);
    } else {
      throw Error{condition::valid_resourcetype, "there is no such kind of collection here: " + type->name};
    }
  }
  if (wanted.subscribed && !kind) kind = Kind::calendar;
  wanted.kind = kind.value_or(Kind::folder);
}

// RFC 4791 5.2.3
std::string read_components(const xml::Element& element) {
  static constexpr std::array<std::string_view, 5> known{"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"};
  std::string components;
  for (const xml::Element* component : element.children()) {
    if (!component->is(CALDAV, "comp")) continue;
    std::string name(component->attribute("name"));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error{condition::supported_calendar_component, "no calendar here takes " + name};
    }
    if (components.find(name) == std::string::npos) components.append(components.empty() ? "" : ",").append(name);
  }
  return components;
}

/// RFC 5689 3.5: one property is the reason, the others depend on it.
PropertyUpdate all_but_one_depend(const std::vector<PropertyInstruction>& instructions, const xml::Element& refused,
                                  const Error& error) {
  PropertyUpdate update;
  for (const PropertyInstruction& instruction : instructions) {
    const xml::Element& element = *instruction.element;
    const bool reason = &element == &refused;
    update.results.push_back({std::string(element.ns), element.name,
                              reason ? error.status() : condition::failed_dependency.status,
                              reason ? std::optional(error) : std::nullopt});
  }
  return update;
}

/// What is made where the request doesn't say; a place that makes none keeps its own refusals.
Kind default_kind(Kind holder) {
  const Kind made = row(holder).subcollection;
  return made != holder || holder == Kind::folder ? made : Kind::folder;
}

}  // namespace

NewCollection read_new_collection(const Request& request, const Environment& environment, std::string_view root_ns,
                                  std::string_view root_name) {
  NewCollection wanted;
  if (request.body.empty()) return wanted;
  if (!is_xml(media_type(request.headers.find("Content-Type").value_or("")))) {
    throw Error{condition::unsupported_media_type, "the body is XML"};
  }
  wanted.document = parse_body(request, environment);
  const xml::Element& root = wanted.document->root();
  // RFC 5689 3: bodies with other roots "are reserved for future usage".
  if (!root.is(root_ns, root_name)) throw Error{condition::unsupported_media_type, "the body's root is another"};
  wanted.instructions = read_instructions(root);
  for (const PropertyInstruction& instruction : wanted.instructions) {
    try {
      if (instruction.element->is(DAV, "resourcetype")) read_resourcetype(*instruction.element, wanted);
      if (instruction.element->is(CALDAV, "supported-calendar-component-set")) {
        wanted.components = read_components(*instruction.element);
      }
    } catch (const Error& error) {
      wanted.refused = all_but_one_depend(wanted.instructions, *instruction.element, error);
      break;
    }
  }
  return wanted;
}

PropertyUpdate make_collection(Context& context, const NewCollection& wanted) {
  Target& target = context.target;
  const Kind holder = kind_of(target.parent->kind);
  const Kind kind = wanted.kind.value_or(default_kind(holder));
  check_location(kind, holder);
  const auto made = context.transaction.create_collection(target.parent->id, *collection_kind(kind), target.name,
                                                          kind == Kind::calendar ? wanted.components : std::string());
  if (wanted.subscribed && kind == Kind::calendar) context.transaction.subscribe(made.id);
  target = resolve(context.transaction, target.address);
  return apply_properties(context, resource_at(target), wanted.instructions, Creating::yes);
}

Response answer_made(const Request& request) {
  Response response = answer(201);
  const Preferences asked = preferences(request.headers);
  apply_preferences(asked, true, false, response.headers);
  // RFC 4791 5.3.1, RFC 5689 3.4
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

}  // namespace dav
