#pragma once

namespace server {

/// How a thread shares the processors with others that want them, as far as the system can be told (Linux 6.12 and
/// later; elsewhere nothing changes). It is about who goes first, not about who gets more.
enum class Turns {
  soon,   ///< short ones, begun at once: it does little and somebody waits for it
  usual,  ///< what all threads have
};

/// For the calling thread. Never fails: what can't be told makes only slower.
void take_turns(Turns turns);

/// While it lives, a thread that has its turns soon takes the usual ones.
class UsualTurns {
 public:
  UsualTurns() { take_turns(Turns::usual); }
  ~UsualTurns() { take_turns(Turns::soon); }
  UsualTurns(const UsualTurns&) = delete;
  UsualTurns& operator=(const UsualTurns&) = delete;
};

}  // namespace server
