#include "mail/imap/grammar/list_pattern.h"

#include <vector>

#include "mail/imap/grammar/mailbox_name.h"

namespace mail::imap {

namespace {

/// Which beginnings of the pattern meet what has been read of the name: one bit for each place in it. A step costs the
/// length of the pattern.
class States {
 public:
  explicit States(std::string_view pattern) : pattern_(pattern), at_(pattern.size() + 1), next_(pattern.size() + 1) {
    at_[0] = true;
    pass_wildcards();
  }

  void step(char c) {
    next_.assign(next_.size(), false);
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (!at_[i]) continue;
      if (pattern_[i] == '*' || (pattern_[i] == '%' && c != separator)) {
        next_[i] = true;
      } else if (pattern_[i] != '%' && pattern_[i] == c) {
        next_[i + 1] = true;
      }
    }
    at_.swap(next_);
    pass_wildcards();
  }

  bool whole() const { return at_.back(); }

  /// Something more could still be met.
  bool open() const {
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (at_[i]) return true;
    }
    return false;
  }

 private:
  /// A wildcard may stand for nothing.
  void pass_wildcards() {
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (at_[i] && (pattern_[i] == '*' || pattern_[i] == '%')) at_[i + 1] = true;
    }
  }

  std::string_view pattern_;
  std::vector<bool> at_;
  std::vector<bool> next_;
};

}  // namespace

ListPattern::ListPattern(std::string_view reference, std::string_view pattern) {
  const std::string whole =
      pattern.starts_with(separator) ? std::string(pattern.substr(1)) : std::string(reference).append(pattern);
  for (const char c : whole) {
    // "a*****b" is "a*b", and so is "a%*%b".
    const char last = text_.empty() ? '\0' : text_.back();
    if ((c == '*' || c == '%') && last == '*') continue;
    if (c == '%' && last == '%') continue;
    if (c == '*' && last == '%') {
      text_.back() = '*';
    } else {
      text_ += c;
    }
  }
  if (is_inbox(text_)) text_.replace(0, 5, "INBOX");
}

bool ListPattern::matches(std::string_view name) const {
  States states(text_);
  for (const char c : name) {
    states.step(c);
  }
  if (states.whole()) return true;
  // "inb%": INBOX is the same in any case.
  if (name != "INBOX") return false;
  std::string upper = upper_case(text_);
  States again(upper);
  for (const char c : name) again.step(c);
  return again.whole();
}

bool ListPattern::may_match_below(std::string_view name) const {
  States states(text_);
  for (const char c : name) states.step(c);
  states.step(separator);
  return states.open();
}

}  // namespace mail::imap
