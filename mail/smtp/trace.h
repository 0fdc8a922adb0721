#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/smtp/command.h"

namespace mail::smtp {

/// What a Received field tells. RFC 5321 4.4
struct Trace {
  std::string hello;    ///< how the peer has called itself
  std::string address;  ///< of the peer; empty where it isn't told
  std::string by;       ///< this server
  std::string with;     ///< RFC 3848
  std::string id;
  std::string recipient;  ///< empty where there are several
  std::int64_t now = 0;
};
std::string received_field(const Trace& trace);

std::string return_path_field(std::string_view sender);
std::string delivered_to_field(std::string_view recipient);

/// Whether a message has been here before: it was delivered to this address already, or has come through too many
/// servers. RFC 5321 6.3
bool runs_in_loop(std::string_view header, std::string_view recipient, std::size_t most_hops);

/// What a client has left to the server: Date and Message-ID are there, Bcc is not, nor a Return-Path. RFC 6409 8
struct Missing {
  std::int64_t now = 0;
  std::string message_id;  ///< without brackets
};
std::string complete_header(std::string_view header, const Missing& missing);

/// "Tue, 24 Nov 2026 19:49:12 +0000". RFC 5322 3.3
std::string date_text(std::int64_t seconds);

}  // namespace mail::smtp
