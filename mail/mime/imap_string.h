#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::mime {

/// Who reads what is written: a client of IMAP4rev1, whose quoted strings are ASCII (RFC 3501 9), so that what is not
/// stands in literals, octets as they came; or one of IMAP4rev2 or UTF8=ACCEPT, which gets UTF-8 in quoted strings (RFC
/// 9051 4.3, RFC 6855 3), raw octets that are something else being guessed.
enum class Client { rev1, utf8 };

/// Appends a string: quoted, a literal only if it must be. NUL is left out, as neither can have it.
void append_string(std::string& out, std::string_view text, Client client);

/// The same, or NIL for nothing.
void append_nstring(std::string& out, const std::optional<std::string>& text, Client client);

}  // namespace mail::mime
