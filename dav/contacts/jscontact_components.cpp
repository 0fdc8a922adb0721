#include "dav/contacts/jscontact_components.h"

#include <algorithm>
#include <optional>
#include <set>

#include "dav/contacts/convert_value.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::Json;
using Kind = Json::Kind;

constexpr std::string_view separator = "separator";

struct Component {
  std::string_view kind;
  std::string_view value;
  std::string_view phonetic;
};

/// Whether any of the newer parts has a value; `also`: of those that stand in that older part as well.
bool has_newer(const Structure& structure, std::span<const ComponentRow> rows, std::optional<int> also) {
  for (std::size_t i = 0; i < std::min(structure.size(), rows.size()); ++i) {
    if (rows[i].also < 0 || (also && rows[i].also != *also)) continue;
    if (std::any_of(structure[i].begin(), structure[i].end(), [](const auto& value) { return !value.empty(); })) {
      return true;
    }
  }
  return false;
}

bool is_address(std::span<const ComponentRow> rows) { return rows.size() > 7; }

/// What the newer parts have that belongs to an older one as well.
std::set<std::string_view> newer_values(const Structure& structure, std::span<const ComponentRow> rows, int older) {
  std::set<std::string_view> values;
  for (std::size_t i = 0; i < std::min(structure.size(), rows.size()); ++i) {
    if (rows[i].also == older) values.insert(structure[i].begin(), structure[i].end());
  }
  return values;
}

/// RFC 9555 2.5.5: "ignore any value that also occurs in the Secondary surname component"; 2.6.1: "ignore if the ADR
/// structured value is of" the newer format.
std::vector<Place> places_in(const Structure& structure, std::span<const ComponentRow> rows) {
  std::vector<Place> places;
  const bool newer = is_address(rows) && has_newer(structure, rows, std::nullopt);
  for (std::size_t position = 0; position < structure.size(); ++position) {
    if (newer && (position == 1 || position == 2)) continue;
    const bool name = !is_address(rows);
    const auto repeated =
        name ? newer_values(structure, rows, static_cast<int>(position)) : std::set<std::string_view>();
    for (std::size_t index = 0; index < structure[position].size(); ++index) {
      const Place place{position, index};
      const std::string* value = value_at(structure, place);
      if (value != nullptr && !repeated.contains(*value)) places.push_back(place);
    }
  }
  // Figure 15 has the newer parts of an address where the older ones stand that they are part of.
  const auto rank = [&](const Place& place) {
    const int also = rows[place.position].also;
    return also < 0 || !is_address(rows) ? static_cast<int>(place.position) : also;
  };
  std::stable_sort(places.begin(), places.end(),
                   [&](const Place& left, const Place& right) { return rank(left) < rank(right); });
  return places;
}

/// One entry of JSCOMPS: a separator, or a place.
struct Entry {
  std::optional<std::string> between;
  Place place;
};

// RFC 9555 3.3.1
std::optional<Entry> read_entry(std::string_view text) {
  if (text.starts_with("s,")) return Entry{content::unescape_text(text.substr(2)), {}};
  const auto comma = text.find(',');
  const auto position = content::small_number(text.substr(0, comma), 0, 99);
  const auto index = comma == std::string_view::npos ? 0U : content::small_number(text.substr(comma + 1), 0, 999'999);
  if (!position || !index) return std::nullopt;
  return Entry{std::nullopt, {*position, *index}};
}

/// The entries, the first of them the default separator; nothing if the value isn't valid for these places.
std::optional<std::vector<Entry>> read_order(std::string_view text, const std::vector<Place>& places) {
  std::vector<Entry> entries;
  std::vector<std::pair<std::size_t, std::size_t>> wanted, named;
  for (const Place& place : places) wanted.emplace_back(place.position, place.index);
  bool first = true;
  for (const auto part : content::split(text, ';')) {
    auto entry = first && part.empty() ? Entry{} : read_entry(part);
    if (!entry || (first && !part.empty() && !entry->between)) return std::nullopt;
    if (!first && !entry->between) named.emplace_back(entry->place.position, entry->place.index);
    const bool twice = !first && entry->between && entries.size() > 1 && entries.back().between;
    if (twice) return std::nullopt;
    entries.push_back(*std::move(entry));
    first = false;
  }
  std::sort(named.begin(), named.end());
  std::sort(wanted.begin(), wanted.end());
  if (named.empty() || named != wanted) return std::nullopt;
  return entries;
}

Json component(std::string_view kind, std::string_view value) {
  Json json = content::json_object();
  content::add_member(json, "kind", content::json_string(kind));
  content::add_member(json, "value", content::json_string(value));
  return json;
}

std::optional<std::vector<Component>> read_components(const Json& components) {
  std::vector<Component> all;
  for (const Json& each : components.items) {
    Component read{content::string_member(each, "kind"), content::string_member(each, "value"),
                   content::string_member(each, "phonetic")};
    const bool empty = read.value.empty() && read.kind != separator;
    if (empty || !is_clean(read.value) || !is_clean(read.phonetic)) return std::nullopt;
    all.push_back(read);
  }
  return all;
}

/// The newest position of a kind.
std::optional<std::size_t> position_of(std::string_view kind, std::span<const ComponentRow> rows) {
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (rows[i].kind == kind) return i;
  }
  return std::nullopt;
}

/// The places of the components in a value that is to be made. RFC 9555 2.5.5: "add any "surname2" NameComponent to the
/// Family name component, after all "surname" values".
std::optional<std::vector<Place>> assign_places(const std::vector<Component>& components,
                                                std::span<const ComponentRow> rows, std::vector<std::size_t>& sizes) {
  std::vector<Place> places(components.size());
  sizes.assign(rows.size(), 0);
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (components[i].kind == separator) continue;
    const auto position = position_of(components[i].kind, rows);
    if (!position) return std::nullopt;
    places[i] = {*position, sizes[*position]++};
    const bool with_generation = !is_address(rows) && rows[*position].also == 4;
    if (with_generation) ++sizes[4];
  }
  return places;
}

std::string joined(const Structure& structure) {
  std::string value;
  for (std::size_t i = 0; i < structure.size(); ++i) {
    if (i > 0) value += ';';
    for (std::size_t n = 0; n < structure[i].size(); ++n) {
      value.append(n == 0 ? "" : ",").append(content::escape_text(structure[i][n]));
    }
  }
  return value;
}

/// The text that stands in an older part of an address for old readers.
std::string combined(const std::vector<Component>& components, std::span<const ComponentRow> rows, int part,
                     const Json& object) {
  const Json* usual = content::find_member(object, "defaultSeparator");
  std::string text;
  std::string_view between = usual == nullptr ? std::string_view(" ") : usual->text;
  bool adjacent = false;
  for (const Component& each : components) {
    if (each.kind == separator) {
      between = each.value;
      continue;
    }
    const auto position = position_of(each.kind, rows);
    const bool belongs = position && rows[*position].also == part;
    if (belongs && !text.empty()) {
      text += adjacent ? between : std::string_view(" ");
    }
    if (belongs) text += each.value;
    adjacent = belongs;
    between = usual == nullptr ? std::string_view(" ") : usual->text;
  }
  return text;
}

std::string order_of(const std::vector<Component>& components, const std::vector<Place>& places, const Json& object) {
  std::string order;
  if (const Json* usual = content::find_member(object, "defaultSeparator")) {
    order = "s," + content::escape_text(usual->text);
  }
  for (std::size_t i = 0; i < components.size(); ++i) {
    order += ';';
    if (components[i].kind == separator) {
      order += "s," + content::escape_text(components[i].value);
    } else {
      order += std::to_string(places[i].position);
      if (places[i].index > 0) order += ',' + std::to_string(places[i].index);
    }
  }
  return order;
}

}  // namespace

Structure read_structure(std::string_view value) {
  Structure structure;
  for (const auto part : content::split(value, ';')) {
    auto& values = structure.emplace_back();
    for (const auto one : content::split(part, ',')) values.push_back(content::unescape_text(one));
  }
  return structure;
}

const std::string* value_at(const Structure& structure, const Place& place) {
  if (place.position >= structure.size() || place.index >= structure[place.position].size()) return nullptr;
  const std::string& value = structure[place.position][place.index];
  return value.empty() ? nullptr : &value;
}

bool add_components(Json& object, Line& line, std::span<const ComponentRow> rows, std::vector<Place>& places) {
  Structure structure = read_structure(line.value);
  // Figure 51 has more of them than there are.
  while (structure.size() > rows.size() && structure.back() == std::vector<std::string>(1)) structure.pop_back();
  if (structure.size() > rows.size()) return false;
  places = places_in(structure, rows);
  if (places.empty()) return true;
  Json components = content::json_array();
  const auto add = [&](const Place& place) {
    components.items.push_back(component(rows[place.position].kind, structure[place.position][place.index]));
  };
  const bool has_order = line.find("JSCOMPS") != nullptr;
  const auto order = has_order ? read_order(line.parameter("JSCOMPS"), places) : std::nullopt;
  if (!order) {
    for (const Place& place : places) add(place);
    content::add_member(object, "components", std::move(components));
    return true;
  }
  places.clear();
  for (auto entry = order->begin() + 1; entry != order->end(); ++entry) {
    if (entry->between) {
      components.items.push_back(component(separator, *entry->between));
    } else {
      add(entry->place);
      places.push_back(entry->place);
    }
  }
  content::add_member(object, "components", std::move(components));
  content::add_member(object, "isOrdered", content::json_true());
  if (order->front().between) {
    content::add_member(object, "defaultSeparator", content::json_string(*order->front().between));
  }
  line.remove("JSCOMPS");
  return true;
}

bool has_hidden_part(std::string_view value, std::span<const ComponentRow> rows) {
  const Structure structure = read_structure(value);
  if (!is_address(rows) || !has_newer(structure, rows, std::nullopt)) return false;
  for (const int part : {1, 2}) {
    const auto& older = structure[static_cast<std::size_t>(part)];
    const bool empty = std::all_of(older.begin(), older.end(), [](const auto& each) { return each.empty(); });
    if (!empty && !has_newer(structure, rows, part)) return true;
  }
  return false;
}

bool set_structure(Line& line, const Json& object, std::span<const ComponentRow> rows) {
  const Json* list = content::find_member(object, "components");
  Structure structure(rows.size());
  if (list == nullptr) {
    line.value = joined(structure);
    return true;
  }
  const auto components = read_components(*list);
  std::vector<std::size_t> sizes;
  const auto places = components ? assign_places(*components, rows, sizes) : std::nullopt;
  if (!places) return false;
  std::vector<std::string> last_surnames;
  for (std::size_t i = 0; i < components->size(); ++i) {
    const Component& each = (*components)[i];
    if (each.kind == separator) continue;
    const std::size_t position = (*places)[i].position;
    structure[position].emplace_back(each.value);
    if (is_address(rows)) continue;
    if (rows[position].also == 0) last_surnames.emplace_back(each.value);
    if (rows[position].also == 4) structure[4].emplace_back(each.value);
  }
  structure[0].insert(structure[0].end(), last_surnames.begin(), last_surnames.end());
  for (const int part : {1, 2}) {
    if (!is_address(rows)) break;
    const std::string text = combined(*components, rows, part, object);
    if (!text.empty()) structure[static_cast<std::size_t>(part)].push_back(text);
  }
  line.value = joined(structure);
  const Json* ordered = content::find_member(object, "isOrdered");
  if (ordered != nullptr && ordered->text == "true") line.set("JSCOMPS", order_of(*components, *places, object));
  return true;
}

std::string phonetic_value(const Json& list, std::span<const ComponentRow> rows) {
  const auto components = read_components(list);
  std::vector<std::size_t> sizes;
  const auto places = components ? assign_places(*components, rows, sizes) : std::nullopt;
  if (!places) return {};
  Structure structure(rows.size());
  bool any = false;
  for (std::size_t i = 0; i < components->size(); ++i) {
    const Component& each = (*components)[i];
    if (each.kind == separator || each.phonetic.empty()) continue;
    auto& values = structure[(*places)[i].position];
    values.resize(std::max(values.size(), (*places)[i].index + 1));
    values[(*places)[i].index] = each.phonetic;
    any = true;
  }
  return any ? joined(structure) : std::string();
}

void add_sort_as(Json& name, Line& line) {
  if (line.find("SORT-AS") == nullptr) return;
  const std::string text = line.parameter("SORT-AS");
  const auto values = content::split(text, ',');
  const Json* components = content::find_member(name, "components");
  if (components == nullptr || values.size() > name_rows().size()) return;
  Json sort_as = content::json_object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) continue;
    const auto kind = name_rows()[i].kind;
    const bool is_there = std::any_of(components->items.begin(), components->items.end(),
                                      [&](const Json& each) { return content::string_member(each, "kind") == kind; });
    if (!is_there || values[i].find('\\') != std::string_view::npos) return;
    content::add_member(sort_as, kind, content::json_string(values[i]));
  }
  if (sort_as.keys.empty()) return;
  content::add_member(name, "sortAs", std::move(sort_as));
  line.remove("SORT-AS");
}

void set_sort_as(Line& line, const Json& name) {
  const Json* sort_as = content::find_member(name, "sortAs");
  if (sort_as == nullptr) return;
  std::string text;
  std::size_t commas = 0;
  for (std::size_t i = 0; i < name_rows().size(); ++i) {
    const auto value = content::string_member(*sort_as, name_rows()[i].kind);
    if (value.empty()) continue;
    if (value.find_first_of(",\\") != std::string_view::npos || !is_clean(value)) return;
    text.append(i - commas, ',').append(value);
    commas = i;
  }
  if (!text.empty()) line.set("SORT-AS", text);
}

}  // namespace dav::contacts::jscontact
