#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/mime/address.h"
#include "mail/mime/charset.h"
#include "mail/mime/date.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/envelope.h"
#include "mail/mime/header.h"
#include "mail/mime/message_id.h"
#include "mail/mime/parameters.h"
#include "mail/mime/sort_keys.h"

using namespace mail::mime;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// A string of IMAP4rev2 that may be sent: an even number of quotes, the quoted and literals left out.
bool is_closed(const std::string& text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
  }
  return !quoted;
}

void check_value(const std::string& value) {
  demand(is_utf8(decode_words(value)));
  for (const Address& address : parse_addresses(value)) {
    demand(address.mailbox.size() + address.host.size() <= value.size());
    address_text(address);
  }
  if (const auto date = parse_date(value)) {
    demand(date->seconds > -70'000'000'000 && date->seconds < 300'000'000'000);
    utc_text(date->seconds);
  }
  parse_trace_date(value);
  parse_message_id(value);
  if (const auto type = parse_media_type(value)) {
    for (const Parameter& one : type->parameters) demand(!one.extended || is_utf8(one.value));
    shown_parameter(type->parameters, "name");
  }
  parse_disposition(value);
  parse_languages(value);
  demand(is_utf8(collation_key(decode_words(value))));
}

}  // namespace

/// A header: every reader of a value is given every field, and what is computed of it whole is sound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string header(reinterpret_cast<const char*>(data), size);
  FieldReader reader(header);
  std::size_t octets = 0;
  while (const auto field = reader.next()) {
    octets += field->whole.size();
    const std::string value = unfold(field->value);
    demand(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    check_value(value);
  }
  demand(octets <= header.size());
  const std::string written = envelope(header, Client::utf8);
  demand(is_closed(written) && is_utf8(written));
  envelope(header, Client::rev1);
  const SortKeys keys = sort_keys(header);
  demand(is_utf8(keys.base_subject) && is_utf8(keys.display_from) && is_utf8(keys.from));
  return 0;
}
