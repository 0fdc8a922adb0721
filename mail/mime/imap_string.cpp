#include "mail/mime/imap_string.h"

#include <algorithm>

#include "mail/mime/charset.h"

namespace mail::mime {

void append_string(std::string& out, std::string_view text, Client client) {
  std::string changed;
  if (text.find('\0') != std::string_view::npos) {
    std::remove_copy(text.begin(), text.end(), std::back_inserter(changed), '\0');
    text = changed;
  }
  const bool ascii = is_ascii(text);
  if (!ascii && client == Client::utf8 && !is_utf8(text)) {
    changed = guessed_utf8(text);
    text = changed;
  }
  if (text.find_first_of("\r\n") != std::string_view::npos || (!ascii && client == Client::rev1)) {
    out += '{';
    out += std::to_string(text.size());
    out += "}\r\n";
    out += text;
    return;
  }
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t special = std::min(text.find_first_of("\"\\", at), text.size());
    out += text.substr(at, special - at);
    if (special < text.size()) {
      out += '\\';
      out += text[special];
    }
    at = special + 1;
  }
  out += '"';
}

void append_nstring(std::string& out, const std::optional<std::string>& text, Client client) {
  if (text) {
    append_string(out, *text, client);
  } else {
    out += "NIL";
  }
}

}  // namespace mail::mime
