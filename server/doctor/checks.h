#pragma once

#include <string>
#include <vector>

#include "server/config.h"
#include "server/doctor/finding.h"
#include "server/doctor/resolver.h"
#include "web/site.h"

namespace server {

/// What the checks of a public set-up go by.
struct Examined {
  const Config& config;
  const web::Site& site;
  std::string ca;  ///< a PEM file of what is trusted besides the system's; empty for none
  Resolver& resolver;
  Findings& findings;
};

/// The configuration, the clock, and the room in the data folder.
void check_machine(Examined& examined);

/// Whether the host is found, its ports are open, and its certificate is one to trust.
void check_host(Examined& examined);

/// What clients ask over HTTPS: the well-known addresses, what the server says it can do, the login.
void check_http(Examined& examined);

/// The records of a mail domain, as `pileus dns` prints them, and its autoconfiguration.
void check_domain(Examined& examined, const std::string& domain);

}  // namespace server
