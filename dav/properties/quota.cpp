#include <algorithm>
#include <array>

#include "dav/properties/tables.h"

namespace dav {

namespace {

// RFC 4331 3: there is none where there is no limit.
bool available(const Context&, const Resource& resource, std::string& out) {
  if (!resource.account || !resource.account->quota) return false;
  out += std::to_string(std::max<std::int64_t>(*resource.account->quota - resource.account->used, 0));
  return true;
}

// RFC 4331 4: quota is the account's, so that all of its collections share one value.
bool used(const Context&, const Resource& resource, std::string& out) {
  if (!resource.account) return false;
  out += std::to_string(resource.account->used);
  return true;
}

constexpr std::array table{
    PropertyRow{condition::DAV, "quota-available-bytes", all_stored, false, available, nullptr},
    PropertyRow{condition::DAV, "quota-used-bytes", all_stored, false, used, nullptr},
};

}  // namespace

std::span<const PropertyRow> quota_properties() { return table; }

}  // namespace dav
