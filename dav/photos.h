#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dav/dispatch.h"
#include "dav/groups.h"
#include "dav/property.h"

namespace dav::contacts {
class Card;
}

namespace dav {

inline constexpr std::string_view photo_size_name = "photo-size";

/// The longest side of the images in cards that a book gives out: PILEUS:photo-size among the book's properties, else
/// the key dav.photo_size. 0: as they are stored.
int photo_side(std::span<const storage::Property> properties, const Settings& settings);
int photo_side(const Context& context, storage::Id book);

/// The property that says so; nothing for what is no size.
std::optional<storage::Property> photo_size_property(std::string_view size);

/// The same for one card of it: what is small as a whole is given as it is stored.
int photo_side_for(const Context& context, const storage::Member& card);

/// A card's text, or a part of it, with smaller images.
struct SmallerPhotos {
  std::string text;
  bool all = true;  ///< false: one of them could not be made now, and is as it is stored
};
SmallerPhotos with_smaller_photos(const Context& context, const storage::Member& card, int side, std::string text);

/// Whether a card that comes has images that were given out smaller.
bool has_smaller_photos(const contacts::Card& card);

/// A text that comes, with what is stored in place of each image that was made of it: images of the card that it
/// replaces, or of one of that UID in another book of the account (clients move by PUT, then DELETE). What isn't found
/// stays as it came.
std::string with_stored_photos(Context& context, std::string text, storage::Id book, std::string_view name,
                               std::string_view uid);

/// `?photo`: the image in a card, for a web page; `?photo&size=96`: one with no side longer than that.
struct PhotoQuery {
  int side = 0;
};

/// Nothing where the query is none of these. Throws Error{bad_request} for a size that is none.
std::optional<PhotoQuery> photo_query(const Request& request);

// PILEUS:photo-size.
bool read_photo_size(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_photo_size(const Context& context, const Resource& resource, const xml::Element* value);

}  // namespace dav
