#pragma once

#include <stdexcept>
#include <string>

namespace storage {

enum class Trouble {
  unavailable,  ///< the database or the disk does not answer; try again later
  full,         ///< no space on the disk; nothing was written, reads go on
  conflict,     ///< a serialization failure that outlived the retries
  corrupt,      ///< what was read cannot be right
  refused,      ///< a store from the future, a second writer, wrong permissions
};

/// What storage throws when it can't do its work. Absence is never a Failure: it is an empty optional.
class Failure : public std::runtime_error {
 public:
  Failure(Trouble trouble, const std::string& what) : std::runtime_error(what), trouble_(trouble) {}
  Trouble trouble() const { return trouble_; }

 private:
  Trouble trouble_;
};

/// Thrown by a verb that would take an account over its quota. The transaction is rolled back (507).
class QuotaExceeded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace storage
