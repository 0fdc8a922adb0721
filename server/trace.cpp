#include "server/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
  text += record.request_head + record.request_body + "\n---- " + record.id + "\n";
  text += record.response_head + record.response_body + "\n";
  const std::lock_guard lock(mutex_);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_->descriptor(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // A trace is never worth a request.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace server
