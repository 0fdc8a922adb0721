#include "dav/card_version.h"

namespace dav {

// Apple's Contacts (AddressBook, AddressBookCore on macOS, dataaccessd on iOS; as of macOS 14 and iOS 17) shows of 4.0
// neither groups nor anniversaries nor related people.
std::optional<contacts::Version> version_read_by(const Headers& headers) {
  const auto agent = headers.find("User-Agent").value_or("");
  const auto has = [&](std::string_view name) { return agent.find(name) != std::string_view::npos; };
  if (has("AddressBook") || has("dataaccessd")) return contacts::Version::v3;
  return std::nullopt;
}

}  // namespace dav
