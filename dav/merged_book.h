#pragma once

#include <optional>
#include <string>

#include "dav/dispatch.h"

namespace dav {

struct Incoming;

// One address book of all the cards of an account, for Contacts on macOS, which reads no more than one. It is a
// collection of the store like any other, with its own names, changes and tombstones, so that all reports and tokens
// are true of it. Its members are copies of the cards of all other books, one for each UID (that of the default book,
// where several have it); it is made the same as they are before anything in it is read, and with each change made in
// it. What is put into it or deleted from it is put into or deleted from the book that the card is in; a new card goes
// to the default book.

/// Whether a request may have to do with it, so that it must be brought up to date first.
bool concerns_merged_book(const Request& request, const Address& address);

/// Makes the principal's the same as the other books, or makes it, or takes it away, as the account's setting has it.
void bring_up_to_date(const Environment& environment, const storage::Principal& principal);

/// The same within a writing transaction, about the account that the address names.
void bring_up_to_date(storage::Transaction& transaction, const Environment& environment, const Address& address);

/// Whether a client is shown a collection in the listing of its home: Contacts on macOS the merged book alone, where
/// the account has one, and all others all but it.
bool is_shown(const Context& context, const storage::Collection& collection);

/// Whether a target is the merged book or in it.
bool is_merged(const Target& target);

/// Throws Error for what can't be done to the merged book and in it: cards can be put and deleted, and the book itself
/// can be given properties, or up.
void check_merged(const Method& method, const Target& target);

/// PUT and DELETE of a card there.
Response put_merged(Context& context, const Incoming& incoming);
void remove_merged(Context& context);

}  // namespace dav
