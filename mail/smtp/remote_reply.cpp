#include <algorithm>

#include "mail/smtp/client.h"

namespace mail::smtp {

namespace {

constexpr std::size_t most_line = 2048;
constexpr std::size_t most_lines = 500;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 3463 2, RFC 2034 3
std::string enhanced_status(std::string_view line) {
  std::size_t dots = 0;
  std::size_t at = 0;
  std::size_t digits = 0;
  for (; at < line.size() && line[at] != ' '; ++at) {
    if (line[at] == '.') {
      if (digits == 0 || ++dots > 2) return {};
      digits = 0;
    } else if (!is_digit(line[at]) || ++digits > 3) {
      return {};
    }
  }
  const bool good = dots == 2 && digits > 0 && line[1] == '.' && (line[0] == '2' || line[0] == '4' || line[0] == '5');
  return good ? std::string(line.substr(0, at)) : std::string();
}

}  // namespace

std::string RemoteReply::status() const {
  const std::string enhanced = lines.empty() ? std::string() : enhanced_status(lines.front());
  if (!enhanced.empty() && enhanced.front() - '0' == code / 100) return enhanced;
  return std::to_string(code / 100) + ".0.0";
}

std::string RemoteReply::text() const {
  std::string text = std::to_string(code);
  for (const std::string& line : lines) {
    if (text.size() > 1000) break;
    text += ' ';
    for (const char c : line) text += static_cast<unsigned char>(c) < ' ' || c == 127 ? '?' : c;
  }
  return text;
}

std::size_t parse_reply(std::string_view bytes, RemoteReply& reply) {
  reply = {};
  std::size_t at = 0;
  while (true) {
    const std::size_t feed = bytes.find('\n', at);
    if (feed == std::string_view::npos) {
      if (bytes.size() - at > most_line) throw WireBroken("a reply's line is too long");
      return 0;
    }
    std::string_view line = bytes.substr(at, feed - at);
    at = feed + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool good = line.size() >= 3 && line.size() <= most_line && line[0] >= '2' && line[0] <= '5' &&
                      is_digit(line[1]) && is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!good) throw WireBroken("what the server says is no reply");
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply.code != 0 && reply.code != code) throw WireBroken("a reply has two codes");
    if (reply.lines.size() >= most_lines) throw WireBroken("a reply has too many lines");
    reply.code = code;
    reply.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
    if (line.size() == 3 || line[3] == ' ') return at;
  }
}

std::string DataWriter::next(std::string_view piece) {
  std::string out;
  out.reserve(piece.size() + piece.size() / 32);
  for (const char c : piece) {
    if (c == '\n') {
      out += after_cr_ ? "\n" : "\r\n";
      after_cr_ = false;
      line_start_ = true;
      continue;
    }
    if (after_cr_) {
      out += '\n';  // the CR before it was by itself
      line_start_ = true;
    }
    if (line_start_ && c == '.') out += '.';
    out += c;
    after_cr_ = c == '\r';
    line_start_ = false;
  }
  return out;
}

std::string DataWriter::end() {
  if (after_cr_) return "\n.\r\n";
  return line_start_ ? ".\r\n" : "\r\n.\r\n";
}

}  // namespace mail::smtp
