#include "mail/imap/octets.h"

#include <algorithm>

namespace mail::imap {

const storage::Segment& Octets::whole() {
  if (!whole_) whole_ = open_();
  return *whole_;
}

std::string Octets::read(std::uint64_t begin, std::uint64_t size) {
  storage::Segment found = piece({begin, begin + size});
  if (!found.file) return std::move(found.bytes);
  std::string octets(static_cast<std::size_t>(found.length), '\0');
  std::size_t there = 0;
  while (there < octets.size()) {
    const std::size_t got = found.file->read(octets.data() + there, octets.size() - there, found.offset + there);
    if (got == 0) break;
    there += got;
  }
  octets.resize(there);
  return octets;
}

storage::Segment Octets::piece(const mime::Range& range) {
  storage::Segment found;
  if (range.end <= range.begin) return found;
  if (header_ && range.end <= header_->size()) {
    found.bytes = header_->substr(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.size()));
    return found;
  }
  const storage::Segment& all = whole();
  const std::uint64_t begin = std::min(range.begin, all.size());
  const std::uint64_t end = std::min(range.end, all.size());
  if (!all.file) {
    found.bytes = all.bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return found;
  }
  found.file = all.file;
  found.offset = all.offset + begin;
  found.length = end - begin;
  return found;
}

}  // namespace mail::imap
