#pragma once

#include <optional>

#include "storage/search.h"
#include "storage/types.h"

namespace dav::calendar {
class Object;
class TimeZones;
}  // namespace dav::calendar

namespace dav::contacts {
class Card;
struct Filter;
}  // namespace dav::contacts

namespace dav {

/// What the store keeps of a calendar object besides its bytes.
storage::ObjectFacts facts_of(const calendar::Object& object, const calendar::TimeZones& zones);

/// The same of a card.
storage::ObjectFacts facts_of(const contacts::Card& card);

/// What the texts of a card that matches the filter hold; nothing where each card must be looked at.
std::optional<storage::TextSearch> text_search(const contacts::Filter& filter);

}  // namespace dav
