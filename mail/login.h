#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/connection.h"
#include "mail/services.h"
#include "storage/principal.h"

namespace mail {

/// What a client gives instead of its password. RFC 5802 3
struct ScramProof {
  std::string auth_message;
  std::string proof;
};

/// Who somebody says to be.
struct Credentials {
  std::string authorize_as;  ///< whose mail is wanted; empty for `name`'s own. RFC 4616 2
  std::string name;          ///< an account's name or one of its addresses
  std::string password;
  std::optional<ScramProof> proof;  ///< instead of a password
};

/// Whether a password may be said on this connection: over TLS, or from this machine. RFC 8314 3
bool may_log_in(const Peer& peer);

/// The SASL mechanisms that SaslExchange speaks, the best first.
std::string_view sasl_mechanisms();  ///< "SCRAM-SHA-256 PLAIN …", separated by spaces

/// A string in base64, as SASL's profiles have it; nothing where it isn't exactly that. RFC 4648 4
std::optional<std::string> decode_sasl(std::string_view base64);
std::string encode_sasl(std::string_view octets);

/// One run of a SASL mechanism: responses in, challenges out. It is the protocol's to code them, and to know a client's
/// cancelling `*`. RFC 4422 3
class SaslExchange {
 public:
  enum class Step {
    challenge,    ///< challenge() goes to the client; its answer is the next response
    credentials,  ///< all is there: credentials() are to be checked by log_in
    malformed,    ///< not what the mechanism says; the exchange is over
  };

  /// Nothing for a mechanism that isn't spoken here. In any case of letters.
  static std::unique_ptr<SaslExchange> begin(const Services& services, std::string_view mechanism);
  virtual ~SaslExchange() = default;

  /// The client's next response, decoded; the first time its initial response, or nothing where it sent none.
  virtual Step respond(std::optional<std::string_view> response) = 0;

  const std::string& challenge() const { return challenge_; }
  Credentials& credentials() { return credentials_; }

 protected:
  std::string challenge_;
  Credentials credentials_;
};

/// What came of a login. All refusals look the same to the client.
struct LoginAnswer {
  enum class Outcome {
    accepted,
    refused,       ///< unknown, wrong, throttled, disabled
    not_for_mail,  ///< the right app password, for something else (storage::Scope)
    unavailable,   ///< too many logins at once, or no store: later
  };
  Outcome outcome = Outcome::refused;
  std::optional<storage::Principal> principal;
  /// What the client is to be told as a last challenge, to be answered by an empty response, before it is told that it
  /// is logged in. Empty for mechanisms that say nothing. RFC 4422 3.6
  std::string last_challenge;
};

/// Checks credentials and calls `done`, at once or when a processor is free for it (Connection::take_effort); until
/// then the dialogue gets no input. A proof is always checked at once. Writes the security log. `protocol` is what it
/// calls the client ("imap"). Precondition: may_log_in.
using LoginDone = std::function<void(Connection&, LoginAnswer)>;
void log_in(const Services& services, Connection& connection, Credentials credentials, std::string_view protocol,
            LoginDone done);

}  // namespace mail
