#pragma once

#include <string>
#include <string_view>

#include "web/site.h"

namespace web {

/// draft-ietf-mailmaint-pacc-02 5.2.1: asked for on ua-auto-config.DOMAIN.
inline constexpr std::string_view user_agent_configuration_path = "/.well-known/user-agent-configuration.json";

/// draft-ietf-mailmaint-pacc-02 4: the services, those on their usual ports alone, since the format knows no others.
/// Programs believe it only where a digest of its octets stands in the DNS; so the same site always has the same.
std::string user_agent_configuration(const Site& site);

/// The TXT record with the digest (draft-ietf-mailmaint-pacc-02 5.2.2.2), for _ua-auto-config.DOMAIN.
std::string user_agent_configuration_record(const Site& site);

}  // namespace web
