#include <algorithm>

#include "server/http_exchange.h"

namespace server {

namespace {

constexpr std::string_view secret[] = {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"};

bool is_secret(std::string_view name) {
  return std::ranges::any_of(secret, [&](std::string_view one) { return same_text(one, name); });
}

/// The first `most` octets of a segment.
std::string beginning(const storage::Segment& segment, std::size_t most) {
  if (!segment.file) return segment.bytes.substr(0, most);
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(segment.length, most)), '\0');
  text.resize(segment.file->read(text.data(), text.size(), segment.offset));
  return text;
}

}  // namespace

std::string without_credentials(std::string_view head) {
  std::string clean;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && is_secret(line.substr(0, colon))) {
      clean.append(line.substr(0, colon)).append(": (removed)\r\n");
    } else {
      clean.append(line);
    }
  }
  return clean;
}

void HttpSession::remember_request() {
  Exchange& now = *exchange_;
  if (!now.options->traced || !now.options->trace || !now.options->traced(now.head.request)) return;
  now.traced = std::make_unique<TraceRecord>();
  now.traced->id = now.record.id;
  now.traced->account = now.record.account;
  now.traced->request_head = without_credentials(head_.octets());
}

void HttpSession::remember_body() {
  Exchange& now = *exchange_;
  if (!now.traced) return;
  const storage::Spool& body = now.head.request.body;
  const std::size_t most = now.options->trace_octets;
  if (body.in_memory()) {
    now.traced->request_body = body.bytes().substr(0, most);
  } else {
    storage::Segment segment;
    segment.file = body.file();
    segment.length = body.size();
    now.traced->request_body = beginning(segment, most);
  }
}

void HttpSession::remember_response(const dav::Response& response) {
  Exchange& now = *exchange_;
  if (!now.traced) return;
  for (const storage::Segment& segment : response.body) {
    const std::size_t left = now.options->trace_octets - now.traced->response_body.size();
    if (left == 0) break;
    now.traced->response_body += beginning(segment, left);
  }
}

void HttpSession::trace(const std::string& response_head) {
  Exchange& now = *exchange_;
  if (!now.traced) return;
  now.traced->response_head = without_credentials(response_head);
  now.options->trace(*now.traced);
}

}  // namespace server
