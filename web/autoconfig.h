#pragma once

#include <string>
#include <string_view>

#include "web/site.h"

namespace web {

/// Where Thunderbird, K-9, Evolution and others ask: on the mail domain, and on autoconfig.DOMAIN.
inline constexpr std::string_view autoconfig_well_known = "/.well-known/autoconfig/mail/config-v1.1.xml";
inline constexpr std::string_view autoconfig_path = "/mail/config-v1.1.xml";

/// The configuration for people of that domain, in Mozilla's format of version 1.1: what is there, the best first.
/// Programs put the person's address in the place of %EMAILADDRESS%, which is a name to log in with.
std::string autoconfig(const Site& site, std::string_view domain);

}  // namespace web
