#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dav/contacts/card.h"
#include "dav/dispatch.h"

namespace dav {

/// What is done about VTIMEZONEs in calendar objects that are given out (RFC 7809 7.1).
enum class ZonesGiven { as_stored, all, no_standard };

/// How an object is given out, where that isn't as it is stored.
struct Form {
  bool json = false;  ///< jCal (RFC 7265) or jCard (RFC 7095), or JSContact
  ZonesGiven zones = ZonesGiven::as_stored;
  std::optional<contacts::Version> version = std::nullopt;  ///< of a card: another than that of what is stored
  bool jscontact = false;  ///< of a card: JSContact (RFC 9553), not jCard; `json` is true as well
  int photo_side = 0;      ///< of a card: no image with a longer side; 0 for images as they are stored (dav/photos.h)

  bool is_stored_form() const { return !json && zones == ZonesGiven::as_stored && !version && photo_side == 0; }
};

inline constexpr std::string_view calendar_json = "application/calendar+json";
inline constexpr std::string_view card_json = "application/vcard+json";
inline constexpr std::string_view jscontact_json = "application/jscontact+json";
inline constexpr std::string_view jscontact_version = "1.0";

/// The VTIMEZONE of a TZID that stands for a zone of the system: of its names and aliases, of the names of Windows, of
/// one with a vendor's prefix; under the name given. Empty where it stands for none.
std::string vtimezone_of(const Environment& environment, std::string_view tzid);

/// What CalDAV-Timezones asks for: T or F; other values ask for nothing.
ZonesGiven zones_asked_for(const Headers& headers);

/// The form of an answer that holds the object itself: by Accept (RFC 9110 12.5.1) and CalDAV-Timezones. Files have but
/// one.
Form form_of(const Headers& headers, const storage::Member& member);
/// The same, and by what the book says of images.
Form form_of(const Context& context, const storage::Member& member);

/// Whether a media type is JSContact of the version that is spoken, or of none that it names. RFC 9553 3.1
bool is_jscontact(std::string_view content_type);

/// The media type of a card in JSON.
std::string card_media_type(const Form& form);

/// What the answer varies by (RFC 9110 12.5.5); empty for files.
std::string_view varies_by(const storage::Member& member);

/// The entity tag of the object in that form: each has its own, since they differ in their octets (RFC 9110 8.8.3.1).
/// All begin with that of the stored one, which stored_tag (conditions_rules.h) gets back.
std::string tag_in(const Form& form, std::string_view etag);

/// The entity tag of what a GET answers with.
std::string tag_given(const Context& context, const storage::Member& member);

/// A calendar's text in that form.
std::string calendar_in(const Form& form, std::string text, const Environment& environment);

/// A card's text in that form, with its images as they are. jCard is made of its version 4.0 (RFC 7095 1),
/// and so is JSContact.
std::string card_in(const Form& form, std::string text);

}  // namespace dav
