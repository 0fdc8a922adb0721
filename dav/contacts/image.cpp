#include "dav/contacts/image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "dav/contacts/image_readers.h"
#include "dav/contacts/jpeg.h"
#include "dav/contacts/photo.h"

namespace dav::contacts {

namespace {

struct ReaderRow {
  std::string_view media_type;
  std::optional<Raster> (*read)(std::string_view, int);
};

constexpr std::array readers{
    ReaderRow{"image/jpeg", read_jpeg},
    ReaderRow{"image/png", read_png},
    ReaderRow{"image/gif", read_gif},
    ReaderRow{"image/webp", read_webp},
};

const unsigned char* pixel(const Raster& raster, int x, int y) {
  const auto number =
      static_cast<std::size_t>(y) * static_cast<std::size_t>(raster.width) + static_cast<std::size_t>(x);
  return raster.pixels.data() + number * 3;
}

/// Each row cut down to `width` pixels, which are the means of what they stand for, and become columns: twice that is
/// an image cut down in both directions.
Raster narrowed_and_turned(const Raster& from, int width) {
  Raster to{from.height, width, {}};
  to.pixels.resize(static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height) * 3);
  auto* out = to.pixels.data();
  const double scale = static_cast<double>(from.width) / width;
  for (int x = 0; x < width; ++x) {
    const double begin = x * scale, end = std::min<double>((x + 1) * scale, from.width);
    const int first = static_cast<int>(begin), last = std::min(static_cast<int>(std::ceil(end)), from.width);
    for (int y = 0; y < from.height; ++y, out += 3) {
      std::array<double, 3> sums{};
      for (int at = first; at < last; ++at) {
        const double weight = std::min<double>(at + 1, end) - std::max<double>(at, begin);
        for (std::size_t i = 0; i < 3; ++i) sums[i] += weight * pixel(from, at, y)[i];
      }
      for (std::size_t i = 0; i < 3; ++i) {
        out[i] = static_cast<unsigned char>(std::clamp(sums[i] / (end - begin) + 0.5, 0.0, 255.0));
      }
    }
  }
  return to;
}

/// No side longer than `side`, and none gone.
Raster fitted(Raster raster, int side) {
  const int longest = std::max(raster.width, raster.height);
  if (longest <= side) return raster;
  const auto shorter = [&](int length) {
    return std::max(static_cast<int>(static_cast<std::int64_t>(length) * side / longest), 1);
  };
  const int width = shorter(raster.width), height = shorter(raster.height);
  return narrowed_and_turned(narrowed_and_turned(raster, width), height);
}

/// Exif 2.3 4.6.4: where the row and the column 0 of what is stored are to be seen.
Raster upright(Raster from, int orientation) {
  if (orientation == 1) return from;
  const bool turned = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Raster to{turned ? from.height : from.width, turned ? from.width : from.height, {}};
  to.pixels.reserve(from.pixels.size());
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const int column = turned ? y : x, row = turned ? x : y;
      const auto* source = pixel(from, from_right ? from.width - 1 - column : column,  //
                                 from_bottom ? from.height - 1 - row : row);
      to.pixels.insert(to.pixels.end(), source, source + 3);
    }
  }
  return to;
}

}  // namespace

bool is_worth_reading(std::int64_t width, std::int64_t height, int side, std::int64_t most) {
  return width > 0 && height > 0 && std::max(width, height) > side && width <= most / height;
}

std::optional<std::string> smaller_image(std::string_view octets, int side) {
  const auto type = image_type(octets);
  const auto* reader = std::ranges::find(readers, type, &ReaderRow::media_type);
  if (reader == readers.end()) return std::nullopt;
  auto raster = reader->read(octets, side);
  if (!raster) return std::nullopt;
  JpegFacts facts;
  if (type == "image/jpeg") facts = jpeg_facts(octets);
  std::string jpeg = encode_jpeg(upright(fitted(std::move(*raster), side), facts.orientation));
  if (!facts.profile.empty()) jpeg = with_jpeg_segment(jpeg, facts.profile);
  if (jpeg.empty() || jpeg.size() >= octets.size()) return std::nullopt;
  return jpeg;
}

}  // namespace dav::contacts
