#include <algorithm>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

constexpr std::size_t most_subscriptions = 10'000;

/// What a mailbox can be made for; \All and \Flagged would be views of other mailboxes. RFC 6154 2
constexpr std::string_view special_uses[] = {"\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"};

/// ` (USE (\Sent))`, or nothing at the end. RFC 6154 3
std::string read_use(Cursor& cursor) {
  std::string use;
  if (!cursor.skip_if(' ')) return use;
  bool several = false;
  cursor.list(Cursor::Empty::refused, [&] {
    if (!cursor.skip_word("USE")) throw SyntaxError("CREATE has no such parameter");
    cursor.space();
    cursor.list(Cursor::Empty::allowed, [&] {
      cursor.expect('\\');
      several = !use.empty();
      use = "\\" + std::string(cursor.atom());
    });
  });
  if (use.empty()) return use;
  const auto row = std::find_if(std::begin(special_uses), std::end(special_uses),
                                [&](std::string_view each) { return mime::same_word(each, use); });
  if (several || row == std::end(special_uses)) throw Refusal("USEATTR", "No mailbox can be made for this use");
  return std::string(*row);
}

std::string read_new_name(Cursor& cursor) {
  std::string name = read_mailbox(cursor);
  // The client means to make mailboxes below it. RFC 9051 6.3.4
  if (name.ends_with(separator)) name.pop_back();
  return name;
}

void refuse_name(std::string_view name) {
  if (const auto fault = name_fault(name)) throw Refusal("CANNOT", *fault);
  if (name == "INBOX") throw Refusal("ALREADYEXISTS", "INBOX is always there");
  if (name == other_users) throw Refusal("CANNOT", "This is the name of what others share");
}

void leave_if_selected(Session& session, storage::Id mailbox, Call& call) {
  if (!session.has_view() || session.view().mailbox() != mailbox) return;
  session.unselect();
  call.out += "* OK [CLOSED] The mailbox is closed\r\n";
}

/// INBOX stays, and what is in it goes. RFC 9051 6.3.6
void move_inbox(storage::Transaction& transaction, Session& session, storage::Id inbox, storage::Id parent,
                const std::string& level) {
  storage::Mail mail(transaction);
  const storage::Mailbox made = mail.create(parent, level);
  std::vector<storage::Uid> uids;
  mail.flags_of(inbox, 1, [&](const storage::MessageFlags& message) { uids.push_back(message.uid); });
  if (!uids.empty()) mail.move(inbox, uids, made.id, session.actor());
}

}  // namespace

namespace commands {

// RFC 9051 6.3.4
void create(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_new_name(call.arguments);
  const std::string use = read_use(call.arguments);
  call.arguments.end();

  session.must_write();
  refuse_name(name);
  try {
    const storage::Id id = session.store().write([&](storage::Transaction& transaction) {
      const storage::Id parent = make_above(transaction, session.principal(), name);
      return storage::Mail(transaction).create(parent, parted(name).level, use).id;
    });
    call.code = "MAILBOXID (" + mailbox_id_text(id) + ")";
  } catch (const storage::DuplicateName&) {
    throw Refusal("ALREADYEXISTS", "There is a mailbox with this name");
  }
}

// RFC 9051 6.3.5; to be named so, it would be a keyword.
void delete_mailbox(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.end();

  session.must_write();
  if (name == "INBOX") throw Refusal("CANNOT", "INBOX can't be deleted");
  const storage::Id id = session.store().write([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'x');
    if (!place.mailbox.selectable) throw Refusal("HASCHILDREN", "There are mailboxes below it");
    storage::Mail(transaction).remove(place.mailbox.id, session.actor());
    return place.mailbox.id;
  });
  leave_if_selected(session, id, call);
}

// RFC 9051 6.3.6
void rename(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string from = read_mailbox(call.arguments);
  call.arguments.space();
  const std::string to = read_new_name(call.arguments);
  call.arguments.end();

  session.must_write();
  refuse_name(to);
  if (to.starts_with(from + separator) && from != "INBOX") throw Refusal("CANNOT", "A mailbox can't be below itself");
  try {
    session.store().write([&](storage::Transaction& transaction) {
      const Place place = need_place(transaction, session.principal(), from, 'x');
      if (find_place(transaction, session.principal(), to)) {
        throw Refusal("ALREADYEXISTS", "There is a mailbox with this name");
      }
      const storage::Id parent = make_above(transaction, session.principal(), to);
      const NewPlace new_place = parted(to);
      if (from == "INBOX") return move_inbox(transaction, session, place.mailbox.id, parent, new_place.level);
      const bool to_own = !to.starts_with(std::string(other_users) + separator);
      if (to_own != place.own) throw Refusal("CANNOT", "A mailbox stays with its owner");
      storage::Mail(transaction).rename(place.mailbox.id, parent, new_place.level, session.actor());
    });
  } catch (const storage::DuplicateName&) {
    throw Refusal("ALREADYEXISTS", "There is a mailbox with this name");
  }
}

// RFC 9051 6.3.7
void subscribe(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_new_name(call.arguments);
  call.arguments.end();

  session.must_write();
  if (const auto fault = name_fault(name)) throw Refusal("CANNOT", *fault);
  session.store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    if (mail.subscriptions(session.account()).size() >= most_subscriptions) {
      throw Refusal("LIMIT", "There are too many subscriptions");
    }
    mail.subscribe(session.account(), name);
  });
}

// RFC 9051 6.3.8
void unsubscribe(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_new_name(call.arguments);
  call.arguments.end();

  session.must_write();
  session.store().write(
      [&](storage::Transaction& transaction) { storage::Mail(transaction).unsubscribe(session.account(), name); });
}

}  // namespace commands

}  // namespace mail::imap
