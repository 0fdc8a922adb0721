#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mail/smtp/settings.h"
#include "mail/smtp/wire.h"
#include "storage/queue.h"
#include "storage/spool.h"

namespace mail::smtp {

/// What came of a recipient.
struct RelayOutcome {
  enum class Result { taken, refused, deferred } result = Result::deferred;
  std::string status;          ///< RFC 3463
  std::string reason;          ///< "550 5.1.1 No such user", as it came
  bool remote_reply = false;   ///< it came from the other server
  bool tells_success = false;  ///< taken by one that knows DSN: it says so itself when it is delivered
};

struct Relay {
  std::string host;
  std::uint16_t port = 25;
  RelayTls tls = RelayTls::verified;
  std::string user;
  std::string password;
};

/// Gives a message to the relay, for the recipients named. One outcome for each; it doesn't throw.
std::vector<RelayOutcome> relay_message(Connector& connector, const Relay& relay, const std::string& own_name,
                                        const storage::QueuedMessage& message,
                                        const std::vector<storage::QueuedRecipient>& recipients,
                                        const storage::Segment& octets);

/// A message's octets as DATA wants them: every line ends with CR LF, a dot in front of dots. RFC 5321 4.5.2, 2.3.8.
class DataWriter {
 public:
  std::string next(std::string_view piece);
  std::string end();  ///< what completes the last line, and the dot

 private:
  bool line_start_ = true;
  bool after_cr_ = false;
};

/// A reply of a server. RFC 5321 4.2
struct RemoteReply {
  int code = 0;
  std::vector<std::string> lines;  ///< without code and line end

  std::string status() const;  ///< the enhanced one, or what the code stands for
  std::string text() const;    ///< on one line, with the code
};

/// Reads one reply from the start of octets: how many it is, 0 while it isn't whole. Throws WireBroken for what is
/// none.
std::size_t parse_reply(std::string_view bytes, RemoteReply& reply);

}  // namespace mail::smtp
