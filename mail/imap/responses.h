#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "mail/imap/names.h"
#include "mail/imap/session.h"
#include "storage/mail.h"

namespace mail::imap {

/// What of a message's flags a FETCH response tells.
struct Told {
  bool uid = false;
  bool flags = true;
  bool modseq = false;
};

/// What is told without having been asked for. RFC 7162 3.2.4
Told told_unasked(const Session& session);

/// Appends a FETCH response with the flags that the view has.
void append_flags(std::string& out, Session& session, std::uint32_t number, Told told);

/// Appends `FLAGS (…)` of a message of the view.
void append_flags_item(std::string& out, Session& session, std::uint32_t number);

/// Appends EXPUNGE or VANISHED responses for messages that are in the view no more; their numbers as they were,
/// ascending.
void append_expunged(std::string& out, const Session& session, std::span<const std::uint32_t> numbers,
                     std::span<const storage::Uid> uids);

/// Appends FLAGS, and with them PERMANENTFLAGS.
void append_defined_flags(std::string& out, Session& session);

/// The mailbox of that full name, in which this session has that right. Throws Refusal: with that code if there is
/// none; NOPERM without the right; if it can't be selected.
Place find_mailbox(storage::Transaction& transaction, const Session& session, std::string_view name, char right,
                   const char* code = "NONEXISTENT");

/// The end of a command: `VALUE (a b)` and the like.
void end_arguments(const Call& call);

}  // namespace mail::imap
