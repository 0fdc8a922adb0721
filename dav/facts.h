#pragma once

#include "storage/types.h"

namespace dav::calendar {
class Object;
class TimeZones;
}  // namespace dav::calendar

namespace dav {

/// What the store keeps of a calendar object besides its bytes.
storage::ObjectFacts facts_of(const calendar::Object& object, const calendar::TimeZones& zones);

}  // namespace dav
