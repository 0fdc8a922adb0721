#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "dav/content/content_line.h"

namespace dav::contacts {

/// The preconditions that a card can fail by itself. RFC 6352 6.3.2.1
enum class Precondition { supported_address_data, valid_address_data, max_resource_size };

/// Why a card isn't taken. The reason is for people: it names the property.
struct Refusal {
  Precondition precondition = Precondition::valid_address_data;
  std::string reason;
  std::size_t line = 0;  ///< physical line from 1; 0 if it concerns the whole
};

enum class Version { v3, v4 };
enum class Kind { individual, group };

/// An address object resource (RFC 6352 5.1): the octets as given, their tree, and what is true of them.
class Card {
 public:
  /// Reads and checks a text: content lines, one VCARD of version 3.0 (RFC 2426) or 4.0 (RFC 6350) with a name (FN)
  /// and one UID ("vCard components in an address book collection MUST have a UID property value"; RFC 6352 5.1).
  /// Tolerated, because clients in use write it: no N in 3.0; VERSION anywhere; bare parameters; unknown properties;
  /// values of other types than the property's.
  static std::variant<Card, Refusal> parse(std::string bytes);

  /// The octets as given.
  const std::string& bytes() const { return document_.source(); }

  /// The VCARD.
  const content::Component& component() const { return document_.components().front(); }

  const std::string& uid() const { return uid_; }
  Version version() const { return version_; }

  /// Group by KIND (RFC 6350 6.1.4) or Apple's X-ADDRESSBOOKSERVER-KIND.
  Kind kind() const;

  /// What the store notes of it, to find groups by: "VCARD" or "GROUP".
  std::string_view component_name() const { return kind() == Kind::group ? "GROUP" : "VCARD"; }

  /// Whether the card fits into a book with this bound; if not, why.
  std::optional<Refusal> obey(std::uint64_t max_resource_size) const;

 private:
  std::optional<Refusal> check();

  content::Document document_;
  std::string uid_;
  Version version_ = Version::v3;
};

}  // namespace dav::contacts
