#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "storage/accounts.h"
#include "storage/store.h"
#include "web/site.h"

namespace web {

inline constexpr std::string_view setup_path = "/setup/";

/// The page on which people set up a phone or computer of Apple's: a form for the account's name and password and what
/// the device is called. No scripts; readable on a phone.
struct SetupForm {
  std::string name;
  std::string device;
  bool mail = true;
  bool calendars = true;
  bool contacts = true;
};
std::string setup_page(const Site& site, const SetupForm& filled, std::string_view message = {});

/// What the page's Content-Security-Policy says: this style, this form, and nothing else.
std::string setup_policy();

/// What became of a form that was sent.
struct Setup {
  enum class Outcome {
    made,       ///< `text` is the profile, not signed yet
    again,      ///< nothing was tried: something is missing; `text` is the page
    refused,    ///< as a login is: `text` is the page
    throttled,  ///< the same
    too_many,   ///< so many app passwords has no one: `text` is the page
  };
  Outcome outcome = Outcome::again;
  std::string text;
  std::string account;                  ///< the name that was given
  std::string reason;                   ///< for the security log
  std::chrono::seconds retry_after{0};  ///< of throttled
};

/// Logs in with the form's name and password, which must be the account's own: an app password can't make others. Then
/// makes an app password for what was ticked, labelled with the device's name, and the profile with it. `body` is the
/// form, `address` and `client` are for the throttle and the app password's last use. Throws storage::Failure.
Setup set_up(storage::Store& store, storage::Accounts& accounts, const Site& site, std::string_view body,
             std::string_view address, std::string_view client);

}  // namespace web
