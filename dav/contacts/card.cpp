#include "dav/contacts/card.h"

#include <string_view>
#include <utility>

#include "dav/content/text.h"

namespace dav::contacts {

namespace {

Refusal invalid(std::string reason, std::size_t line) {
  return {Precondition::valid_address_data, std::move(reason), line};
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::variant<Card, Refusal> Card::parse(std::string bytes) {
  Card card;
  try {
    // A photo may be one line; how large a card may be is the book's to say.
    card.document_ = content::Document::parse(std::move(bytes), content::Dialect::vcard, {.depth = 2});
  } catch (const content::Malformed& malformed) {
    return invalid(malformed.what(), malformed.line);
  }
  if (auto refusal = card.check()) return std::move(*refusal);
  return card;
}

std::optional<Refusal> Card::check() {
  const content::Component& card = component();
  if (!card.is("VCARD")) return invalid("BEGIN:VCARD is expected", card.line);
  if (document_.components().size() > 1) {
    // "Address object resources … MUST contain a single vCard component only"; RFC 6352 5.1
    return invalid("more than one VCARD", document_.components()[1].line);
  }
  const content::Property* version = card.find("VERSION");
  if (version == nullptr) return invalid("VCARD has no VERSION", card.line);
  if (card.count("VERSION") > 1) return invalid("VERSION stands twice", version->line);
  const std::string_view number = trimmed(version->value);
  if (number != "3.0" && number != "4.0") {
    return Refusal{Precondition::supported_address_data,
                   "vCard " + std::string(number) + " is not taken: 3.0 or 4.0 is", version->line};
  }
  version_ = number == "4.0" ? Version::v4 : Version::v3;
  // RFC 2426 3.1.1, RFC 6350 6.2.1
  if (card.find("FN") == nullptr) return invalid("VCARD has no FN", card.line);
  const content::Property* uid = card.find("UID");
  if (uid == nullptr) return invalid("VCARD has no UID", card.line);
  if (card.count("UID") > 1) return invalid("UID stands twice", uid->line);
  uid_ = content::unescape_text(uid->value);
  if (trimmed(uid_).empty()) return invalid("UID is empty", uid->line);
  return std::nullopt;
}

Kind Card::kind() const {
  // Any of them, if there are several: which of them comes first differs between the versions of a card.
  for (const content::Property& property : component().properties) {
    if (!property.is("KIND") && !property.is("X-ADDRESSBOOKSERVER-KIND")) continue;
    if (content::equal_ignoring_case(trimmed(property.value), "group")) return Kind::group;
  }
  return Kind::individual;
}

std::optional<Refusal> Card::obey(std::uint64_t max_resource_size) const {
  if (bytes().size() <= max_resource_size) return std::nullopt;
  return Refusal{Precondition::max_resource_size, "larger than " + std::to_string(max_resource_size) + " octets", 0};
}

}  // namespace dav::contacts
