#pragma once

#include <array>
#include <span>

#include "dav/property.h"

namespace dav {

// The live properties, one table for each family of RFCs.
std::span<const PropertyRow> core_properties();
std::span<const PropertyRow> acl_properties();
std::span<const PropertyRow> sync_properties();
std::span<const PropertyRow> quota_properties();
std::span<const PropertyRow> caldav_properties();
std::span<const PropertyRow> schedule_properties();
std::span<const PropertyRow> carddav_properties();
std::span<const PropertyRow> apple_properties();

inline auto property_tables() {
  return std::array{core_properties(),   acl_properties(),      sync_properties(),    quota_properties(),
                    caldav_properties(), schedule_properties(), carddav_properties(), apple_properties()};
}

}  // namespace dav
