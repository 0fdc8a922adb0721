#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dav/property.h"

namespace dav {

// What an account says of itself by properties of its address book home, and `pileus account set` says too. It is kept
// in the account's row.

/// The words for what others find of an account, and back.
std::string_view listing_text(storage::Listing listing);
std::optional<storage::Listing> listing_of(std::string_view text);

// PILEUS:listing: addresses, name or hidden.
bool read_listing(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_listing(const Context& context, const Resource& resource, const xml::Element* value);

// PILEUS:merged-book: on or off; removed, it is as configured.
bool read_merged_book(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_merged_book(const Context& context, const Resource& resource, const xml::Element* value);

/// Whether a property of such a resource is one of those.
bool is_account_setting(const xml::Element& element, Kind kind);

/// Sets one that has been checked, or takes it back; whether that changed anything.
bool set_account_setting(const Context& context, const Resource& resource, const xml::Element& element, bool remove);

}  // namespace dav
