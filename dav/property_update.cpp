#include "dav/property_update.h"

#include <algorithm>

#include "dav/account_settings.h"
#include "dav/properties/tables.h"

namespace dav {

namespace {

// Properties count for no quota, so what one resource keeps is bounded.
constexpr std::size_t largest_value = std::size_t{128} << 10;
constexpr std::size_t most_octets = std::size_t{1} << 20;
constexpr std::size_t most_stored = 1000;

PropertyResult& result_for(std::vector<PropertyResult>& results, const xml::Element& element) {
  for (auto& known : results) {
    if (known.name == element.name && known.ns == element.ns) return known;
  }
  return results.emplace_back(PropertyResult{std::string(element.ns), element.name, 200, std::nullopt});
}

/// A live property of other kinds of resource doesn't become a dead one that looks like it.
bool protected_elsewhere(const xml::Element& element) {
  for (const auto& table : property_tables()) {
    for (const auto& row : table) {
      if (row.name == element.name && row.ns == element.ns) return !row.write;
    }
  }
  return false;
}

bool made_with_it(const xml::Element& element) {
  return element.is(condition::DAV, "resourcetype") ||
         element.is(condition::CALDAV, "supported-calendar-component-set");
}

std::optional<Error> check(const Context& context, const Resource& resource, const PropertyInstruction& instruction) {
  const auto& element = *instruction.element;
  const auto* row = find_property(element.ns, element.name, resource.kind);
  if (row ? !row->write : protected_elsewhere(element)) return Error{condition::cannot_modify_protected_property};
  if (!resource.collection && !resource.member) return Error{condition::forbidden, "properties can't be kept here"};
  return row ? row->write(context, resource, instruction.remove ? nullptr : &element) : std::nullopt;
}

/// Two names of one thing: where one is set, the other follows from it (RFC 7809 5.2).
std::optional<std::string_view> superseded(const xml::Element& element) {
  if (element.ns != condition::CALDAV) return std::nullopt;
  if (element.name == "calendar-timezone") return "calendar-timezone-id";
  if (element.name == "calendar-timezone-id") return "calendar-timezone";
  return std::nullopt;
}

/// The stored properties of one resource, as the instructions change them.
class Stored {
 public:
  Stored(const Context& context, const Resource& resource)
      : transaction_(context.transaction),
        collection_(resource.collection ? resource.collection->id : resource.member->collection),
        member_(resource.collection ? 0 : resource.member->id),
        properties_(transaction_.properties(collection_, member_)) {}

  std::size_t size() const { return properties_.size(); }
  std::size_t octets() const {
    std::size_t all = 0;
    for (const auto& property : properties_) all += property.xml.size();
    return all;
  }

  void set(const xml::Element& element) {
    storage::Property property{std::string(element.ns), element.name, xml::serialize(element)};
    const auto known = find(element.ns, element.name);
    if (known != properties_.end() && known->xml == property.xml) return;
    transaction_.set_property(collection_, member_, property);
    if (known != properties_.end()) properties_.erase(known);
    properties_.push_back(std::move(property));
    changed_ = true;
  }

  void remove(std::string_view ns, std::string_view name) {
    const auto known = find(ns, name);
    if (known == properties_.end()) return;
    transaction_.remove_property(collection_, member_, ns, name);
    properties_.erase(known);
    changed_ = true;
  }

  void note_change() { changed_ = true; }

  bool touch() {
    if (changed_ && member_ != 0) transaction_.touch_member(collection_, member_);
    if (changed_ && member_ == 0) transaction_.touch(collection_);
    return changed_;
  }

 private:
  std::vector<storage::Property>::iterator find(std::string_view ns, std::string_view name) {
    return std::find_if(properties_.begin(), properties_.end(),
                        [&](const storage::Property& property) { return property.name == name && property.ns == ns; });
  }

  storage::Transaction& transaction_;
  storage::Id collection_;
  storage::Id member_;
  std::vector<storage::Property> properties_;
  bool changed_ = false;
};

/// How much a resource would keep; what is too much is found before anything is written.
struct Room {
  std::size_t properties = 0;
  std::size_t octets = 0;

  std::optional<Error> take(const PropertyInstruction& instruction) {
    if (instruction.remove) return std::nullopt;
    const auto size = xml::serialize(*instruction.element).size();
    octets += size;
    if (size > largest_value) return Error{condition::insufficient_storage, "a property has at most 128 KiB"};
    if (++properties <= most_stored && octets <= most_octets) return std::nullopt;
    return Error{condition::insufficient_storage, "a resource keeps at most 1000 properties and 1 MiB of them"};
  }
};

}  // namespace

std::vector<PropertyInstruction> read_instructions(const xml::Element& root) {
  std::vector<PropertyInstruction> instructions;
  for (const auto* step : root.children()) {
    const bool set = step->is(condition::DAV, "set"), remove = step->is(condition::DAV, "remove");
    if (!set && !remove) continue;
    const auto* prop = step->child(condition::DAV, "prop");
    if (!prop) throw Error{condition::bad_request, "DAV:set and DAV:remove hold a DAV:prop"};
    for (const auto* element : prop->children()) instructions.push_back({remove, element});
    if (instructions.size() > most_stored) throw Error{condition::bad_request, "more than 1000 instructions"};
  }
  return instructions;
}

PropertyUpdate apply_properties(const Context& context, const Resource& resource,
                                std::span<const PropertyInstruction> instructions, Creating creating) {
  PropertyUpdate update;
  std::optional<Stored> stored;
  if (resource.collection || resource.member) stored.emplace(context, resource);
  const auto own = [&](const xml::Element& element) { return creating == Creating::yes && made_with_it(element); };

  Room room;
  if (stored) room = {stored->size(), stored->octets()};

  // RFC 4918 9.2: "Instructions MUST either all be executed or none executed."
  bool refused = false;
  for (const auto& instruction : instructions) {
    auto& result = result_for(update.results, *instruction.element);
    if (own(*instruction.element)) continue;
    auto error = check(context, resource, instruction);
    if (!error) error = room.take(instruction);
    if (!error) continue;
    result.status = error->status();
    result.error = std::move(error);
    refused = true;
  }
  if (refused) {
    for (auto& result : update.results) {
      if (!result.error) result.status = condition::failed_dependency.status;
    }
    return update;
  }
  update.done = true;
  if (!stored) return update;
  for (const auto& [remove, element] : instructions) {
    if (own(*element)) continue;
    if (is_account_setting(*element, resource.kind)) {
      if (set_account_setting(context, resource, *element, remove)) stored->note_change();
    } else if (remove) {
      stored->remove(element->ns, element->name);
    } else {
      stored->set(*element);
    }
    if (const auto other = superseded(*element)) stored->remove(element->ns, *other);
  }
  update.changed = stored->touch();
  return update;
}

void append_propstats(const std::vector<PropertyResult>& results, std::string& out) {
  std::vector<bool> written(results.size());
  const auto element_of = [](const PropertyResult& result) {
    return result.error ? result.error->condition().element : std::string_view();
  };
  for (std::size_t first = 0; first < results.size(); ++first) {
    if (written[first]) continue;
    const auto& model = results[first];
    out += "<D:propstat><D:prop>";
    for (std::size_t i = first; i < results.size(); ++i) {
      if (written[i] || results[i].status != model.status || element_of(results[i]) != element_of(model)) continue;
      written[i] = true;
      xml::empty_tag(out, results[i].ns, results[i].name);
    }
    out.append("</D:prop><D:status>").append(status_line(model.status)).append("</D:status>");
    if (model.error) {
      if (const auto condition = condition_xml(*model.error); !condition.empty()) {
        out.append("<D:error>").append(condition).append("</D:error>");
      }
      if (!model.error->reason().empty()) {
        out += "<D:responsedescription>";
        xml::escape(out, model.error->reason());
        out += "</D:responsedescription>";
      }
    }
    out += "</D:propstat>";
  }
}

}  // namespace dav
