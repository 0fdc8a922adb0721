#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "dav/contacts/card.h"
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
  return 0;
}
