#include "mail/mime/envelope.h"

#include <array>
#include <cstddef>
#include <vector>

#include "mail/mime/address.h"
#include "mail/mime/header.h"

namespace mail::mime {

namespace {

/// In the order of RFC 9051 7.5.2.
enum Place { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id, places };

constexpr std::array<std::string_view, places> names = {"Date", "Subject", "From", "Sender",      "Reply-To",
                                                        "To",   "Cc",      "Bcc",  "In-Reply-To", "Message-ID"};

bool is_address(std::size_t place) { return place >= from && place <= bcc; }

void append_address(std::string& out, const Address& address, Client client) {
  const auto or_nil = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  switch (address.kind) {
    case Address::Kind::group_begin:
      out += "(NIL NIL ";
      append_string(out, address.name, client);
      out += " NIL)";
      return;
    case Address::Kind::group_end:
      out += "(NIL NIL NIL NIL)";
      return;
    case Address::Kind::mailbox:
      // A mailbox without a host has an empty one: NIL would make it a group.
      out += '(';
      append_nstring(out, or_nil(address.name), client);
      out += ' ';
      append_nstring(out, or_nil(address.route), client);
      out += ' ';
      append_string(out, address.mailbox, client);
      out += ' ';
      append_string(out, address.host, client);
      out += ')';
  }
}

/// NIL if there is no address in it.
std::string address_list(const std::optional<std::string>& value, Client client) {
  const std::vector<Address> addresses = value ? parse_addresses(*value) : std::vector<Address>();
  if (addresses.empty()) return "NIL";
  std::string out = "(";
  for (const Address& address : addresses) append_address(out, address, client);
  out += ')';
  return out;
}

}  // namespace

std::string envelope(std::string_view header, Client client) {
  std::array<std::optional<std::string>, places> values;
  FieldReader fields(header);
  while (const auto field = fields.next()) {
    for (std::size_t i = 0; i < places; ++i) {
      if (!same_word(field->name, names[i])) continue;
      if (!values[i]) {
        values[i] = unfold(field->value);
      } else if (is_address(i)) {
        *values[i] += ", " + unfold(field->value);
      }
    }
  }
  std::string out = "(";
  const std::string from_list = address_list(values[from], client);
  for (std::size_t i = 0; i < places; ++i) {
    if (i > 0) out += ' ';
    if (!is_address(i)) {
      append_nstring(out, values[i], client);
      continue;
    }
    const std::string list = i == from ? from_list : address_list(values[i], client);
    // "the server sets the corresponding member of the envelope to be the same value as the from member"
    out += list == "NIL" && (i == sender || i == reply_to) ? from_list : list;
  }
  out += ')';
  return out;
}

}  // namespace mail::mime
