#include "server/link_gate.h"

#include <functional>

#include "dav/content/encoding.h"
#include "dav/links.h"
#include "server/http_head.h"

namespace server {

namespace {

// The secret itself isn't kept in memory.
std::string key_of(std::string_view path) { return std::to_string(std::hash<std::string_view>()(path)); }

}  // namespace

// Also where it was typed wrong: /LINK/…, //link/…, /%6Cink/….
std::string without_secret(std::string_view path) {
  if (path.starts_with("/dav/")) return std::string(path);
  const std::string plain = dav::content::decode_percent(path);
  std::size_t start = plain.find_first_not_of('/');
  if (start == std::string::npos || plain.size() - start < 5) return std::string(path);
  if (!same_text(std::string_view(plain).substr(start, 4), "link") || plain[start + 4] != '/') return std::string(path);
  return "/link/-";
}

void LinkGate::set_policy(const storage::PasswordPolicy& policy) {
  const std::lock_guard lock(mutex_);
  throttle_.set_policy(policy.failures_before_delay, policy.longest_delay);
}

std::chrono::seconds LinkGate::wait(const dav::Request& request) {
  const std::lock_guard lock(mutex_);
  return throttle_.wait(key_of(request.path), request.client, storage::Throttle::Time::clock::now());
}

void LinkGate::note(std::string_view path, std::string_view client, int status) {
  if (status != 404 && status >= 400) return;
  const std::lock_guard lock(mutex_);
  const auto now = storage::Throttle::Time::clock::now();
  status == 404 ? throttle_.failed(key_of(path), client, now) : throttle_.succeeded(key_of(path), client, now);
}

}  // namespace server
