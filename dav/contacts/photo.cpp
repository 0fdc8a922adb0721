#include "dav/contacts/photo.h"

#include <array>
#include <utility>

#include "dav/contacts/convert_value.h"
#include "dav/contacts/line.h"
#include "dav/content/encoding.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

struct Signature {
  std::string_view media_type;
  std::size_t at;
  std::string_view octets;
};

constexpr std::array signatures{
    Signature{"image/jpeg", 0, "\xFF\xD8\xFF"}, Signature{"image/png", 0, "\x89PNG\r\n\x1A\n"},
    Signature{"image/gif", 0, "GIF87a"},        Signature{"image/gif", 0, "GIF89a"},
    Signature{"image/webp", 8, "WEBP"},
};

/// What a card says of its image's type anybody may have written there.
std::string_view media_type_of(std::string_view octets) {
  for (const Signature& each : signatures) {
    if (octets.size() > each.at && octets.substr(each.at).starts_with(each.octets)) return each.media_type;
  }
  return "application/octet-stream";
}

// RFC 2397 3
std::optional<Photo> read_data(std::string_view uri) {
  const auto comma = uri.find(',');
  if (comma == std::string_view::npos || !content::equal_ignoring_case(uri.substr(0, 5), "data:")) return std::nullopt;
  const bool base64 = content::contains_ignoring_case(uri.substr(0, comma), ";base64");
  std::string octets = content::decode_percent(uri.substr(comma + 1));
  if (base64) octets = content::decode_base64(octets).value_or("");
  if (octets.empty()) return std::nullopt;
  Photo photo;
  photo.media_type = media_type_of(octets);
  photo.octets = std::move(octets);
  return photo;
}

}  // namespace

std::optional<Photo> photo_of(const Card& card) {
  auto lines = read_lines(card.component(), card.version());
  for (const std::string_view name : {"PHOTO", "LOGO"}) {
    for (Line& line : lines) {
      if (!line.is(name)) continue;
      if (card.version() == Version::v3 || line.find("ENCODING") != nullptr) media_to_v4(line);
      if (auto photo = read_data(line.value)) return photo;
    }
  }
  return std::nullopt;
}

}  // namespace dav::contacts
