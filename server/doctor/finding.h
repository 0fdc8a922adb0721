#pragma once

#include <string>
#include <vector>

namespace server {

/// One thing that has been looked at.
struct Finding {
  enum class Grade {
    good,
    note,   ///< works, could be better, or could not be looked at
    wrong,  ///< somebody can't connect because of it
  };
  Grade grade = Grade::good;
  std::string about;  ///< "dns", "tls", "http", "ports", "clock", "disk", "configuration"
  std::string what;   ///< a sentence
  std::string mend;   ///< what to do about it; empty for what is good
};

class Findings {
 public:
  void good(std::string about, std::string what) {
    all_.push_back({Finding::Grade::good, std::move(about), std::move(what), {}});
  }
  void note(std::string about, std::string what, std::string mend) {
    all_.push_back({Finding::Grade::note, std::move(about), std::move(what), std::move(mend)});
  }
  void wrong(std::string about, std::string what, std::string mend) {
    all_.push_back({Finding::Grade::wrong, std::move(about), std::move(what), std::move(mend)});
  }
  const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

}  // namespace server
