#include "storage/spool.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "storage/failure.h"

namespace storage {

namespace {

[[noreturn]] void fail(const char* what) {
  const int code = errno;
  throw Failure(code == ENOSPC || code == EDQUOT ? Trouble::full : Trouble::unavailable,
                std::string(what) + ": " + std::strerror(code));
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail("cannot write a temporary file");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

File::~File() { ::close(descriptor_); }

std::size_t File::read(char* buffer, std::size_t count, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(descriptor_, buffer + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      fail("cannot read a file");
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Spool::Spool(std::string directory, std::size_t memory_limit)
    : directory_(std::move(directory)), memory_limit_(memory_limit) {}

Spool::Spool(std::string_view bytes, std::string directory) : Spool(std::move(directory)) { append(bytes); }

void Spool::append(std::string_view bytes) {
  if (!file_ && memory_.size() + bytes.size() > memory_limit_) spill();
  if (file_) {
    write_all(file_->descriptor(), bytes);
    file_size_ += bytes.size();
  } else {
    memory_.append(bytes);
  }
}

void Spool::spill() {
  // An unnamed file: gone with its last descriptor, and can still be given a name by linkat.
  const int descriptor = ::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("cannot make a temporary file");
  file_ = std::make_shared<File>(descriptor);
  write_all(descriptor, memory_);
  file_size_ = memory_.size();
  memory_ = {};
}

std::string Spool::text() const {
  if (!file_) return memory_;
  std::string all(file_size_, '\0');
  all.resize(file_->read(all.data(), all.size(), 0));
  return all;
}

Spool Spool::share() const {
  Spool other(directory_, memory_limit_);
  other.memory_ = memory_;
  other.file_ = file_;
  other.file_size_ = file_size_;
  return other;
}

Segment Spool::take() {
  Segment segment;
  if (file_) {
    segment.file = std::move(file_);
    segment.length = file_size_;
  } else {
    segment.bytes = std::move(memory_);
  }
  memory_ = {};
  file_ = nullptr;
  file_size_ = 0;
  return segment;
}

}  // namespace storage
