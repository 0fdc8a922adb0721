#include "mail/mime/sort_keys.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <limits>

#include "mail/mime/address.h"
#include "mail/mime/charset.h"
#include "mail/mime/date.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"
#include "mail/mime/message_id.h"
#include "mail/mime/subject.h"

namespace mail::mime {

namespace {

struct First {
  std::string mailbox;
  std::string display;
};

/// The first address of a field, as IMAP sees it: what begins a group is one whose mailbox is the group's name.
First first_address(const std::optional<std::string>& value) {
  const auto list = value ? parse_addresses(*value) : std::vector<Address>();
  if (list.empty()) return {};
  const Address& address = list.front();
  First first;
  if (address.kind == Address::Kind::group_begin) {
    first.mailbox = decode_words(address.name);
    first.display = first.mailbox;
    return first;
  }
  first.mailbox = guessed_utf8(address.mailbox);
  first.display = decode_words(address.name);
  if (first.display.empty()) {
    first.display = address.host.empty() ? first.mailbox : first.mailbox + '@' + guessed_utf8(address.host);
  }
  return first;
}

}  // namespace

SortKeys sort_keys(std::string_view header) {
  SortKeys keys;
  const First from = first_address(first_value(header, "From"));
  const First to = first_address(first_value(header, "To"));
  keys.from = from.mailbox;
  keys.display_from = from.display;
  keys.to = to.mailbox;
  keys.display_to = to.display;
  keys.cc = first_address(first_value(header, "Cc")).mailbox;
  const BaseSubject subject = base_subject(first_value(header, "Subject").value_or(""));
  keys.base_subject = subject.text;
  keys.is_reply = subject.is_reply;
  const auto sent = first_value(header, "Date");
  if (const auto date = sent ? parse_date(*sent) : std::nullopt) {
    keys.sent = date->seconds;
    keys.sent_day = local_day(*date);
  }
  if (const auto id = first_value(header, "Message-ID")) keys.message_id = parse_message_id(*id);
  keys.references = reference_ids(header);
  return keys;
}

std::string collation_key(std::string_view text) {
  text = text.substr(0, std::numeric_limits<std::int32_t>::max() / 4);
  if (is_ascii(text)) {
    std::string upper(text);
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    return upper;
  }
  // "converting each character to titlecase, then decomposing": both by the tables of Unicode for single characters.
  icu::UnicodeString mapped;
  const auto source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1))
    mapped.append(u_totitle(source.char32At(i)));
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKDInstance(status);
  icu::UnicodeString decomposed = U_SUCCESS(status) ? normalizer->normalize(mapped, status) : mapped;
  if (U_FAILURE(status)) decomposed = mapped;
  std::string key;
  decomposed.toUTF8String(key);
  return key;
}

}  // namespace mail::mime
