#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

/// What parts the levels of a mailbox's name.
constexpr char separator = '/';

/// How long a whole name can be, and how deep.
constexpr std::size_t longest_mailbox_name = 1000;
constexpr std::size_t longest_level = 255;
constexpr std::size_t most_levels = 32;

/// Reads the name of a mailbox as UTF-8, from modified UTF-7 for a client of IMAP4rev1; a first level of "inbox" in any
/// case is INBOX; one separator at the end is kept. Throws SyntaxError for octets that are no name in that coding.
std::string read_mailbox(Cursor& cursor);

/// The same of the octets of an astring.
std::string mailbox_from_client(std::string_view octets, Client client);

/// Appends a name as this client reads it.
void append_mailbox(std::string& out, std::string_view name, Client client);

/// What is wrong with a name for a mailbox that is to be made: an empty level, control characters, a wildcard, no
/// Net-Unicode (RFC 9051 5.1, RFC 5198 2), too long or deep; the text of a NO. Nothing for one that is good.
std::optional<std::string> name_fault(std::string_view name);

/// The name in Unicode's normal form C, which is how names are compared and kept. RFC 5198 3
std::string normalized_name(std::string_view name);

/// Whether a name's first level is INBOX, in any case.
bool is_inbox(std::string_view name);

}  // namespace mail::imap
