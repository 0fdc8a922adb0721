#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dav/contacts/image.h"
#include "dav/contacts/image_readers.h"
#include "dav/contacts/jpeg.h"
#include "dav/contacts/photo.h"
#include "dav/content/content_line.h"

namespace {

/// A comment is found in the image that it was put into.
void comment(const std::string& jpeg) {
  const auto split =
      dav::contacts::split_jpeg_comment(dav::contacts::with_jpeg_segment(jpeg, dav::contacts::jpeg_comment("of what")));
  if (!split || split->comment != "of what" || split->jpeg != jpeg) std::abort();
}

/// What comes out is a JPEG within the bounds, whatever went in.
void make_smaller(const std::string& octets, int side) {
  const auto small = dav::contacts::smaller_image(octets, side);
  if (!small) return;
  if (small->size() >= octets.size() || dav::contacts::image_type(*small) != "image/jpeg") std::abort();
  if (!dav::contacts::read_jpeg(*small, 0) || dav::contacts::read_jpeg(*small, side)) std::abort();
  comment(*small);
}

/// Images in a text that isn't to be trusted either.
void replace(const std::string& text) {
  try {
    const auto same = dav::contacts::with_photos(text, [](const dav::contacts::PhotoLine& line) {
      line.read();
      line.crop();
      return std::nullopt;
    });
    if (same != text) std::abort();
    const auto other = dav::contacts::with_photos(text, [](const dav::contacts::PhotoLine& line) {
      return line.read() ? std::optional(dav::contacts::NewPhoto{{"image/png", "new"}, {}}) : std::nullopt;
    });
    dav::content::Document::parse(other, dav::content::Dialect::vcard);
  } catch (const dav::content::Malformed&) {
    return;
  }
}

}  // namespace

// The first octet says how small, the rest is an image, or a card.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  make_smaller(octets, data[0] + 1);
  dav::contacts::split_jpeg_comment(octets);
  replace(octets);
  return 0;
}
