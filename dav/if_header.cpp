#include "dav/if_header.h"

#include <strings.h>
#include <algorithm>

#include "dav/conditions_rules.h"
#include "dav/error.h"

namespace dav {

namespace {

/// More than this is no header that a client has a use for.
constexpr std::size_t most_conditions = 1000;

/// Reads the grammar of RFC 4918 10.4.2 from the left.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::vector<IfList> lists() {
    std::vector<IfList> result;
    skip_space();
    const bool tagged = at('<');
    while (!rest_.empty()) {
      std::optional<std::string> resource;
      if (tagged) resource = coded_url();
      if (!at('(')) refuse("a list of conditions stands in parentheses");
      while (at('(')) result.push_back({resource, list()});
    }
    if (result.empty()) refuse("it is empty");
    return result;
  }

 private:
  [[noreturn]] static void refuse(const std::string& why) { throw Error{condition::bad_request, "If header: " + why}; }

  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }

  void skip_space() {
    while (at(' ') || at('\t')) rest_.remove_prefix(1);
  }

  /// What stands between `<` and `>`.
  std::string coded_url() {
    const auto end = rest_.find('>');
    if (!at('<') || end == std::string_view::npos) refuse("a URL stands in angle brackets");
    std::string url(rest_.substr(1, end - 1));
    if (url.empty() || url.find_first_of("< \t\"") != std::string::npos) refuse("that is no URL");
    rest_.remove_prefix(end + 1);
    skip_space();
    return url;
  }

  std::vector<IfCondition> list() {
    rest_.remove_prefix(1);
    skip_space();
    std::vector<IfCondition> conditions;
    while (!at(')')) {
      if (++count_ > most_conditions) refuse("too many conditions");
      conditions.push_back(one());
    }
    if (conditions.empty()) refuse("a list is empty");
    rest_.remove_prefix(1);
    skip_space();
    return conditions;
  }

  IfCondition one() {
    IfCondition result;
    if (rest_.size() >= 3 && ::strncasecmp(rest_.data(), "Not", 3) == 0) {
      result.negated = true;
      rest_.remove_prefix(3);
      skip_space();
    }
    if (at('<')) {
      result.value = coded_url();
      if (result.value.find(':') == std::string::npos) refuse("a state token is an absolute URI");
      return result;
    }
    if (!at('[')) refuse("a condition is a state token or an entity tag");
    rest_.remove_prefix(1);
    entity_tag(result);
    return result;
  }

  void entity_tag(IfCondition& result) {
    result.is_etag = true;
    if (rest_.starts_with("W/")) {
      result.weak = true;
      rest_.remove_prefix(2);
    }
    const auto end = rest_.find("\"]", 1);
    if (!at('"') || end == std::string_view::npos) refuse("an entity tag stands in quotes and brackets");
    result.value = rest_.substr(1, end - 1);
    if (result.value.find('"') != std::string::npos) refuse("an entity tag has no quote in it");
    rest_.remove_prefix(end + 2);
    skip_space();
  }

  std::string_view rest_;
  std::size_t count_ = 0;
};

/// RFC 4918 10.4.4
bool holds(const IfCondition& condition, const IfState& state) {
  bool matches = false;
  if (condition.is_etag) {
    matches = !condition.weak && !state.etag.empty() && stored_tag(condition.value) == state.etag;
  } else {
    // RFC 4918 10.4.8: DAV:no-lock "never represents a valid lock token", so that nothing needs to be done for it.
    matches = std::find(state.tokens.begin(), state.tokens.end(), condition.value) != state.tokens.end();
  }
  return matches != condition.negated;
}

}  // namespace

std::vector<IfList> parse_if(std::string_view text) { return Reader(text).lists(); }

bool evaluate_if(const std::vector<IfList>& lists,
                 const std::function<IfState(const std::optional<std::string>&)>& state_of) {
  std::optional<std::string> asked;
  std::optional<IfState> state;
  for (const IfList& list : lists) {
    if (!state || asked != list.resource) {
      asked = list.resource;
      state = state_of(asked);
    }
    const bool all = std::all_of(list.conditions.begin(), list.conditions.end(),
                                 [&](const IfCondition& condition) { return holds(condition, *state); });
    if (all) return true;
  }
  return false;
}

std::vector<std::string> submitted_tokens(const std::vector<IfList>& lists) {
  std::vector<std::string> tokens;
  for (const IfList& list : lists) {
    for (const IfCondition& condition : list.conditions) {
      if (!condition.is_etag) tokens.push_back(condition.value);
    }
  }
  return tokens;
}

}  // namespace dav
