#include "dav/contacts/jscontact.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>

#include "dav/contacts/convert.h"
#include "dav/contacts/jscontact_card.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::Json;
using content::Patch;
using jscontact::Conversion;

/// Whether the way back from a conversion leads to the same lines; those that it doesn't lead to are kept from now on.
bool leads_back(const std::vector<Line>& lines, Conversion& conversion) {
  std::unordered_map<std::string, int> counts;
  const auto back = jscontact::meaning_of(jscontact::lines_of(conversion.card), conversion.made_ids);
  for (const auto& meanings : back) {
    for (const std::string& meaning : meanings) ++counts[meaning];
  }
  const auto wanted = jscontact::meaning_of(lines, {});
  bool all = true;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bool found = true;
    for (const std::string& meaning : wanted[i]) {
      const auto count = counts.find(meaning);
      found = found && count != counts.end() && count->second > 0;
      if (count != counts.end()) --count->second;
    }
    if (found || conversion.kept[i]) continue;
    conversion.kept[i] = true;
    all = false;
  }
  return all;
}

/// The Card of these lines, of which those of JSPROP are none.
Conversion convert(const std::vector<Line>& lines, std::vector<bool> kept) {
  // Each round keeps more lines as they are. Most cards need but one.
  constexpr int most_rounds = 4;
  Conversion conversion = jscontact::card_of(lines, std::move(kept));
  for (int round = 1; !leads_back(lines, conversion); ++round) {
    if (round == most_rounds) conversion.kept.assign(lines.size(), true);
    conversion = jscontact::card_of(lines, std::move(conversion.kept));
    if (round == most_rounds) break;
  }
  return conversion;
}

/// RFC 9555 3.2.1: "The PatchObject MUST only be applied after all other vCard properties have already been converted …
/// an invalid PatchObject MUST NOT be applied."
bool patch(Json& card, const std::vector<Patch>& patches) {
  Json patched = card;
  if (!content::apply_patches(patched, patches) || !jscontact::find_fault(patched).empty()) return false;
  if (content::string_member(patched, "uid") != content::string_member(card, "uid")) return false;
  card = std::move(patched);
  return true;
}

Json card_of(const std::vector<Line>& lines) {
  auto parted = jscontact::part_patches(lines);
  Conversion conversion = convert(parted.others, std::move(parted.malformed));
  if (parted.patches.empty() || patch(conversion.card, parted.patches)) return std::move(conversion.card);
  std::vector<bool> all(lines.size(), false);
  for (std::size_t i = 0; i < lines.size(); ++i) all[i] = lines[i].is("JSPROP");
  return convert(lines, std::move(all)).card;
}

Line patch_line(const Patch& patch) {
  std::string value;
  content::append_json(value, patch.second);
  Line line{{}, "JSPROP", {}, content::escape_text(value)};
  line.set("JSPTR", patch.first);
  return line;
}

/// The lines of what is missing in a Card that has been made of lines.
std::vector<Line> patch_lines(const Json& made, const Json& wanted) {
  auto patches = content::difference(made, wanted);
  if (patches.size() > content::most_patches) patches = content::difference(made, wanted, 1);
  std::vector<Line> lines;
  for (const Patch& patch : patches) lines.push_back(patch_line(patch));
  return lines;
}

/// VERSION in vCardProps says nothing: what is stored has its own.
void remove_version(Json& card) {
  Json* properties = content::find_member(card, "vCardProps");
  if (properties == nullptr) return;
  std::erase_if(properties->items, [](const Json& property) {
    return !property.items.empty() && content::equal_ignoring_case(property.items.front().text, "version");
  });
  if (properties->items.empty()) content::remove_member(card, "vCardProps");
}

/// The lines as they will be read.
std::vector<Line> read_again(const std::vector<Line>& lines) {
  const auto document = content::Document::parse(write_card(lines, Version::v4), content::Dialect::vcard);
  return read_lines(document.components().front(), Version::v4);
}

}  // namespace

std::string to_jscontact(const content::Component& card, Version version) {
  auto lines = read_lines(card, version);
  if (version == Version::v3) lines = to_v4(std::move(lines));
  std::string out;
  content::append_json(out, card_of(lines));
  return out;
}

std::string from_jscontact(std::string_view text) {
  Json card = content::parse_json(text, {.depth = 32});
  const Json* version = content::find_member(card, "version");
  if (version != nullptr && version->is(Json::Kind::string) && version->text != "1.0") {
    throw OtherJSContact("/version: 1.0 is taken");
  }
  const std::string fault = jscontact::find_fault(card);
  if (!fault.empty()) throw NotJSContact(fault);
  remove_version(card);
  jscontact::settle_defaults(card);
  try {
    auto lines = jscontact::lines_of(card);
    const auto patches = patch_lines(card_of(read_again(lines)), card);
    lines.insert(lines.end(), patches.begin(), patches.end());
    if (content::same_json(card_of(read_again(lines)), card)) return write_card(lines, Version::v4);
  } catch (const content::Malformed&) {
    // A line that ends in '=' goes on in the next one, where it says that it is quoted-printable.
  }
  throw NotJSContact("/: this can't be kept as a vCard");
}

}  // namespace dav::contacts
