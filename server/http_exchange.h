#pragma once

#include "server/coding.h"
#include "server/http_session.h"

namespace server {

struct HttpSession::Exchange {
  Exchange(Http& http, const Peer& peer);

  std::shared_ptr<const HttpOptions> options;  ///< shared: they may be exchanged while this request goes on
  std::uint64_t connection;
  HttpHead head;
  BodyReader body;
  Origin origin;
  std::uint64_t max_body = 0;
  std::uint64_t body_octets = 0;
  std::uint64_t discarded = 0;
  bool invited = false;  ///< the body is wanted, and the client knows
  Clock::time_point began{};
  Clock::time_point body_began{};
  bool recorded = false;
  Gate* gate = nullptr;    ///< where it is queued
  bool head_only = false;  ///< HEAD
  std::string accept_encoding;
  bool closes = false;  ///< the answer says so
  AccessRecord record;
  std::unique_ptr<TraceRecord> traced;
  std::unique_ptr<CodedChunks> chunks;  ///< what of the answer has still to be coded and sent
};

/// The head without the values of the fields that hold credentials.
std::string without_credentials(std::string_view head);

}  // namespace server
