// The HTTP front alone, with a handler that does nothing, for load generators: what the front costs, apart from the
// store. Usage: http_front PLAIN-PORT TLS-PORT CHAIN KEY [WORKERS]; runs until it is interrupted.

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "server/http.h"
#include "server/loop.h"
#include "server/tls.h"

namespace {

class Trivial : public server::Handler {
 public:
  server::Admission admit(const dav::Request&, const server::Peer&, server::Effort) override {
    server::Admission admission;
    admission.max_body = 1u << 30;
    return admission;
  }

  dav::Response handle(dav::Request&& request) override {
    dav::Response response;
    response.headers.add("Content-Type", "application/octet-stream");
    storage::Segment segment;
    segment.bytes = "path: " + request.path + "\n";
    response.body.push_back(std::move(segment));
    return response;
  }
};

std::uint16_t port(const char* text) { return static_cast<std::uint16_t>(std::atoi(text)); }

void report(const server::Loop& loop) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("open %llu, accepted %llu, user %ld.%06ld s, system %ld.%06ld s, peak %ld KiB\n",
              static_cast<unsigned long long>(loop.metrics().open.load()),
              static_cast<unsigned long long>(loop.metrics().accepted.load()), usage.ru_utime.tv_sec,
              usage.ru_utime.tv_usec, usage.ru_stime.tv_sec, usage.ru_stime.tv_usec, usage.ru_maxrss);
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, one);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  Trivial handler;
  server::HttpOptions options;
  options.plaintext = server::Plaintext::serve;
  server::LoopLimits limits;
  limits.connections_per_address = 100'000;
  server::Loop loop(count > 5 ? static_cast<unsigned>(std::atoi(words[5])) : 16, limits);
  const auto http = std::make_shared<server::Http>(handler, options);
  server::Listener plain;
  plain.address = "127.0.0.1";
  plain.port = port(words[1]);
  plain.protocol = http;
  server::Listener secure = plain;
  secure.port = port(words[2]);
  secure.tls = std::make_shared<server::Tls>(server::TlsOptions{{{words[3], words[4]}}, {"http/1.1"}});
  loop.listen(plain);
  loop.listen(secure);
  loop.start();
  std::printf("ready\n");
  std::fflush(stdout);
  for (int signal = 0; ::sigwait(&signals, &signal) == 0;) {
    report(loop);
    std::fflush(stdout);
    if (signal != SIGUSR1) break;
  }
  loop.drain(std::chrono::seconds(1));
  return 0;
}
