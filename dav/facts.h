#pragma once

#include "storage/types.h"

namespace dav::calendar {
class Object;
class TimeZones;
}  // namespace dav::calendar

namespace dav::contacts {
class Card;
}  // namespace dav::contacts

namespace dav {

/// What the store keeps of a calendar object besides its bytes.
storage::ObjectFacts facts_of(const calendar::Object& object, const calendar::TimeZones& zones);

/// The same of a card.
storage::ObjectFacts facts_of(const contacts::Card& card);

}  // namespace dav
