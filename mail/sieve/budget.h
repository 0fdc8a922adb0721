#pragma once

#include <cstddef>
#include <cstdint>

#include "mail/sieve/script.h"

namespace mail::sieve {

/// What is left to be spent on a message. Where nothing is left it throws ScriptError.
class Budget {
 public:
  Budget(std::size_t steps, std::uint64_t work) : steps_(steps), work_(work) {}

  /// A command or test is begun.
  void step(Place place) {
    at_ = place;
    if (steps_-- == 0) throw ScriptError(place, "the script takes too many steps for this message");
  }

  /// So many octets are looked at.
  void spend(std::uint64_t octets) {
    if (octets > work_) throw ScriptError(at_, "the script takes too much time for this message");
    work_ -= octets;
  }

  Place at() const { return at_; }

 private:
  std::size_t steps_;
  std::uint64_t work_;
  Place at_;
};

}  // namespace mail::sieve
