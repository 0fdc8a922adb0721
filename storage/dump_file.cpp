#include "storage/dump_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/blobs.h"
#include "storage/failure.h"

namespace storage {

namespace {

constexpr std::size_t piece = 256 * 1024;
// No value comes near it: large blobs are files.
constexpr std::uint64_t largest_value = std::uint64_t{1} << 30;

[[noreturn]] void fail(const std::string& path) {
  const int code = errno;
  throw Failure(code == ENOSPC || code == EDQUOT ? Trouble::full : Trouble::unavailable,
                path + ": " + std::strerror(code));
}

int opened(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(path);
  return descriptor;
}

// Least significant octet first.
void append_number(std::string& out, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i) & 0xFFU);
}

/// Reads a file from its beginning to its end.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(opened(path, O_RDONLY)) {}

  bool at_end() {
    fill(1);
    return buffer_.size() == at_;
  }

  std::string_view take(std::size_t count) {
    fill(count);
    if (buffer_.size() - at_ < count) throw Failure(Trouble::corrupt, path_ + " ends too early");
    at_ += count;
    return {buffer_.data() + at_ - count, count};
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::string_view octets = take(8);
    for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<unsigned char>(octets[i]);
    return value;
  }

  DumpValue value() {
    const char form = take(1)[0];
    if (form == 'n') return std::monostate{};
    const std::uint64_t next = number();
    if (form == 'i') return static_cast<std::int64_t>(next);
    if (form != 's' || next > largest_value) throw Failure(Trouble::corrupt, path_ + " is damaged");
    return std::string(take(static_cast<std::size_t>(next)));
  }

 private:
  // Makes sure that `count` octets are in the buffer, if the file has so many left.
  void fill(std::size_t count) {
    if (buffer_.size() - at_ >= count) return;
    buffer_.erase(0, at_);
    at_ = 0;
    std::size_t have = buffer_.size();
    buffer_.resize(std::max(count, piece) + have);
    while (have < count) {
      const std::size_t got = file_.read(buffer_.data() + have, buffer_.size() - have, offset_);
      if (got == 0) break;
      have += got;
      offset_ += got;
    }
    buffer_.resize(have);
  }

  std::string path_;
  File file_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace

DumpWriter::DumpWriter(const std::string& path) : path_(path), file_(opened(path, O_WRONLY | O_CREAT | O_EXCL)) {}

void DumpWriter::row(const DumpRow& row) {
  for (const DumpValue& value : row) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      buffer_ += 'i';
      append_number(buffer_, static_cast<std::uint64_t>(*number));
    } else if (const auto* octets = std::get_if<std::string>(&value)) {
      buffer_ += 's';
      append_number(buffer_, octets->size());
      buffer_ += *octets;
    } else {
      buffer_ += 'n';
    }
  }
  ++rows_;
  if (buffer_.size() >= piece) flush();
}

void DumpWriter::text(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= piece) flush();
}

void DumpWriter::flush() {
  sha256_.add(buffer_);
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_.descriptor(), rest.data(), rest.size());
    if (written < 0 && errno != EINTR) fail(path_);
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

std::string DumpWriter::finish() {
  flush();
  if (::fsync(file_.descriptor()) != 0) fail(path_);
  return to_hex(sha256_.finish());
}

void read_dump(const std::string& path, std::size_t columns, const std::function<void(const DumpRow&)>& each) {
  Reader reader(path);
  DumpRow row(columns);
  while (!reader.at_end()) {
    for (DumpValue& value : row) value = reader.value();
    each(row);
  }
}

std::string file_hash(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return {};
  if (descriptor < 0) fail(path);
  const File file(descriptor);
  Sha256 sha256;
  std::string buffer(piece, '\0');
  std::uint64_t offset = 0;
  while (const std::size_t got = file.read(buffer.data(), buffer.size(), offset)) {
    sha256.add({buffer.data(), got});
    offset += got;
  }
  return to_hex(sha256.finish());
}

void sync_folder(const std::string& path) {
  const File folder(opened(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.descriptor()) != 0) fail(path);
}

}  // namespace storage
