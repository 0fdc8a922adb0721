#include "dav/contacts/photo.h"

#include <algorithm>
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

// RFC 2397 3
std::optional<Photo> read_data(std::string_view uri) {
  const auto comma = uri.find(',');
  if (comma == std::string_view::npos || !content::equal_ignoring_case(uri.substr(0, 5), "data:")) return std::nullopt;
  const bool base64 = content::contains_ignoring_case(uri.substr(0, comma), ";base64");
  std::string octets = content::decode_percent(uri.substr(comma + 1));
  if (base64) octets = content::decode_base64(octets).value_or("");
  if (octets.empty()) return std::nullopt;
  Photo photo;
  photo.media_type = image_type(octets);
  photo.octets = std::move(octets);
  return photo;
}

constexpr std::string_view crop_parameter = "X-ABCROP-RECTANGLE";

std::optional<Photo> read_photo(Line line, Version version) {
  if (version == Version::v3 || line.find("ENCODING") != nullptr) media_to_v4(line);
  return read_data(line.value);
}

/// The line with that image, written as the line is.
void set_photo(Line& line, const NewPhoto& replacement) {
  const bool as_v3 = line.find("ENCODING") != nullptr;
  line.value.clear();
  if (as_v3) media_to_v4(line);
  line.value = "data:" + replacement.photo.media_type + ";base64," + content::encode_base64(replacement.photo.octets);
  if (as_v3) media_to_v3(line);
  if (line.find("MEDIATYPE") != nullptr) line.set("MEDIATYPE", replacement.photo.media_type);
  line.remove(crop_parameter);
  if (!replacement.crop.empty()) line.set(crop_parameter, replacement.crop);
}

}  // namespace

// What a card says of its image's type anybody may have written there.
std::string_view image_type(std::string_view octets) {
  for (const Signature& each : signatures) {
    if (octets.size() > each.at && octets.substr(each.at).starts_with(each.octets)) return each.media_type;
  }
  return "application/octet-stream";
}

std::optional<Photo> photo_of(const Card& card) {
  auto lines = read_lines(card.component(), card.version());
  for (const std::string_view name : {"PHOTO", "LOGO"}) {
    for (Line& line : lines) {
      if (!line.is(name)) continue;
      if (auto photo = read_photo(std::move(line), card.version())) return photo;
    }
  }
  return std::nullopt;
}

std::size_t PhotoLine::size() const { return line_.value.size(); }

std::optional<Photo> PhotoLine::read() const { return read_photo(line_, Version::v4); }

std::string PhotoLine::crop() const { return line_.parameter(crop_parameter); }

bool any_photo(const Card& card, const std::function<bool(const PhotoLine&)>& is_so) {
  std::size_t number = 0;
  return std::ranges::any_of(card.component().properties, [&](const content::Property& property) {
    if (!property.is("PHOTO")) return false;
    const Line line = read_line(property, card.version());
    return is_so(PhotoLine(number++, line));
  });
}

std::string with_photos(std::string text, const std::function<std::optional<NewPhoto>(const PhotoLine&)>& replace) {
  if (text.empty()) return text;
  const auto document = content::Document::parse(std::move(text), content::Dialect::vcard);
  const std::string& source = document.source();
  const content::Component& card = document.components().front();
  const content::Property* named = card.find("VERSION");
  const Version version = named != nullptr && named->value == "3.0" ? Version::v3 : Version::v4;
  std::string out;
  std::size_t done = 0, number = 0;
  for (const content::Property& property : card.properties) {
    if (!property.is("PHOTO")) continue;
    Line line = read_line(property, version);
    const auto replacement = replace(PhotoLine(number++, line));
    if (!replacement) continue;
    const auto at = static_cast<std::size_t>(property.raw.data() - source.data());
    out.append(source, done, at - done);
    set_photo(line, *replacement);
    append_line(out, line, version);
    done = at + property.raw.size();
  }
  return out.append(source, done);
}

}  // namespace dav::contacts
