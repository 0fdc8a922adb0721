#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mail::smtp {

enum class RelayTls {
  none,           ///< never
  opportunistic,  ///< where it is offered, whatever the certificate
  verified,       ///< always, with a certificate of that name
  implicit,       ///< the same from the first octet. RFC 8314 3
};

struct Settings {
  std::uint64_t most_message = 150 * 1024 * 1024;  ///< octets of a message
  std::chrono::seconds idle{300};                  ///< RFC 5321 4.5.3.2.7
  std::size_t most_recipients = 1000;              ///< of a message. RFC 5321 4.5.3.1.8
  std::size_t most_errors = 20;                    ///< refused commands of a connection
  std::size_t most_hops = 100;                     ///< Received fields of a message. RFC 5321 6.3
  std::size_t recipients_per_hour = 1000;          ///< that an account may write to; 0 for any number

  std::vector<std::string> lmtp_peers;  ///< blocks of addresses that may deliver, beside this machine
  std::vector<std::string> domains;     ///< server.domains: what isn't an address here is nobody's; others are relayed
  std::string postmaster;               ///< the account that <postmaster> is
  bool quota_defers = false;            ///< 452, so that it is tried again; otherwise 552
  bool drop_duplicates = false;
  bool keep_sent = false;  ///< puts a copy of what is submitted into Sent

  std::string relay;  ///< "host:port" that takes mail for others; empty for none
  RelayTls relay_tls = RelayTls::verified;
  std::string relay_user;  ///< empty for no login
  std::string relay_password_file;

  std::chrono::seconds first_retry{300};
  std::chrono::seconds longest_retry{4 * 3600};
  std::chrono::seconds warn_after{4 * 3600};      ///< the sender is told that it takes long
  std::chrono::seconds give_up_after{5 * 86400};  ///< RFC 5321 4.5.4.1
};

}  // namespace mail::smtp
