#include <webp/decode.h>

#include <algorithm>

#include "dav/contacts/image_readers.h"

namespace dav::contacts {

namespace {

/// What libwebp has decoded, given back.
struct Decoding {
  WebPDecoderConfig config{};
  ~Decoding() { WebPFreeDecBuffer(&config.output); }
};

unsigned char on_white(unsigned colour, unsigned alpha) {
  return static_cast<unsigned char>((colour * alpha + 255 * (255 - alpha) + 127) / 255);
}

/// To twice the side wanted at once, which saves memory.
void scale(WebPDecoderConfig& config, int side) {
  const std::int64_t width = config.input.width, height = config.input.height, longest = std::max(width, height);
  const std::int64_t wanted = 2 * static_cast<std::int64_t>(side);
  if (longest <= wanted) return;
  config.options.use_scaling = 1;
  config.options.scaled_width = static_cast<int>(std::max<std::int64_t>(width * wanted / longest, 1));
  config.options.scaled_height = static_cast<int>(std::max<std::int64_t>(height * wanted / longest, 1));
}

}  // namespace

std::optional<Raster> read_webp(std::string_view octets, int side) {
  Decoding decoding;
  WebPDecoderConfig& config = decoding.config;
  const auto* data = reinterpret_cast<const std::uint8_t*>(octets.data());
  if (WebPInitDecoderConfig(&config) == 0) return std::nullopt;
  if (WebPGetFeatures(data, octets.size(), &config.input) != VP8_STATUS_OK) return std::nullopt;
  if (!is_worth_reading(config.input.width, config.input.height, side)) return std::nullopt;
  scale(config, side);
  config.output.colorspace = MODE_RGBA;
  if (WebPDecode(data, octets.size(), &config) != VP8_STATUS_OK) return std::nullopt;
  const auto& rows = config.output.u.RGBA;
  Raster raster{config.output.width, config.output.height, {}};
  raster.pixels.reserve(static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(raster.height) * 3);
  for (int y = 0; y < raster.height; ++y) {
    const std::uint8_t* row = rows.rgba + static_cast<std::ptrdiff_t>(y) * rows.stride;
    for (int x = 0; x < raster.width; ++x, row += 4) {
      for (int colour = 0; colour < 3; ++colour) raster.pixels.push_back(on_white(row[colour], row[3]));
    }
  }
  return raster;
}

}  // namespace dav::contacts
