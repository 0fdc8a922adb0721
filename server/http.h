#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dav/request.h"
#include "dav/response.h"
#include "server/address.h"
#include "server/http_gate.h"
#include "server/http_metrics.h"
#include "server/loop.h"

namespace server {

/// How much may be done to find out who asks.
enum class Effort {
  little,  ///< what takes microseconds
  any,     ///< what takes a processor a while, such as to compute a password's hash
};

/// What is decided when a request's head is here and before any octet of its body is read.
struct Admission {
  std::uint64_t max_body = 0;                   ///< a longer body is refused (413)
  std::optional<dav::Response> refusal;         ///< the answer, when there is to be no more than that (401, 413 …)
  std::optional<storage::Principal> principal;  ///< who asks; given to the request
  bool takes_effort = false;                    ///< with Effort::little: nothing is decided, it takes more
};

/// What answers requests. Called by many threads at a time; it may wait for the store.
struct Handler {
  virtual ~Handler() = default;

  /// `head` is the request without its body. Authenticates and says how much body is allowed. `peer` is the socket's
  /// other end; `head.client`, `head.scheme` and `head.authority` are what trusted proxies say. Called with
  /// Effort::any, by few threads at a time, for what has answered Admission::takes_effort.
  virtual Admission admit(const dav::Request& head, const Peer& peer, Effort effort) = 0;

  /// Answers. Whatever it throws becomes a 500 without details and a line by HttpOptions::log.
  /// The response to HEAD may have a body, which isn't sent but gives Content-Length; or no body and a Content-Length
  /// field.
  virtual dav::Response handle(dav::Request&& request) = 0;

  /// The answer to a body that has grown over Admission::max_body, or is announced to.
  virtual dav::Response too_large(const dav::Request& head);
};

/// Bounds and times; all may be changed while running.
struct HttpLimits {
  std::size_t target_octets = 8 * 1024;   ///< request target; more: 414
  std::size_t head_octets = 32 * 1024;    ///< request line and fields; more: 431
  std::size_t head_fields = 100;          ///< more: 431
  std::size_t trailer_octets = 8 * 1024;  ///< trailers and chunk extensions of one body; more: 400
  std::uint64_t drain_octets =
      256 * 1024;  ///< an unread body up to this is read and dropped; more: the connection is closed
  std::chrono::milliseconds idle{180'000};       ///< between requests
  std::chrono::milliseconds head{20'000};        ///< from a head's first octet to its last
  std::chrono::milliseconds body_stall{60'000};  ///< without any octet of a body
  std::chrono::milliseconds body_grace{60'000};  ///< after it, a body must have come at body_rate
  std::uint64_t body_rate = 1024;                ///< octets a second
  std::size_t writers = 0;                  ///< requests that may change something, at a time; 0: 3/4 of the workers
  std::chrono::milliseconds queue{60'000};  ///< such a request waits so long for its turn; then 503
  std::size_t logins = 0;                   ///< admissions that take effort, at a time; 0: one a processor
  std::size_t waiting_logins = 1000;        ///< so many may wait for their turn; more: 429
  std::size_t requests_per_connection = 0;  ///< then it is closed; 0: no bound
};

/// One line of the access log.
struct AccessRecord {
  std::string id;
  std::string client;
  std::string account;  ///< empty without authentication
  std::string method;   ///< "-" for a request that couldn't be read
  std::string path;
  std::string user_agent;
  int status = 0;
  std::uint64_t octets_in = 0;        ///< of the body
  std::uint64_t octets_out = 0;       ///< of the body
  std::chrono::microseconds time{0};  ///< from the head's last octet to the answer's being ready
  std::string refusal;                ///< why, where it was refused
  bool tls = false;
};

/// A request and its answer, for an account that is being traced. Credentials are removed from the heads.
struct TraceRecord {
  std::string id;
  std::string account;
  std::string request_head;
  std::string request_body;  ///< up to HttpOptions::trace_octets
  std::string response_head;
  std::string response_body;  ///< the same, before a content coding
};

/// What a listener without TLS does with requests that didn't come by HTTPS to a trusted proxy.
enum class Plaintext {
  redirect,  ///< 308 to https, but for ACME challenges and clients in HttpOptions::plaintext_from
  serve,     ///< answers everybody
};

struct HttpOptions {
  HttpLimits limits;
  std::string spool_directory = "/tmp";  ///< where bodies that don't fit in memory go
  std::vector<Cidr> trusted_proxies;     ///< whose Forwarded and X-Forwarded-* fields are believed
  std::vector<Cidr> plaintext_from;      ///< who may speak to the redirecting listener in the clear
  Plaintext plaintext = Plaintext::redirect;
  std::uint16_t https_port = 443;         ///< where redirects lead
  std::string acme_directory;             ///< served below /.well-known/acme-challenge/; empty: not
  std::string strict_transport_security;  ///< e.g. "max-age=31536000"; sent with answers over HTTPS; empty: not
  bool compress = true;
  std::size_t trace_octets = 256 * 1024;

  std::function<void(const AccessRecord&)> access;  ///< called once for each request
  std::function<void(const std::string&)> log;      ///< what went wrong here: a handler that threw, a full disk
  std::function<bool(const dav::Request&)> traced;  ///< whether this (admitted) request is to be traced; empty: none
  std::function<void(const TraceRecord&)> trace;
};

/// HTTP/1.1 on the connections of a Loop: RFC 9112 framing ⇄ dav::Request and dav::Response. One for all HTTP
/// listeners, with TLS or without.
class Http : public Protocol {
 public:
  Http(Handler& handler, HttpOptions options);

  std::unique_ptr<Session> open(const Peer& peer) override;
  void attached(Loop& loop) override;

  /// Used for requests that begin from now on.
  void set_options(HttpOptions options);

  HttpMetrics& metrics() { return metrics_; }

 private:
  friend class HttpSession;
  std::shared_ptr<const HttpOptions> options() const;
  std::string new_id();

  Handler& handler_;
  HttpMetrics metrics_;
  Gate writers_;
  Gate logins_;
  std::atomic<unsigned> workers_{1};
  std::atomic<std::uint64_t> next_request_{1};
  std::string id_prefix_;
  mutable std::mutex mutex_;
  std::shared_ptr<const HttpOptions> options_;  ///< shared: a request keeps those it began with
};

}  // namespace server
