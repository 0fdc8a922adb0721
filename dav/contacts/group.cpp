#include "dav/contacts/group.h"

#include <algorithm>
#include <iterator>

#include "dav/contacts/convert_value.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::Property;

constexpr std::string_view urn = "urn:uuid:";

bool is_member_line(const Property& property) {
  return property.is("MEMBER") || property.is("X-ADDRESSBOOKSERVER-MEMBER");
}

/// The lines of a card as they are, but for those that `write` writes itself (it says so by true), and what `add`
/// appends before the end.
template <typename Write, typename Add>
std::string rewritten(const Card& card, Write write, Add add) {
  std::string out;
  const content::Component& component = card.component();
  content::append_raw(out, component.begin);
  component.for_each_child(
      [&](const Property& property) {
        if (!write(out, property)) content::append_raw(out, property.raw);
      },
      [&](const content::Component& inner) { content::append_raw(out, inner.raw); });
  add(out);
  content::append_raw(out, component.end);
  return out;
}

}  // namespace

std::string_view bare_uid(std::string_view uid) {
  if (uid.size() > urn.size() && content::equal_ignoring_case(uid.substr(0, urn.size()), urn)) {
    uid.remove_prefix(urn.size());
  }
  return uid;
}

std::string group_name(const Card& group) {
  const Property* name = group.component().find("FN");
  return name == nullptr ? std::string() : content::unescape_text(name->value);
}

std::set<std::string> members_of(const Card& group) {
  std::set<std::string> members;
  for (const Property& property : group.component().properties) {
    if (is_member_line(property) && !property.value.empty()) members.emplace(bare_uid(property.value));
  }
  return members;
}

std::set<std::string> categories_of(const Card& card) {
  std::set<std::string> categories;
  for (const Property& property : card.component().properties) {
    if (!property.is("CATEGORIES")) continue;
    for (const std::string_view part : content::split(property.value, ',')) {
      if (std::string name = content::unescape_text(part); !name.empty()) categories.insert(std::move(name));
    }
  }
  return categories;
}

SetChange change_between(const std::set<std::string>& before, const std::set<std::string>& after) {
  SetChange change;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::inserter(change.added, change.added.end()));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::inserter(change.removed, change.removed.end()));
  return change;
}

std::string with_categories(const Card& card, const SetChange& change) {
  auto wanted = change.added;
  for (const std::string& present : categories_of(card)) wanted.erase(present);
  const auto join = [](std::string& list, std::string_view part) { list.append(list.empty() ? "" : ",").append(part); };
  const auto add_wanted = [&](std::string& list) {
    for (const std::string& name : wanted) join(list, content::escape_text(name));
    wanted.clear();
  };
  return rewritten(
      card,
      [&](std::string& out, const Property& property) {
        if (!property.is("CATEGORIES")) return false;
        std::string list;
        for (const std::string_view part : content::split(property.value, ',')) {
          if (!part.empty() && !change.removed.contains(content::unescape_text(part))) join(list, part);
        }
        add_wanted(list);
        const char* first = property.group.empty() ? property.name.data() : property.group.data();
        const std::string head(first, static_cast<std::size_t>(property.value.data() - first));
        if (!list.empty()) content::append_folded(out, head + list);
        return true;
      },
      [&](std::string& out) {
        std::string list;
        add_wanted(list);
        if (!list.empty()) content::append_folded(out, "CATEGORIES:" + list);
      });
}

std::string with_members(const Card& group, const SetChange& change) {
  auto wanted = change.added;
  for (const std::string& present : members_of(group)) wanted.erase(present);
  return rewritten(
      group,
      [&](std::string&, const Property& property) {
        return is_member_line(property) && change.removed.contains(std::string(bare_uid(property.value)));
      },
      [&](std::string& out) {
        const std::string name = group.version() == Version::v4 ? "MEMBER:" : "X-ADDRESSBOOKSERVER-MEMBER:";
        for (const std::string& uid : wanted) {
          content::append_folded(out, name + (is_uri(uid) ? uid : std::string(urn) + uid));
        }
      });
}

std::string new_group(std::string_view name, std::string_view uid, Version version) {
  const std::string text = content::escape_text(name);
  std::vector<Line> lines{{{}, "UID", {}, std::string(version == Version::v4 ? urn : "") + std::string(uid)},
                          {{}, "FN", {}, text}};
  if (version == Version::v3) lines.push_back({{}, "N", {}, text + ";;;;"});
  lines.push_back({{}, version == Version::v4 ? "KIND" : "X-ADDRESSBOOKSERVER-KIND", {}, "group"});
  return write_card(lines, version);
}

}  // namespace dav::contacts
