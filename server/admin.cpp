#include "server/admin.h"

#include "storage/failure.h"

namespace server {

namespace {

dav::Response answer(int status, std::string text, std::string_view type = "text/plain; charset=utf-8") {
  dav::Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(type));
  response.headers.add("Cache-Control", "no-store");
  response.body.push_back({std::move(text), nullptr, 0, 0});
  return response;
}

}  // namespace

Admission AdminHandler::admit(const dav::Request& head, const Peer&, Effort) {
  Admission admission;
  if (head.method != "GET" && head.method != "HEAD") {
    admission.refusal = answer(405, "GET is all there is.\n");
    admission.refusal->headers.add("Allow", "GET, HEAD");
  }
  return admission;
}

dav::Response AdminHandler::readiness() {
  if (!ready_) return answer(503, "shutting down\n");
  try {
    static_cast<void>(store_.read([](storage::Transaction& transaction) { return transaction.epoch(); }));
    return answer(200, "ready\n");
  } catch (const storage::Failure& failure) {
    dav::Response response = answer(503, "the store doesn't answer\n");
    response.refusal = failure.what();
    return response;
  }
}

dav::Response AdminHandler::handle(dav::Request&& request) {
  if (request.path == "/metrics") return answer(200, metrics_(), "text/plain; version=0.0.4; charset=utf-8");
  if (request.path == "/healthz") return answer(200, "alive\n");
  if (request.path == "/readyz") return readiness();
  return answer(404, "/metrics, /healthz and /readyz are all there is.\n");
}

}  // namespace server
