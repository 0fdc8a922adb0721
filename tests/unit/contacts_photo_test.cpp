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
