#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/contacts/search.h"
#include "dav/error.h"
#include "dav/facts.h"
#include "dav/reports/addressbook_filter.h"
#include "dav/xml.h"
#include "storage/search.h"

using namespace dav::contacts;

namespace {

constexpr std::array<std::string_view, 4> cards = {
    "VERSION:3.0\nUID:1\nFN:Ada Lovelace\nN:Lovelace;Ada;;;\nitem1.EMAIL;TYPE=home,pref:ada@example.com\n"
    "item1.X-ABLabel:_$!<Home>!$_\nTEL;CELL:+44 20 7946 0001\nNOTE:Tea\\, mostly\\nat four\n",
    "VERSION:4.0\nUID:2\nFN:Zo\xC3\xAB Gro\xC3\x9F\nEMAIL;TYPE=\"work,voice\":zoe@example.org\nX-A:e\xCC\x81\xCC\xA3\n"
    "PHOTO:data:image/png;base64,AAAA\n",
    "VERSION:4.0\nUID:3\nFN:\xE4\xBC\x9A\xE7\xA4\xBE\nKIND:group\nMEMBER:urn:uuid:1\nNICKNAME:\nORG:a;b\n",
    "VERSION:3.0\nUID:4\nFN:\xC7\x86\xEF\xAC\x81\xC5\x89\nADR;TYPE=home:;;1 St;;;;\nCATEGORIES:a,b\n",
};

std::vector<Card> make_cards() {
  std::vector<Card> made;
  for (const std::string_view lines : cards) {
    auto parsed = Card::parse("BEGIN:VCARD\n" + std::string(lines) + "END:VCARD\n");
    if (std::holds_alternative<Refusal>(parsed)) std::abort();
    made.push_back(std::get<Card>(std::move(parsed)));
  }
  return made;
}

/// Whether the index would name the card, and by its grams where by its text.
bool is_candidate(const std::string& text, const storage::TextSearch& search) {
  if (!storage::holds(text, search)) return false;
  const auto grams = storage::grams_of(1, text);
  const bool by_grams = std::any_of(search.begin(), search.end(), [&](const auto& terms) {
    const auto needed = storage::grams_for(1, terms);
    if (const auto range = storage::gram_range_for(1, terms); needed.empty() && range) {
      const auto first = std::lower_bound(grams.begin(), grams.end(), range->first);
      return first != grams.end() && *first < range->first + storage::GramRange::count;
    }
    return std::all_of(needed.begin(), needed.end(),
                       [&](storage::Gram gram) { return std::binary_search(grams.begin(), grams.end(), gram); });
  });
  if (!by_grams) std::abort();
  return true;
}

}  // namespace

// A CARDDAV:filter is refused with a reason, or says of every card whether it matches; and what matches is found by its
// texts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Card> all = make_cards();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto document = dav::xml::Document::parse(text);
    const auto filter = dav::read_addressbook_filter(document.root());
    const auto search = dav::text_search(filter);
    for (const Card& card : all) {
      if (!matches(card, filter) || !search) continue;
      if (!is_candidate(dav::facts_of(card).text.value(), *search)) std::abort();
    }
  } catch (const dav::Error& error) {
    if (error.reason().empty()) std::abort();
  }
  return 0;
}
