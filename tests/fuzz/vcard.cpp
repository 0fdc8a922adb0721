#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "dav/contacts/address_data.h"
#include "dav/contacts/card.h"
#include "dav/contacts/convert.h"
#include "dav/contacts/filter.h"
#include "dav/contacts/legacy.h"
#include "dav/content/text.h"

namespace {

using dav::contacts::Card;
using dav::contacts::Version;

/// A card in the other version: one that can be read, of the same person. Back again, too.
Card other(const Card& card) {
  const Version to = card.version() == Version::v4 ? Version::v3 : Version::v4;
  auto parsed = Card::parse(dav::contacts::converted(card, to));
  auto* read = std::get_if<Card>(&parsed);
  if (read == nullptr || read->version() != to || read->uid() != card.uid() || read->kind() != card.kind())
    std::abort();
  return std::move(*read);
}

/// What is read as 2.1 can be read as 3.0 afterwards, whatever it is.
void modernize(const std::string& text) {
  std::string modern;
  try {
    const auto document = dav::content::Document::parse(dav::contacts::mend_legacy(text).text,
                                                        dav::content::Dialect::vcard, {.depth = 2});
    modern = dav::contacts::from_legacy(document.components().front());
  } catch (const dav::content::Malformed&) {
    return;
  }
  dav::content::Document::parse(modern, dav::content::Dialect::vcard, {.depth = 1});
}

}  // namespace

// Any octets: a card or a refusal; a card's octets are those given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  modernize(text);
  const auto parsed = Card::parse(text);
  const auto* card = std::get_if<Card>(&parsed);
  if (card == nullptr) return 0;
  if (card->bytes() != text) std::abort();
  if (!dav::content::is_utf8(dav::content::mend_folds(text))) std::abort();
  card->kind();
  using dav::content::Collation;
  using dav::content::Match;
  dav::contacts::PropFilter filter{.name = "TEL", .texts = {}, .parameters = {}};
  filter.texts.push_back({dav::content::Pattern("\xC3\xA4", Collation::unicode_casemap, Match::contains)});
  filter.parameters.push_back({.name = "TYPE", .text = filter.texts.front()});
  matches(*card, {dav::contacts::Test::any_of, {filter}});
  other(other(*card));
  const std::string part = address_data(*card, {{{"TEL", true}, {"FN", false}}});
  dav::content::Document::parse(part, dav::content::Dialect::vcard);
  return 0;
}
