#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mail/hooks/hook.h"

namespace mail::hooks::milter {

/// What the protocol's names stand for are octets of libmilter's <mfdef.h>; version 6 is what everybody speaks.
constexpr std::uint32_t version = 6;

/// What we send. SMFIC_*
enum class Command : char {
  macro = 'D',
  negotiate = 'O',
  connect = 'C',
  hello = 'H',
  mail = 'M',
  recipient = 'R',
  data = 'T',
  header = 'L',
  end_of_header = 'N',
  body = 'B',
  end_of_message = 'E',
  quit = 'Q',
};

/// What a filter may do, as it asks for it. SMFIF_*
namespace action {
constexpr std::uint32_t add_headers = 0x01;
constexpr std::uint32_t change_body = 0x02;
constexpr std::uint32_t add_recipient = 0x04;
constexpr std::uint32_t delete_recipient = 0x08;
constexpr std::uint32_t change_headers = 0x10;
constexpr std::uint32_t quarantine = 0x20;
constexpr std::uint32_t change_sender = 0x40;
constexpr std::uint32_t add_recipient_with_parameters = 0x80;
constexpr std::uint32_t set_macros = 0x100;
constexpr std::uint32_t all = 0x1FF;
}  // namespace action

/// What a filter doesn't want to be sent, or won't answer. SMFIP_*
namespace step {
constexpr std::uint32_t no_connect = 0x01;
constexpr std::uint32_t no_hello = 0x02;
constexpr std::uint32_t no_mail = 0x04;
constexpr std::uint32_t no_recipient = 0x08;
constexpr std::uint32_t no_body = 0x10;
constexpr std::uint32_t no_headers = 0x20;
constexpr std::uint32_t no_end_of_header = 0x40;
constexpr std::uint32_t silent_header = 0x80;
constexpr std::uint32_t no_unknown = 0x100;
constexpr std::uint32_t no_data = 0x200;
constexpr std::uint32_t skip = 0x400;
constexpr std::uint32_t silent_connect = 0x1000;
constexpr std::uint32_t silent_hello = 0x2000;
constexpr std::uint32_t silent_mail = 0x4000;
constexpr std::uint32_t silent_recipient = 0x8000;
constexpr std::uint32_t silent_data = 0x1'0000;
constexpr std::uint32_t silent_end_of_header = 0x4'0000;
constexpr std::uint32_t silent_body = 0x8'0000;
constexpr std::uint32_t leading_space = 0x10'0000;
/// All we offer: everything but recipients that were refused (SMFIP_RCPT_REJ).
constexpr std::uint32_t all = 0x1F'F7FF;
}  // namespace step

/// A packet of the protocol: its octet and what follows.
struct Packet {
  char code = 0;
  std::string data;
};

/// Takes packets out of what arrives. Throws Failed for one that is empty, or longer than 1 MiB.
class PacketReader {
 public:
  void add(std::string_view octets) { rest_ += octets; }
  std::optional<Packet> next();

 private:
  std::string rest_;
};

std::string packet(char code, std::string_view data);
inline std::string packet(Command command, std::string_view data) { return packet(static_cast<char>(command), data); }

/// 32 bits, the highest octet first.
std::string number(std::uint32_t value);

/// A text with the NUL that ends it; NULs in it are left out.
std::string text(std::string_view value);

/// What both sides agree on. SMFIC_OPTNEG
struct Negotiation {
  std::uint32_t version = milter::version;
  std::uint32_t actions = action::all;
  std::uint32_t steps = step::all;
};
std::string negotiation(const Negotiation& offer);
/// A filter's answer to our offer. Throws Failed for what isn't one, or wants more than was offered.
Negotiation parse_negotiation(const Packet& packet);

/// An answer. SMFIR_*
struct Reply {
  enum class Kind {
    go_on,
    accept,
    reject,
    defer,
    discard,
    skip,       ///< no more of the body
    progress,   ///< it takes time
    header,     ///< `change`
    body,       ///< `text` is a piece of the new one
    sender,     ///< `text`
    add,        ///< `text`, a recipient
    remove,     ///< the same
    quarantine  ///< `text` says why
  };
  Kind kind = Kind::go_on;
  int code = 0;
  std::string text;
  HeaderChange change;
};

/// Throws Failed for what is none, or wasn't agreed on.
Reply parse_reply(const Packet& packet, const Negotiation& agreed);

}  // namespace mail::hooks::milter
