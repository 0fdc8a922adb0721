#include "dav/contacts/image.h"

#include <gif_lib.h>
#include <png.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <ctime>

#include "dav/contacts/jpeg.h"

using namespace dav::contacts;

namespace {

using Colour = std::array<int, 3>;
constexpr Colour red{220, 20, 20}, green{20, 200, 20}, blue{20, 20, 220}, white{255, 255, 255};

/// Red at the left of the top, green at the right of it, blue below.
Raster three_fields(int width, int height) {
  Raster raster{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int octet : y >= height / 2 ? blue : x < width / 2 ? red : green) {
        raster.pixels.push_back(static_cast<unsigned char>(octet));
      }
    }
  }
  return raster;
}

std::string as_png(const Raster& raster, int format = PNG_FORMAT_RGB) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(raster.width);
  image.height = static_cast<png_uint_32>(raster.height);
  image.format = static_cast<png_uint_32>(format);
  std::string out(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = out.size();
  REQUIRE(png_image_write_to_memory(&image, out.data(), &size, 0, raster.pixels.data(), 0, nullptr) != 0);
  out.resize(size);
  return out;
}

std::string as_webp(const Raster& raster, bool lossless) {
  std::uint8_t* data = nullptr;
  const auto size =
      lossless ? WebPEncodeLosslessRGB(raster.pixels.data(), raster.width, raster.height, raster.width * 3, &data)
               : WebPEncodeRGB(raster.pixels.data(), raster.width, raster.height, raster.width * 3, 90, &data);
  std::string out(reinterpret_cast<const char*>(data), size);
  WebPFree(data);
  return out;
}

int append(GifFileType* file, const GifByteType* octets, int count) {
  static_cast<std::string*>(file->UserData)
      ->append(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(count));
  return count;
}

/// The fields in three colours of four; where `see_through`, the blue one is none.
std::string as_gif(int width, int height, bool interlaced, bool see_through) {
  std::string out;
  int error = 0;
  GifFileType* file = EGifOpen(&out, append, &error);
  REQUIRE(file != nullptr);
  std::array<GifColorType, 4> colours{{{220, 20, 20}, {20, 200, 20}, {20, 20, 220}, {0, 0, 0}}};
  ColorMapObject* map = GifMakeMapObject(4, colours.data());
  EGifSetGifVersion(file, true);
  CHECK(EGifPutScreenDesc(file, width, height, 8, 0, map) == GIF_OK);
  if (see_through) {
    const std::array<GifByteType, 4> control{1, 0, 0, 2};
    CHECK(EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, 4, control.data()) == GIF_OK);
  }
  CHECK(EGifPutImageDesc(file, 0, 0, width, height, interlaced, nullptr) == GIF_OK);
  constexpr std::array<std::array<int, 2>, 4> passes{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  std::vector<GifPixelType> row(static_cast<std::size_t>(width));
  for (std::size_t pass = 0; pass < (interlaced ? 4U : 1U); ++pass) {
    for (int y = passes[pass][0]; y < height; y += interlaced ? passes[pass][1] : 1) {
      for (int x = 0; x < width; ++x) {
        row[static_cast<std::size_t>(x)] = y >= height / 2 ? GifPixelType{2}
                                           : x < width / 2 ? GifPixelType{0}
                                                           : GifPixelType{1};
      }
      CHECK(EGifPutLine(file, row.data(), width) == GIF_OK);
    }
  }
  EGifCloseFile(file, nullptr);
  GifFreeMapObject(map);
  return out;
}

/// Octets that are larger than any small image, and mean nothing: where they stand, a decoder has ended.
std::string padded(std::string octets) { return octets.append(4000, '\0'); }

/// The image as it is; empty where it isn't a JPEG.
Raster decoded(const std::string& jpeg) {
  const auto* data = reinterpret_cast<const unsigned char*>(jpeg.data());
  void* decoder = tjInitDecompress();
  Raster raster;
  int sampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder, data, jpeg.size(), &raster.width, &raster.height, &sampling, &colours) == 0) {
    raster.pixels.resize(static_cast<std::size_t>(raster.width) * static_cast<std::size_t>(raster.height) * 3);
    CHECK(tjDecompress2(decoder, data, jpeg.size(), raster.pixels.data(), raster.width, 0, raster.height, TJPF_RGB,
                        0) == 0);
  }
  tjDestroy(decoder);
  return raster;
}

bool is_near(const Raster& raster, double x, double y, const Colour& colour) {
  const auto column = static_cast<std::size_t>(x * raster.width), row = static_cast<std::size_t>(y * raster.height);
  const auto* found = &raster.pixels.at((row * static_cast<std::size_t>(raster.width) + column) * 3);
  return std::equal(colour.begin(), colour.end(), found, [](int a, int b) { return std::abs(a - b) < 24; });
}

std::string size_of(const std::optional<std::string>& image) {
  if (!image) return "none";
  const Raster raster = decoded(*image);
  return std::to_string(raster.width) + "x" + std::to_string(raster.height);
}

std::string four(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

std::string exif(int orientation) {
  std::string content("Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25);
  content += static_cast<char>(orientation);
  content.append(6, '\0');
  return std::string("\xFF\xE1\0", 3) + static_cast<char>(content.size() + 2) + content;
}

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

TEST_CASE("images of every kind are made smaller, with what is to be seen in its place") {
  const Raster fields = three_fields(400, 300);
  const auto [name, octets] = GENERATE_COPY(table<std::string, std::string>({
      {"JPEG", padded(encode_jpeg(fields))},
      {"PNG", padded(as_png(fields))},
      {"WebP", padded(as_webp(fields, false))},
      {"WebP without loss", padded(as_webp(fields, true))},
      {"GIF", padded(as_gif(400, 300, false, false))},
      {"interlaced GIF", padded(as_gif(400, 300, true, false))},
  }));
  CAPTURE(name);
  const auto small = smaller_image(octets, 96);
  REQUIRE(small);
  const Raster raster = decoded(*small);
  CHECK(raster.width == 96);
  CHECK(raster.height == 72);
  CHECK(is_near(raster, 0.2, 0.2, red));
  CHECK(is_near(raster, 0.8, 0.2, green));
  CHECK(is_near(raster, 0.2, 0.8, blue));
  CHECK(is_near(raster, 0.8, 0.8, blue));
}

TEST_CASE("what is transparent becomes white") {
  const auto gif = smaller_image(padded(as_gif(400, 300, false, true)), 96);
  REQUIRE(gif);
  CHECK(is_near(decoded(*gif), 0.2, 0.8, white));
  CHECK(is_near(decoded(*gif), 0.2, 0.2, red));
  Raster clear{200, 200, std::vector<unsigned char>(std::size_t{200} * 200 * 4, 0)};
  const auto png = smaller_image(padded(as_png(clear, PNG_FORMAT_RGBA)), 96);
  REQUIRE(png);
  CHECK(is_near(decoded(*png), 0.5, 0.5, white));
}

TEST_CASE("a side is never longer than asked for, and never nothing") {
  CHECK(size_of(smaller_image(padded(as_png(three_fields(3000, 2))), 100)) == "100x1");
  CHECK(size_of(smaller_image(padded(as_png(three_fields(2, 3000))), 100)) == "1x100");
  CHECK(size_of(smaller_image(padded(encode_jpeg(three_fields(4001, 3001))), 100)) == "100x75");
  CHECK(size_of(smaller_image(padded(encode_jpeg(three_fields(101, 101))), 100)) == "100x100");
  CHECK(size_of(smaller_image(padded(encode_jpeg(three_fields(300, 300))), 1)) == "1x1");
}

TEST_CASE("an image that is small already, or would have more octets, is left alone") {
  CHECK_FALSE(smaller_image(padded(encode_jpeg(three_fields(100, 100))), 100));
  CHECK_FALSE(smaller_image(as_png(three_fields(120, 100)), 100));
}

TEST_CASE("a photograph that says how it is to be turned is turned") {
  // Where the stored image's left top, right top and bottom are seen. Exif 2.3 4.6.4
  struct Row {
    int orientation;
    double red_x, red_y, green_x, green_y;
    std::string size;
  };
  const std::array rows{
      Row{1, 0.2, 0.2, 0.8, 0.2, "96x72"}, Row{2, 0.8, 0.2, 0.2, 0.2, "96x72"}, Row{3, 0.8, 0.8, 0.2, 0.8, "96x72"},
      Row{4, 0.2, 0.8, 0.8, 0.8, "96x72"}, Row{5, 0.2, 0.2, 0.2, 0.8, "72x96"}, Row{6, 0.8, 0.2, 0.8, 0.8, "72x96"},
      Row{7, 0.8, 0.8, 0.8, 0.2, "72x96"}, Row{8, 0.2, 0.8, 0.2, 0.2, "72x96"}, Row{9, 0.2, 0.2, 0.8, 0.2, "96x72"},
  };
  const std::string jpeg = padded(encode_jpeg(three_fields(400, 300)));
  for (const Row& row : rows) {
    CAPTURE(row.orientation);
    const auto small = smaller_image(with_jpeg_segment(jpeg, exif(row.orientation)), 96);
    CHECK(size_of(small) == row.size);
    REQUIRE(small);
    CHECK(is_near(decoded(*small), row.red_x, row.red_y, red));
    CHECK(is_near(decoded(*small), row.green_x, row.green_y, green));
  }
}

TEST_CASE("a small colour profile goes along") {
  const std::string profile =
      std::string("\xFF\xE2\0\x30", 4) + std::string("ICC_PROFILE\0\x01\x01", 14) + std::string(32, 'p');
  const std::string jpeg = padded(encode_jpeg(three_fields(400, 300)));
  const auto small = smaller_image(with_jpeg_segment(jpeg, profile), 96);
  REQUIRE(small);
  CHECK(small->find(profile) != std::string::npos);
  CHECK(size_of(small) == "96x72");
  // Of several parts, none.
  const auto parts = smaller_image(with_jpeg_segment(with_jpeg_segment(jpeg, profile), profile), 96);
  REQUIRE(parts);
  CHECK(parts->find("ICC_PROFILE") == std::string::npos);
}

TEST_CASE("a comment in a JPEG is found again, and taken out") {
  const std::string jpeg = encode_jpeg(three_fields(40, 30));
  const auto split = split_jpeg_comment(with_jpeg_segment(jpeg, jpeg_comment("of what")));
  REQUIRE(split);
  CHECK(split->comment == "of what");
  CHECK(split->jpeg == jpeg);
  CHECK_FALSE(split_jpeg_comment(jpeg));
  CHECK_FALSE(split_jpeg_comment(""));
  CHECK_FALSE(split_jpeg_comment("\xFF\xD8\xFF\xFE\xFF\xFF"));
}

TEST_CASE("what can't be decoded is left alone") {
  CHECK_FALSE(smaller_image("", 96));
  CHECK_FALSE(smaller_image("GIF89a", 96));
  CHECK_FALSE(smaller_image("<svg xmlns='http://www.w3.org/2000/svg'/>", 96));
  const Raster fields = three_fields(400, 300);
  for (const auto& octets : {encode_jpeg(fields), as_png(fields), as_webp(fields, false), as_webp(fields, true),
                             as_gif(400, 300, false, false)}) {
    // However much of it is there.
    for (std::size_t part = 1; part < 16; ++part) {
      CHECK_FALSE(smaller_image(octets.substr(0, octets.size() * part / 16), 16));
    }
  }
}

TEST_CASE("an image of too many pixels is not decoded") {
  const double began = seconds();
  const std::string png = as_png(three_fields(100, 100));
  for (const std::uint32_t side : {5000U, 65535U, 1'000'000U, 0x7FFFFFFFU}) {
    CAPTURE(side);
    std::string large = png;
    large.replace(16, 8, four(side) + four(side));
    CHECK_FALSE(smaller_image(padded(large), 96));
  }
  std::string jpeg = encode_jpeg(three_fields(100, 100));
  const auto frame = jpeg.find("\xFF\xC0");
  REQUIRE(frame != std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");
  CHECK_FALSE(smaller_image(padded(jpeg), 96));
  std::string gif = as_gif(400, 300, false, false);
  const auto picture = gif.find(std::string("\x2C\0\0\0\0", 5));
  REQUIRE(picture != std::string::npos);
  gif.replace(picture + 5, 4, "\xFF\xFF\xFF\xFF");
  CHECK_FALSE(smaller_image(padded(gif), 96));
  CHECK(seconds() - began < 1);
}

TEST_CASE("an image of as many pixels as may be is decoded within bounds") {
  const double began = seconds();
  CHECK(size_of(smaller_image(as_png(three_fields(4096, 4096)), 256)) == "256x256");
  CHECK(size_of(smaller_image(encode_jpeg(three_fields(8192, 8192)), 256)) == "256x256");
  CHECK(seconds() - began < 20);
}

TEST_CASE("a JPEG of many scans is not decoded") {
  std::string jpeg = encode_jpeg(three_fields(400, 300));
  REQUIRE(smaller_image(padded(jpeg), 96));
  for (int i = 0; i < 100; ++i) jpeg.append("\xFF\xDA\x00\x02", 4);
  CHECK(jpeg_facts(jpeg).scans == 101);
  CHECK_FALSE(smaller_image(padded(jpeg), 96));
}
