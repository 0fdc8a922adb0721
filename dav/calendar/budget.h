#pragma once

#include <cstddef>

namespace dav::calendar {

/// What the evaluation of one object may cost, in steps of some ten nanoseconds. When it is spent, iterations end
/// early; no rule, however hostile, takes longer.
class Budget {
 public:
  explicit Budget(std::size_t steps = 50'000) : left_(steps) {}

  /// Takes so many steps; false when there are not enough left, which ends it.
  bool spend(std::size_t steps = 1) {
    if (left_ < steps) {
      left_ = 0;
      return false;
    }
    left_ -= steps;
    return true;
  }

  bool is_spent() const { return left_ == 0; }

 private:
  std::size_t left_;
};

}  // namespace dav::calendar
