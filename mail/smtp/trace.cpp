#include "mail/smtp/trace.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "mail/mime/header.h"

namespace mail::smtp {

namespace {

constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// RFC 5321 4.1.3
std::string literal(const std::string& address) {
  return address.find(':') == std::string::npos ? "[" + address + "]" : "[IPv6:" + address + "]";
}

}  // namespace

std::string date_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return "Thu, 1 Jan 1970 00:00:00 +0000";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %d %s %04d %02d:%02d:%02d +0000",
                weekdays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                parts.tm_sec);
  return text.data();
}

std::string received_field(const Trace& trace) {
  const bool known = trace.address.find_first_of(".:") != std::string::npos;
  std::string field = "Received: from ";
  field += is_host(trace.hello) ? trace.hello : known ? literal(trace.address) : "localhost";
  if (known) field += " (" + literal(trace.address) + ")";
  field += "\r\n\tby " + trace.by + " with " + trace.with + " id " + trace.id;
  if (!trace.recipient.empty()) field += "\r\n\tfor <" + trace.recipient + ">";
  return field + ";\r\n\t" + date_text(trace.now) + "\r\n";
}

std::string return_path_field(std::string_view sender) { return "Return-Path: <" + std::string(sender) + ">\r\n"; }

std::string delivered_to_field(std::string_view recipient) {
  return "Delivered-To: " + std::string(recipient) + "\r\n";
}

bool runs_in_loop(std::string_view header, std::string_view recipient, std::size_t most_hops) {
  mime::FieldReader fields(header);
  std::size_t hops = 0;
  while (const auto field = fields.next()) {
    if (mime::same_word(field->name, "Received") && ++hops > most_hops) return true;
    if (recipient.empty() || !mime::same_word(field->name, "Delivered-To")) continue;
    if (mime::same_word(mime::unfold(field->value), recipient)) return true;
  }
  return false;
}

std::string complete_header(std::string_view header, const Missing& missing) {
  std::string out;
  bool has_date = false;
  bool has_id = false;
  std::size_t end = 0;  // of the fields
  mime::FieldReader fields(header);
  while (const auto field = fields.next()) {
    end = static_cast<std::size_t>(field->whole.data() - header.data()) + field->whole.size();
    const bool dropped = mime::same_word(field->name, "Bcc") || mime::same_word(field->name, "Resent-Bcc") ||
                         mime::same_word(field->name, "Return-Path");
    if (dropped) continue;
    has_date = has_date || mime::same_word(field->name, "Date");
    has_id = has_id || mime::same_word(field->name, "Message-ID");
    out += field->whole;
  }
  if (!out.empty() && out.back() != '\n') out += "\r\n";
  if (!has_date) out += "Date: " + date_text(missing.now) + "\r\n";
  if (!has_id) out += "Message-ID: <" + missing.message_id + ">\r\n";
  const std::string_view rest = header.substr(end);
  return out + (rest.empty() ? "\r\n" : std::string(rest));
}

}  // namespace mail::smtp
