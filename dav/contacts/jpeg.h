#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dav::contacts {

/// What the segments of a JPEG say before anything is decoded.
struct JpegFacts {
  int orientation = 1;       ///< of Exif: 1 to 8, 1 for upright
  bool progressive = false;  ///< decoding it needs all of it in memory
  std::size_t scans = 0;     ///< at most so many; each goes over the whole image
  std::string_view profile;  ///< the segment with its colour profile, where that is one, and small; empty otherwise
};

/// Reads the segments, whatever the octets are.
JpegFacts jpeg_facts(std::string_view octets);

/// The JPEG with a segment at its head.
std::string with_jpeg_segment(std::string_view jpeg, std::string_view segment);

/// A segment that holds a comment of up to 1000 octets.
std::string jpeg_comment(std::string_view text);

/// A JPEG and the comment at its head, as with_jpeg_segment(jpeg, jpeg_comment(text)) has put it there.
struct CommentedJpeg {
  std::string comment;
  std::string jpeg;  ///< without it
};
std::optional<CommentedJpeg> split_jpeg_comment(std::string_view octets);

}  // namespace dav::contacts
