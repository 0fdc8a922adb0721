#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/contacts/card.h"
#include "dav/content/selection.h"

namespace dav::contacts {

/// What CARDDAV:address-data of a report asks for. RFC 6352 10.4
struct AddressDataRequest {
  std::vector<content::PropertyRequest> properties;  ///< none for all; names may have a group
  std::optional<Version> version = std::nullopt;     ///< nothing: the card's own

  bool is_stored_form() const { return properties.empty() && !version; }
};

/// The text of a card for a report: its octets, or the properties asked for, in the order of its text, in the version
/// asked for. Folds inside UTF-8 sequences are moved so that the text can stand in XML; where the version is the card's
/// own, no other octet of what is given out is changed.
std::string address_data(const Card& card, const AddressDataRequest& request);

}  // namespace dav::contacts
