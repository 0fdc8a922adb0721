#include "server/http_head.h"

#include <strings.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>

namespace server {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string text(string_view view) { return std::string(view.data(), view.size()); }

/// Beast's parser, used for a whole head at once; bodies are delimited by BodyReader. Fields are taken as they are
/// parsed.
class Parser : public http::basic_parser<true> {
 public:
  explicit Parser(HttpHead& head) : head_(head) {}
  std::string target;

 private:
  void on_request_impl(http::verb, string_view method, string_view request_target, int version, error_code&) override {
    head_.request.method = text(method);
    target = text(request_target);
    head_.http_1_0 = version == 10;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    head_.request.headers.add(text(name), text(value));
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  HttpHead& head_;
};

bool is_digit(char octet) { return octet >= '0' && octet <= '9'; }

/// RFC 9110 15.6.6: a version that is one, but not 1.0 or 1.1.
bool names_other_version(std::string_view octets) {
  const std::string_view line = octets.substr(0, octets.find("\r\n"));
  const std::size_t space = line.rfind(' ');
  const std::string_view version = space == std::string_view::npos ? line : line.substr(space + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' &&
         is_digit(version[7]);
}

std::size_t count(const dav::Headers& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& field) { return same_text(field.first, name); }));
}

/// RFC 9112 3.2: origin-form, absolute-form, or "*" for OPTIONS.
bool take_target(HttpHead& head, std::string_view target) {
  if (target == "*") {
    head.request.path = "*";
    return head.request.method == "OPTIONS";
  }
  if (target.find('#') != std::string_view::npos) return false;
  if (!target.starts_with('/')) {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return false;
    if (!same_text(target.substr(0, scheme), "http") && !same_text(target.substr(0, scheme), "https")) return false;
    target.remove_prefix(scheme + 3);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    // RFC 9112 3.2.2: the authority of an absolute target replaces Host.
    head.request.authority = target.substr(0, end);
    if (!is_authority(head.request.authority)) return false;
    target.remove_prefix(end);
  }
  const std::size_t question = target.find('?');
  head.request.path = target.substr(0, question);
  if (question != std::string_view::npos) head.request.query = target.substr(question + 1);
  if (head.request.path.empty()) head.request.path = "/";
  return true;
}

/// RFC 9112 3.2: Host exactly once (in HTTP/1.0: at most once) and a valid one.
const char* take_host(HttpHead& head) {
  const std::size_t hosts = count(head.request.headers, "Host");
  if (hosts > 1) return "more than one Host";
  if (hosts == 0) return head.http_1_0 ? nullptr : "no Host";
  const std::string_view host = *head.request.headers.find("Host");
  if (!is_authority(host)) return "bad Host";
  if (head.request.authority.empty()) head.request.authority = host;
  return nullptr;
}

/// RFC 9112 6.1 to 6.3, of which only what can't be read in two ways is taken.
std::optional<FramingRefusal> take_framing(HttpHead& head) {
  const dav::Headers& headers = head.request.headers;
  const std::size_t lengths = count(headers, "Content-Length");
  const std::size_t codings = count(headers, "Transfer-Encoding");
  if (codings > 0) {
    if (lengths > 0) return FramingRefusal{400, "both Transfer-Encoding and Content-Length"};
    if (head.http_1_0) return FramingRefusal{400, "Transfer-Encoding in HTTP/1.0"};
    if (codings > 1 || !same_text(*headers.find("Transfer-Encoding"), "chunked")) {
      return FramingRefusal{501, "a transfer coding other than chunked"};
    }
    head.framing = Framing::chunked;
    return std::nullopt;
  }
  if (lengths == 0) return std::nullopt;
  if (lengths > 1) return FramingRefusal{400, "more than one Content-Length"};
  const std::string_view digits = *headers.find("Content-Length");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), head.length);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit) || error != std::errc{} ||
      end != digits.data() + digits.size()) {
    return FramingRefusal{400, "bad Content-Length"};
  }
  if (head.length > 0) head.framing = Framing::length;
  return std::nullopt;
}

FramingRefusal explain(const error_code& error, std::string_view octets) {
  if (error == http::error::bad_version && names_other_version(octets)) return {505, "another version of HTTP"};
  if (error == http::error::header_limit) return {431, "a field is too long"};
  return {400, error.message()};
}

}  // namespace

bool is_token_octet(char octet) {
  return std::isalnum(static_cast<unsigned char>(octet)) != 0 ||
         (octet != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(octet) != std::string_view::npos);
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_authority(std::string_view authority) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    if (!std::ranges::all_of(authority.substr(1, end - 1), [](char octet) {
          return std::isxdigit(static_cast<unsigned char>(octet)) != 0 || octet == ':' || octet == '.';
        })) {
      return false;
    }
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    const std::string_view host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (host.empty() || !std::ranges::all_of(host, [](char octet) {
          return std::isalnum(static_cast<unsigned char>(octet)) != 0 ||
                 std::string_view("-._~!$&'()*+,;=%").find(octet) != std::string_view::npos;
        })) {
      return false;
    }
  }
  if (port.empty()) return true;
  return port.front() == ':' && port.size() <= 6 && std::all_of(port.begin() + 1, port.end(), is_digit);
}

std::variant<HttpHead, FramingRefusal> parse_head(std::string_view octets, std::size_t longest_target) {
  HttpHead head;
  Parser parser(head);
  parser.header_limit(static_cast<std::uint32_t>(octets.size() + 1));
  parser.body_limit(boost::none);
  error_code error;
  const std::size_t used = parser.put({octets.data(), octets.size()}, error);
  if (error) return explain(error, octets);
  if (!parser.is_header_done() || used != octets.size()) return FramingRefusal{400, "not one head"};
  if (parser.target.size() > longest_target) return FramingRefusal{414, "the target is too long"};
  if (!take_target(head, parser.target)) return FramingRefusal{400, "bad request target"};
  if (const char* reason = take_host(head)) return FramingRefusal{400, reason};
  if (auto refusal = take_framing(head)) return *refusal;
  head.keep_alive = parser.keep_alive();
  // RFC 9110 10.1.1: an HTTP/1.0 client's expectation is ignored.
  if (const auto expectation = head.request.headers.joined("Expect"); expectation && !head.http_1_0) {
    head.expect_continue = same_text(*expectation, "100-continue");
    head.unknown_expectation = !head.expect_continue;
  }
  return head;
}

}  // namespace server
