#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/http.h"
#include "server/http_forwarded.h"
#include "server/http_reader.h"

namespace server {

/// HTTP/1.1 on one connection: one request at a time, in the order they come.
class HttpSession : public Session {
 public:
  explicit HttpSession(Http& http);
  ~HttpSession() override;

  void opened(Link& link) override;
  std::size_t received(std::string_view bytes, Link& link) override;
  void sent(Link& link) override;
  void ended(Link& link) override;
  void expired(Link& link) override;
  void drain(Link& link) override;
  void woken(Link& link) override;

 private:
  using Clock = std::chrono::steady_clock;

  enum class Phase {
    idle,  ///< between requests
    head,  ///< in the middle of one
    body,
    queued,      ///< it waits for its turn at a gate: to log in, or whole, to write
    answering,   ///< the answer is on its way out
    discarding,  ///< it is out, and the body that it didn't wait for is dropped
    finished,    ///< the connection is closing
  };

  /// What is known of the request being served; apart, because idle connections have none.
  struct Exchange;

  void take_head(std::string_view& bytes, Link& link);
  void begin(Link& link);
  void admit(Link& link);
  void log_in(Link& link);
  Admission ask(const Peer& peer, Effort effort);
  void admitted(Admission admission, Link& link);
  void wait_at(Gate& gate, Link& link);
  void expect_body(Link& link);
  void take_body(std::string_view& bytes, Link& link);
  void discard(std::string_view& bytes, Link& link);
  void set_body_deadline(Link& link);
  void act(Link& link);
  void handle(Link& link);
  void write(Link& link);
  void refuse(int status, std::string reason, Link& link);
  void answer(dav::Response response, Link& link);
  bool keeps_alive(const Link& link) const;
  void code(dav::Response& response);
  void queue(dav::Response response, bool keep_alive, Link& link);
  void send_chunks(Link& link);
  void record();
  void next(Link& link);

  void remember_request();
  void remember_body();
  void remember_response(const dav::Response& response);
  void trace(const std::string& response_head);

  Http& http_;
  Phase phase_ = Phase::idle;
  std::size_t requests_ = 0;
  HeadReader head_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace server
