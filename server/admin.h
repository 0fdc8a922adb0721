#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "server/http.h"
#include "storage/store.h"

namespace server {

/// What the admin listener answers: GET /metrics, /healthz (the process answers) and /readyz (so does the store, and it
/// isn't shutting down).
class AdminHandler : public Handler {
 public:
  AdminHandler(storage::Store& store, std::function<std::string()> metrics)
      : store_(store), metrics_(std::move(metrics)) {}

  Admission admit(const dav::Request& head, const Peer& peer, Effort effort) override;
  dav::Response handle(dav::Request&& request) override;

  void shutting_down() { ready_ = false; }

 private:
  dav::Response readiness();

  storage::Store& store_;
  std::function<std::string()> metrics_;
  std::atomic<bool> ready_{true};
};

}  // namespace server
