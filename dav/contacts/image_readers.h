#pragma once

#include <optional>
#include <string_view>

#include "dav/contacts/image.h"

namespace dav::contacts {

/// The image, or less of it where it is decoded in a smaller size at once, none of whose sides is then shorter than
/// `side` if it was not before. Nothing where the octets can't be read, and where no side is longer than `side`.
std::optional<Raster> read_jpeg(std::string_view octets, int side);
std::optional<Raster> read_png(std::string_view octets, int side);
std::optional<Raster> read_gif(std::string_view octets, int side);
std::optional<Raster> read_webp(std::string_view octets, int side);

/// Whether an image of that size is worth reading: larger than `side`, and not too large.
bool is_worth_reading(std::int64_t width, std::int64_t height, int side, std::int64_t most = most_pixels);

}  // namespace dav::contacts
