#pragma once

#include <string>

#include "web/site.h"

namespace web {

/// What one device is to be told of one account.
struct Profile {
  std::string account;    ///< the name to log in with
  std::string address;    ///< the main e-mail address; without one there is no mail
  std::string full_name;  ///< as it stands in mails that are sent
  std::string device;     ///< "Ada's phone"
  std::string password;   ///< an app password
  bool mail = false;
  bool calendars = false;
  bool contacts = false;
};

/// A configuration profile of Apple's as a property list: accounts for mail, calendars and contacts. Its identifiers
/// are the same whenever the same account's device of the same name gets one, so that the new one takes the old one's
/// place on it.
std::string profile(const Site& site, const Profile& wanted);

/// Whether a profile can bring mail: Apple's format wants both directions.
bool can_bring_mail(const Site& site);

}  // namespace web
