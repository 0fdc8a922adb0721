#include "dav/calendar/attachment.h"

#include <algorithm>
#include <utility>

#include "dav/calendar/instances.h"
#include "dav/calendar/property_value.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

/// A change of a text: octets that go and what comes in their place.
struct Splice {
  std::string_view old;  ///< a part of the text, perhaps an empty one
  std::string text;
};

std::string spliced(const std::string& source, std::vector<Splice> splices) {
  std::stable_sort(splices.begin(), splices.end(),
                   [](const Splice& a, const Splice& b) { return a.old.data() < b.old.data(); });
  std::string out;
  const char* at = source.data();
  for (const Splice& splice : splices) {
    out.append(at, splice.old.data()).append(splice.text);
    at = splice.old.data() + splice.old.size();
  }
  return out.append(at, source.data() + source.size());
}

/// Lines with the line ends of the text that they go into.
std::string in_style_of(const Component& component, std::string lines) {
  if (component.begin.ends_with("\r\n")) return lines;
  std::erase(lines, '\r');
  return lines;
}

const Property* find_managed(const Component& component, std::string_view managed_id) {
  for (const Property& property : component.properties) {
    if (property.is("ATTACH") && property.parameter("MANAGED-ID") == managed_id) return &property;
  }
  return nullptr;
}

void append_parameter(std::string& line, std::string_view name, std::string_view value) {
  if (!value.empty()) line.append(";").append(name).append("=").append(content::encode_parameter(value));
}

/// The line, with the parameters of the one that it replaces that aren't the server's.
std::string attach_line(const AttachmentLine& attachment, const Property* replaced) {
  std::string line = "ATTACH";
  append_parameter(line, "MANAGED-ID", attachment.managed_id);
  append_parameter(line, "FMTTYPE", attachment.media_type);
  append_parameter(line, "SIZE", attachment.size);
  append_parameter(line, "FILENAME", attachment.name);
  for (const content::Parameter& parameter : replaced ? replaced->parameters : std::span<const content::Parameter>()) {
    const auto is = [&](std::string_view name) { return content::equal_ignoring_case(parameter.name, name); };
    if (is("MANAGED-ID") || is("FMTTYPE") || is("SIZE") || is("FILENAME") || is("VALUE") || is("ENCODING")) continue;
    line.append(";").append(parameter.name);
    if (parameter.has_value) line.append("=").append(parameter.raw);
  }
  std::string folded;
  content::append_folded(folded, line.append(":").append(attachment.uri));
  return folded;
}

/// The place behind the last property of a component that stands before its own components.
std::string_view end_of_properties(const Component& component) {
  const std::string_view next = component.components.empty() ? component.end : component.components.front().begin;
  return next.substr(0, 0);
}

std::string recurrence_id(const Component& part) {
  const Property* id = part.find("RECURRENCE-ID");
  return id == nullptr ? std::string() : std::string(id->value);
}

/// Finds the components that a scope names, and the occurrences that have none yet.
class Scope {
 public:
  Scope(const Object& object, const ZoneScope& zones) : object_(object), instances_(object, zones) {}

  /// False where a name leads nowhere.
  bool find(const AttachmentScope& names) {
    if (!names) {
      parts.assign(object_.parts().begin(), object_.parts().end());
      return true;
    }
    return std::all_of(names->begin(), names->end(), [&](const std::string& name) { return find_one(name); });
  }

  std::vector<const Component*> parts;
  std::vector<Instance> missing;

 private:
  bool find_one(const std::string& name) {
    if (content::equal_ignoring_case(name, "M")) {
      if (object_.master() != nullptr) parts.push_back(object_.master());
      return object_.master() != nullptr;
    }
    for (const Component* part : object_.parts()) {
      if (name.empty() || recurrence_id(*part) != name) continue;
      parts.push_back(part);
      return true;
    }
    return object_.master() != nullptr && find_occurrence(name);
  }

  bool find_occurrence(const std::string& name) {
    const auto wanted = parse_date_time(name);
    if (!wanted) return false;
    Budget budget;
    bool found = false;
    // Wherever on earth its clock is.
    const TimeRange around{wanted->local - 2 * day, wanted->local + 2 * day};
    instances_.for_each(around, budget, [&](const Instance& instance) {
      if (instance.is_override || !instance.id || print(*instance.id) != name) return true;
      missing.push_back(instance);
      found = true;
      return false;
    });
    return found;
  }

  const Object& object_;
  Instances instances_;
};

/// The line up to the value, without folds.
std::string head_of(const Property& property) {
  std::string line(property.name);
  for (const content::Parameter& parameter : property.parameters) {
    line.append(";").append(parameter.name);
    if (parameter.has_value) line.append("=").append(parameter.raw);
  }
  return line + ":";
}

/// The object with other parameters at each ATTACH whose MANAGED-ID is meant.
std::string rewritten(const Object& object, const std::function<bool(std::string_view)>& meant,
                      const std::function<void(std::string&, const content::Parameter&)>& append) {
  std::vector<Splice> splices;
  for (const Component* part : object.parts()) {
    for (const Property& property : part->properties) {
      const content::Parameter* id = property.is("ATTACH") ? property.find("MANAGED-ID") : nullptr;
      if (id == nullptr || !meant(id->value())) continue;
      std::string line(property.name);
      for (const content::Parameter& parameter : property.parameters) append(line, parameter);
      std::string folded;
      content::append_folded(folded, line.append(":").append(property.value));
      splices.push_back({property.raw, in_style_of(*part, std::move(folded))});
    }
  }
  return spliced(object.bytes(), std::move(splices));
}

/// A component for one occurrence, made of the one that describes it: the master, or one for this and all future.
class Override {
 public:
  Override(const Instance& instance, const ZoneScope& scope)
      : part_(*instance.part), instance_(instance), scope_(scope), start_(date_time_in(part_, "DTSTART")) {}

  /// Without the ATTACH line of `left_out`, with the line `added`.
  std::string text(const Property* left_out, std::string_view added) const {
    std::string out(part_.begin);
    bool line_added = false;
    const auto add = [&] {
      if (!line_added) out += added;
      line_added = true;
    };
    part_.for_each_child(
        [&](const Property& property) {
          if (&property != left_out) append(out, property);
        },
        [&](const Component& inner) {
          add();
          content::append_raw(out, inner.raw);
        });
    add();
    content::append_raw(out, part_.end);
    return in_style_of(part_, std::move(out));
  }

 private:
  void append(std::string& out, const Property& property) const {
    for (const std::string_view rule : {"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}) {
      if (property.is(rule)) return;
    }
    if (property.is("DTSTART") || (property.is("DUE") && !start_)) {
      content::append_folded(out, head_of(property) + print(instance_.start));
      content::append_folded(out, id_line());
    } else if (property.is("DTEND") || property.is("DUE")) {
      content::append_folded(out, head_of(property) + end_of(property));
    } else {
      content::append_raw(out, property.raw);
    }
  }

  std::string id_line() const {
    std::string line = "RECURRENCE-ID";
    if (instance_.id->form == Form::date) line += ";VALUE=DATE";
    if (instance_.id->form == Form::zoned) line += ";TZID=" + content::encode_parameter(instance_.id->tzid);
    return line + ":" + print(*instance_.id);
  }

  std::string end_of(const Property& property) const {
    auto end = date_time_of(property);
    if (!end) return std::string(property.value);
    if (end->form == Form::date && start_) {
      end->local += instance_.start.local - start_->local;
    } else {
      end->local = end->form == Form::utc ? instance_.end_utc : scope_.zone_of(*end).to_local(instance_.end_utc);
    }
    return print(*end);
  }

  const Component& part_;
  const Instance& instance_;
  const ZoneScope& scope_;
  std::optional<DateTime> start_;
};

}  // namespace

std::vector<ManagedAttachment> managed_attachments(const Object& object) {
  std::vector<ManagedAttachment> all;
  for (const Component* part : object.parts()) {
    for (const Property& property : part->properties) {
      const content::Parameter* id = property.is("ATTACH") ? property.find("MANAGED-ID") : nullptr;
      if (id == nullptr) continue;
      ManagedAttachment& found = all.emplace_back(ManagedAttachment{id->value(), std::nullopt});
      if (const content::Parameter* size = property.find("SIZE")) found.size = size->value();
    }
  }
  return all;
}

Edited add_attachment(const Object& object, const ZoneScope& scope, const AttachmentScope& instances,
                      const AttachmentLine& line) {
  Scope found(object, scope);
  if (!found.find(instances)) return AttachmentFault::valid_rid;
  const std::string added = attach_line(line, nullptr);
  std::vector<Splice> splices;
  for (const Component* part : found.parts) {
    splices.push_back({end_of_properties(*part), in_style_of(*part, added)});
  }
  for (const Instance& instance : found.missing) {
    const std::string_view last = object.parts().back()->raw;
    splices.push_back({last.substr(last.size()), Override(instance, scope).text(nullptr, added)});
  }
  return spliced(object.bytes(), std::move(splices));
}

Edited update_attachment(const Object& object, std::string_view managed_id, const AttachmentLine& line) {
  std::vector<Splice> splices;
  for (const Component* part : object.parts()) {
    if (const Property* old = find_managed(*part, managed_id)) {
      splices.push_back({old->raw, in_style_of(*part, attach_line(line, old))});
    }
  }
  if (splices.empty()) return AttachmentFault::valid_managed_id;
  return spliced(object.bytes(), std::move(splices));
}

Edited remove_attachment(const Object& object, const ZoneScope& scope, const AttachmentScope& instances,
                         std::string_view managed_id) {
  Scope found(object, scope);
  if (!found.find(instances)) return AttachmentFault::valid_rid;
  std::vector<Splice> splices;
  for (const Component* part : found.parts) {
    const Property* old = find_managed(*part, managed_id);
    if (old != nullptr) splices.push_back({old->raw, ""});
    // Where components are named, each must have it.
    if (old == nullptr && instances) return AttachmentFault::valid_managed_id;
  }
  for (const Instance& instance : found.missing) {
    const Property* old = find_managed(*instance.part, managed_id);
    if (old == nullptr) return AttachmentFault::valid_managed_id;
    const std::string_view last = object.parts().back()->raw;
    splices.push_back({last.substr(last.size()), Override(instance, scope).text(old, "")});
  }
  if (splices.empty()) return AttachmentFault::valid_managed_id;
  return spliced(object.bytes(), std::move(splices));
}

std::string with_size(const Object& object, std::string_view managed_id, std::string_view size) {
  const auto meant = [&](std::string_view id) { return id == managed_id; };
  return rewritten(object, meant, [&](std::string& line, const content::Parameter& parameter) {
    line.append(";").append(parameter.name);
    const bool is_size = content::equal_ignoring_case(parameter.name, "SIZE");
    if (parameter.has_value) line.append("=").append(is_size ? size : parameter.raw);
  });
}

std::string without_managed_ids(const Object& object, const std::function<bool(std::string_view)>& unknown) {
  return rewritten(object, unknown, [](std::string& line, const content::Parameter& parameter) {
    if (content::equal_ignoring_case(parameter.name, "MANAGED-ID")) return;
    line.append(";").append(parameter.name);
    if (parameter.has_value) line.append("=").append(parameter.raw);
  });
}

}  // namespace dav::calendar
