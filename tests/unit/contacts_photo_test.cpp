#include "dav/contacts/photo.h"

#include <catch2/catch.hpp>

using namespace dav::contacts;

namespace {

/// "media type: octets" of the image in a card with these lines; "none".
std::string photo(const std::string& lines, const std::string& version = "3.0") {
  const auto parsed =
      Card::parse("BEGIN:VCARD\r\nVERSION:" + version + "\r\nUID:1\r\nFN:A\r\n" + lines + "END:VCARD\r\n");
  const auto found = photo_of(std::get<Card>(parsed));
  return found ? found->media_type + ": " + std::to_string(found->octets.size()) : "none";
}

}  // namespace

TEST_CASE("a card's image, by what it is and not by what it is called") {
  CHECK(photo("") == "none");
  CHECK(photo("PHOTO;ENCODING=b;TYPE=PNG:/9j/\r\n") == "image/jpeg: 3");
  CHECK(photo("LOGO;ENCODING=b:R0lGODlh\r\nPHOTO;VALUE=uri:http://x.example/\r\n") == "image/gif: 6");
  CHECK(photo("PHOTO;ENCODING=b;TYPE=HTML:PGh0bWw+\r\n") == "application/octet-stream: 6");
  CHECK(photo("PHOTO:data:image/png;base64,iVBORw0KGgo=\r\n", "4.0") == "image/png: 8");
  CHECK(photo("PHOTO:data:image/svg+xml,%3Csvg/%3E\r\n", "4.0") == "application/octet-stream: 6");
  CHECK(photo("PHOTO;ENCODING=b;TYPE=JPEG:/9j/\r\n", "4.0") == "image/jpeg: 3");
  CHECK(photo("PHOTO:data:;base64,!\r\n", "4.0") == "none");
  CHECK(photo("PHOTO:data:\r\nPHOTO:RIFF\r\n", "4.0") == "none");
}

TEST_CASE("the images of a card are looked at until one is of that kind") {
  const auto parsed = Card::parse(
      "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:A\r\nPHOTO;VALUE=uri:http://x.example/\r\nLOGO;ENCODING=b:/9j/\r\n"
      "item1.photo;ENCODING=b:/9j/\r\nPHOTO;ENCODING=b:R0lGODlh\r\nEND:VCARD\r\n");
  const auto& card = std::get<Card>(parsed);
  std::size_t looked_at = 0;
  CHECK(any_photo(card, [&](const PhotoLine& line) {
    CHECK(line.number() == looked_at++);
    return line.read().has_value();
  }));
  CHECK(looked_at == 2);
  CHECK_FALSE(any_photo(card, [](const PhotoLine& line) {
    const auto image = line.read();
    return image && image->media_type == "image/png";
  }));
}

TEST_CASE("other images are put into a card's text, and nothing else is changed") {
  const auto replaced = [](const std::string& photo, const std::string& version, const std::string& crop = "") {
    const std::string before = "BEGIN:VCARD\r\nversion:" + version + "\r\nUID:1\r\nFN:A\n  B\r\n";
    const std::string after = "NOTE;X=\"y\":n\r\nEND:VCARD\r\n";
    const std::string text = with_photos(before + photo + "\r\n" + after, [&](const PhotoLine& line) {
      CHECK(line.number() == 0);
      CHECK(line.crop() == (photo.find("CROP") == std::string::npos ? "" : "C1&2"));
      const auto image = line.read();
      return image && image->octets == "\xFF\xD8\xFF" ? std::optional(NewPhoto{{"image/png", "new"}, crop})
                                                      : std::nullopt;
    });
    REQUIRE(text.starts_with(before));
    REQUIRE(text.ends_with(after));
    return text.substr(before.size(), text.size() - before.size() - after.size());
  };
  CHECK(replaced("item1.PHOTO;ENCODING=b;TYPE=JPEG:/9j/", "3.0") == "item1.PHOTO;ENCODING=b;TYPE=PNG:bmV3\r\n");
  CHECK(replaced("PHOTO;BASE64;JPEG:/9\r\n  j/", "3.0") == "PHOTO;ENCODING=b;TYPE=PNG:bmV3\r\n");
  CHECK(replaced("PHOTO;PREF=1:data:image/jpeg;base64,/9j/", "4.0") == "PHOTO;PREF=1:data:image/png;base64,bmV3\r\n");
  CHECK(replaced("PHOTO;MEDIATYPE=image/jpeg:data:;base64,/9j/", "4.0") ==
        "PHOTO;MEDIATYPE=image/png:data:image/png;base64,bmV3\r\n");
  CHECK(replaced("PHOTO;ENCODING=b;TYPE=JPEG:/9j/", "4.0") == "PHOTO;ENCODING=b;TYPE=PNG:bmV3\r\n");
  CHECK(replaced("PHOTO;X-ABCROP-RECTANGLE=C1&2;ENCODING=b:/9j/", "3.0") == "PHOTO;ENCODING=b;TYPE=PNG:bmV3\r\n");
  CHECK(replaced("PHOTO;ENCODING=b:/9j/", "3.0", "C3&4") ==
        "PHOTO;ENCODING=b;TYPE=PNG;X-ABCROP-RECTANGLE=C3&4:bmV3\r\n");
  CHECK(replaced("PHOTO;VALUE=uri:http://x.example/9j/", "3.0") == "PHOTO;VALUE=uri:http://x.example/9j/\r\n");
  CHECK(with_photos("", [](const PhotoLine&) { return std::nullopt; }).empty());
}
