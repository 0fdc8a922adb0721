#include "mail/hooks/chain.h"

#include <algorithm>
#include <ctime>

#include "mail/hooks/edit.h"

namespace mail::hooks {

namespace {

constexpr std::size_t longest_text = 400;

/// The DKIM-Signature fields as changes, in front of the message in their order.
Verdict sign(const dkim::Keyring& keys, const Passing& passing) {
  std::vector<dkim::Identity> identities = keys.identities_of(header_of(passing.message));
  if (identities.empty()) return {};
  dkim::Manner manner;
  manner.time = std::time(nullptr);
  dkim::Signer signer(std::move(identities), manner);
  read_pieces(passing.message, 0, [&](std::string_view piece) { signer.add(piece); });
  Verdict verdict;
  std::uint32_t place = 0;
  for (const dkim::SignatureField& field : signer.finish()) {
    verdict.changes.push_back({HeaderChange::Kind::insert, place++, field.name, field.value});
  }
  return verdict;
}

/// A text that may stand in a reply.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, longest_text)) out += c >= ' ' && c < 127 ? c : ' ';
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The enhanced status that a text begins with, of the class that fits, is taken off it. RFC 2034 4
std::string take_enhanced(std::string& text, char kind) {
  const std::string status = text.substr(0, text.find(' '));
  const bool good = status.size() >= 5 && status.size() <= 9 && status[0] == kind && status[1] == '.' &&
                    is_digit(status[2]) && is_digit(status.back()) && std::ranges::count(status, '.') == 2 &&
                    std::ranges::all_of(status, [](char c) { return is_digit(c) || c == '.'; });
  if (!good) return std::string(1, kind) + ".7.1";
  text.erase(0, std::min(text.size(), status.size() + 1));
  return status;
}

Passed passed_of(const Verdict& verdict) {
  Passed passed;
  passed.outcome = verdict.outcome;
  if (!passed.refused()) return passed;
  const bool for_good = verdict.outcome == Outcome::reject;
  const int least = for_good ? 500 : 400;
  // RFC 5321 4.2.1: a 421 would say that the connection ends.
  const bool usable = verdict.code >= least + 50 && verdict.code <= least + 59;
  passed.code = usable ? verdict.code : for_good ? 550 : 451;
  passed.text = one_line(verdict.text);
  passed.enhanced = take_enhanced(passed.text, for_good ? '5' : '4');
  if (passed.text.empty()) passed.text = for_good ? "the message is refused" : "the message can't be taken now";
  return passed;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::accept:
      return "accept";
    case Outcome::reject:
      return "reject";
    case Outcome::defer:
      return "defer";
    case Outcome::discard:
      return "discard";
    case Outcome::quarantine:
      return "quarantine";
  }
  return "accept";
}

std::optional<Outcome> outcome_of(std::string_view name) {
  for (const Outcome one : {Outcome::accept, Outcome::reject, Outcome::defer, Outcome::discard, Outcome::quarantine}) {
    if (name_of(one) == name) return one;
  }
  return std::nullopt;
}

Chain::Chain(std::vector<Hook> hooks, dkim::Keyring keys, std::string spool_directory, Observe observe)
    : hooks_(std::move(hooks)), spool_directory_(std::move(spool_directory)), observe_(std::move(observe)) {
  if (keys.empty()) return;
  Hook signing;
  signing.name = "dkim";
  signing.in = false;
  signing.run = [ring = std::move(keys)](const Passing& passing, Deadline) { return sign(ring, passing); };
  hooks_.push_back(std::move(signing));
}

bool Chain::any(Direction direction) const {
  return std::ranges::any_of(hooks_, [&](const Hook& one) { return direction == Direction::in ? one.in : one.out; });
}

Passed Chain::pass(Passing& passing) const {
  bool quarantine = false;
  for (const Hook& hook : hooks_) {
    if (!(passing.direction == Direction::in ? hook.in : hook.out)) continue;
    Verdict verdict = ask(hook, passing);
    if (verdict.outcome == Outcome::quarantine) {
      quarantine = true;
    } else if (verdict.outcome != Outcome::accept) {
      return passed_of(verdict);
    }
  }
  Passed passed;
  if (quarantine) passed.outcome = Outcome::quarantine;
  if (passing.recipients.empty()) passed.outcome = Outcome::discard;
  return passed;
}

Verdict Chain::ask(const Hook& hook, Passing& passing) const {
  const auto begin = Clock::now();
  const auto observe = [&](std::string_view verdict, std::string_view reason) {
    if (!observe_) return;
    observe_({hook.name, passing, verdict, reason,
              std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin)});
  };
  try {
    Verdict verdict = hook.run(passing, begin + hook.time);
    if (verdict.outcome == Outcome::accept || verdict.outcome == Outcome::quarantine) {
      apply(verdict, passing, spool_directory_);
    }
    observe(name_of(verdict.outcome), verdict.text);
    return verdict;
  } catch (const std::exception& error) {
    observe("failed", error.what());
  }
  Verdict verdict;
  if (!hook.fail_open) verdict.outcome = Outcome::defer;
  return verdict;
}

}  // namespace mail::hooks
