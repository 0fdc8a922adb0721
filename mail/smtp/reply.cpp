#include "mail/smtp/reply.h"

namespace mail::smtp {

std::string Reply::line() const {
  std::string line = std::to_string(code) + " ";
  if (!status.empty()) line += status + " ";
  for (const char c : text) line += c == '\r' || c == '\n' ? ' ' : c;
  return line + "\r\n";
}

}  // namespace mail::smtp
