#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::smtp {

/// An address of the envelope. RFC 5321 4.1.2
struct Address {
  std::string local;   ///< without quoting, in the case it came in
  std::string domain;  ///< in lower case; empty for `postmaster` and for names of accounts, or an address literal

  bool empty() const { return local.empty() && domain.empty(); }
  bool ascii() const;
  std::string text() const;  ///< as it stands between the angle brackets, quoted where it must be

  friend bool operator==(const Address&, const Address&) = default;
};

/// What a sender wants to be told of a recipient, as bits. RFC 3461 4.1
namespace notify {
constexpr unsigned unsaid = 0;
constexpr unsigned never = 1;
constexpr unsigned success = 2;
constexpr unsigned failure = 4;
constexpr unsigned delay = 8;
}  // namespace notify

enum class Body { seven_bit, eight_bit, binary };
enum class Return { unsaid, full, headers };

/// MAIL. Parameters: RFC 1870, 6152, 3030, 6531, 3461, 4954.
struct MailCommand {
  Address from;  ///< empty for <>
  std::optional<std::uint64_t> size;
  Body body = Body::seven_bit;
  bool utf8 = false;
  Return returned = Return::unsaid;
  std::string envelope_id;  ///< ENVID, still encoded as xtext

  friend bool operator==(const MailCommand&, const MailCommand&) = default;
};

/// RCPT. Parameters: RFC 3461.
struct RcptCommand {
  Address to;
  unsigned notify = notify::unsaid;
  std::string original;  ///< ORCPT, "rfc822;xtext"

  friend bool operator==(const RcptCommand&, const RcptCommand&) = default;
};

/// A line's verb in upper case, and what follows it without spaces around it.
struct Command {
  std::string verb;
  std::string_view rest;
};
Command parse_command(std::string_view line);

/// What follows "MAIL" and "RCPT". They throw Refused. Source routes are read and forgotten (RFC 5321 appendix C).
/// `extended` is false where the peer has said HELO: then there are no parameters; DSN's are known only with `dsn`.
struct Allowed {
  bool extended = true;
  bool dsn = true;
  bool local_names = false;  ///< addresses may lack a domain
};
MailCommand parse_mail(std::string_view rest, const Allowed& allowed);
RcptCommand parse_rcpt(std::string_view rest, const Allowed& allowed);

/// BDAT. RFC 3030 2. Throws Refused.
struct Chunk {
  std::uint64_t size = 0;
  bool last = false;
};
Chunk parse_bdat(std::string_view rest);

/// An address as it stands in a list or the configuration, without brackets; nothing for one that can't be.
std::optional<Address> parse_address(std::string_view text);

/// A host that says hello: a domain or an address literal. RFC 5321 4.1.3
bool is_host(std::string_view text);

/// RFC 3461 4; nothing for what is none.
std::optional<std::string> from_xtext(std::string_view text);
std::string to_xtext(std::string_view text);

}  // namespace mail::smtp
