#pragma once

#include <optional>
#include <string>

#include "dav/contacts/card.h"

namespace dav::contacts {

/// An image that a card holds.
struct Photo {
  std::string media_type;  ///< by its first octets: image/jpeg, png, gif, webp; application/octet-stream for all others
  std::string octets;
};

/// The PHOTO of a card, or its LOGO where it has none; nothing where there is no image in the card itself.
std::optional<Photo> photo_of(const Card& card);

}  // namespace dav::contacts
