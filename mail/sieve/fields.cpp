#include "mail/sieve/fields.h"

#include <algorithm>
#include <array>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::sieve {

namespace {

/// RFC 5322 3.6, and those in use beside them, in alphabetical order.
constexpr std::array<std::string_view, 31> address_fields = {
    "abuse-reports-to",
    "apparently-to",
    "approved",
    "bcc",
    "cc",
    "delivered-to",
    "disposition-notification-to",
    "envelope-from",
    "envelope-to",
    "errors-to",
    "from",
    "mail-followup-to",
    "mail-reply-to",
    "reply-to",
    "resent-bcc",
    "resent-cc",
    "resent-from",
    "resent-reply-to",
    "resent-sender",
    "resent-to",
    "return-path",
    "return-receipt-to",
    "sender",
    "to",
    "x-delivered-to",
    "x-envelope-from",
    "x-envelope-to",
    "x-forwarded-for",
    "x-forwarded-to",
    "x-original-to",
    "x-resolved-to",
};

constexpr std::array<std::string_view, 6> relations = {"gt", "ge", "lt", "le", "eq", "ne"};

constexpr std::array<std::string_view, 13> date_parts = {"year",  "month",  "day",    "date", "julian",
                                                         "hour",  "minute", "second", "time", "iso8601",
                                                         "std11", "zone",   "weekday"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view one) { return mime::same_word(one, word); });
}

}  // namespace

bool holds_addresses(std::string_view field) { return is_one_of(field, address_fields); }

bool is_field_name(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != ':'; });
}

mime::Address single_address(std::string_view text) {
  if (text.size() > 1000 || text.find_first_of("\r\n") != std::string_view::npos) return {};
  const auto all = mime::parse_addresses(text);
  if (all.size() != 1 || all[0].kind != mime::Address::Kind::mailbox || all[0].mailbox.empty()) return {};
  return all[0];
}

bool is_mailbox_list(std::string_view text) {
  const auto all = mime::parse_addresses(text);
  return !all.empty() && std::all_of(all.begin(), all.end(), [](const mime::Address& one) {
    return one.kind == mime::Address::Kind::mailbox && !one.mailbox.empty() && !one.host.empty();
  });
}

bool is_relation(std::string_view text) { return is_one_of(text, relations); }

bool is_date_part(std::string_view text) { return is_one_of(text, date_parts); }

bool read_zone(std::string_view text, int& minutes) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return false;
  const auto digits = text.substr(1);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const auto digit = [&](std::size_t i) { return digits[i] - '0'; };
  minutes = (digit(0) * 10 + digit(1)) * 60 + digit(2) * 10 + digit(3);
  if (text[0] == '-') minutes = -minutes;
  return true;
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string out(mime::first_characters(text, most));
  if (out.size() < text.size()) out += "…";
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return '"' + out + '"';
}

bool is_script_name(std::string_view name) {
  if (name.empty() || name.size() > 512 || !mime::is_utf8(name)) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == 0xC2 && static_cast<unsigned char>(name[i + 1]) < 0xA0) return false;  // U+0080 to U+009F
    const std::string_view rest = name.substr(i, 3);
    if (rest == "\xE2\x80\xA8" || rest == "\xE2\x80\xA9") return false;  // U+2028, U+2029
  }
  return true;
}

}  // namespace mail::sieve
