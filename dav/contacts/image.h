#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dav::contacts {

/// An image as rows of red, green and blue octets, from the top.
struct Raster {
  int width = 0;
  int height = 0;
  std::vector<unsigned char> pixels;
};

/// An image of more pixels than this is not decoded: it would cost too much memory. A JPEG whose rows can be decoded
/// one after the other may have so many more, since it is decoded to an eighth of its size or more.
inline constexpr std::int64_t most_pixels = std::int64_t{16} << 20;
inline constexpr std::int64_t most_pixels_by_rows = std::int64_t{64} << 20;

/// The image as a JPEG of which no side is longer than `side`, upright, on white where it is transparent, the first
/// picture where it moves; `side` is from 1 to 4096. Nothing where it is no JPEG, PNG, GIF or WebP, or one that is
/// broken or too large; where it is so small already; and where the result would have no fewer octets. Takes a second
/// and 150 MB at most, whatever the octets.
std::optional<std::string> smaller_image(std::string_view octets, int side);

/// An image as a JPEG, as smaller_image makes it; empty where that can't be.
std::string encode_jpeg(const Raster& raster);

}  // namespace dav::contacts
