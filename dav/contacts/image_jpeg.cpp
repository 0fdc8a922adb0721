#include <turbojpeg.h>

#include <algorithm>
#include <memory>
#include <span>

#include "dav/contacts/image_readers.h"
#include "dav/contacts/jpeg.h"

namespace dav::contacts {

namespace {

using Handle = std::unique_ptr<void, int (*)(tjhandle)>;

// Each scan of a progressive image costs as much as the whole; cameras and programs write about ten.
constexpr std::size_t most_scans = 32;

struct Size {
  int width = 0;
  int height = 0;
};

/// The smallest size to decode to, from an eighth of the image's on, that is twice as large as what is wanted.
Size decoded_size(const Size& full, int side) {
  int count = 0;
  const auto* factors = tjGetScalingFactors(&count);
  Size best = full;
  for (const auto& factor : std::span(factors, static_cast<std::size_t>(std::max(count, 0)))) {
    const Size size{TJSCALED(full.width, factor), TJSCALED(full.height, factor)};
    const int longest = std::max(size.width, size.height);
    if (longest >= 2 * side && longest < std::max(best.width, best.height)) best = size;
  }
  return best;
}

}  // namespace

std::optional<Raster> read_jpeg(std::string_view octets, int side) {
  const Handle handle(tjInitDecompress(), tjDestroy);
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  Size full;
  int sampling = 0, colours = 0;
  if (!handle ||
      tjDecompressHeader3(handle.get(), data, octets.size(), &full.width, &full.height, &sampling, &colours) != 0) {
    return std::nullopt;
  }
  const JpegFacts facts = jpeg_facts(octets);
  const bool by_rows = !facts.progressive && facts.scans == 1;
  if (!is_worth_reading(full.width, full.height, side, by_rows ? most_pixels_by_rows : most_pixels)) {
    return std::nullopt;
  }
  if (colours == TJCS_CMYK || colours == TJCS_YCCK || facts.scans > most_scans) return std::nullopt;
  const Size size = decoded_size(full, side);
  if (!is_worth_reading(size.width, size.height, 0)) return std::nullopt;
  Raster raster{size.width, size.height, {}};
  raster.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle.get(), data, octets.size(), raster.pixels.data(), size.width, 0, size.height, TJPF_RGB,
                    flags) != 0) {
    return std::nullopt;
  }
  return raster;
}

std::string encode_jpeg(const Raster& raster) {
  constexpr int quality = 85;
  const Handle handle(tjInitCompress(), tjDestroy);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  const bool done = handle && tjCompress2(handle.get(), raster.pixels.data(), raster.width, 0, raster.height, TJPF_RGB,
                                          &data, &size, TJSAMP_420, quality, 0) == 0;
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, tjFree);
  return done ? std::string(reinterpret_cast<const char*>(data), size) : std::string();
}

}  // namespace dav::contacts
