#pragma once

#include <string>

#include "storage/spool.h"

namespace dav {

/// Text of any length on its way into a spool, piece by piece.
class SpooledText {
 public:
  /// `directory` is where a long text's temporary file is made: Store::spool_directory().
  explicit SpooledText(const std::string& directory) : spool_(directory) {}

  /// Where to append. What has been appended by then may be let go of.
  std::string& out() {
    constexpr std::size_t piece = std::size_t{64} << 10;
    if (buffer_.size() > piece) flush();
    return buffer_;
  }

  /// Gives the text away as a piece of a body.
  storage::Segment finish() {
    flush();
    return spool_.take();
  }

 private:
  void flush() {
    spool_.append(buffer_);
    buffer_.clear();
  }

  storage::Spool spool_;
  std::string buffer_;
};

}  // namespace dav
