#include <png.h>

#include "dav/contacts/image_readers.h"

namespace dav::contacts {

namespace {

/// What libpng holds, given back.
struct Reading {
  png_image image{};
  ~Reading() { png_image_free(&image); }
};

}  // namespace

std::optional<Raster> read_png(std::string_view octets, int side) {
  Reading reading;
  png_image& image = reading.image;
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, octets.data(), octets.size()) == 0) return std::nullopt;
  if (!is_worth_reading(image.width, image.height, side)) return std::nullopt;
  image.format = PNG_FORMAT_RGB;
  Raster raster{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  raster.pixels.resize(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, raster.pixels.data(), 0, nullptr) == 0) return std::nullopt;
  return raster;
}

}  // namespace dav::contacts
