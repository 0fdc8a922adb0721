#include <algorithm>
#include <ctime>
#include <exception>

#include "server/coding.h"
#include "server/http_exchange.h"
#include "server/http_writer.h"

namespace server {

/// Whether another request may follow on this connection.
bool HttpSession::keeps_alive(const Link& link) const {
  const Exchange& now = *exchange_;
  const HttpLimits& limits = now.options->limits;
  if (!now.head.keep_alive || link.draining()) return false;
  if (limits.requests_per_connection > 0 && requests_ >= limits.requests_per_connection) return false;
  if (now.body.state() == BodyReader::State::done) return true;
  // The rest of the body is read and dropped if it isn't too long. A client that waits for "100 Continue" and is
  // refused may send its body or not (RFC 9110 10.1.1): what comes next couldn't be told from it.
  if (now.body.state() == BodyReader::State::refused || (now.head.expect_continue && !now.invited)) return false;
  return now.head.framing == Framing::chunked || now.head.length - now.body_octets <= limits.drain_octets;
}

void HttpSession::answer(dav::Response response, Link& link) {
  Exchange& now = *exchange_;
  remember_response(response);
  if (now.options->compress && is_codable(response)) {
    try {
      code(response);
      // RFC 9110 12.5.5: another Accept-Encoding would have had another answer.
      const auto vary = response.headers.joined("Vary");
      if (!vary || vary->find("Accept-Encoding") == std::string::npos) response.headers.add("Vary", "Accept-Encoding");
    } catch (const std::exception& error) {
      if (now.options->log) now.options->log("request " + now.record.id + ": cannot code the answer: " + error.what());
      response = plain_answer(503, error.what());
    }
  }
  queue(std::move(response), keeps_alive(link), link);
}

/// RFC 9112 6.1: chunks are for those who speak HTTP/1.1.
void HttpSession::code(dav::Response& response) {
  constexpr std::uint64_t worth_streaming = 128 * 1024;
  Exchange& now = *exchange_;
  const Coding coding = choose_coding(now.accept_encoding);
  std::uint64_t size = 0;
  for (const storage::Segment& segment : response.body) size += segment.size();
  if (coding != Coding::identity && size > worth_streaming && !now.head.http_1_0) {
    now.chunks = std::make_unique<CodedChunks>(response, coding);
  } else {
    apply_coding(response, coding, now.options->spool_directory);
  }
}

void HttpSession::queue(dav::Response response, bool keep_alive, Link& link) {
  Exchange& now = *exchange_;
  const std::string_view transport_security =
      now.origin.scheme == "https" ? std::string_view(now.options->strict_transport_security) : std::string_view();
  std::string head =
      write_head(response, {now.head_only, keep_alive, now.head.http_1_0, now.chunks != nullptr, transport_security},
                 std::time(nullptr));
  now.closes = !keep_alive;
  now.record.status = response.status;
  now.record.refusal = response.refusal;
  now.record.octets_in = now.body_octets;
  now.record.time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - now.began);
  trace(head);
  link.send(std::move(head));
  if (!now.head_only && may_have_body(response.status)) {
    for (storage::Segment& segment : response.body) {
      now.record.octets_out += segment.size();
      link.send(std::move(segment));
    }
  }
  if (now.head_only) now.chunks.reset();
  phase_ = Phase::answering;
  if (!keep_alive) link.close_lingering();
}

/// The next of an answer that is coded on its way.
void HttpSession::send_chunks(Link& link) {
  Exchange& now = *exchange_;
  std::string out;
  try {
    const std::string coded = now.chunks->next();
    now.record.octets_out += coded.size();
    append_chunk(out, coded);
    if (now.chunks->done()) {
      out += last_chunk;
      now.chunks.reset();
    }
  } catch (const std::exception& error) {
    // Without its last chunk the client knows that the answer isn't whole.
    if (now.options->log) now.options->log("request " + now.record.id + ": cannot code the answer: " + error.what());
    now.record.refusal = error.what();
    now.chunks.reset();
    now.closes = true;
    return link.close();
  }
  link.send(std::move(out));
}

void HttpSession::sent(Link& link) {
  if (phase_ != Phase::answering) return;
  if (exchange_->chunks) return send_chunks(link);
  record();
  if (exchange_->closes) {
    phase_ = Phase::finished;
    exchange_.reset();
  } else if (exchange_->body.state() == BodyReader::State::done) {
    next(link);
  } else {
    phase_ = Phase::discarding;
    if (exchange_->body_began == Clock::time_point{}) exchange_->body_began = Clock::now();
    set_body_deadline(link);
  }
}

void HttpSession::next(Link& link) {
  const auto idle = exchange_->options->limits.idle;
  exchange_.reset();
  phase_ = Phase::idle;
  link.deadline(Clock::now() + idle);
  if (link.draining()) {
    phase_ = Phase::finished;
    link.close();
  }
}

void HttpSession::record() {
  Exchange& now = *exchange_;
  now.recorded = true;
  http_.metrics().count(now.record.method, now.record.status, now.record.time);
  if (now.options->access) now.options->access(now.record);
}

}  // namespace server
