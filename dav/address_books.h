#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/property.h"

namespace dav {

/// The address books in a home, in order of name; among them one that is made of the others (Keeper::merged), where the
/// account has that.
std::vector<storage::Collection> address_books_in(storage::Transaction& transaction, const storage::Collection& home);

/// The name of the address book that an account uses where none is named: the one that CARDDAV:default-addressbook-URL
/// of its home says, else the one that every account starts with, else the first; nothing where there is none.
std::optional<std::string> default_address_book(storage::Transaction& transaction, const storage::Collection& home);

// CARDDAV:default-addressbook-URL of a home, which Apple's programs know.
bool read_default_address_book(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_default_address_book(const Context& context, const Resource& resource,
                                                const xml::Element* value);

/// CARDDAV:principal-address (RFC 6352 7.1.2): one's own card, which Apple's programs set as CS:me-card of the home.
bool read_principal_address(const Context& context, const Resource& resource, std::string& out);

}  // namespace dav
