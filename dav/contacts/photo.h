#pragma once

#include <functional>
#include <optional>
#include <string>

#include "dav/contacts/card.h"
#include "dav/contacts/line.h"

namespace dav::contacts {

/// An image that a card holds.
struct Photo {
  std::string media_type;  ///< by its first octets: image/jpeg, png, gif, webp; application/octet-stream for all others
  std::string octets;
};

/// The PHOTO of a card, or its LOGO where it has none; nothing where there is no image in the card itself.
std::optional<Photo> photo_of(const Card& card);

/// image/jpeg, png, gif or webp, by the first octets; application/octet-stream for all others.
std::string_view image_type(std::string_view octets);

/// One PHOTO of a card's text.
class PhotoLine {
 public:
  PhotoLine(std::size_t number, const Line& line) : number_(number), line_(line) {}

  std::size_t number() const { return number_; }  ///< among those of the text, from 0
  std::size_t size() const;                       ///< of the text of its value, which is larger than the image

  /// The image; nothing where it isn't in the card itself.
  std::optional<Photo> read() const;

  /// The part of the image that Apple's programs show: what a parameter of theirs says of it, in pixels.
  std::string crop() const;

 private:
  std::size_t number_;
  const Line& line_;
};

/// Whether that is so of any PHOTO of a card.
bool any_photo(const Card& card, const std::function<bool(const PhotoLine&)>& is_so);

/// What is to stand in place of an image, and the part of it that is shown; no crop for all.
struct NewPhoto {
  Photo photo;
  std::string crop;
};

/// The text of a card, or of a part of one, with other images where `replace` gives any; all other octets are as they
/// were.
std::string with_photos(std::string text, const std::function<std::optional<NewPhoto>(const PhotoLine&)>& replace);

}  // namespace dav::contacts
