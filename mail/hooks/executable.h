#pragma once

#include <string>

#include "mail/hooks/hook.h"

namespace mail::hooks {

/// A program that looks at mail: the message is on its standard input, the envelope in its environment
/// (PILEUS_DIRECTION, PILEUS_ID, PILEUS_CLIENT, PILEUS_HELLO, PILEUS_TLS, PILEUS_ACCOUNT, PILEUS_SENDER and
/// PILEUS_RECIPIENTS, one a line), and nothing else is open. Its exit status is the verdict, as in sysexits(3):
///
///   0                 accept; the fields that it has written to its standard output are put in front of the message
///   65, 69, 77, 100   reject; what it has written is told to the sender
///   75, 111           defer; the same
///   98                quarantine; fields as with 0
///   99                discard
///
/// Anything else, a signal, more than 64 KiB of output or no end before the deadline is a failure. At the deadline it
/// is killed with all it has started in its process group. No shell is involved.
struct Executable {
  std::string path;                ///< absolute
  std::uint64_t memory = 1 << 30;  ///< octets of its address space, at most
};

Function executable(Executable program);

}  // namespace mail::hooks
