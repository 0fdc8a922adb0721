#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/site.h"

namespace web {

/// Where Outlook and others ask, in any case of letters: on autodiscover.DOMAIN and on the mail domain.
inline constexpr std::string_view autodiscover_path = "/autodiscover/autodiscover.xml";
inline constexpr std::string_view autodiscover_json_path = "/autodiscover/autodiscover.json";

/// What autodiscover of version 1 asks (MS-OXDSCLI 2.2.3).
struct AutodiscoverQuestion {
  std::string address;  ///< EMailAddress
  std::string schema;   ///< AcceptableResponseSchema
};

/// The answer: the settings for Outlook, or the error 601 for a schema that isn't answered here (mobilesync's: there is
/// no ActiveSync), 600 for no question or an address that can't be one. `time` is a time of day.
std::string autodiscover(const Site& site, const std::optional<AutodiscoverQuestion>& question, std::string_view time);

/// The answer of version 2 to `Protocol`; where it isn't known, 400 and the error in the same form.
struct AutodiscoverJson {
  int status = 200;
  std::string body;
};
AutodiscoverJson autodiscover_json(const Site& site, std::string_view protocol);

}  // namespace web
