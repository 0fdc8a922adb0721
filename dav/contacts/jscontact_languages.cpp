#include <algorithm>
#include <optional>
#include <utility>

#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_components.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/jcontent.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::equal_ignoring_case;
using content::Json;
using content::Patch;

/// The members that may differ between languages.
bool is_localizable(std::string_view pointer, const Line& line) {
  constexpr std::string_view structured[] = {"components", "isOrdered", "defaultSeparator", "sortAs", "full", "units"};
  const auto first = pointer.substr(0, pointer.find('/'));
  if (std::find(std::begin(structured), std::end(structured), first) != std::end(structured)) return true;
  const PropertyRow* row = find_property(line.name);
  return first == (row == nullptr ? std::string_view("name") : row->value);
}

/// What the line converts to, without what says that it is an alternative.
std::optional<Json> bare_object(Line line) {
  line.remove("LANGUAGE");
  line.remove("ALTID");
  line.remove("PROP-ID");
  if (is_place(line)) return place_of(line);
  return line.is("N") ? name_of(line) : object_of(line);
}

/// The patches of a language, made if need be; nothing if there are some for that object already, or if with so many
/// more there would be more than can be applied.
Json* patches_for(Json& card, std::string_view language, const std::string& path, bool full, std::size_t more) {
  Json& patches = content::object_member(content::object_member(card, "localizations"), language);
  if (patches.keys.size() + more > content::most_patches) return nullptr;
  const bool taken = std::any_of(patches.keys.begin(), patches.keys.end(), [&](const std::string& key) {
    const bool is_full = key == "name/full";
    return key == path || (key.starts_with(path + '/') && (path != "name" || is_full == full));
  });
  return taken ? nullptr : &patches;
}

/// Takes away what patches_for has made in vain.
void tidy(Json& card, std::string_view language) {
  Json* all = content::find_member(card, "localizations");
  if (all == nullptr) return;
  const Json* patches = content::find_member(*all, language);
  if (patches != nullptr && patches->keys.empty()) content::remove_member(*all, language);
  if (all->keys.empty()) content::remove_member(card, "localizations");
}

/// How each component is pronounced, by its index; nothing where the line says it of something that isn't there.
std::optional<std::vector<std::pair<std::size_t, std::string>>> pronounced(const Line& line, const Line& main,
                                                                           const Json& components) {
  const Structure structure = read_structure(line.value);
  Json ignored = content::json_object();
  Line copy = main;
  std::vector<Place> places;
  if (!add_components(ignored, copy, component_rows(main), places)) return std::nullopt;
  std::vector<std::pair<std::size_t, std::string>> all;
  std::size_t place = 0;
  for (std::size_t i = 0; i < components.items.size(); ++i) {
    if (content::string_member(components.items[i], "kind") == "separator") continue;
    if (place == places.size()) return std::nullopt;
    const std::string* value = value_at(structure, places[place++]);
    if (value != nullptr) all.emplace_back(i, *value);
  }
  std::size_t values = 0;
  for (const auto& part : structure) {
    values +=
        static_cast<std::size_t>(std::count_if(part.begin(), part.end(), [](const auto& one) { return !one.empty(); }));
  }
  if (values != all.size() || all.empty()) return std::nullopt;
  return all;
}

// RFC 9555 2.3.15
bool add_phonetic(Json& card, const Line& line, const Line& main, const std::string& path) {
  constexpr std::string_view known[] = {"PHONETIC", "SCRIPT", "LANGUAGE", "ALTID"};
  for (const LineParameter& parameter : line.parameters) {
    const bool is_known = std::any_of(std::begin(known), std::end(known),
                                      [&](std::string_view name) { return equal_ignoring_case(name, parameter.name); });
    if (!is_known || parameter.values.size() != 1) return false;
  }
  Json* object = find_path(card, path);
  Json* components = object == nullptr ? nullptr : content::find_member(*object, "components");
  const auto all = components == nullptr ? std::nullopt : pronounced(line, main, *components);
  if (!all) return false;
  const std::string language = line.parameter("LANGUAGE"), script = line.parameter("SCRIPT");
  const std::string system = line.parameter("PHONETIC") == "script" ? std::string() : line.parameter("PHONETIC");
  if (system.empty() && script.empty()) return false;
  const bool here = language.empty();
  if (here && (content::has_member(*object, "phoneticSystem") || content::has_member(*object, "phoneticScript"))) {
    return false;
  }
  Json* target = here ? object : patches_for(card, language, path, false, all->size() + 2);
  if (target == nullptr) return false;
  object = find_path(card, path);
  const std::string prefix = here ? std::string() : path + '/';
  if (!system.empty()) content::add_member(*target, prefix + "phoneticSystem", content::json_string(system));
  if (!script.empty()) content::add_member(*target, prefix + "phoneticScript", content::json_string(script));
  if (here) components = content::find_member(*object, "components");
  for (const auto& [index, value] : *all) {
    if (here) {
      content::set_member(components->items[index], "phonetic", content::json_string(value));
    } else {
      const std::string pointer = prefix + "components/" + std::to_string(index) + "/phonetic";
      content::add_member(*target, pointer, content::json_string(value));
    }
  }
  return true;
}

/// Whether the alternative can be said, its patches added.
bool add_patches(Json& card, const Line& line, const Line& main, const std::string& path) {
  const std::string language = line.parameter("LANGUAGE");
  if (line.is("FN")) {
    Json* patches = line.parameters.size() == 1 ? patches_for(card, language, path, true, 1) : nullptr;
    if (patches == nullptr) return false;
    content::add_member(*patches, "name/full", content::json_string(text_of(line)));
    return true;
  }
  const auto before = bare_object(main), after = bare_object(line);
  if (!before || !after || line.find("PROP-ID") != nullptr) return false;
  const auto changes = content::difference(*before, *after);
  const bool good = !changes.empty() && std::all_of(changes.begin(), changes.end(), [&](const Patch& change) {
    return !change.second.is(Json::Kind::null) && is_localizable(change.first, line);
  });
  Json* patches = good ? patches_for(card, language, path, false, changes.size()) : nullptr;
  if (patches == nullptr) return false;
  for (const Patch& change : changes) content::add_member(*patches, path + '/' + change.first, change.second);
  return true;
}

}  // namespace

Alternatives::Alternatives(const std::vector<Line>& lines, const std::vector<bool>& kept) {
  std::size_t names = 0, tagged = 0;
  std::string first;
  for (const Line& line : lines) {
    if (line.is("LANGUAGE") && language_.empty()) language_ = line.value;
    if (!line.is("FN")) continue;
    ++names;
    const std::string tag = line.parameter("LANGUAGE");
    if (!is_language_tag(tag)) continue;
    ++tagged;
    if (first.empty()) first = tag;
  }
  derived_ = language_.empty() && names > 0 && names == tagged;
  if (derived_) language_ = content::json_name(first);

  const auto key_of = [](const Line& line) {
    const bool alone = line.is("FN") || line.is("N");
    return content::upper(line.name) + ' ' + (alone ? std::string() : line.parameter("ALTID"));
  };
  const auto is_candidate = [&](std::size_t i) {
    const Line& line = lines[i];
    const bool alone = line.is("FN") || line.is("N");
    if (!line.group.empty() || (kept[i] && !line.is("FN"))) return false;
    return alone || (line.find("ALTID") != nullptr && (!map_of(line).empty() || is_place(line)));
  };
  std::map<std::string, std::size_t> mains;
  const auto is_other = [&](const Line& line) {
    const std::string tag = line.parameter("LANGUAGE");
    return line.find("PHONETIC") != nullptr || (!tag.empty() && !equal_ignoring_case(tag, language_));
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_candidate(i) && !is_other(lines[i])) mains.emplace(key_of(lines[i]), i);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (kept[i] || !is_candidate(i) || !is_other(lines[i])) continue;
    const std::string tag = lines[i].parameter("LANGUAGE");
    const auto main = mains.find(key_of(lines[i]));
    if (main != mains.end() && (tag.empty() || is_language_tag(tag))) mains_.emplace(i, main->second);
  }
}

std::size_t Alternatives::main_of(std::size_t line) const {
  const auto found = mains_.find(line);
  return found == mains_.end() ? line : found->second;
}

const Json* find_path(const Json& card, std::string_view path) {
  const Json* found = &card;
  while (!path.empty() && found != nullptr) {
    const auto token = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), token.size() + 1));
    found = content::find_member(*found, token);
  }
  return found;
}

Json* find_path(Json& card, std::string_view path) { return const_cast<Json*>(find_path(std::as_const(card), path)); }

std::string made_altid(const Line& line, std::string_view path) {
  return line.is("N") ? std::string("1") : std::string(path.substr(path.rfind('/') + 1));
}

bool add_alternative(Json& card, const Line& line, const Line& main, const std::string& path) {
  const bool phonetic = line.find("PHONETIC") != nullptr && (line.is("N") || line.is("ADR"));
  const bool added = phonetic ? add_phonetic(card, line, main, path) : add_patches(card, line, main, path);
  if (!added) {
    tidy(card, line.parameter("LANGUAGE"));
    return false;
  }
  Json* object = line.is("FN") ? nullptr : find_path(card, path);
  const std::string made = made_altid(line, path);
  if (object != nullptr && vcard_parameter(*object, "altid") == made) remove_vcard_parameter(*object, "altid");
  return true;
}

}  // namespace dav::contacts::jscontact
