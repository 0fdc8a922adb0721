#pragma once

#include <string>
#include <string_view>

#include "tests/sieve/scene.h"

inline const std::string message_a = crlf(R"(Date: Tue, 1 Apr 1997 09:06:31 -0800 (PST)
From: coyote@desert.example.org
To: roadrunner@acme.example.com
Subject: I have a present for you
X-Caffeine: C8H10N4O2
X-Empty:

Look, I'm sorry about the whole anvil thing, and I really
didn't mean to try and drop it on you from the top of the
cliff.  I want to try to make it up to you.
)");

/// An outcome on one line: `fileinto X [\Seen] +create; redirect a@b; error …`.
inline std::string shown(const mail::sieve::Outcome& outcome) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
  for (const mail::sieve::Action& one : outcome.actions) {
    std::string text;
    switch (one.kind) {
      case mail::sieve::Action::Kind::keep:
        text = "keep";
        break;
      case mail::sieve::Action::Kind::fileinto:
        text = "fileinto " + one.target;
        break;
      case mail::sieve::Action::Kind::redirect:
        text = "redirect " + one.target;
        break;
      case mail::sieve::Action::Kind::reject:
        text = "reject " + one.reason;
        break;
      case mail::sieve::Action::Kind::ereject:
        text = "ereject " + one.reason;
        break;
      case mail::sieve::Action::Kind::vacation:
        text = "vacation " + std::to_string(one.vacation->seconds) + " '" + one.vacation->subject + "' " +
               one.vacation->reason;
        break;
    }
    for (const std::string& flag : one.flags) text += " " + flag;
    if (one.create) text += " +create";
    if (!one.special_use.empty()) text += " for " + one.special_use;
    add(text);
  }
  if (outcome.actions.empty()) add("discard");
  if (!outcome.error.empty()) add("error " + outcome.error);
  return out;
}

inline mail::sieve::Outcome outcome_of(const std::string& script, const std::string& message = message_a,
                                       TextHost host = {}, const mail::sieve::Setting& setting = usual_setting(),
                                       const mail::sieve::RunLimits& limits = {}) {
  return mail::sieve::run(mail::sieve::compile(crlf(script)), TextMessage(message), host, setting, limits);
}

inline std::string result(const std::string& script, const std::string& message = message_a, TextHost host = {}) {
  return shown(outcome_of(script, message, std::move(host)));
}

inline const std::string all_extensions =
    "require [\"fileinto\", \"reject\", \"ereject\", \"envelope\", \"encoded-character\", "
    "\"comparator-i;ascii-numeric\", \"comparator-i;unicode-casemap\", \"body\", \"copy\", \"date\", \"duplicate\", "
    "\"editheader\", \"environment\", \"imap4flags\", \"include\", \"index\", \"mailbox\", \"relational\", "
    "\"special-use\", \"subaddress\", \"vacation\", \"vacation-seconds\", \"variables\"];\n";
