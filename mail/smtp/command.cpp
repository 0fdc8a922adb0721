#include "mail/smtp/command.h"

#include <algorithm>
#include <charconv>

#include "mail/mime/header.h"
#include "mail/smtp/path_reader.h"
#include "mail/smtp/reply.h"

namespace mail::smtp {

namespace {

using mime::same_word;

struct Parameter {
  std::string_view keyword;
  std::optional<std::string_view> value;
};

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// esmtp-keyword and esmtp-value. RFC 5321 4.1.2, RFC 6531 3.3
Parameter parse_parameter(std::string_view word) {
  const std::size_t equals = word.find('=');
  Parameter parameter{word.substr(0, equals), std::nullopt};
  const bool named = !parameter.keyword.empty() && is_alphanumeric(parameter.keyword.front());
  if (!named || !std::all_of(parameter.keyword.begin(), parameter.keyword.end(),
                             [](char c) { return is_alphanumeric(c) || c == '-'; })) {
    throw Refused(reply::syntax);
  }
  if (equals == std::string_view::npos) return parameter;
  parameter.value = word.substr(equals + 1);
  const auto good = [](char c) { return static_cast<unsigned char>(c) > 32 && c != '=' && c != 127; };
  if (parameter.value->empty() || !std::all_of(parameter.value->begin(), parameter.value->end(), good)) {
    throw Refused(reply::syntax);
  }
  return parameter;
}

std::vector<Parameter> parse_parameters(std::string_view text, const Allowed& allowed) {
  std::vector<Parameter> parameters;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return parameters;
    if (!allowed.extended) throw Refused(reply::syntax);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    parameters.push_back(parse_parameter(word));
    for (std::size_t i = 0; i + 1 < parameters.size(); ++i) {
      if (same_word(parameters[i].keyword, parameters.back().keyword)) {
        throw Refused({reply::syntax, "A parameter stands twice"});
      }
    }
  }
}

std::string_view value_of(const Parameter& parameter) {
  if (!parameter.value) throw Refused(reply::syntax);
  return *parameter.value;
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // RFC 1870 3: at most 20 digits.
  if (error != std::errc() || end != text.data() + text.size()) throw Refused(reply::syntax);
  return number;
}

Body body_of(std::string_view value) {
  if (same_word(value, "7BIT")) return Body::seven_bit;
  if (same_word(value, "8BITMIME")) return Body::eight_bit;
  if (same_word(value, "BINARYMIME")) throw Refused(reply::unknown_parameter);
  throw Refused(reply::syntax);
}

Return return_of(std::string_view value) {
  if (same_word(value, "FULL")) return Return::full;
  if (same_word(value, "HDRS")) return Return::headers;
  throw Refused(reply::syntax);
}

void apply(const Parameter& parameter, const Allowed& allowed, MailCommand& mail) {
  const std::string_view keyword = parameter.keyword;
  if (same_word(keyword, "SIZE")) {
    mail.size = number_of(value_of(parameter));
  } else if (same_word(keyword, "BODY")) {
    mail.body = body_of(value_of(parameter));
  } else if (same_word(keyword, "SMTPUTF8")) {
    if (parameter.value) throw Refused(reply::syntax);
    mail.utf8 = true;
  } else if (same_word(keyword, "AUTH")) {
    // RFC 4954 5: whoever says so is believed no more than others.
    if (!from_xtext(value_of(parameter))) throw Refused(reply::syntax);
  } else if (allowed.dsn && same_word(keyword, "RET")) {
    mail.returned = return_of(value_of(parameter));
  } else if (allowed.dsn && same_word(keyword, "ENVID")) {
    // RFC 3461 4.4: at most 100 characters.
    mail.envelope_id = value_of(parameter);
    if (mail.envelope_id.size() > 100 || !from_xtext(mail.envelope_id)) throw Refused(reply::syntax);
  } else {
    throw Refused(reply::unknown_parameter);
  }
}

// RFC 3461 4.1
unsigned notify_of(std::string_view value) {
  unsigned bits = 0;
  while (true) {
    const std::string_view word = value.substr(0, value.find(','));
    unsigned bit = 0;
    if (same_word(word, "NEVER")) bit = notify::never;
    if (same_word(word, "SUCCESS")) bit = notify::success;
    if (same_word(word, "FAILURE")) bit = notify::failure;
    if (same_word(word, "DELAY")) bit = notify::delay;
    if (bit == 0) throw Refused(reply::syntax);
    bits |= bit;
    if (word.size() == value.size()) break;
    value.remove_prefix(word.size() + 1);
  }
  if ((bits & notify::never) != 0 && bits != notify::never) throw Refused(reply::syntax);
  return bits;
}

// RFC 3461 4.2: at most 500 characters.
std::string original_of(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  if (semicolon == 0 || semicolon == std::string_view::npos || value.size() > 500) throw Refused(reply::syntax);
  const std::string_view type = value.substr(0, semicolon);
  // RFC 6533 3: addresses of the type utf-8 have an encoding of their own.
  const bool good = std::all_of(type.begin(), type.end(), [](char c) { return is_alphanumeric(c) || c == '-'; }) &&
                    (same_word(type, "utf-8") || from_xtext(value.substr(semicolon + 1)));
  if (!good) throw Refused(reply::syntax);
  return std::string(value);
}

void apply(const Parameter& parameter, const Allowed& allowed, RcptCommand& rcpt) {
  if (allowed.dsn && same_word(parameter.keyword, "NOTIFY")) {
    rcpt.notify = notify_of(value_of(parameter));
  } else if (allowed.dsn && same_word(parameter.keyword, "ORCPT")) {
    rcpt.original = original_of(value_of(parameter));
  } else {
    throw Refused(reply::unknown_parameter);
  }
}

/// What follows the word and its colon.
std::string_view after(std::string_view word, std::string_view rest) {
  if (rest.size() <= word.size() || !same_word(rest.substr(0, word.size()), word)) throw Refused(reply::syntax);
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty() || rest.front() != ':') throw Refused(reply::syntax);
  rest.remove_prefix(1);
  // RFC 5321 3.3: there should be none, and some put one there.
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

Command parse_command(std::string_view line) {
  const std::string_view verb = line.substr(0, line.find(' '));
  Command command{std::string(verb), mime::trimmed(line.substr(verb.size()))};
  for (char& c : command.verb) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return command;
}

MailCommand parse_mail(std::string_view rest, const Allowed& allowed) {
  PathReader path(after("FROM", rest));
  MailCommand mail;
  if (!path.read(mail.from, PathReader::Null::allowed, allowed.local_names)) throw Refused(reply::bad_sender);
  for (const Parameter& parameter : parse_parameters(path.rest(), allowed)) apply(parameter, allowed, mail);
  // RFC 6531 3.5
  if (!mail.utf8 && !mail.from.ascii()) throw Refused(reply::needs_utf8);
  return mail;
}

RcptCommand parse_rcpt(std::string_view rest, const Allowed& allowed) {
  PathReader path(after("TO", rest));
  RcptCommand rcpt;
  if (!path.read(rcpt.to, PathReader::Null::refused, allowed.local_names)) throw Refused(reply::bad_recipient);
  for (const Parameter& parameter : parse_parameters(path.rest(), allowed)) apply(parameter, allowed, rcpt);
  return rcpt;
}

Chunk parse_bdat(std::string_view rest) {
  const std::string_view size = rest.substr(0, rest.find(' '));
  const std::string_view last = mime::trimmed(rest.substr(size.size()));
  if (size.empty() || (!last.empty() && !same_word(last, "LAST"))) throw Refused(reply::syntax);
  return {number_of(size), !last.empty()};
}

std::optional<std::string> from_xtext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '!' || text[i] > '~' || text[i] == '=') return std::nullopt;
    if (text[i] != '+') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

std::string to_xtext(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (c > ' ' && c <= '~' && c != '+' && c != '=') {
      out += c;
      continue;
    }
    out += '+';
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

}  // namespace mail::smtp
