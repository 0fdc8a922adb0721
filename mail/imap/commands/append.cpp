#include <utility>

#include "mail/facts.h"
#include "mail/imap/append_literal.h"
#include "mail/imap/commands.h"
#include "mail/imap/grammar/date.h"
#include "mail/imap/grammar/flags.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

constexpr std::size_t most_messages = 1000;

/// What stands before a message's octets. RFC 9051 6.3.12
struct Heading {
  Flags flags;
  std::optional<DateTime> date;
};

/// Reads ` (\Seen) "date" {…}` and ` UTF8 (~{…})`; the octets are in a spool.
Heading read_heading(Cursor& arguments) {
  Heading heading;
  arguments.space();
  if (arguments.peek() == '(') {
    heading.flags = read_flag_list(arguments);
    arguments.space();
  }
  if (arguments.peek() == '"') {
    heading.date = read_date_time(arguments);
    arguments.space();
  }
  // RFC 6855 4
  const bool utf8 = arguments.skip_word("UTF8");
  if (utf8) {
    arguments.space();
    arguments.expect('(');
  }
  arguments.literal();
  if (utf8) arguments.expect(')');
  return heading;
}

storage::NewMessage prepared(Session& session, const Heading& heading, storage::Spool spool) {
  storage::NewMessage message;
  message.facts = make_facts(spool);
  message.blob = session.store().stage(std::move(spool));
  message.flags = heading.flags.system;
  message.keywords = heading.flags.keywords;
  if (heading.date) {
    message.internal_date = heading.date->seconds;
    message.internal_zone = heading.date->zone;
  }
  return message;
}

/// Reads the command up to the mailbox's name; nothing if it isn't APPEND.
std::optional<std::string> append_target(Cursor& cursor) {
  cursor.tag();
  cursor.space();
  if (!cursor.skip_word("APPEND")) return std::nullopt;
  cursor.space();
  return read_mailbox(cursor);
}

}  // namespace

bool is_appended_literal(std::string_view text, Client client) {
  try {
    Cursor cursor(text, client);
    return append_target(cursor) && cursor.peek() == ' ';
  } catch (const SyntaxError&) {
    return false;  // the literal that is announced is the name itself
  }
}

std::string append_refusal(const Session& session, std::string_view text) {
  try {
    Cursor cursor(text, session.client());
    const std::string name = append_target(cursor).value_or("");
    session.must_write();
    session.store().read(
        [&](storage::Transaction& transaction) { find_mailbox(transaction, session, name, 'i', "TRYCREATE"); });
    return {};
  } catch (const Refusal& refusal) {
    return "NO [" + refusal.code() + "] " + refusal.what();
  } catch (const storage::Failure&) {
    return "NO [UNAVAILABLE] The server can't do it now; try again later";
  }
}

namespace commands {

// RFC 9051 6.3.12, RFC 3502: all messages or none.
void append(Call& call) {
  Session& session = call.session;
  std::vector<storage::Spool>& spools = session.spools();
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  std::vector<Heading> headings;
  do {
    headings.push_back(read_heading(call.arguments));
    if (headings.size() > most_messages) throw Refusal("LIMIT", "Too many messages at once");
  } while (!call.arguments.at_end());
  if (spools.size() != headings.size()) throw SyntaxError("A message was awaited");

  session.must_write();
  for (const storage::Spool& spool : spools) {
    if (spool.empty()) throw Refusal("", "A message without octets was not appended");
  }
  std::vector<storage::NewMessage> messages;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    messages.push_back(prepared(session, headings[i], std::move(spools[i])));
  }

  storage::Uid uid_validity = 0;
  const std::vector<storage::Message> stored = session.store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    const storage::Mailbox target = find_mailbox(transaction, session, name, 'i', "TRYCREATE").mailbox;
    uid_validity = target.uid_validity;
    for (std::size_t i = 0; i < headings.size(); ++i) {
      if (!headings[i].date) messages[i].internal_date = transaction.now();
    }
    return mail.append(target.id, messages, session.actor());
  });

  std::vector<storage::Uid> uids;
  for (const storage::Message& message : stored) uids.push_back(message.uid);
  call.code = "APPENDUID " + std::to_string(uid_validity) + " " + NumberSet::of(uids).text();
}

}  // namespace commands

}  // namespace mail::imap
