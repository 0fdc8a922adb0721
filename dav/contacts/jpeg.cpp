#include "dav/contacts/jpeg.h"

#include <algorithm>

namespace dav::contacts {

namespace {

constexpr std::size_t largest_profile = 4096;
constexpr char comment_marker = '\xFE', first_frame = '\xC0', last_frame = '\xCF', scan_marker = '\xDA';

std::size_t octet(std::string_view octets, std::size_t at) { return static_cast<unsigned char>(octets[at]); }

/// Of a TIFF file, which says in its head how its numbers are written.
std::size_t number(std::string_view tiff, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  if (at + size > tiff.size()) return 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | octet(tiff, tiff.front() == 'M' ? at + i : at + size - 1 - i);
  }
  return value;
}

/// Exif 2.3 4.6.4: tag 0x0112 of the first directory.
int orientation(std::string_view tiff) {
  if (tiff.size() < 8 || (!tiff.starts_with("II") && !tiff.starts_with("MM"))) return 1;
  const std::size_t directory = number(tiff, 4, 4);
  const std::size_t entries = number(tiff, directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.size()) break;
    if (number(tiff, entry, 2) != 0x0112) continue;
    const auto value = number(tiff, entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// After the segment by which JFIF says that it is one: some programs want that first.
std::size_t head_of(std::string_view jpeg) {
  if (jpeg.size() < 6 || !jpeg.starts_with("\xFF\xD8\xFF\xE0")) return std::min<std::size_t>(jpeg.size(), 2);
  return std::min(jpeg.size(), 4 + (octet(jpeg, 4) << 8 | octet(jpeg, 5)));
}

}  // namespace

JpegFacts jpeg_facts(std::string_view octets) {
  JpegFacts facts;
  std::size_t profiles = 0;
  std::size_t at = 2;
  while (at + 4 <= octets.size() && octets[at] == '\xFF') {
    const char marker = octets[at + 1];
    const std::size_t length = octet(octets, at + 2) << 8 | octet(octets, at + 3);
    if (marker == scan_marker || length < 2 || at + 2 + length > octets.size()) break;
    const auto segment = octets.substr(at, 2 + length), content = segment.substr(4);
    const bool frame = marker >= first_frame && marker <= last_frame;
    if (frame && (marker & 3) == 2) facts.progressive = true;
    constexpr std::string_view exif("Exif\0\0", 6), profile("ICC_PROFILE\0", 12);
    if (marker == '\xE1' && content.starts_with(exif)) facts.orientation = orientation(content.substr(exif.size()));
    if (marker == '\xE2' && content.starts_with(profile)) {
      facts.profile = ++profiles == 1 && segment.size() <= largest_profile ? segment : std::string_view();
    }
    at += segment.size();
  }
  // In the data of a scan the octet FF is followed by 00. What stands before the first one may have an image of its
  // own.
  for (at = octets.find("\xFF\xDA", at); at != std::string_view::npos; at = octets.find("\xFF\xDA", at + 2)) {
    ++facts.scans;
  }
  return facts;
}

std::string with_jpeg_segment(std::string_view jpeg, std::string_view segment) {
  std::string out(jpeg.substr(0, head_of(jpeg)));
  return out.append(segment).append(jpeg.substr(out.size() - segment.size()));
}

std::string jpeg_comment(std::string_view text) {
  text = text.substr(0, 1000);
  const std::size_t length = text.size() + 2;
  std::string segment{'\xFF', comment_marker, static_cast<char>(length >> 8), static_cast<char>(length & 0xFF)};
  return segment.append(text);
}

std::optional<CommentedJpeg> split_jpeg_comment(std::string_view octets) {
  const std::size_t head = head_of(octets);
  const auto rest = octets.substr(head);
  if (rest.size() < 4 || rest[0] != '\xFF' || rest[1] != comment_marker) return std::nullopt;
  const std::size_t length = octet(rest, 2) << 8 | octet(rest, 3);
  if (length < 2 || length + 2 > rest.size()) return std::nullopt;
  CommentedJpeg split{std::string(rest.substr(4, length - 2)), std::string(octets.substr(0, head))};
  split.jpeg.append(rest.substr(length + 2));
  return split;
}

}  // namespace dav::contacts
