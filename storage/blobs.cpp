#include "storage/blobs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "storage/failure.h"
#include "storage/sha256.h"

namespace storage {

namespace {

constexpr std::size_t piece_size = 256 * 1024;

[[noreturn]] void fail(const std::string& what) {
  const int code = errno;
  throw Failure(code == ENOSPC || code == EDQUOT ? Trouble::full : Trouble::unavailable,
                what + ": " + std::strerror(code));
}

void for_each_piece(const File& file, const std::function<void(std::string_view)>& each) {
  std::string buffer(piece_size, '\0');
  std::uint64_t offset = 0;
  while (const std::size_t got = file.read(buffer.data(), buffer.size(), offset)) {
    each({buffer.data(), got});
    offset += got;
  }
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail("cannot write a blob");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync(int descriptor) {
  if (::fsync(descriptor) != 0) fail("cannot sync a blob");
}

void sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open " + path);
  const File directory(descriptor);
  sync(descriptor);
}

/// Gives an unnamed file a name; false where the file can't have one (another file system, or named and removed
/// before).
bool link_to(int descriptor, const std::string& path) {
  const std::string source = "/proc/self/fd/" + std::to_string(descriptor);
  if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST)
    return true;
  if (errno == EXDEV || errno == ENOENT || errno == EPERM) return false;
  fail("cannot make " + path);
}

int open_unnamed(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("cannot make a file in " + directory);
  return descriptor;
}

int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string StagedBlob::etag() const { return to_hex(std::string_view(hash).substr(0, 16)); }

std::string etag_of(std::string_view bytes) {
  Sha256 sha256;
  sha256.add(bytes);
  StagedBlob blob;
  blob.hash = sha256.finish();
  return blob.etag();
}

void make_directory(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      // A parent on a read-only disk or of another owner is no trouble as long as it is there.
      struct stat status {};
      if (::stat(part.c_str(), &status) != 0) fail("cannot make the folder " + part);
    }
    if (end == std::string::npos) break;
  }
}

BlobFiles::BlobFiles(std::string directory) : directory_(std::move(directory)) {
  struct stat status {};
  if (::stat(directory_.c_str(), &status) == 0) return;
  make_directory(directory_);
  sync_directory(directory_ + "/..");
}

std::string BlobFiles::folder_of(std::string_view hash) const { return directory_ + "/" + to_hex(hash.substr(0, 1)); }

std::string BlobFiles::path_of(std::string_view hash) const { return folder_of(hash) + "/" + to_hex(hash.substr(1)); }

StagedBlob BlobFiles::stage(Spool content) const {
  StagedBlob blob;
  blob.size = static_cast<std::int64_t>(content.size());
  Sha256 sha256;
  if (content.in_memory()) {
    sha256.add(content.bytes());
  } else {
    for_each_piece(*content.file(), [&](std::string_view piece) { sha256.add(piece); });
  }
  blob.hash = sha256.finish();
  if (blob.size > largest_in_row) {
    blob.file = place(blob.hash, blob.size, content.file(), content.in_memory() ? content.bytes() : std::string_view());
  } else {
    blob.bytes = content.text();
  }
  return blob;
}

std::shared_ptr<const File> BlobFiles::place(std::string_view hash, std::int64_t size,
                                             const std::shared_ptr<const File>& file, std::string_view bytes) const {
  const std::string path = path_of(hash);
  if (::mkdir(folder_of(hash).c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make " + folder_of(hash));
  std::shared_ptr<const File> placed = open(hash);
  struct stat status {};
  if (placed && ::fstat(placed->descriptor(), &status) == 0 && status.st_size == size) {
    // Fresh again, for those who look for files that nobody refers to.
    ::futimens(placed->descriptor(), nullptr);
  } else {
    if (placed) remove(hash);  // what stands there is not what the hash says
    placed = file;
    if (placed) sync(placed->descriptor());
    if (!placed || !link_to(placed->descriptor(), path)) {
      auto copy = std::make_shared<File>(open_unnamed(folder_of(hash)));
      if (file) {
        for_each_piece(*file, [&](std::string_view piece) { write_all(copy->descriptor(), piece); });
      } else {
        write_all(copy->descriptor(), bytes);
      }
      sync(copy->descriptor());
      if (!link_to(copy->descriptor(), path)) fail("cannot make " + path);
      placed = std::move(copy);
    }
  }
  // Also where another has just placed the file, or made the folder: it may not have synced them yet.
  sync_directory(folder_of(hash));
  sync_directory(directory_);
  return placed;
}

std::shared_ptr<const File> BlobFiles::open(std::string_view hash) const {
  const std::string path = path_of(hash);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) return std::make_shared<File>(descriptor);
  if (errno == ENOENT) return nullptr;
  fail("cannot open " + path);
}

void BlobFiles::keep(const StagedBlob& blob) const {
  struct stat status {};
  if (::stat(path_of(blob.hash).c_str(), &status) == 0 && status.st_size == blob.size) return;
  place(blob.hash, blob.size, blob.file, blob.bytes);
}

void BlobFiles::remove(std::string_view hash) const {
  const std::string path = path_of(hash);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove " + path);
}

void BlobFiles::for_each_older(int folder, Timestamp before,
                               const std::function<void(std::string_view, std::int64_t)>& each) const {
  const char name = static_cast<char>(folder);
  const std::string path = directory_ + "/" + to_hex({&name, 1});
  struct Closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };
  const std::unique_ptr<DIR, Closer> directory(::opendir(path.c_str()));
  if (!directory && errno == ENOENT) return;
  if (!directory) fail("cannot read the folder " + path);
  while (const dirent* entry = ::readdir(directory.get())) {
    std::string hash = std::string(1, name) + from_hex(entry->d_name);
    struct stat status {};
    if (hash.size() != Sha256::size || ::stat((path + "/" + entry->d_name).c_str(), &status) != 0) continue;
    if (S_ISREG(status.st_mode) && status.st_mtime < before) each(hash, status.st_size);
  }
}

}  // namespace storage
