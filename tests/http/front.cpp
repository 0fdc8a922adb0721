#include "tests/http/front.h"

#include <stdexcept>

#include "server/http_writer.h"
#include "storage/spool.h"

namespace http_tests {

namespace {

dav::Response text_response(std::string text) {
  dav::Response response;
  response.headers.add("Content-Type", "text/plain");
  storage::Segment segment;
  segment.bytes = std::move(text);
  response.body.push_back(std::move(segment));
  return response;
}

dav::Response file_response(std::size_t size) {
  storage::Spool spool("/tmp", 0);
  std::string block;
  for (int line = 0; block.size() < 64 * 1024; ++line) block += std::to_string(line) + "\n";
  while (spool.size() < size) spool.append(std::string_view(block).substr(0, size - spool.size()));
  dav::Response response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.body.push_back(spool.take());
  return response;
}

std::size_t number_after(const std::string& path, std::size_t prefix) { return std::stoul(path.substr(prefix)); }

}  // namespace

server::Admission TestHandler::admit(const dav::Request& head, const server::Peer&, server::Effort effort) {
  if (head.path.starts_with("/login")) {
    if (effort == server::Effort::little) return {0, {}, {}, true};
    static_cast<void>(wait());
  }
  ++admitted;
  server::Admission admission;
  admission.max_body = max_body;
  if (head.path == "/throw-early") throw std::runtime_error("a secret");
  if (head.path.starts_with("/private")) {
    if (!head.headers.find("Authorization")) {
      admission.refusal = server::plain_answer(401, "no credentials");
      admission.refusal->headers.add("WWW-Authenticate", "Basic realm=\"test\"");
      return admission;
    }
    admission.principal.emplace();
    admission.principal->name = "ada";
  }
  return admission;
}

dav::Response TestHandler::handle(dav::Request&& request) {
  ++handled;
  const std::string& path = request.path;
  if (path == "/throw") throw std::runtime_error("a secret");
  if (path == "/throw-odd") throw 1;
  if (path == "/wait") return wait();
  if (path == "/origin") return text_response(request.client + " " + request.scheme + " " + request.authority);
  if (path.starts_with("/text/")) return text_response(std::string(number_after(path, 6), 'x'));
  if (path.starts_with("/file/")) return file_response(number_after(path, 6));
  if (path.starts_with("/status/")) {
    dav::Response response = text_response("a body");
    response.status = static_cast<int>(number_after(path, 8));
    return response;
  }
  return text_response(request.method + " " + path + " " + request.body.text());
}

dav::Response TestHandler::wait() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return released_; });
  return text_response("released");
}

void TestHandler::await_waiting(int count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_ >= count; })) {
    throw std::runtime_error("no request arrived");
  }
}

void TestHandler::release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

Front::Setup Front::defaults() {
  Setup setup;
  setup.http.plaintext = server::Plaintext::serve;
  return setup;
}

Front::Front(Setup setup)
    : loop(setup.workers, setup.limits, [this](const std::string& line) {
        const std::lock_guard lock(mutex_);
        log_.push_back(line);
      }) {
  setup.http.access = [this](const server::AccessRecord& record) {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
    changed_.notify_all();
  };
  setup.http.log = [this](const std::string& line) {
    const std::lock_guard lock(mutex_);
    log_.push_back(line);
  };
  http = std::make_shared<server::Http>(handler, setup.http);
  server::Listener listener;
  listener.address = "127.0.0.1";
  listener.protocol = http;
  listener.proxy_protocol_from = setup.proxy_protocol_from;
  plain = loop.listen(listener);
  if (!setup.hosts.empty()) {
    for (const std::string& host : setup.hosts) certificates.push_back(make_certificate(folder, host, host));
    tls = std::make_shared<server::Tls>(server::TlsOptions{certificates, {"http/1.1"}});
    listener.tls = tls;
    secure = loop.listen(listener);
  }
  loop.start();
}

std::vector<server::AccessRecord> Front::records(std::size_t count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return records_.size() >= count; })) {
    throw std::runtime_error("the access log stays short");
  }
  return records_;
}

std::vector<std::string> Front::log() {
  const std::lock_guard lock(mutex_);
  return log_;
}

}  // namespace http_tests
