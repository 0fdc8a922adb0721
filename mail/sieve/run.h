#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mail/sieve/budget.h"
#include "mail/sieve/header_fields.h"
#include "mail/sieve/interpreter.h"
#include "mail/sieve/match.h"
#include "mail/sieve/variables.h"

namespace mail::sieve {

/// The run of a script over a message: control in run.cpp, tests in run_tests.cpp, actions in run_actions.cpp.
class Run {
 public:
  Run(const Message& message, Host& host, const Setting& setting, const RunLimits& limits);

  Outcome outcome(const Script& script);

 private:
  enum class Flow { next, stop, leave };

  // Control.
  Flow script(const Script& script);
  Flow commands(const std::vector<Call>& all);
  Flow command(const Call& call);
  Flow include(const Call& call);
  std::shared_ptr<const Script> included(const Call& call, bool& missing);
  void global(const Call& call);

  // Tests.
  bool test(const Call& call);
  bool allof(const Call& call, bool all);
  Matching matching(const Call& call);
  bool matched(Matching& matching, std::string_view value);
  std::vector<std::size_t> fields(const Call& call, const std::vector<std::string>& names);
  bool test_header(const Call& call);
  bool test_address(const Call& call);
  bool test_envelope(const Call& call);
  bool test_exists(const Call& call);
  bool test_size(const Call& call);
  bool test_body(const Call& call);
  bool test_string(const Call& call);
  bool test_hasflag(const Call& call);
  bool test_date(const Call& call);
  bool test_currentdate(const Call& call);
  bool test_environment(const Call& call);
  bool test_mailboxexists(const Call& call);
  bool test_specialuse_exists(const Call& call);
  bool test_duplicate(const Call& call);
  std::optional<std::string> address_part(const Call& call, std::string_view mailbox, std::string_view host);

  // Actions.
  void act(const Call& call);
  void keep(const Call* call, Place place);
  void fileinto(const Call& call);
  void file(Action action);
  void redirect(const Call& call);
  void reject(const Call& call);
  void vacation(const Call& call);
  void set(const Call& call);
  void change_flags(const Call& call);
  std::vector<std::string> flags(const Call* call);
  void addheader(const Call& call);
  void deleteheader(const Call& call);
  Action& add(Action::Kind kind, Place place);
  void finish();

  // Vacation.
  bool may_answer(const Call& call);
  bool is_for_me(const Call& call);

  std::string text(const Argument& argument) const { return variables_->expand(argument).front(); }

  const Message& message_;
  Host& host_;
  const Setting& setting_;
  const RunLimits& limits_;
  Budget budget_;
  HeaderFields header_;
  bool header_is_cut_ = false;
  Values global_;
  Variables* variables_ = nullptr;
  std::map<std::string, std::shared_ptr<const Script>> scripts_;
  std::set<std::string> included_;
  std::size_t includes_ = 0;
  std::size_t depth_ = 0;
  std::vector<std::string> flags_;  ///< the internal variable of RFC 5232 3
  bool implicit_keep_ = true;
  bool answered_ = false;  ///< a vacation was executed, whether or not it answers
  std::size_t redirects_ = 0;
  Outcome outcome_;
};

/// What a list of flags says, each once, without what is none. RFC 5232 2
std::vector<std::string> read_flags(const std::vector<std::string>& texts);

}  // namespace mail::sieve
