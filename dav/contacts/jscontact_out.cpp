#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "dav/contacts/jcard.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::equal_ignoring_case;
using content::Json;

bool is_member_of(const Line& line, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return line.is(name); });
}

/// Nobody writes so many values; each of them is looked for among the others.
bool is_ordinary(const Line& line) {
  constexpr std::size_t most_values = 64;
  return std::all_of(line.parameters.begin(), line.parameters.end(),
                     [](const LineParameter& parameter) { return parameter.values.size() <= most_values; });
}

/// The value of a property that the Card has once, as JSContact has it; empty if it has no such value.
std::string single_value(const Line& line) {
  if (is_member_of(line, {"REV", "CREATED"})) return utc_date_time(line.value);
  if (line.is("LANGUAGE")) return is_language_tag(line.value) ? line.value : std::string();
  if (is_member_of(line, {"KIND", "GRAMGENDER"})) return content::json_name(text_of(line));
  return text_of(line);
}

bool is_localized(const Line& line) { return line.is("GRAMGENDER") && line.find("LANGUAGE") != nullptr; }

/// One card on its way.
class Builder {
 public:
  Builder(const std::vector<Line>& lines, std::vector<bool> kept)
      : lines_(lines),
        kept_(std::move(kept)),
        groups_(lines, kept_),
        alternatives_(lines, kept_),
        paths_(lines.size()) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!is_ordinary(lines[i])) kept_[i] = true;
      reserve_id(i);
    }
  }

  Conversion build() {
    content::add_member(card_, "@type", content::json_string("Card"));
    content::add_member(card_, "version", content::json_string("1.0"));
    add_singles();
    add_names();
    add_sets();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!kept_[i] && alternatives_.main_of(i) == i) add(i);
    }
    add_places();
    add_organization_ids();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t main = alternatives_.main_of(i);
      if (kept_[i] || main == i) continue;
      const bool good = !paths_[main].empty() && is_few("alternatives") &&
                        add_alternative(card_, lines_[i], lines_[main], paths_[main]);
      kept_[i] = !good;
      if (!good && lines_[i].is("FN")) keep_full_name();
    }
    combine_addresses();
    add_kept();
    return {std::move(card_), std::move(made_ids_), std::move(kept_)};
  }

 private:
  /// What the member of that name is to stand in.
  Json& parent_of(std::string_view name) {
    const bool speaks = name == "pronouns" || name == "grammaticalGender";
    return speaks ? content::object_member(card_, "speakToAs") : card_;
  }

  Json& member(std::string_view name) { return content::object_member(parent_of(name), name); }

  // RFC 9555 2.3.18
  void reserve_id(std::size_t i) {
    const auto map = map_of(lines_[i]);
    const std::string id = lines_[i].parameter("PROP-ID");
    if (kept_[i] || map.empty() || alternatives_.main_of(i) != i || !is_id(id)) return;
    if (taken_.insert(std::string(map) + '/' + id).second) owners_.insert(i);
  }

  /// RFC 9555 2.1.2: an id of its own, or one that nobody has.
  std::string id_of(std::size_t i, Json& object) {
    const Line& line = lines_[i];
    const std::string given = line.parameter("PROP-ID");
    if (owners_.contains(i)) return given;
    if (line.find("PROP-ID") != nullptr) add_vcard_parameter(object, "prop-id", given);
    const std::string map(map_of(line)), prefix(id_prefix_of(line));
    std::string id;
    do {
      id = prefix + '-' + std::to_string(++counts_[map + prefix]);
    } while (!taken_.insert(map + '/' + id).second);
    if (line.find("PROP-ID") == nullptr) made_ids_.insert(content::upper(line.name) + ' ' + id);
    return id;
  }

  void add_singles() {
    for (const SingleRow& row : singles) {
      std::vector<std::size_t> all;
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (!lines_[i].is(row.name)) continue;
        done_.insert(i);
        if (is_localized(lines_[i])) {
          kept_[i] = true;
        } else {
          all.push_back(i);
        }
      }
      if (all.empty()) continue;
      // With parameters it stands in vCardProps as well; and of several the first does, to be the one that is meant.
      const Line& line = lines_[all.front()];
      const std::string value = single_value(line);
      if (!value.empty()) content::add_member(parent_of(row.member), row.member, content::json_string(value));
      const bool plain = line.parameters.empty() || (line.parameters.size() == 1 && line.find("VALUE") != nullptr);
      if (value.empty() || !plain || !line.group.empty() || all.size() > 1) {
        for (const std::size_t i : all) kept_[i] = true;
      }
    }
  }

  /// The FN for the Name's full form. RFC 9555 2.5.2: "convert the FN property that has the least parameters".
  std::optional<std::size_t> full_name() const {
    std::optional<std::size_t> best;
    const auto rank = [&](std::size_t i) {
      const std::string tag = lines_[i].parameter("LANGUAGE");
      const bool other = !tag.empty() && !equal_ignoring_case(tag, alternatives_.language());
      return std::pair(other, lines_[i].parameters.size());
    };
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].is("FN") && (!best || rank(i) < rank(*best))) best = i;
    }
    return best;
  }

  void add_names() {
    Json name = content::json_object();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!lines_[i].is("N")) continue;
      done_.insert(i);
      if (kept_[i] || alternatives_.main_of(i) != i) continue;
      auto converted = !content::has_member(name, "components") ? name_of(lines_[i]) : std::nullopt;
      kept_[i] = !converted || lines_[i].find("PROP-ID") != nullptr;
      if (kept_[i]) continue;
      name = *std::move(converted);
      if (!lines_[i].group.empty()) add_vcard_parameter(name, "group", lines_[i].group);
      paths_[i] = "name";
    }
    const auto full = full_name();
    const bool has_components = !name.keys.empty();
    if (full) {
      const Line& line = lines_[*full];
      const bool derived = line.parameters.size() == 1 && equal_ignoring_case(line.parameter("DERIVED"), "true");
      const bool left_out = line.group.empty() && !kept_[*full] &&
                            ((derived && has_components) || (line.parameters.empty() && line.value.empty()));
      if (!left_out) content::add_member(name, "full", content::json_string(text_of(line)));
      kept_[*full] = kept_[*full] || (!left_out && (!line.parameters.empty() || !line.group.empty()));
      paths_[*full] = "name";
      full_ = full;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!lines_[i].is("FN")) continue;
      done_.insert(i);
      const bool other = i != full && alternatives_.main_of(i) == i;
      if (other) kept_[i] = true;
      if (kept_[i]) kept_[*full] = true;
    }
    if (!name.keys.empty()) content::add_member(card_, "name", std::move(name));
    if (full && kept_[*full]) keep_full_name();
    const bool says_language = full && kept_[*full] && alternatives_.is_derived();
    if (says_language) content::add_member(card_, "language", content::json_string(alternatives_.language()));
  }

  /// Of several FN in vCardProps the first is the one whose text stands in the name as well.
  void keep_full_name() {
    kept_[*full_] = true;
    Json& name = member("name");
    if (content::has_member(name, "full")) return;
    content::add_member(name, "full", content::json_string(text_of(lines_[*full_])));
  }

  /// Nobody has more of anything; what is looked for among them would take too long.
  bool is_few(std::string_view map) {
    constexpr std::size_t most = 2000;
    return ++sizes_[std::string(map)] <= most;
  }

  /// CATEGORIES and MEMBER: all of them, and those with parameters in vCardProps as well. RFC 9555 2.9.3, 2.11.1
  void add_sets() {
    const bool group = content::string_member(card_, "kind") == "group";
    std::unordered_set<std::string> members, keywords;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      const bool categories = line.is("CATEGORIES");
      if (!categories && !line.is("MEMBER")) continue;
      done_.insert(i);
      const bool plain = line.parameters.empty() && line.group.empty();
      bool good = categories || (group && has_value_type(line, "uri"));
      if (good && categories) {
        for (const auto part : content::split(line.value, ','))
          good = add_key("keywords", content::unescape_text(part), keywords) && good;
      } else if (good) {
        good = add_key("members", line.value, members);
      }
      if (!plain || !good) kept_[i] = true;
    }
  }

  bool add_key(std::string_view name, const std::string& key, std::unordered_set<std::string>& seen) {
    if (key.empty() || !seen.insert(key).second) return false;
    content::add_member(member(name), key, content::json_true());
    return true;
  }

  void add(std::size_t i) {
    const Line& line = lines_[i];
    if (done_.contains(i) || groups_.is_label(i)) return;
    if (line.is("RELATED")) return add_relation(i);
    if (is_place(line)) return;
    const auto map = map_of(line);
    auto object = map.empty() || !is_few(map) ? std::nullopt : object_of(line);
    if (!object) {
      kept_[i] = true;
      return;
    }
    finish(i, *object);
    const std::string id = id_of(i, *object);
    paths_[i] = std::string(map == "pronouns" ? "speakToAs/pronouns" : map) + '/' + id;
    content::add_member(member(map), id, *std::move(object));
  }

  /// What the line's group says. RFC 9555 2.3.9, 2.11.11
  void finish(std::size_t i, Json& object) {
    const std::string label = groups_.label_of(i);
    if (!label.empty()) content::add_member(object, "label", content::json_string(label));
    if (!lines_[i].group.empty() && groups_.is_kept(i)) add_vcard_parameter(object, "group", lines_[i].group);
  }

  void add_relation(std::size_t i) {
    const Line& line = lines_[i];
    const std::string uid = has_value_type(line, "uri") ? line.value : text_of(line);
    const bool good = !uid.empty() && line.find("PROP-ID") == nullptr && related_.insert(uid).second;
    if (!good) {
      kept_[i] = true;
      return;
    }
    Json relation = relation_of(line);
    finish(i, relation);
    content::add_member(member("relatedTo"), uid, std::move(relation));
  }

  // RFC 9555 2.5.1
  void add_places() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      if (!is_place(line) || kept_[i] || alternatives_.main_of(i) != i) continue;
      auto place = line.group.empty() && is_few("places") ? place_of(line) : std::nullopt;
      Json* event =
          place ? event_for(line.is("BIRTHPLACE") ? "birth" : "death", line.parameter("PROP-ID"), i) : nullptr;
      kept_[i] = event == nullptr;
      if (event != nullptr) content::add_member(*event, "place", *std::move(place));
    }
  }

  /// The anniversary of that kind and id, else the first of the kind; nullptr if that has a place.
  Json* event_for(std::string_view kind, const std::string& id, std::size_t i) {
    Json* all = content::find_member(card_, "anniversaries");
    if (all == nullptr) return nullptr;
    for (std::size_t n = 0; n < all->keys.size(); ++n) {
      Json& event = all->items[n];
      if (content::string_member(event, "kind") != kind || (!id.empty() && all->keys[n] != id)) continue;
      if (content::has_member(event, "place")) return nullptr;
      paths_[i] = "anniversaries/" + all->keys[n] + "/place";
      if (id.empty()) made_ids_.insert(content::upper(lines_[i].name) + ' ' + all->keys[n]);
      return &event;
    }
    return nullptr;
  }

  // RFC 9555 2.9.6
  void add_organization_ids() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t organization = groups_.organization_of(i);
      if (organization == i || paths_[i].empty() || paths_[organization].empty()) continue;
      Json* title = find_path(card_, paths_[i]);
      const std::string& path = paths_[organization];
      content::set_member(*title, "organizationId", content::json_string(path.substr(path.find('/') + 1)));
    }
  }

  void combine_addresses();
  void add_kept();

  const std::vector<Line>& lines_;
  std::vector<bool> kept_;
  CardGroups groups_;
  Alternatives alternatives_;
  std::vector<std::string> paths_;  ///< of the objects that the lines have become
  Json card_ = content::json_object();
  std::set<std::string> made_ids_;
  std::unordered_set<std::string> taken_, related_;
  std::set<std::size_t> owners_, done_;
  std::map<std::string, std::size_t> counts_, sizes_;
  std::optional<std::size_t> full_;
};

/// RFC 9555 2.8.3: those of one group are one address, and those without where all others have one. That they had been
/// properties of their own is what they stand in vCardProps for.
void Builder::combine_addresses() {
  std::map<std::string, std::vector<std::size_t>> by_group;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_member_of(lines_[i], {"ADR", "GEO", "TZ"}) && !paths_[i].empty()) {
      by_group[content::upper(lines_[i].group)].push_back(i);
    }
  }
  const bool any_grouped = by_group.size() > by_group.count({});
  for (const auto& [group, members] : by_group) {
    if (group.empty() && !any_grouped) continue;
    const auto addresses =
        std::count_if(members.begin(), members.end(), [&](std::size_t i) { return lines_[i].is("ADR"); });
    if (addresses != 1 || members.size() > 3) continue;
    const std::size_t main =
        *std::find_if(members.begin(), members.end(), [&](std::size_t i) { return lines_[i].is("ADR"); });
    Json* address = find_path(card_, paths_[main]);
    for (const std::size_t i : members) {
      const std::string_view name = lines_[i].is("GEO") ? "coordinates" : "timeZone";
      if (i == main || content::has_member(*address, name)) continue;
      const Json* own = find_path(card_, paths_[i]);
      content::add_member(*address, name, content::json_string(content::string_member(*own, name)));
      Json& all = member("addresses");
      const std::string id = paths_[i].substr(paths_[i].find('/') + 1);
      content::remove_member(all, id);
      address = find_path(card_, paths_[main]);
      kept_[i] = true;
    }
  }
}

/// RFC 9555 2.15.1, 3.2.1
void Builder::add_kept() {
  std::vector<Line> lines;
  if (full_ && kept_[*full_]) lines.push_back(lines_[*full_]);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (kept_[i] && i != full_) lines.push_back(lines_[i]);
  }
  if (!lines.empty()) content::add_member(card_, "vCardProps", jcard_properties(lines));
}

}  // namespace

Conversion card_of(const std::vector<Line>& lines, std::vector<bool> kept) {
  return Builder(lines, std::move(kept)).build();
}

}  // namespace dav::contacts::jscontact
