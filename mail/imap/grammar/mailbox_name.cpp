#include "mail/imap/grammar/mailbox_name.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "mail/imap/grammar/utf7.h"
#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

constexpr std::string_view inbox = "INBOX";

/// C0 and C1 controls, DEL, and the two line separators. RFC 5198 2, RFC 6855 3
bool has_control(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto octet = static_cast<unsigned char>(name[i]);
    const std::string_view rest = name.substr(i);
    if (octet < 0x20 || octet == 0x7f) return true;
    if (octet == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0) return true;
    if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) return true;
  }
  return false;
}

}  // namespace

bool is_inbox(std::string_view name) { return mime::same_word(name.substr(0, name.find(separator)), inbox); }

std::string normalized_name(std::string_view name) {
  if (mime::is_ascii(name)) return std::string(name);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::string(name);
  const auto source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())));
  const icu::UnicodeString normal = normalizer->normalize(source, status);
  std::string text;
  if (U_SUCCESS(status)) normal.toUTF8String(text);
  return U_SUCCESS(status) ? text : std::string(name);
}

std::string mailbox_from_client(std::string_view octets, Client client) {
  if (octets.size() > 4 * longest_mailbox_name) throw Refusal("LIMIT", "the mailbox's name is too long");
  std::string name(octets);
  if (client == Client::rev1) {
    auto utf8 = from_utf7(octets);
    if (!utf8) throw SyntaxError("a mailbox's name is not modified UTF-7");
    name = std::move(*utf8);
  } else if (!mime::is_utf8(octets)) {
    throw SyntaxError("a mailbox's name is not UTF-8");
  }
  name = normalized_name(name);
  // "All case variants of INBOX MUST be interpreted as INBOX". RFC 9051 9 (mailbox)
  if (is_inbox(name)) std::copy(inbox.begin(), inbox.end(), name.begin());
  return name;
}

std::string read_mailbox(Cursor& cursor) { return mailbox_from_client(cursor.astring(), cursor.client()); }

void append_mailbox(std::string& out, std::string_view name, Client client) {
  append_astring(out, client == Client::rev1 ? to_utf7(name) : std::string(name), client);
}

std::optional<std::string> name_fault(std::string_view name) {
  if (name.empty()) return "a mailbox must have a name";
  if (name.size() > longest_mailbox_name) return "the mailbox's name is too long";
  if (!mime::is_utf8(name) || has_control(name)) return "the mailbox's name has control characters";
  // They couldn't be listed by their names. RFC 9051 5.1
  if (name.find_first_of("*%") != std::string_view::npos) return "* and % are wildcards and can't be in a name";
  std::size_t levels = 0;
  for (std::string_view rest = name;; rest.remove_prefix(1)) {
    const std::string_view level = rest.substr(0, rest.find(separator));
    if (level.empty()) return "a level of the mailbox's name is empty";
    if (level.size() > longest_level) return "a level of the mailbox's name is too long";
    if (++levels > most_levels) return "the mailbox stands too deep";
    rest.remove_prefix(level.size());
    if (rest.empty()) return std::nullopt;
  }
}

}  // namespace mail::imap
