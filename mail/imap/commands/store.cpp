#include "mail/imap/commands.h"
#include "mail/imap/grammar/store_arguments.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

storage::FlagChange change_of(const StoreArguments& arguments) {
  storage::FlagChange change;
  switch (arguments.way) {
    case StoreArguments::Way::replace:
      change.way = storage::FlagChange::Way::replace;
      break;
    case StoreArguments::Way::add:
      change.way = storage::FlagChange::Way::add;
      break;
    case StoreArguments::Way::remove:
      change.way = storage::FlagChange::Way::remove;
      break;
  }
  change.flags = arguments.flags.system;
  change.keywords = arguments.flags.keywords;
  if (arguments.unchanged_since) change.unchanged_since = static_cast<storage::Modseq>(*arguments.unchanged_since);
  return change;
}

/// What is said of one message, and whether it goes into MODIFIED instead.
void answer(Call& call, const storage::FlagOutcome& outcome, bool silent, bool conditional) {
  Session& session = call.session;
  View& view = session.view();
  const std::uint32_t number = view.number_of(outcome.now.uid);
  if (number == 0) return;
  const bool others = view.modseq(number) != outcome.now.modseq && !outcome.changed;
  if (outcome.refused) return;  // told of by the report that follows
  view.changed(outcome.now);
  // RFC 7162 3.1.3: with mod-sequences, the new one is told also where the flags are not.
  const bool modseq = session.enabled(Extension::condstore) && (outcome.changed || conditional || !silent);
  if (silent && !others && !modseq) return;
  append_flags(call.out, session, number, {call.uid || told_unasked(session).uid, !silent || others, modseq});
}

}  // namespace

namespace commands {

// RFC 9051 6.4.6
void store(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const SequenceSet set = read_sequence_set(call.arguments);
  call.arguments.space();
  const StoreArguments arguments = read_store_arguments(call.arguments);
  call.arguments.end();

  const std::vector<std::uint32_t> numbers = session.view().numbers(set, call.uid);
  session.must_write();
  if (session.view().read_only()) throw Refusal("READ-ONLY", "The mailbox was opened to be read");
  if (arguments.unchanged_since) session.enable(Extension::condstore);

  const std::vector<storage::Uid> uids = session.view().uids(numbers);
  const storage::FlagChange change = change_of(arguments);
  std::vector<storage::FlagOutcome> outcomes;
  if (!uids.empty()) {
    outcomes = session.store().write([&](storage::Transaction& transaction) {
      return storage::Mail(transaction).store(session.view().mailbox(), uids, change);
    });
  }

  const std::size_t keywords = session.view().all_keywords().size();
  std::vector<std::uint32_t> modified;
  std::string lines;
  for (const storage::FlagOutcome& outcome : outcomes) {
    if (outcome.refused) {
      modified.push_back(call.uid ? outcome.now.uid : session.view().number_of(outcome.now.uid));
    }
    answer(call, outcome, arguments.silent, arguments.unchanged_since.has_value());
  }
  if (session.view().all_keywords().size() > keywords) {
    append_defined_flags(lines, session);
    call.out.insert(0, lines);
  }
  if (!modified.empty()) {
    call.code = "MODIFIED " + NumberSet::of(modified).text();
    call.text = "Some messages were changed before";
  } else if (outcomes.size() < uids.size()) {
    call.code = "EXPUNGEISSUED";
    call.text = "Some messages are there no more";
  }
}

}  // namespace commands

}  // namespace mail::imap
