#include <algorithm>
#include <optional>
#include <utility>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/contacts/jscontact_components.h"
#include "dav/contacts/jscontact_object.h"
#include "dav/contacts/jscontact_values.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

using content::Json;
using content::Patch;

/// The path of the object that a patch changes, in the form in which paths of lines are; empty where it is none.
std::string object_path(std::string_view key) {
  const auto slash_after = [&](std::size_t count) {
    std::size_t at = std::string_view::npos;
    for (std::size_t i = 0; i < count; ++i) {
      at = key.find('/', i == 0 ? 0 : at + 1);
      if (at == std::string_view::npos) return at;
    }
    return at;
  };
  const auto first = key.substr(0, key.find('/'));
  const bool place = first == "anniversaries" && key.find("/place/") != std::string_view::npos;
  const auto end = slash_after(first == "name" ? 1 : first == "speakToAs" || place ? 3 : 2);
  return end == std::string_view::npos ? std::string() : std::string(key.substr(0, end));
}

bool is_phonetic(std::string_view pointer) {
  return pointer == "phoneticSystem" || pointer == "phoneticScript" || pointer.ends_with("/phonetic");
}

void remove_phonetics(Json& object) {
  content::remove_member(object, "phoneticSystem");
  content::remove_member(object, "phoneticScript");
  if (Json* components = content::find_member(object, "components")) {
    for (Json& component : components->items) content::remove_member(component, "phonetic");
  }
}

/// The line that says how an object's components are pronounced; nothing if none does.
std::optional<Line> phonetic_line(const Json& object, const Line& main) {
  const Json* components = content::find_member(object, "components");
  if (components == nullptr || (!main.is("N") && !main.is("ADR"))) return std::nullopt;
  Line line{{}, main.name, {}, phonetic_value(*components, component_rows(main))};
  if (line.value.empty()) return std::nullopt;
  const auto system = content::string_member(object, "phoneticSystem");
  const auto script = content::string_member(object, "phoneticScript");
  if (!is_clean(system) || !is_clean(script)) return std::nullopt;
  line.set("PHONETIC", system.empty() ? "script" : std::string(system));
  if (!script.empty()) line.set("SCRIPT", std::string(script));
  return line;
}

class Writer {
 public:
  Writer(std::vector<Line>& lines, const Json& card, const std::map<std::string, std::size_t>& mains)
      : lines_(lines), card_(card), mains_(mains) {}

  void append_language(const std::string& language, const Json& patches) {
    std::map<std::string, std::vector<Patch>> by_object;
    for (std::size_t i = 0; i < patches.keys.size(); ++i) {
      const std::string& key = patches.keys[i];
      if (key == "name/full") {
        append_full_name(language, patches.items[i]);
        continue;
      }
      const std::string path = object_path(key);
      if (!path.empty()) by_object[path].emplace_back(key.substr(path.size() + 1), patches.items[i]);
    }
    for (const auto& [path, changes] : by_object) {
      const auto main = mains_.find(path);
      if (main == mains_.end()) continue;
      auto line = patched(path, changes, lines_[main->second]);
      if (!line) continue;
      line->set("LANGUAGE", language);
      append(*std::move(line), main->second, path);
    }
  }

  void append_pronunciations() {
    for (const auto& [path, main] : mains_) {
      const Json* object = find_path(card_, path);
      auto line = object == nullptr ? std::nullopt : phonetic_line(*object, lines_[main]);
      if (line) append(*std::move(line), main, path);
    }
  }

 private:
  void append(Line line, std::size_t main, const std::string& path) {
    if (lines_[main].find("ALTID") == nullptr) lines_[main].set("ALTID", made_altid(lines_[main], path));
    line.set("ALTID", lines_[main].parameter("ALTID"));
    lines_.push_back(std::move(line));
  }

  void append_full_name(const std::string& language, const Json& full) {
    if (!full.is(Json::Kind::string) || !is_clean(full.text)) return;
    Line line{{}, "FN", {}, content::escape_text(full.text)};
    line.set("LANGUAGE", language);
    lines_.push_back(std::move(line));
  }

  std::optional<Line> patched(const std::string& path, const std::vector<Patch>& changes, const Line& main) {
    const bool place = is_place(main);
    const std::string whole = place ? path.substr(0, path.rfind('/')) : path;
    const Json* object = find_path(card_, whole);
    if (object == nullptr) return std::nullopt;
    Json copy = *object;
    Json& target = place ? *content::find_member(copy, "place") : copy;
    remove_phonetics(target);
    remove_vcard_parameter(target, "language");
    remove_vcard_parameter(target, "altid");
    remove_vcard_parameter(target, "group");
    if (!content::apply_patches(target, changes)) return std::nullopt;
    if (std::all_of(changes.begin(), changes.end(), [](const Patch& change) { return is_phonetic(change.first); })) {
      return phonetic_line(target, main);
    }
    if (place) return line_of_place(copy);
    if (path == "name") return line_of_name(copy);
    const auto member = path.starts_with("speakToAs/") ? std::string("pronouns") : path.substr(0, path.find('/'));
    return line_of(copy, member);
  }

  std::vector<Line>& lines_;
  const Json& card_;
  const std::map<std::string, std::size_t>& mains_;
};

}  // namespace

void append_alternatives(std::vector<Line>& lines, const Json& card, const std::map<std::string, std::size_t>& mains) {
  Writer writer(lines, card, mains);
  writer.append_pronunciations();
  const Json* all = content::find_member(card, "localizations");
  if (all == nullptr) return;
  for (std::size_t i = 0; i < all->keys.size(); ++i) {
    if (is_language_tag(all->keys[i])) writer.append_language(all->keys[i], all->items[i]);
  }
}

}  // namespace dav::contacts::jscontact
