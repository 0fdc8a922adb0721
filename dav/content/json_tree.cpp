#include "dav/content/json_tree.h"

#include <algorithm>
#include <unordered_map>

namespace dav::content {

namespace {

using Kind = Json::Kind;

Json made(Kind kind, std::string_view text) {
  Json json;
  json.kind = kind;
  json.text = text;
  return json;
}

/// The members of an object by name; of one with many, without looking at all of them each time.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {
    constexpr std::size_t few = 16;
    if (object.keys.size() <= few) return;
    for (std::size_t i = 0; i < object.keys.size(); ++i) places_.emplace(object.keys[i], i);
  }

  const Json* find(const std::string& name) const {
    if (places_.empty()) return find_member(object_, name);
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &object_.items[found->second];
  }

 private:
  const Json& object_;
  std::unordered_map<std::string_view, std::size_t> places_;
};

/// A null can't be set by a patch: what holds one is replaced.
bool holds_null(const Json& object) {
  return std::any_of(object.items.begin(), object.items.end(), [](const Json& item) { return item.is(Kind::null); });
}

void append_difference(std::vector<Patch>& patches, const std::string& path, const Json& from, const Json& to,
                       std::size_t most_names) {
  const Members old_members(from), new_members(to);
  for (const std::string& name : from.keys) {
    if (new_members.find(name) == nullptr) patches.emplace_back(path + escape_token(name), Json());
  }
  for (std::size_t i = 0; i < to.keys.size(); ++i) {
    const Json* before = old_members.find(to.keys[i]);
    const Json& after = to.items[i];
    const std::string place = path + escape_token(to.keys[i]);
    const bool inside = most_names > 1 && before != nullptr && before->is(Kind::object) && after.is(Kind::object);
    if (inside && !holds_null(after)) {
      append_difference(patches, place + '/', *before, after, most_names - 1);
    } else if (before == nullptr || !same_json(*before, after)) {
      patches.emplace_back(place, after);
    }
  }
}

std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens(1);
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[i];
    }
  }
  return tokens;
}

/// An index as RFC 6901 4 has it, of one that is there.
Json* item_at(Json& array, const std::string& token) {
  const auto index = small_number(token, 0, 999'999'999);
  return index && *index < array.items.size() ? &array.items[*index] : nullptr;
}

Json* child_of(Json& parent, const std::string& token) {
  return parent.is(Kind::array) ? item_at(parent, token) : find_member(parent, token);
}

// RFC 9553 1.4.3, conditions 1 and 2
bool apply_patch(Json& object, const Patch& patch) {
  const auto tokens = tokens_of(patch.first);
  Json* parent = &object;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    parent = child_of(*parent, tokens[i]);
    if (parent == nullptr) return false;
  }
  const bool removes = patch.second.is(Kind::null);
  if (parent->is(Kind::array)) {
    Json* item = item_at(*parent, tokens.back());
    if (item == nullptr || removes) return false;
    *item = patch.second;
    return true;
  }
  if (!parent->is(Kind::object)) return false;
  if (removes) {
    remove_member(*parent, tokens.back());
  } else {
    set_member(*parent, tokens.back(), patch.second);
  }
  return true;
}

/// Condition 3: "There MUST NOT be two patches … where the pointer of one is the prefix of the pointer of the other".
bool any_inside_another(const std::vector<Patch>& patches) {
  std::vector<std::string> places;
  for (const Patch& patch : patches) places.push_back(patch.first + '/');
  // The slash sorts behind other characters: what is inside need not be the next one without this.
  for (std::string& place : places) std::replace(place.begin(), place.end(), '/', '\1');
  std::sort(places.begin(), places.end());
  return std::adjacent_find(places.begin(), places.end(), [](const std::string& outer, const std::string& inner) {
           return inner.starts_with(outer);
         }) != places.end();
}

}  // namespace

Json json_string(std::string_view text) { return made(Kind::string, text); }
Json json_number(std::uint64_t number) { return made(Kind::number, std::to_string(number)); }
Json json_true() { return made(Kind::boolean, "true"); }
Json json_object() { return made(Kind::object, {}); }
Json json_array() { return made(Kind::array, {}); }

const Json* find_member(const Json& object, std::string_view name) {
  if (!object.is(Kind::object)) return nullptr;
  const auto found = std::find(object.keys.begin(), object.keys.end(), name);
  return found == object.keys.end() ? nullptr : &object.items[static_cast<std::size_t>(found - object.keys.begin())];
}

Json* find_member(Json& object, std::string_view name) {
  return const_cast<Json*>(find_member(std::as_const(object), name));
}

bool has_member(const Json& object, std::string_view name) { return find_member(object, name) != nullptr; }

std::string_view string_member(const Json& object, std::string_view name) {
  const Json* found = find_member(object, name);
  return found != nullptr && found->is(Kind::string) ? std::string_view(found->text) : std::string_view();
}

Json& add_member(Json& object, std::string_view name, Json value) {
  object.keys.emplace_back(name);
  return object.items.emplace_back(std::move(value));
}

void set_member(Json& object, std::string_view name, Json value) {
  if (Json* found = find_member(object, name)) {
    *found = std::move(value);
  } else {
    add_member(object, name, std::move(value));
  }
}

Json& object_member(Json& object, std::string_view name) {
  if (Json* found = find_member(object, name)) return *found;
  return add_member(object, name, json_object());
}

void remove_member(Json& object, std::string_view name) {
  const auto found = std::find(object.keys.begin(), object.keys.end(), name);
  if (found == object.keys.end()) return;
  object.items.erase(object.items.begin() + (found - object.keys.begin()));
  object.keys.erase(found);
}

void append_json(std::string& out, const Json& json) {
  if (json.is(Kind::string)) return append_json_string(out, json.text);
  if (json.is(Kind::null)) {
    out += "null";
    return;
  }
  if (!json.is(Kind::array) && !json.is(Kind::object)) {
    out += json.text;
    return;
  }
  const bool object = json.is(Kind::object);
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      append_json_string(out, json.keys[i]);
      out += ':';
    }
    append_json(out, json.items[i]);
  }
  out += object ? '}' : ']';
}

bool same_json(const Json& left, const Json& right) {
  if (left.kind != right.kind || left.text != right.text || left.items.size() != right.items.size()) return false;
  if (!left.is(Kind::object)) return std::equal(left.items.begin(), left.items.end(), right.items.begin(), same_json);
  const Members members(right);
  for (std::size_t i = 0; i < left.keys.size(); ++i) {
    const Json* other = members.find(left.keys[i]);
    if (other == nullptr || !same_json(left.items[i], *other)) return false;
  }
  return true;
}

std::optional<unsigned> small_number(std::string_view text, unsigned least, unsigned most) {
  constexpr std::size_t longest = 9;
  const bool good = !text.empty() && text.size() <= longest && (text == "0" || text[0] != '0') &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!good) return std::nullopt;
  const auto value = static_cast<unsigned>(std::stoul(std::string(text)));
  return value < least || value > most ? std::nullopt : std::optional(value);
}

std::string escape_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

std::vector<Patch> difference(const Json& from, const Json& to, std::size_t most_names) {
  std::vector<Patch> patches;
  append_difference(patches, {}, from, to, most_names);
  return patches;
}

bool apply_patches(Json& object, const std::vector<Patch>& patches) {
  if (patches.size() > most_patches || any_inside_another(patches)) return false;
  Json patched = object;
  for (const Patch& patch : patches) {
    if (!apply_patch(patched, patch)) return false;
  }
  object = std::move(patched);
  return true;
}

}  // namespace dav::content
