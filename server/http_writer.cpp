#include "server/http_writer.h"

#include <cstring>

#include "dav/http_date.h"
#include "server/http_head.h"

namespace server {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

// RFC 9110 15; the others with their own.
constexpr Phrase phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},      // RFC 4918 11.1
    {208, "Already Reported"},  // RFC 5842 7.1
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},             // RFC 4918 11.3
    {424, "Failed Dependency"},  // RFC 4918 11.4
    {426, "Upgrade Required"},
    {428, "Precondition Required"},            // RFC 6585 3
    {429, "Too Many Requests"},                // RFC 6585 4
    {431, "Request Header Fields Too Large"},  // RFC 6585 5
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},  // RFC 4918 11.5
    {508, "Loop Detected"},         // RFC 5842 7.2
};

constexpr std::string_view owned[] = {"Connection", "Date", "Content-Length", "Transfer-Encoding", "Keep-Alive"};

bool is_owned(std::string_view name) {
  for (const std::string_view own : owned) {
    if (same_text(name, own)) return true;
  }
  return false;
}

/// RFC 9110 5.5: line ends and NUL in a value must not reach the wire.
void append_value(std::string& head, std::string_view value) {
  for (const char octet : value) head += octet == '\r' || octet == '\n' || octet == '\0' ? ' ' : octet;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  append_value(head, value);
  head.append("\r\n");
}

std::uint64_t body_size(const dav::Response& response) {
  std::uint64_t size = 0;
  for (const storage::Segment& segment : response.body) size += segment.size();
  return size;
}

/// RFC 9110 8.6: none for 1xx and 204; what GET would have for HEAD and 304, where it is known.
std::optional<std::string> content_length(const dav::Response& response, const Framed& framed) {
  if (response.status < 200 || response.status == 204) return std::nullopt;
  const std::uint64_t size = body_size(response);
  const bool not_sent = framed.head_only || response.status == 304;
  if (not_sent && size == 0) {
    if (const auto given = response.headers.find("Content-Length")) return std::string(*given);
    if (response.status == 304) return std::nullopt;
  }
  return std::to_string(size);
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : phrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "";
}

std::string write_head(const dav::Response& response, const Framed& framed, std::time_t now) {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason_phrase(response.status)).append("\r\n");
  append_field(head, "Date", dav::http_date(now));
  for (const auto& [name, value] : response.headers) {
    if (!is_owned(name)) append_field(head, name, value);
  }
  if (!framed.strict_transport_security.empty() && !response.headers.find("Strict-Transport-Security")) {
    append_field(head, "Strict-Transport-Security", framed.strict_transport_security);
  }
  if (framed.chunked) {
    append_field(head, "Transfer-Encoding", "chunked");
  } else if (const auto length = content_length(response, framed)) {
    append_field(head, "Content-Length", *length);
  }
  if (!framed.keep_alive) {
    append_field(head, "Connection", "close");
  } else if (framed.http_1_0) {
    append_field(head, "Connection", "keep-alive");
  }
  head.append("\r\n");
  return head;
}

dav::Response plain_answer(int status, std::string refusal) {
  dav::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  storage::Segment segment;
  segment.bytes = std::to_string(status) + " " + std::string(reason_phrase(status)) + "\n";
  response.body.push_back(std::move(segment));
  response.refusal = std::move(refusal);
  return response;
}

}  // namespace server
