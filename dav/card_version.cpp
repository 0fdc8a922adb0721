#include "dav/card_version.h"

#include <algorithm>

#include "dav/headers.h"

namespace dav {

using contacts::Version;

// Apple's Contacts (AddressBook, AddressBookCore on macOS, dataaccessd on iOS; as of macOS 14 and iOS 17) shows of 4.0
// neither groups nor anniversaries nor related people.
std::optional<Version> version_read_by(const Headers& headers) {
  const auto agent = headers.find("User-Agent").value_or("");
  const auto has = [&](std::string_view name) { return agent.find(name) != std::string_view::npos; };
  if (has("AddressBook") || has("dataaccessd")) return Version::v3;
  return std::nullopt;
}

std::optional<Version> version_wanted(const Headers& headers) {
  const std::string accept = headers.joined("Accept").value_or("");
  std::string_view rest = accept;
  while (!rest.empty()) {
    const std::string_view element = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), element.size() + 1));
    if (media_type(element) != "text/vcard") continue;
    const std::string version = media_parameter(element, "version");
    if (version == "4.0") return Version::v4;
    if (version == "3.0") return Version::v3;
  }
  return version_read_by(headers);
}

bool is_card(const storage::Member& member) {
  return member.facts.component == "VCARD" || member.facts.component == "GROUP";
}

std::string card_media_type(Version version) {
  return version == Version::v4 ? "text/vcard; charset=utf-8; version=4.0" : "text/vcard; charset=utf-8";
}

Version stored_version(const storage::Member& member) {
  return member.media_type == card_media_type(Version::v4) ? Version::v4 : Version::v3;
}

}  // namespace dav
