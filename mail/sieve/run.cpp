#include "mail/sieve/run.h"

#include <algorithm>

#include "mail/sieve/fields.h"

namespace mail::sieve {

namespace {

std::string header_of(const Message& message, std::size_t limit) {
  const std::uint64_t end = message.structure().layout.at(0).body_begin;
  return message.octets(0, static_cast<std::size_t>(std::min<std::uint64_t>(end, limit)));
}

}  // namespace

Run::Run(const Message& message, Host& host, const Setting& setting, const RunLimits& limits)
    : message_(message),
      host_(host),
      setting_(setting),
      limits_(limits),
      budget_(limits.steps, limits.work),
      header_(header_of(message, limits.header)),
      header_is_cut_(message.structure().layout.at(0).body_begin > limits.header) {}

Outcome Run::outcome(const Script& all) {
  try {
    script(all);
    finish();
  } catch (const ScriptError& error) {
    // RFC 5228 2.10.6: nothing of what the script wanted is done, but the message is kept.
    outcome_ = {};
    outcome_.error = error.what();
    outcome_.actions.emplace_back();
  }
  return std::move(outcome_);
}

Run::Flow Run::script(const Script& script) {
  Variables variables(script.variables, global_, limits_, budget_);
  Variables* const outer = variables_;
  variables_ = &variables;
  const Flow flow = commands(script.commands);
  variables_ = outer;
  return flow;
}

Run::Flow Run::commands(const std::vector<Call>& all) {
  bool taken = false;  // of an if and what follows it, one was run
  for (const Call& one : all) {
    const bool branch = one.word == Word::if_ || one.word == Word::elsif || one.word == Word::else_;
    Flow flow = Flow::next;
    if (branch) {
      if (one.word == Word::if_) taken = false;
      if (taken) continue;
      budget_.step(one.place);
      taken = one.word == Word::else_ || test(one.tests.front());
      if (taken) flow = commands(one.block);
    } else {
      flow = command(one);
    }
    if (flow != Flow::next) return flow;
  }
  return Flow::next;
}

Run::Flow Run::command(const Call& call) {
  budget_.step(call.place);
  switch (call.word) {
    case Word::require:
      return Flow::next;
    case Word::stop:
      return Flow::stop;
    case Word::return_:
      return Flow::leave;
    case Word::include:
      return include(call);
    case Word::global:
      global(call);
      return Flow::next;
    default:
      act(call);
      return Flow::next;
  }
}

/// RFC 6609 3.2
Run::Flow Run::include(const Call& call) {
  const std::string& name = call.arguments[0].text();
  const std::string key = (call.has(Tag::global) ? "global " : "personal ") + name;
  if (call.has(Tag::once) && included_.contains(key)) return Flow::next;
  bool missing = false;
  const auto found = included(call, missing);
  if (missing) return Flow::next;
  included_.insert(key);
  if (++includes_ > limits_.includes || depth_ >= limits_.include_depth) {
    throw ScriptError(call.place, "too many scripts are included");
  }
  ++depth_;
  Flow flow = Flow::next;
  try {
    flow = script(*found);
  } catch (const ScriptError& error) {
    throw ScriptError(call.place, "in the script " + shown(name) + ": " + error.what());
  }
  --depth_;
  return flow == Flow::stop ? Flow::stop : Flow::next;
}

/// The script that is to be included; it is read once.
std::shared_ptr<const Script> Run::included(const Call& call, bool& missing) {
  const std::string& name = call.arguments[0].text();
  const bool global = call.has(Tag::global);
  auto& kept = scripts_[(global ? "global " : "personal ") + name];
  if (kept) return kept;
  const auto octets = host_.script(name, global);
  if (!octets) {
    missing = call.has(Tag::optional);
    if (!missing) throw ScriptError(call.place, "there is no script " + shown(name) + " to include");
    return nullptr;
  }
  budget_.spend(octets->size());
  try {
    kept = std::make_shared<const Script>(compile(*octets, limits_.script));
  } catch (const ScriptError& error) {
    throw ScriptError(call.place, "in the script " + shown(name) + ": " + error.what());
  }
  return kept;
}

/// RFC 6609 3.4.1
void Run::global(const Call& call) {
  for (const std::string& name : call.arguments[0].texts) {
    if (!variables_->make_global(name)) {
      throw ScriptError(call.place, shown(name) + " can't be made global: it has been set in this script");
    }
  }
}

Outcome run(const Script& script, const Message& message, Host& host, const Setting& setting, const RunLimits& limits) {
  return Run(message, host, setting, limits).outcome(script);
}

}  // namespace mail::sieve
