#pragma once

#include <string_view>

#include "mail/smtp/command.h"

namespace mail::smtp {

/// Reads a path, `<@a,@b:local@domain>`, from the start of a text. RFC 5321 4.1.2
class PathReader {
 public:
  explicit PathReader(std::string_view text) : rest_(text) {}

  enum class Null { allowed, refused };
  /// False for what is no path, or is longer than RFC 5321 4.5.3.1 allows. `local` lets the domain be absent, which
  /// <postmaster> may do in any case.
  bool read(Address& address, Null null, bool local);

  /// What follows the path.
  std::string_view rest() const { return rest_; }

  /// The same without brackets, up to the end.
  bool read_mailbox(Address& address, bool local);

 private:
  bool skip_route();
  bool read_local(std::string& local);
  bool read_quoted(std::string& local);
  bool read_domain(std::string& domain);
  bool take(char c);

  std::string_view rest_;
};

}  // namespace mail::smtp
