#pragma once

#include <string>
#include <string_view>

#include "dav/property.h"

namespace dav {

// What several tables of properties need.

/// Appends a DAV:href.
void append_href(std::string& out, std::string_view href);

/// The path of an account's principal, or of one of its homes.
std::string principal_href(std::string_view account);
std::string home_href(Address::Area area, std::string_view account);

/// The path of a collection of that name in a home.
std::string collection_href(Address::Area area, std::string_view account, std::string_view name);

/// The target as access.h wants it, from what is known of a resource.
Target target_of(const Resource& resource);

/// Checks for PropertyRow::write: any value; text without elements; never (a read-only row has null instead).
std::optional<Error> accept_any(const Context& context, const Resource& resource, const xml::Element* value);
std::optional<Error> accept_text(const Context& context, const Resource& resource, const xml::Element* value);

/// The text within a stored property's element; empty where none is stored.
std::string stored_text(const Resource& resource, std::string_view ns, std::string_view name);

/// The text of one of these properties; nothing where there is none of that name.
std::optional<std::string> text_in(std::span<const storage::Property> stored, std::string_view ns,
                                   std::string_view name);

/// A property whose element holds a text.
storage::Property text_property(std::string_view ns, std::string_view name, std::string_view text);

/// urn:x-pileus:sync:<epoch>:<collection>:<modseq> (sync-rules 1).
void append_sync_token(std::string& out, std::string_view epoch, storage::Id collection, storage::Modseq modseq);

}  // namespace dav
