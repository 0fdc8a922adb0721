#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dav/property.h"

namespace dav {

// The directory (draft-daboo-carddav-directory-gateway-02): a read-only address book of the accounts here. It is made
// of them when it is asked for, so that it is never behind; there is nothing of it in the store.

/// Where it is.
std::string_view directory_href();

/// The address book that its cards are in; without an id.
const storage::Collection& directory_collection();

/// What others find of an account here and in searches: without its addresses where its owner hides those. Nothing for
/// one that is disabled or hidden; one always finds oneself.
std::optional<storage::Account> listed(storage::Account account, storage::Id finder);

/// The card of an account that is listed: with its bytes, and with an id that no member in the store has.
storage::Member directory_card(const storage::Account& account, storage::Timestamp now);

/// Fills in a target whose address is in the directory. Whether there is one, the caller knows.
void find_in_directory(storage::Transaction& transaction, Target& target);

// CARDDAV:directory-gateway of principals and homes.
bool read_directory_gateway(const Context& context, const Resource& resource, std::string& out);

}  // namespace dav
