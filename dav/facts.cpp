#include "dav/facts.h"

#include "dav/calendar/span.h"
#include "dav/contacts/search.h"
#include "storage/search.h"

namespace dav {

storage::ObjectFacts facts_of(const calendar::Object& object, const calendar::TimeZones& zones) {
  storage::ObjectFacts facts{object.uid(), object.component()};
  for (const auto& stretch : calendar::stretches_of(object, zones)) {
    facts.times.push_back({stretch.first, stretch.last, stretch.pattern, stretch.yearly, stretch.alarms});
  }
  return facts;
}

storage::ObjectFacts facts_of(const contacts::Card& card) {
  storage::ObjectFacts facts{card.uid(), std::string(card.component_name())};
  facts.searched = true;
  if (const auto texts = contacts::searched_texts(card)) {
    facts.text.emplace();
    for (const auto& [name, text] : *texts) storage::add_text(*facts.text, name, text);
  }
  return facts;
}

std::optional<storage::TextSearch> text_search(const contacts::Filter& filter) {
  const auto wanted = contacts::wanted_texts(filter);
  if (!wanted) return std::nullopt;
  storage::TextSearch search;
  for (const auto& alternative : *wanted) {
    auto& terms = search.emplace_back();
    for (const auto& each : alternative) terms.push_back({each.name, each.text, each.at_start, each.at_end});
  }
  return search;
}

}  // namespace dav
