#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>

#include "dav/contacts/image_readers.h"

namespace dav::contacts {

namespace {

int read_some(GifFileType* file, GifByteType* buffer, int count) {
  auto& rest = *static_cast<std::string_view*>(file->UserData);
  const auto taken = std::min(rest.size(), static_cast<std::size_t>(std::max(count, 0)));
  std::copy_n(rest.begin(), taken, buffer);
  rest.remove_prefix(taken);
  return static_cast<int>(taken);
}

void close(GifFileType* file) { DGifCloseFile(file, nullptr); }

using File = std::unique_ptr<GifFileType, void (*)(GifFileType*)>;

/// Goes to the first picture; what stands before it may say which colour is none (-1 where no colour is).
bool find_picture(GifFileType* file, int& transparent) {
  constexpr int most_records = 64;
  for (int i = 0; i < most_records; ++i) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(file, &type) == GIF_ERROR) return false;
    if (type == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(file) != GIF_ERROR;
    if (type != EXTENSION_RECORD_TYPE) return false;
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(file, &code, &block) == GIF_ERROR) return false;
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4 &&
        DGifExtensionToGCB(block[0], block + 1, &control) != GIF_ERROR) {
      transparent = control.TransparentColor;
    }
    while (block != nullptr) {
      if (DGifGetExtensionNext(file, &block) == GIF_ERROR) return false;
    }
  }
  return false;
}

/// GIF89a Appendix E: the rows of an interlaced picture come in four passes.
std::vector<int> row_order(int height, bool interlaced) {
  std::vector<int> rows;
  constexpr std::array<std::array<int, 2>, 4> passes{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (std::size_t pass = 0; pass < (interlaced ? passes.size() : 1); ++pass) {
    for (int y = passes[pass][0]; y < height; y += interlaced ? passes[pass][1] : 1) rows.push_back(y);
  }
  return rows;
}

}  // namespace

std::optional<Raster> read_gif(std::string_view octets, int side) {
  int error = 0;
  const File file(DGifOpen(&octets, read_some, &error), close);
  int transparent = -1;
  if (!file || !find_picture(file.get(), transparent)) return std::nullopt;
  const GifImageDesc& picture = file->Image;
  if (!is_worth_reading(picture.Width, picture.Height, side)) return std::nullopt;
  const ColorMapObject* colours = picture.ColorMap != nullptr ? picture.ColorMap : file->SColorMap;
  if (colours == nullptr) return std::nullopt;
  const auto width = static_cast<std::size_t>(picture.Width);
  Raster raster{picture.Width, picture.Height, {}};
  raster.pixels.assign(width * static_cast<std::size_t>(picture.Height) * 3, 255);
  std::vector<GifPixelType> row(width);
  for (const int y : row_order(picture.Height, picture.Interlace)) {
    if (DGifGetLine(file.get(), row.data(), picture.Width) == GIF_ERROR) return std::nullopt;
    auto* out = raster.pixels.data() + static_cast<std::size_t>(y) * width * 3;
    for (const GifPixelType index : row) {
      if (index != transparent && index < colours->ColorCount) {
        const GifColorType& colour = colours->Colors[index];
        std::copy_n(std::array{colour.Red, colour.Green, colour.Blue}.begin(), 3, out);
      }
      out += 3;
    }
  }
  return raster;
}

}  // namespace dav::contacts
