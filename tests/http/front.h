#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http.h"
#include "server/loop.h"
#include "server/tls.h"
#include "tests/http/certificate.h"
#include "tests/http/client.h"

namespace http_tests {

/// Answers by path: /echo (method, path, body), /text/N (N octets of text), /file/N (N octets from a file), /throw,
/// /wait (until released), /login… (is admitted with effort only, and waits there until released), /status/N, /origin
/// (client, scheme, authority), anything else as /echo. /private wants Authorization; the body may have max_body
/// octets.
class TestHandler : public server::Handler {
 public:
  server::Admission admit(const dav::Request& head, const server::Peer& peer, server::Effort effort) override;
  dav::Response handle(dav::Request&& request) override;

  void await_waiting(int count);  ///< until so many requests wait
  void release();                 ///< lets them go on

  std::atomic<std::uint64_t> max_body{1024 * 1024};
  std::atomic<int> handled{0};
  std::atomic<int> admitted{0};

 private:
  dav::Response wait();

  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool released_ = false;
};

/// A front on free ports: plain, and with TLS when asked for.
class Front {
 public:
  struct Setup {
    server::HttpOptions http;
    server::LoopLimits limits;
    std::vector<std::string> hosts;  ///< with TLS, a certificate for each
    std::vector<server::Cidr> proxy_protocol_from;
    unsigned workers = 4;
  };

  Front() : Front(defaults()) {}
  explicit Front(Setup setup);

  /// Plain HTTP that serves.
  static Setup defaults();

  /// Waits until the access log has `count` lines.
  std::vector<server::AccessRecord> records(std::size_t count);
  std::vector<std::string> log();

  Folder folder;
  TestHandler handler;
  std::shared_ptr<server::Tls> tls;
  std::vector<server::CertificateFiles> certificates;
  std::shared_ptr<server::Http> http;
  std::uint16_t plain = 0;
  std::uint16_t secure = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<server::AccessRecord> records_;
  std::vector<std::string> log_;

 public:
  server::Loop loop;  ///< last, so that it ends first
};

/// Polls until `condition` holds; false after 20 seconds. For what has no other way of being awaited.
template <typename Condition>
bool eventually(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace http_tests
