#include "server/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace server {

namespace {

std::string file_name(std::string_view account) {
  std::string name = "trace-";
  for (const char c : account) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '@';
    name += plain ? c : '_';
  }
  return name + ".log";
}

bool is_secret(std::string_view field) {
  static constexpr std::array<std::string_view, 4> secrets{"authorization", "proxy-authorization", "cookie",
                                                           "set-cookie"};
  std::string lower(field);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(secrets, lower) != secrets.end();
}

}  // namespace

Trace::Trace(const std::string& directory, std::string account)
    : account_(std::move(account)), path_(directory + "/" + file_name(account_)) {
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), path_);
  file_ = std::make_unique<storage::File>(descriptor);
  if (::fchmod(descriptor, 0600) != 0) throw std::system_error(errno, std::generic_category(), path_);
}

void Trace::write(const TraceRecord& record) {
  std::string text = "==== " + record.id + " " + record.account + "\n";
  text += without_credentials(record.request_head) + record.request_body + "\n---- " + record.id + "\n";
  text += without_credentials(record.response_head) + record.response_body + "\n";
  const std::lock_guard lock(mutex_);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_->descriptor(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // A trace is never worth a request.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string without_credentials(std::string_view head) {
  std::string out;
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    const std::string_view line = head.substr(0, end == std::string_view::npos ? head.size() : end + 1);
    head.remove_prefix(line.size());
    const std::size_t colon = line.find(':');
    if (!first && colon != std::string_view::npos && is_secret(line.substr(0, colon))) {
      out.append(line.substr(0, colon)).append(": (removed)\r\n");
    } else {
      out += line;
    }
    first = false;
  }
  return out;
}

}  // namespace server
