#pragma once

#include <string>

#include "mail/imap/settings.h"
#include "mail/sieve/settings.h"
#include "mail/smtp/settings.h"

namespace mail {

/// What the configuration says of mail.
struct Settings {
  std::string host_name;  ///< how this server calls itself
  imap::Settings imap;
  smtp::Settings smtp;
  sieve::Settings sieve;
};

}  // namespace mail
