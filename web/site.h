#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace web {

/// The ports of the services for mail; nothing for one that isn't there.
struct MailPorts {
  std::optional<std::uint16_t> imaps;        ///< IMAP with TLS from the first octet
  std::optional<std::uint16_t> imap;         ///< IMAP with STARTTLS
  std::optional<std::uint16_t> submissions;  ///< sending, with TLS from the first octet
  std::optional<std::uint16_t> submission;   ///< sending, with STARTTLS
  std::optional<std::uint16_t> managesieve;

  bool any() const { return imaps || imap || submissions || submission; }
};

/// What programs and people are told of this server.
struct Site {
  std::string host;                  ///< the name that clients connect to
  std::uint16_t https_port = 443;    ///< as clients see it
  std::vector<std::string> domains;  ///< the domains that have mail here, lower case; empty: whatever is asked for
  MailPorts mail;

  std::string authority() const;  ///< host, and port where it isn't 443
  std::string dav_url() const;    ///< where calendars and address books are found
  std::string page_url() const;   ///< where people can read how to connect

  /// Whether it is known what to say to people of that domain.
  bool serves(std::string_view domain) const;
};

/// Whether it can be a host's or a mail domain's name, in lower case: letters, digits and hyphens in labels, dots
/// between. RFC 1123 2.1
bool is_domain(std::string_view text);

/// The domain of an e-mail address, in lower case; nothing where it is none. Says nothing of whether it exists.
std::optional<std::string> domain_of(std::string_view address);

}  // namespace web
