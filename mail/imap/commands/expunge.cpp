#include "mail/imap/commands.h"
#include "mail/imap/grammar/sequence_set.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

/// Of these messages, those that have \Deleted now are removed, whatever the client knows.
std::vector<storage::Uid> expunge_deleted(Session& session, const std::vector<storage::Uid>& candidates) {
  if (candidates.empty()) return {};
  return session.store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    std::vector<storage::Uid> deleted;
    mail.messages(session.view().mailbox(), candidates, storage::Mail::WithFacts::no,
                  [&](const storage::Message& message, std::string_view) {
                    if ((message.flags & storage::flag::deleted) != 0) deleted.push_back(message.uid);
                  });
    return mail.expunge(session.view().mailbox(), deleted, session.actor());
  });
}

std::vector<storage::Uid> deleted_among(const View& view, const std::vector<std::uint32_t>& numbers) {
  std::vector<storage::Uid> uids;
  for (const std::uint32_t number : numbers) {
    if ((view.flags(number) & storage::flag::deleted) != 0) uids.push_back(view.uid(number));
  }
  return uids;
}

std::vector<storage::Uid> all_deleted(const View& view) {
  std::vector<storage::Uid> uids;
  for (std::uint32_t number = 1; number <= view.size(); ++number) {
    if ((view.flags(number) & storage::flag::deleted) != 0) uids.push_back(view.uid(number));
  }
  return uids;
}

}  // namespace

namespace commands {

// RFC 9051 6.4.3, 6.4.9
void expunge(Call& call) {
  Session& session = call.session;
  std::optional<SequenceSet> set;
  if (call.uid) {
    call.arguments.space();
    set = read_sequence_set(call.arguments);
  }
  call.arguments.end();

  session.must_write();
  if (session.view().read_only()) throw Refusal("READ-ONLY", "The mailbox was opened to be read");

  session.report(call, View::Expunged::report);
  const View& view = session.view();
  expunge_deleted(session, set ? deleted_among(view, view.numbers(*set, true)) : all_deleted(view));

  session.report(call, View::Expunged::report);
  // RFC 7162 3.2.10
  if (session.enabled(Extension::qresync)) call.code = "HIGHESTMODSEQ " + std::to_string(view.seen());
}

// RFC 9051 6.4.1: expunged messages are not told of.
void close(Call& call) {
  Session& session = call.session;
  call.arguments.end();
  if (!session.view().read_only() && !session.read_only()) {
    Call unheard(session, call.connection, call.command, call.tag, false, call.arguments);
    session.report(unheard, View::Expunged::report);
    expunge_deleted(session, all_deleted(session.view()));
  }
  session.unselect();
}

}  // namespace commands

}  // namespace mail::imap
