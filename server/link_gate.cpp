#include "server/link_gate.h"

#include <functional>

#include "dav/links.h"
#include "server/http_head.h"

namespace server {

namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? digit(path[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit(path[i + 2]);
    if (low < 0) {
      text += path[i];
      continue;
    }
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

// The secret itself isn't kept in memory.
std::string key_of(std::string_view path) { return std::to_string(std::hash<std::string_view>()(path)); }

}  // namespace

// Also where it was typed wrong: /LINK/…, //link/…, /%6Cink/….
std::string without_secret(std::string_view path) {
  if (path.starts_with("/dav/")) return std::string(path);
  const std::string plain = decoded(path);
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
