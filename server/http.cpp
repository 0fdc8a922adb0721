#include "server/http.h"

#include <array>
#include <cstdio>
#include <random>

#include "server/http_session.h"
#include "server/http_writer.h"

namespace server {

namespace {

/// Random, so that ids of two runs or two nodes don't meet in one log.
std::string random_prefix() {
  std::random_device random;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x-", static_cast<unsigned>(random()));
  return text.data();
}

}  // namespace

dav::Response Handler::too_large(const dav::Request&) { return plain_answer(413, "the body is too large"); }

Http::Http(Handler& handler, HttpOptions options)
    : handler_(handler),
      id_prefix_(random_prefix()),
      options_(std::make_shared<const HttpOptions>(std::move(options))) {}

std::unique_ptr<Session> Http::open(const Peer&) { return std::make_unique<HttpSession>(*this); }

void Http::attached(Loop& loop) {
  workers_ = loop.workers();
  for (Gate* gate : {&writers_, &logins_}) {
    gate->set_wake([&loop](std::uint64_t connection) { loop.wake(connection); });
  }
}

void Http::set_options(HttpOptions options) {
  auto fresh = std::make_shared<const HttpOptions>(std::move(options));
  const std::lock_guard lock(mutex_);
  options_ = std::move(fresh);
}

std::shared_ptr<const HttpOptions> Http::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

std::string Http::new_id() {
  return id_prefix_ + std::to_string(next_request_.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace server
