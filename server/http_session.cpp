#include "server/http_session.h"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <thread>

#include "server/http_exchange.h"
#include "server/http_plaintext.h"
#include "server/http_writer.h"
#include "server/link_gate.h"
#include "server/turns.h"
#include "storage/failure.h"

namespace server {

namespace {

/// RFC 9110 9.2.1, RFC 4918 9.1, RFC 3253 3.6, RFC 5323 2: the safe methods.
bool only_reads(std::string_view method) {
  constexpr std::array<std::string_view, 7> safe{"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH", "TRACE"};
  return std::ranges::find(safe, method) != safe.end();
}

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

HttpSession::Exchange::Exchange(Http& http, const Peer& peer)
    : options(http.options()), connection(peer.id), body(Framing::none, 0, 0), began(Clock::now()) {
  record.id = http.new_id();
  record.client = peer.text;
  record.tls = peer.tls;
}

HttpSession::HttpSession(Http& http) : http_(http) {}

HttpSession::~HttpSession() {
  if (phase_ == Phase::queued) exchange_->gate->cancel(exchange_->connection);
  if (!exchange_ || exchange_->recorded) return;
  if (exchange_->record.refusal.empty()) exchange_->record.refusal = "the connection was lost";
  record();
}

void HttpSession::opened(Link& link) { link.deadline(Clock::now() + http_.options()->limits.head); }

std::size_t HttpSession::received(std::string_view bytes, Link& link) {
  const std::size_t size = bytes.size();
  while (!bytes.empty()) {
    switch (phase_) {
      case Phase::idle:
      case Phase::head:
        take_head(bytes, link);
        break;
      case Phase::body:
        take_body(bytes, link);
        break;
      case Phase::discarding:
        discard(bytes, link);
        break;
      case Phase::queued:
      case Phase::answering:
        return size - bytes.size();
      case Phase::finished:
        return size;
    }
  }
  return size;
}

void HttpSession::take_head(std::string_view& bytes, Link& link) {
  const auto options = http_.options();
  const HttpLimits& limits = options->limits;
  const auto state = head_.feed(bytes, {limits.target_octets, limits.head_octets, limits.head_fields});
  if (state == HeadReader::State::waiting) return;
  if (phase_ == Phase::idle && state == HeadReader::State::partial) {
    phase_ = Phase::head;
    link.deadline(Clock::now() + limits.head);
  }
  if (state == HeadReader::State::partial) return;
  exchange_ = std::make_unique<Exchange>(http_, link.peer());
  ++requests_;
  if (state == HeadReader::State::refused) {
    http_.metrics().refused_framing.fetch_add(1, std::memory_order_relaxed);
    const FramingRefusal refusal = head_.refusal();
    bytes = {};
    return refuse(refusal.status, refusal.reason, link);
  }
  exchange_->head = std::move(head_.head());
  begin(link);
  head_.reset();
}

/// A head is here: says who asks and whether the body is wanted, before any of it is read.
void HttpSession::begin(Link& link) {
  Exchange& now = *exchange_;
  dav::Request& request = now.head.request;
  now.origin = origin_of(request, link.peer(), now.options->trusted_proxies);
  request.client = now.origin.client;
  request.scheme = now.origin.scheme;
  request.authority = now.origin.authority;
  request.id = now.record.id;
  now.record.client = request.client;
  now.record.method = request.method;
  now.record.path = without_secret(request.path);
  now.record.user_agent = request.headers.find("User-Agent").value_or("");
  now.record.tls = request.scheme == "https";
  now.accept_encoding = request.headers.joined("Accept-Encoding").value_or("");
  now.head_only = request.method == "HEAD";
  now.body = BodyReader(now.head.framing, now.head.length, now.options->limits.trailer_octets);
  if (auto response = plaintext_answer(request, link.peer(), now.origin, *now.options)) {
    return answer(std::move(*response), link);
  }
  admit(link);
}

/// Who asks, and is the body wanted? To find out what takes effort, the session waits for its turn, without a worker.
void HttpSession::admit(Link& link) {
  Exchange& now = *exchange_;
  // RFC 9110 10.1.1.
  if (now.head.unknown_expectation) return answer(plain_answer(417, "an unknown expectation"), link);
  Admission admission = ask(link.peer(), Effort::little);
  if (!admission.takes_effort) return admitted(std::move(admission), link);
  const HttpLimits& limits = now.options->limits;
  // A worker at the least is left for the others, where there are two.
  const std::size_t spare = std::max<std::size_t>(1, http_.workers_ / 2);
  const std::size_t most = limits.logins > 0 ? limits.logins : std::min<std::size_t>(processors(), spare);
  switch (http_.logins_.enter(now.connection, most, limits.waiting_logins)) {
    case Gate::Entry::inside:
      return log_in(link);
    case Gate::Entry::queued:
      return wait_at(http_.logins_, link);
    case Gate::Entry::full:
      dav::Response response = plain_answer(429, "too many logins at once");
      response.headers.add("Retry-After", "5");  // RFC 6585 4
      return answer(std::move(response), link);
  }
}

void HttpSession::log_in(Link& link) {
  Admission admission = ask(link.peer(), Effort::any);
  http_.logins_.leave();
  admitted(std::move(admission), link);
}

Admission HttpSession::ask(const Peer& peer, Effort effort) {
  Exchange& now = *exchange_;
  const dav::Request& request = now.head.request;
  Admission admission;
  try {
    admission = http_.handler_.admit(request, peer, effort);
    if (admission.takes_effort || admission.refusal) return admission;
    if (now.head.framing == Framing::length && now.head.length > admission.max_body) {
      admission.refusal = http_.handler_.too_large(request);
    }
  } catch (const std::exception& error) {
    if (now.options->log) now.options->log("request " + request.id + ": admission failed: " + error.what());
    admission.refusal = plain_answer(500, error.what());
  } catch (...) {
    admission.refusal = plain_answer(500, "admission failed");
  }
  return admission;
}

void HttpSession::admitted(Admission admission, Link& link) {
  Exchange& now = *exchange_;
  if (admission.principal) {
    now.record.account = admission.principal->name;
    now.head.request.principal = std::move(admission.principal);
  }
  now.max_body = admission.max_body;
  if (admission.refusal) return answer(std::move(*admission.refusal), link);
  // RFC 9110 12.5.3: what is accepted instead is said.
  const auto coding = now.head.request.headers.joined("Content-Encoding");
  if (coding && !coding->empty() && !same_text(*coding, "identity") && now.head.framing != Framing::none) {
    dav::Response response = plain_answer(415, "a content coding of the body");
    response.headers.add("Accept-Encoding", "identity");
    return answer(std::move(response), link);
  }
  remember_request();
  if (now.head.framing == Framing::none) return act(link);
  expect_body(link);
}

void HttpSession::wait_at(Gate& gate, Link& link) {
  phase_ = Phase::queued;
  exchange_->gate = &gate;
  link.deadline(Clock::now() + exchange_->options->limits.queue);
  link.pause();
}

void HttpSession::expect_body(Link& link) {
  Exchange& now = *exchange_;
  now.head.request.body = storage::Spool(now.options->spool_directory);
  now.body_began = Clock::now();
  now.invited = true;
  phase_ = Phase::body;
  set_body_deadline(link);
  if (now.head.expect_continue) link.send("HTTP/1.1 100 Continue\r\n\r\n");
}

void HttpSession::set_body_deadline(Link& link) {
  const Exchange& now = *exchange_;
  const HttpLimits& limits = now.options->limits;
  const std::uint64_t octets = now.body_octets + now.discarded;
  const auto earned = std::chrono::milliseconds(octets * 1000 / std::max<std::uint64_t>(limits.body_rate, 1));
  link.deadline(std::min(Clock::now() + limits.body_stall, now.body_began + limits.body_grace + earned));
}

void HttpSession::take_body(std::string_view& bytes, Link& link) {
  Exchange& now = *exchange_;
  try {
    while (!bytes.empty() && now.body.state() == BodyReader::State::more) {
      const std::string_view piece = now.body.next(bytes);
      now.body_octets += piece.size();
      if (now.body_octets > now.max_body) return answer(http_.handler_.too_large(now.head.request), link);
      if (!piece.empty()) now.head.request.body.append(piece);
    }
  } catch (const storage::Failure& failure) {
    if (now.options->log) now.options->log("request " + now.record.id + ": cannot take the body: " + failure.what());
    const int status = failure.trouble() == storage::Trouble::full ? 507 : 503;
    return answer(plain_answer(status, failure.what()), link);
  }
  if (now.body.state() == BodyReader::State::refused) {
    http_.metrics().refused_framing.fetch_add(1, std::memory_order_relaxed);
    bytes = {};
    return refuse(400, now.body.reason(), link);
  }
  if (now.body.state() == BodyReader::State::done) return act(link);
  set_body_deadline(link);
}

/// Drops what an answer didn't wait for, so that it isn't taken for the next request.
void HttpSession::discard(std::string_view& bytes, Link& link) {
  Exchange& now = *exchange_;
  const std::size_t before = bytes.size();
  while (!bytes.empty() && now.body.state() == BodyReader::State::more) now.body.next(bytes);
  now.discarded += before - bytes.size();
  if (now.body.state() == BodyReader::State::refused || now.discarded > now.options->limits.drain_octets) {
    bytes = {};
    phase_ = Phase::finished;
    exchange_.reset();
    return link.close_lingering();
  }
  if (now.body.state() == BodyReader::State::done) return next(link);
  set_body_deadline(link);
}

/// The request is whole. One that may wait for a commit waits for its turn first, without a worker.
void HttpSession::act(Link& link) {
  Exchange& now = *exchange_;
  if (only_reads(now.head.request.method)) return handle(link);
  const HttpLimits& limits = now.options->limits;
  const std::size_t most = limits.writers > 0 ? limits.writers : std::max<std::size_t>(1, http_.workers_ * 3UL / 4);
  const auto all = std::numeric_limits<std::size_t>::max();
  if (http_.writers_.enter(now.connection, most, all) != Gate::Entry::inside) return wait_at(http_.writers_, link);
  write(link);
}

/// What waits for a commit anyway lets those go first who only read.
void HttpSession::write(Link& link) {
  const UsualTurns turns;
  handle(link);
  http_.writers_.leave();
}

void HttpSession::woken(Link& link) {
  if (phase_ != Phase::queued) return;
  Gate& gate = *exchange_->gate;
  if (!gate.claim(exchange_->connection)) return link.pause();
  if (&gate == &http_.logins_) return log_in(link);
  write(link);
}

void HttpSession::handle(Link& link) {
  Exchange& now = *exchange_;
  now.record.octets_in = now.body_octets;
  remember_body();
  dav::Response response;
  try {
    response = http_.handler_.handle(std::move(now.head.request));
  } catch (const std::exception& error) {
    if (now.options->log) now.options->log("request " + now.record.id + ": the handler failed: " + error.what());
    response = plain_answer(500, error.what());
  } catch (...) {
    if (now.options->log) now.options->log("request " + now.record.id + ": the handler failed");
    response = plain_answer(500, "the handler failed");
  }
  answer(std::move(response), link);
}

/// A request that can't be read is answered, and the connection with it.
void HttpSession::refuse(int status, std::string reason, Link& link) {
  exchange_->head.keep_alive = false;
  if (exchange_->record.method.empty()) exchange_->record.method = "-";
  answer(plain_answer(status, std::move(reason)), link);
}

void HttpSession::ended(Link& link) {
  phase_ = Phase::finished;
  link.close();
}

void HttpSession::expired(Link& link) {
  HttpMetrics& metrics = http_.metrics();
  if (phase_ == Phase::head) {
    metrics.head_timeouts.fetch_add(1, std::memory_order_relaxed);
    exchange_ = std::make_unique<Exchange>(http_, link.peer());
    head_.reset();
    return refuse(408, "the head came too slowly", link);
  }
  if (phase_ == Phase::body) {
    metrics.body_timeouts.fetch_add(1, std::memory_order_relaxed);
    return refuse(408, "the body came too slowly", link);
  }
  if (phase_ == Phase::queued) {
    exchange_->gate->cancel(exchange_->connection);
    return answer(
        plain_answer(503, exchange_->gate == &http_.logins_ ? "no turn to log in came" : "no turn to write came"),
        link);
  }
  metrics.idle_timeouts.fetch_add(1, std::memory_order_relaxed);
  phase_ = Phase::finished;
  exchange_.reset();
  link.close();
}

void HttpSession::drain(Link& link) {
  // A request under way is finished; its answer says that it is the last one.
  if (phase_ != Phase::idle) return;
  phase_ = Phase::finished;
  link.close();
}

}  // namespace server
