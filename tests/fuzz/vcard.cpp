#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "dav/contacts/address_data.h"
#include "dav/contacts/card.h"
#include "dav/contacts/filter.h"
#include "dav/content/text.h"

// Any octets: a card or a refusal; a card's octets are those given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = dav::contacts::Card::parse(text);
  const auto* card = std::get_if<dav::contacts::Card>(&parsed);
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
  const std::string part = address_data(*card, {{{"TEL", true}, {"FN", false}}});
  dav::content::Document::parse(part, dav::content::Dialect::vcard);
  return 0;
}
