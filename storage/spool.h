#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

/// An open file, closed with its last owner. Shared, because an answer being sent and the blob it comes from may
/// outlive each other.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const { return descriptor_; }

  /// Reads up to `count` octets at `offset` into `buffer`; returns how many were there. Throws Failure on an I/O error.
  std::size_t read(char* buffer, std::size_t count, std::uint64_t offset) const;

 private:
  int descriptor_;
};

/// A piece of a body: octets in memory, or a range of an open file.
struct Segment {
  std::string bytes;
  std::shared_ptr<const File> file;  ///< when set, `bytes` is empty and the piece is file[offset, offset + length)
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  std::uint64_t size() const { return file ? length : bytes.size(); }
};

/// Octets that grow: held in memory up to `memory_limit`, then in an unlinked temporary file. This is what an upload
/// is received into and a large answer is written into, so that neither is ever held whole in memory.
class Spool {
 public:
  static constexpr std::size_t default_memory_limit = 256 * 1024;

  /// `directory` is where the temporary file is made once one is needed; it should be on the file system of the
  /// store's blobs, so that a large upload becomes a blob without being copied.
  explicit Spool(std::string directory = "/tmp", std::size_t memory_limit = default_memory_limit);
  explicit Spool(std::string_view bytes, std::string directory = "/tmp");
  Spool(Spool&&) noexcept = default;
  Spool& operator=(Spool&&) noexcept = default;

  /// Appends `bytes`. Throws Failure{full} when the disk is full.
  void append(std::string_view bytes);

  std::uint64_t size() const { return file_ ? file_size_ : memory_.size(); }
  bool empty() const { return size() == 0; }
  bool in_memory() const { return file_ == nullptr; }

  /// The octets, where they are in memory; precondition: in_memory().
  std::string_view bytes() const { return memory_; }

  /// The octets, wherever they are, as one string. For bodies whose size has been limited.
  std::string text() const;

  /// The temporary file; null while in memory.
  const std::shared_ptr<File>& file() const { return file_; }

  /// The same octets once more, for one who gives them away; neither may be appended to from then on.
  Spool share() const;

  /// Gives the octets away as a piece of a body.
  Segment take();

 private:
  void spill();

  std::string directory_;
  std::size_t memory_limit_;
  std::string memory_;
  std::shared_ptr<File> file_;
  std::uint64_t file_size_ = 0;
};

}  // namespace storage
