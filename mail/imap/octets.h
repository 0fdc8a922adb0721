#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime/section.h"
#include "storage/spool.h"

namespace mail::imap {

/// A stored message's octets, looked at no sooner than they are needed.
class Octets {
 public:
  /// `header`: its first octets, if they are at hand; outlives this. `open` gives the whole.
  Octets(std::optional<std::string_view> header, std::function<storage::Segment()> open)
      : header_(header), open_(std::move(open)) {}

  /// What is there of a range, read now.
  std::string read(std::uint64_t begin, std::uint64_t size);
  /// A range as a piece of an answer; a large one is a part of the file.
  storage::Segment piece(const mime::Range& range);

 private:
  const storage::Segment& whole();

  std::optional<std::string_view> header_;
  std::function<storage::Segment()> open_;
  std::optional<storage::Segment> whole_;
};

}  // namespace mail::imap
