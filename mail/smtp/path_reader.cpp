#include "mail/smtp/path_reader.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::smtp {

namespace {

// RFC 5321 4.5.3.1
constexpr std::size_t most_local = 64;
constexpr std::size_t most_domain = 255;
constexpr std::size_t most_label = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) & 128U) != 0;
}

// atext of RFC 5322 3.2.3, with UTF-8 (RFC 6531 3.3).
bool is_atext(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// A name of the DNS, also with the underscore that some have.
bool is_domain_name(std::string_view text) {
  if (text.empty() || text.size() > most_domain) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > most_label || label.front() == '-' || label.back() == '-') return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; })) {
      return false;
    }
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

// RFC 5321 4.1.3; what stands in it is not looked at.
bool is_literal(std::string_view text) {
  if (text.size() < 3 || text.size() > most_domain || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127 && (c < '[' || c > ']'); });
}

}  // namespace

bool PathReader::take(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool PathReader::read(Address& address, Null null, bool local) {
  if (!take('<')) return false;
  if (null == Null::allowed && take('>')) return rest_.empty() || rest_.front() == ' ';
  if (!rest_.empty() && rest_.front() == '@' && !skip_route()) return false;
  if (!read_mailbox(address, local) || !take('>')) return false;
  return rest_.empty() || rest_.front() == ' ';
}

// RFC 5321 appendix C: "SHOULD ignore the source route".
bool PathReader::skip_route() {
  while (take('@')) {
    std::string domain;
    if (!read_domain(domain)) return false;
    if (take(':')) return true;
    if (!take(',')) return false;
  }
  return false;
}

bool PathReader::read_mailbox(Address& address, bool local) {
  const bool quoted = !rest_.empty() && rest_.front() == '"';
  if (!(quoted ? read_quoted(address.local) : read_local(address.local))) return false;
  if (address.local.size() > most_local || !mime::is_utf8(address.local)) return false;
  if (!take('@')) return local || mime::same_word(address.local, "postmaster");
  return read_domain(address.domain) && mime::is_utf8(address.domain);
}

// Dots are taken wherever they are: addresses such as `a..b@` exist, and are quoted where they are written.
bool PathReader::read_local(std::string& local) {
  const auto end = std::find_if(rest_.begin(), rest_.end(), [](char c) { return !is_atext(c) && c != '.'; });
  const auto length = static_cast<std::size_t>(end - rest_.begin());
  local = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return length > 0;
}

bool PathReader::read_quoted(std::string& local) {
  rest_.remove_prefix(1);
  while (!rest_.empty()) {
    char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return !local.empty();
    if (c == '\\') {
      if (rest_.empty()) return false;
      c = rest_.front();
      rest_.remove_prefix(1);
    }
    if (static_cast<unsigned char>(c) < ' ' || c == 127) return false;
    local += c;
  }
  return false;
}

bool PathReader::read_domain(std::string& domain) {
  const bool literal = !rest_.empty() && rest_.front() == '[';
  const std::size_t end = literal ? rest_.find(']') : rest_.find_first_of(">:, ");
  const std::string_view text = rest_.substr(0, literal && end != std::string_view::npos ? end + 1 : end);
  if (literal ? !is_literal(text) : !is_domain_name(text)) return false;
  rest_.remove_prefix(text.size());
  domain = mime::lower_case(text);
  return true;
}

bool Address::ascii() const {
  const auto good = [](char c) { return (static_cast<unsigned char>(c) & 128U) == 0; };
  return std::all_of(local.begin(), local.end(), good) && std::all_of(domain.begin(), domain.end(), good);
}

std::string Address::text() const {
  const bool plain = !local.empty() && local.front() != '.' && local.back() != '.' &&
                     local.find("..") == std::string::npos &&
                     std::all_of(local.begin(), local.end(), [](char c) { return is_atext(c) || c == '.'; });
  std::string text;
  if (plain || empty()) {
    text = local;
  } else {
    text = "\"";
    for (const char c : local) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return domain.empty() ? text : text + "@" + domain;
}

std::optional<Address> parse_address(std::string_view text) {
  PathReader reader(text);
  Address address;
  if (!reader.read_mailbox(address, true) || !reader.rest().empty()) return std::nullopt;
  return address;
}

bool is_host(std::string_view text) { return is_domain_name(text) || is_literal(text); }

}  // namespace mail::smtp
