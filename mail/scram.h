#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/login.h"

namespace mail {

/// One run of SCRAM-SHA-256 without channel binding. RFC 5802, RFC 7677
std::unique_ptr<SaslExchange> begin_scram(const Services& services);

/// The server's last message.
std::string scram_signature(std::string_view signature);

/// A client's first message. RFC 5802 7
struct ScramFirst {
  std::string header;  ///< the GS2 header, as it came
  std::string authorize_as;
  std::string name;
  std::string nonce;
  std::string bare;  ///< the message without the header
};
std::optional<ScramFirst> parse_scram_first(std::string_view message);

/// A client's last message.
struct ScramFinal {
  std::string binding;  ///< what it saw as the GS2 header
  std::string nonce;
  std::string proof;
  std::string without_proof;  ///< the message but for the proof
};
std::optional<ScramFinal> parse_scram_final(std::string_view message);

}  // namespace mail
