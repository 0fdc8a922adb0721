#include "mail/sieve/respond.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/sieve/date_parts.h"
#include "mail/sieve/header_fields.h"

namespace mail::sieve {

namespace {

std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + encode_text(one_line(value), name.size() + 2) + "\r\n";
}

/// A mailbox-list as the script wrote it: only names may be encoded, so one that isn't ASCII is left to UTF-8 servers.
std::string raw_field(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + one_line(value) + "\r\n";
}

/// Ids stand one a line, so that no line is too long.
std::string id_field(std::string_view name, std::string_view ids) {
  std::string out = std::string(name) + ":";
  for (std::size_t at = ids.find_first_not_of(' '); at != std::string_view::npos; at = ids.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(ids.find(' ', at), ids.size());
    out += (out.back() == ':' ? " " : "\r\n ") + std::string(ids.substr(at, end - at));
    at = end;
  }
  return out + "\r\n";
}

bool is_plain(std::string_view text) {
  constexpr std::size_t most_line = 998;
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    if (line > most_line || static_cast<unsigned char>(c) > 126 || c == '\0') return false;
  }
  return true;
}

/// RFC 2045 6.7
std::string quoted_printable(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::size_t most = 73;
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i, 2) == "\r\n") {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const bool at_end = i + 1 == text.size() || text[i + 1] == '\r';
    const bool plain = (c > ' ' && c < '\x7f' && c != '=') || ((c == ' ' || c == '\t') && !at_end);
    if (column >= most) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out += c;
      ++column;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += {'=', digits[octet >> 4U], digits[octet & 15U]};
      column += 3;
    }
  }
  return out;
}

/// A text as a MIME entity.
std::string text_entity(std::string_view text) {
  if (is_plain(text)) {
    return "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + std::string(text) +
           "\r\n";
  }
  return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(text) + "\r\n";
}

std::string first_fields(const Origin& origin) {
  return "Date: " + date_text(origin.now, origin.zone) + "\r\nMessage-ID: <" + origin.message_id + ">\r\n";
}

}  // namespace

std::string vacation_message(const Vacation& vacation, const Origin& origin) {
  std::string out = first_fields(origin);
  out += raw_field("From", vacation.from.empty() ? "<" + origin.from + ">" : vacation.from);
  out += raw_field("To", "<" + vacation.to + ">");
  out += field("Subject", vacation.subject);
  if (!vacation.message_id.empty()) {
    out += id_field("In-Reply-To", vacation.message_id);
    out += id_field("References", vacation.references);
  }
  out += "Auto-Submitted: auto-replied (vacation)\r\nMIME-Version: 1.0\r\n";
  if (!vacation.mime) return out + text_entity(vacation.reason);
  // What comes of the script is a MIME entity: of its header, only MIME's own fields are taken.
  mime::FieldReader reader(vacation.reason);
  std::size_t header = 0;
  while (const auto one = reader.next()) {
    header = static_cast<std::size_t>(one->whole.data() - vacation.reason.data()) + one->whole.size();
    if (!mime::lower_case(one->name).starts_with("content-")) continue;
    out += one->whole;
    if (!out.ends_with('\n')) out += "\r\n";
  }
  std::string_view body = std::string_view(vacation.reason).substr(header);
  if (!body.starts_with("\r\n")) out += "\r\n";
  return out + std::string(body) + "\r\n";
}

std::string refusal_message(std::string_view reason, std::string_view header, const std::string& to,
                            const Origin& origin) {
  const std::string boundary = "=_" + origin.message_id.substr(0, origin.message_id.find('@'));
  std::string out = first_fields(origin);
  out += raw_field("From", "<" + origin.from + ">");
  out += raw_field("To", "<" + to + ">");
  out += "Subject: Automatically rejected mail\r\nAuto-Submitted: auto-replied (rejected)\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary=\"" + boundary + "\"\r\n";
  const auto id = mime::first_value(header, "Message-ID");
  if (id) out += id_field("In-Reply-To", one_line(*id));
  const std::string next = "\r\n--" + boundary + "\r\n";
  out += next + text_entity(
                    "The message was refused by the recipient's mail filtering program.\r\nThe reason given was "
                    "as follows:\r\n\r\n" +
                    std::string(reason));
  out += next + "Content-Type: message/disposition-notification\r\n\r\nReporting-UA: " + origin.host_name +
         "; Pileus\r\nFinal-Recipient: rfc822; " + origin.from + "\r\n";
  if (id) out += id_field("Original-Message-ID", one_line(*id));
  out += "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n";
  out += next + "Content-Type: text/rfc822-headers\r\n\r\n" + std::string(header);
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out + "\r\n--" + boundary + "--\r\n";
}

}  // namespace mail::sieve
