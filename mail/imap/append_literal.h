#pragma once

#include <string>
#include <string_view>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

class Session;

/// Whether the literal that a command's text ends in the announcement of is a message to be appended.
bool is_appended_literal(std::string_view text, Client client);

/// Why a message can't be appended there, as a tagged response without its tag; empty if it may be sent.
std::string append_refusal(const Session& session, std::string_view text);

}  // namespace mail::imap
