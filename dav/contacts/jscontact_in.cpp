#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jcard.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::equal_ignoring_case;
using content::Json;
using Kind = Json::Kind;

/// The maps whose objects are properties.
constexpr std::string_view maps[] = {
    "nicknames",      "organizations",
    "titles",         "emails",
    "onlineServices", "phones",
    "media",          "preferredLanguages",
    "calendars",      "schedulingAddresses",
    "addresses",      "cryptoKeys",
    "links",          "directories",
    "notes",          "personalInfo",
    "anniversaries",
};

/// The value of a property that the Card has once; empty where it has no counterpart.
std::string value_of(const SingleRow& row, const std::string& text) {
  if (row.name == "REV" || row.name == "CREATED") return timestamp_value(text);
  if (row.name == "UID" && is_plain_uri(text)) return text;
  return is_clean(text) ? content::escape_text(text) : std::string();
}

/// RFC 9555 3.1: "implementations SHOULD derive the full name from the Name object's components property values."
std::string derived_name(const Json& name) {
  const Json* components = content::find_member(name, "components");
  const Json* usual = content::find_member(name, "defaultSeparator");
  std::string text;
  bool between = false;
  if (components == nullptr) return text;
  for (const Json& component : components->items) {
    const auto value = content::string_member(component, "value");
    const bool separator = content::string_member(component, "kind") == "separator";
    if (!separator && !between && !text.empty()) text += usual == nullptr ? std::string_view(" ") : usual->text;
    text += value;
    between = separator;
  }
  return text;
}

/// One Card on its way.
class Writer {
 public:
  explicit Writer(const Json& card) : card_(card) {
    if (const Json* properties = content::find_member(card, "vCardProps")) {
      // A patch that has not been applied must not be from now on.
      kept_ = part_patches(lines_of_properties(*properties)).others;
    }
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      note_parted(kept_[i]);
      if (!kept_[i].group.empty()) groups_.insert(content::upper(kept_[i].group));
      const bool localized = kept_[i].is("GRAMGENDER") && kept_[i].find("LANGUAGE") != nullptr;
      if (!localized) first_.emplace(content::upper(kept_[i].name), i);
    }
  }

  std::vector<Line> write() {
    for (const SingleRow& row : singles) append_single(row);
    append_names();
    find_groups();
    for (const std::string_view map : maps) append_map(map, content::find_member(card_, map));
    if (const Json* speak = content::find_member(card_, "speakToAs")) {
      append_map("pronouns", content::find_member(*speak, "pronouns"));
    }
    append_relations();
    append_set("keywords", "CATEGORIES");
    append_set("members", "MEMBER");
    append_alternatives(lines_, card_, mains_);
    std::move(kept_.begin(), kept_.end(), std::back_inserter(lines_));
    return std::move(lines_);
  }

 private:
  /// The first line of that name in vCardProps: it has the parameters for what the Card has once.
  Line* first_kept(std::string_view name) {
    const auto found = first_.find(std::string(name));
    return found == first_.end() ? nullptr : &kept_[found->second];
  }

  void append_single(const SingleRow& row) {
    const Json* parent = row.member == "grammaticalGender" ? content::find_member(card_, "speakToAs") : &card_;
    const Json* member = parent == nullptr ? nullptr : content::find_member(*parent, row.member);
    if (member == nullptr) return;
    const std::string value = value_of(row, member->text);
    if (value.empty()) return;
    Line line{{}, std::string(row.name), {}, value};
    if (row.name == "UID" && !is_plain_uri(member->text)) line.set("VALUE", "text");
    Line* kept = first_kept(row.name);
    if (kept == nullptr) {
      if (row.name != "LANGUAGE" || !is_derived(member->text)) lines_.push_back(std::move(line));
      return;
    }
    kept->remove("VALUE");
    if (const LineParameter* type = line.find("VALUE")) kept->set("VALUE", type->values.front());
    kept->value = value;
  }

  /// Whether FN says what the card is written in.
  bool is_derived(std::string_view language) {
    const Line* name = first_kept("FN");
    return name != nullptr && equal_ignoring_case(name->parameter("LANGUAGE"), language);
  }

  // RFC 9555 3.1
  void append_names() {
    const Json* name = content::find_member(card_, "name");
    const Json* full = name == nullptr ? nullptr : content::find_member(*name, "full");
    const bool has_full = full != nullptr && is_clean(full->text);
    Line* kept = first_kept("FN");
    if (kept != nullptr) {
      if (has_full) kept->value = content::escape_text(full->text);
    } else {
      Line line{{}, "FN", {}, {}};
      const std::string derived = has_full || name == nullptr ? std::string() : derived_name(*name);
      if (is_clean(derived)) line.value = content::escape_text(has_full ? std::string_view(full->text) : derived);
      if (!derived.empty()) line.set("DERIVED", "TRUE");
      lines_.push_back(std::move(line));
    }
    if (auto line = name == nullptr ? std::nullopt : line_of_name(*name)) {
      mains_["name"] = lines_.size();
      lines_.push_back(*std::move(line));
    }
  }

  void note_group(const Json& object) {
    const auto group = vcard_parameter(object, "group");
    if (!group.empty()) groups_.insert(content::upper(group));
  }

  void note_groups(const Json* map) {
    if (map == nullptr) return;
    for (const Json& object : map->items) note_group(object);
  }

  /// The groups that have names, and those of organizations with titles. RFC 9555 2.9.6
  void find_groups() {
    for (const std::string_view map : maps) note_groups(content::find_member(card_, map));
    note_groups(content::find_member(card_, "relatedTo"));
    if (const Json* name = content::find_member(card_, "name")) note_group(*name);
    if (const Json* speak = content::find_member(card_, "speakToAs")) {
      note_groups(content::find_member(*speak, "pronouns"));
    }
    const Json* titles = content::find_member(card_, "titles");
    const Json* organizations = content::find_member(card_, "organizations");
    if (titles == nullptr || organizations == nullptr) return;
    std::unordered_set<std::string_view> wanted;
    for (const Json& title : titles->items) wanted.insert(content::string_member(title, "organizationId"));
    for (std::size_t i = 0; i < organizations->keys.size(); ++i) {
      if (!wanted.contains(organizations->keys[i])) continue;
      const auto group = vcard_parameter(organizations->items[i], "group");
      organization_groups_[organizations->keys[i]] = group.empty() ? new_group() : std::string(group);
    }
  }

  std::string new_group() {
    std::string name;
    do {
      name = "item" + std::to_string(++group_count_);
    } while (!groups_.insert(content::upper(name)).second);
    return name;
  }

  void append_map(std::string_view map, const Json* objects) {
    if (objects == nullptr) return;
    const std::string prefix = (map == "pronouns" ? "speakToAs/pronouns" : std::string(map)) + '/';
    for (std::size_t i = 0; i < objects->keys.size(); ++i) {
      const std::string& id = objects->keys[i];
      const Json& object = objects->items[i];
      auto line = line_of(object, map);
      if (!line) continue;
      if (line->is("ADR")) part(*line);
      if (line->find("PROP-ID") == nullptr) line->set("PROP-ID", id);
      set_group(*line, object, map, id);
      mains_[prefix + id] = lines_.size();
      append_labelled(*std::move(line), has_label(map) ? content::string_member(object, "label") : std::string_view());
      auto place = map == "anniversaries" ? line_of_place(object) : std::nullopt;
      if (!place) continue;
      if (place->find("PROP-ID") == nullptr) place->set("PROP-ID", id);
      mains_[prefix + id + "/place"] = lines_.size();
      lines_.push_back(*std::move(place));
    }
  }

  /// RFC 9555 2.8.3: takes off an address what is a property of its group by itself.
  void part(Line& line) const {
    for (const std::string_view name : {"GEO", "TZ"}) {
      const std::string value = line.parameter(name);
      if (!value.empty() && parted_.contains(parted_key(line, name, value))) line.remove(name);
    }
  }

  static std::string parted_key(const Line& line, std::string_view name, std::string_view value) {
    return content::upper(line.group).append(" ").append(name).append(" ").append(value);
  }

  void note_parted(const Line& line) {
    if (!line.is("GEO") && !line.is("TZ")) return;
    const auto object = address_of(line);
    if (!object) return;
    const auto value = content::string_member(*object, line.is("GEO") ? "coordinates" : "timeZone");
    parted_.insert(parted_key(line, line.is("GEO") ? "GEO" : "TZ", value));
  }

  void set_group(Line& line, const Json& object, std::string_view map, const std::string& id) {
    if (!line.group.empty()) return;
    const std::string organization = map == "organizations" ? id
                                     : map == "titles" ? std::string(content::string_member(object, "organizationId"))
                                                       : std::string();
    const auto group = organization_groups_.find(organization);
    if (group != organization_groups_.end()) line.group = group->second;
  }

  // RFC 9555 2.11.11
  void append_labelled(Line line, std::string_view label) {
    const bool labelled = !label.empty() && is_clean(label);
    if (labelled && line.group.empty()) line.group = new_group();
    const std::string group = line.group;
    lines_.push_back(std::move(line));
    if (labelled) lines_.push_back({group, "X-ABLabel", {}, content::escape_text(label)});
  }

  void append_relations() {
    const Json* related = content::find_member(card_, "relatedTo");
    if (related == nullptr) return;
    for (std::size_t i = 0; i < related->keys.size(); ++i) {
      if (auto line = line_of_relation(related->keys[i], related->items[i])) lines_.push_back(*std::move(line));
    }
  }

  /// Keywords and members: those that lines of vCardProps have stay there, with their parameters.
  void append_set(std::string_view member, std::string_view name) {
    const Json* set = content::find_member(card_, member);
    if (set == nullptr) return;
    const bool categories = name == "CATEGORIES";
    std::unordered_set<std::string> wanted(set->keys.begin(), set->keys.end()), there;
    for (Line& line : kept_) {
      if (!line.is(name)) continue;
      std::string value;
      bool any = false;
      for (const auto part : categories ? content::split(line.value, ',') : std::vector<std::string_view>{line.value}) {
        const std::string key = categories ? content::unescape_text(part) : std::string(part);
        if (!wanted.contains(key)) continue;
        there.insert(key);
        value.append(any ? "," : "").append(part);
        any = true;
      }
      line.value = value;
      if (!any) line.name.clear();
    }
    std::erase_if(kept_, [](const Line& line) { return line.name.empty(); });
    std::string list;
    for (const std::string& key : set->keys) {
      if (there.contains(key) || key.empty() || !is_clean(key)) continue;
      if (!categories && key.find('\n') != std::string::npos) continue;
      if (categories) list.append(list.empty() ? "" : ",").append(content::escape_text(key));
      if (!categories) lines_.push_back({{}, std::string(name), {}, key});
    }
    if (!list.empty()) lines_.push_back({{}, std::string(name), {}, list});
  }

  const Json& card_;
  std::vector<Line> lines_;
  std::vector<Line> kept_;  ///< those of vCardProps
  std::unordered_map<std::string, std::size_t> first_;
  std::unordered_map<std::string, std::string> organization_groups_;
  std::map<std::string, std::size_t> mains_;
  std::unordered_set<std::string> groups_;
  std::unordered_set<std::string> parted_;  ///< the GEO and TZ of vCardProps
  std::size_t group_count_ = 0;
};

}  // namespace

std::vector<Line> lines_of(const Json& card) { return Writer(card).write(); }

}  // namespace dav::contacts::jscontact
