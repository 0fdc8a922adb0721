#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

struct Went {
  storage::Uid uid_validity = 0;
  std::vector<storage::Copied> messages;
};

/// The UIDs in the order of the messages; they ascend on both sides. RFC 4315 3
std::string copy_uid(const Went& went) {
  std::vector<storage::Uid> from, to;
  for (const storage::Copied& message : went.messages) {
    from.push_back(message.from);
    to.push_back(message.to);
  }
  return "COPYUID " + std::to_string(went.uid_validity) + " " + NumberSet::of(from).text() + " " +
         NumberSet::of(to).text();
}

struct Arguments {
  std::vector<storage::Uid> uids;
  std::string target;
};

Arguments read(Call& call) {
  call.arguments.space();
  const SequenceSet set = read_sequence_set(call.arguments);
  call.arguments.space();
  std::string target = read_mailbox(call.arguments);
  call.arguments.end();
  const View& view = call.session.view();
  return {view.uids(view.numbers(set, call.uid)), std::move(target)};
}

}  // namespace

namespace commands {

// RFC 9051 6.4.7
void copy(Call& call) {
  Session& session = call.session;
  const Arguments arguments = read(call);
  session.must_write();
  const Went went = session.store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    const storage::Mailbox target = find_mailbox(transaction, session, arguments.target, 'i', "TRYCREATE").mailbox;
    return Went{target.uid_validity, mail.copy(session.view().mailbox(), arguments.uids, target.id, session.actor())};
  });
  if (!went.messages.empty()) call.code = copy_uid(went);
}

// RFC 9051 6.4.8: COPYUID comes before the messages are gone.
void move(Call& call) {
  Session& session = call.session;
  const Arguments arguments = read(call);
  session.must_write();
  if (session.view().read_only()) throw Refusal("READ-ONLY", "The mailbox was opened to be read");
  const Went went = session.store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    const storage::Mailbox target = find_mailbox(transaction, session, arguments.target, 'i', "TRYCREATE").mailbox;
    return Went{target.uid_validity, mail.move(session.view().mailbox(), arguments.uids, target.id, session.actor())};
  });
  if (went.messages.empty()) return;
  call.out += "* OK [" + copy_uid(went) + "] Moved\r\n";
  session.report(call, View::Expunged::report);
  // RFC 7162 3.2.9
  if (session.enabled(Extension::qresync)) call.code = "HIGHESTMODSEQ " + std::to_string(session.view().seen());
}

}  // namespace commands

}  // namespace mail::imap
