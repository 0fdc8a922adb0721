#include <algorithm>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/grammar/store_arguments.h"
#include "mail/imap/names.h"
#include "mail/imap/responses.h"

namespace mail::imap {

namespace {

/// What a client that comes back is told of the time since.
struct Missed {
  NumberSet expunged;
  std::vector<storage::MessageFlags> changed;
};

struct Opened {
  storage::Mailbox mailbox;
  std::unique_ptr<View> view;
  std::optional<Missed> missed;
};

/// All UIDs below `end` that the view doesn't have: where what was expunged is forgotten, any of them may have been
/// there.
NumberSet absent(const View& view, storage::Uid end, const NumberSet& known) {
  return end > 1 ? known.intersected(NumberSet::of_ranges({{1, end - 1}})).without(view.all_uids()) : NumberSet();
}

/// Up to which UID the client's numbers still are the mailbox's: what is before was not expunged. RFC 7162 3.2.5.2
storage::Uid matching_up_to(const View& view, const Qresync& client) {
  storage::Uid matching = 0;
  if (!client.sequence_numbers) return matching;
  std::vector<storage::Uid> uids;
  client.sequence_uids.for_each([&](storage::Uid uid) { uids.push_back(uid); });
  std::size_t at = 0;
  client.sequence_numbers->for_each([&](std::uint32_t number) {
    if (at < uids.size() && number <= view.size() && view.uid(number) == uids[at]) matching = uids[at];
    ++at;
  });
  return matching;
}

Missed missed_since(storage::Mail& mail, const Opened& opened, const Qresync& client) {
  Missed missed;
  const auto since = static_cast<storage::Modseq>(client.modseq);
  const NumberSet known =
      client.known_uids ? *client.known_uids : NumberSet::of_ranges({{1, std::max(opened.mailbox.uid_next, 2U) - 1}});
  if (const auto expunged = mail.expunged_since(opened.mailbox.id, since)) {
    missed.expunged = NumberSet::of(*expunged).intersected(known);
  } else {
    missed.expunged = absent(*opened.view, opened.mailbox.uid_next, known);
    const storage::Uid matching = matching_up_to(*opened.view, client);
    if (matching != 0) missed.expunged = missed.expunged.without(NumberSet::of_ranges({{1, matching}}));
  }
  for (storage::MessageFlags& changed : mail.changed_since(opened.mailbox.id, since)) {
    if (known.contains(changed.uid)) missed.changed.push_back(std::move(changed));
  }
  return missed;
}

/// Messages that nobody was told of yet are \Recent for who selects the mailbox first. RFC 3501 2.3.2
View::Recents take_recents(Session& session, const storage::Mailbox& mailbox, View::Access access) {
  if (session.enabled(Extension::rev2)) return {};
  if (access == View::Access::read_only || mailbox.first_recent >= mailbox.uid_next) {
    return {mailbox.first_recent, mailbox.uid_next};
  }
  const storage::Uid from = session.store().write(
      [&](storage::Transaction& transaction) { return storage::Mail(transaction).take_recent(mailbox.id); });
  return {from, mailbox.uid_next};
}

/// Who may not do all that changes messages reads only: so no command needs to ask for rights of its own. RFC 4314 4
bool may_change(const Place& place) {
  constexpr std::string_view needed = "stwe";
  return std::all_of(needed.begin(), needed.end(), [&](char right) { return place.may(right); });
}

Opened open(Session& session, const std::string& name, View::Access access, const std::optional<Qresync>& client) {
  const Place found = session.store().read(
      [&](storage::Transaction& transaction) { return find_mailbox(transaction, session, name, 'r'); });
  if (!may_change(found)) access = View::Access::read_only;
  const View::Recents recents = take_recents(session, found.mailbox, access);
  return session.store().read([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    Opened opened;
    opened.mailbox = find_mailbox(transaction, session, name, 'r').mailbox;
    opened.view = std::make_unique<View>(mail, opened.mailbox, name, access, recents);
    if (client && client->uid_validity == opened.mailbox.uid_validity) {
      opened.missed = missed_since(mail, opened, *client);
    }
    return opened;
  });
}

void append_code(std::string& out, std::string_view code, std::string_view text) {
  out.append("* OK [").append(code).append("] ").append(text).append("\r\n");
}

void append_first_unseen(std::string& out, const View& view) {
  for (std::uint32_t number = 1; number <= view.size(); ++number) {
    if ((view.flags(number) & storage::flag::seen) != 0) continue;
    return append_code(out, "UNSEEN " + std::to_string(number), "The first that is unseen");
  }
}

void append_missed(std::string& out, Session& session, const Missed& missed) {
  if (!missed.expunged.empty()) out += "* VANISHED (EARLIER) " + missed.expunged.text() + "\r\n";
  for (const storage::MessageFlags& changed : missed.changed) {
    if (const std::uint32_t number = session.view().number_of(changed.uid); number != 0) {
      append_flags(out, session, number, {true, true, true});
    }
  }
}

/// RFC 9051 6.3.2
void append_opened(Call& call, const Opened& opened) {
  Session& session = call.session;
  std::string& out = call.out;
  const View& view = session.view();
  append_defined_flags(out, session);
  out += "* " + std::to_string(view.size()) + " EXISTS\r\n";
  if (!session.enabled(Extension::rev2)) {
    out += "* " + std::to_string(view.recent_count()) + " RECENT\r\n";
    append_first_unseen(out, view);
  }
  append_code(out, "UIDVALIDITY " + std::to_string(opened.mailbox.uid_validity), "UIDs are valid");
  append_code(out, "UIDNEXT " + std::to_string(opened.mailbox.uid_next), "The next UID");
  append_code(out, "HIGHESTMODSEQ " + std::to_string(std::max<storage::Modseq>(opened.mailbox.modseq, 1)), "As of now");
  append_code(out, "MAILBOXID (" + mailbox_id_text(opened.mailbox.id) + ")", "What never changes");  // RFC 8474 4.2
  if (session.client() == Client::utf8) {
    out += "* LIST () \"/\" ";
    append_mailbox(out, view.name(), session.client());
    out += "\r\n";
  }
  if (opened.missed) append_missed(out, session, *opened.missed);
}

void select_as(Call& call, View::Access access) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  const SelectOptions options = read_select_options(call.arguments);
  call.arguments.end();

  if (options.qresync && !session.enabled(Extension::qresync)) throw SyntaxError("QRESYNC was not enabled");
  if (session.has_view()) {
    session.unselect();
    append_code(call.out, "CLOSED", "The mailbox before is closed");
  }
  if (options.condstore) session.enable(Extension::condstore);
  if (session.read_only()) access = View::Access::read_only;
  Opened opened = open(session, name, access, options.qresync);
  session.select(std::move(opened.view));

  append_opened(call, opened);
  call.code = session.view().read_only() ? "READ-ONLY" : "READ-WRITE";
}

}  // namespace

void Session::unselect() {
  if (!view_) return;
  const std::unique_ptr<View> view = std::move(view_);
  if (!view->has_unclaimed()) return;
  store().write([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    if (mail.mailbox(view->mailbox())) mail.take_recent(view->mailbox());
  });
}

namespace commands {

void select(Call& call) { select_as(call, View::Access::read_write); }

void examine(Call& call) { select_as(call, View::Access::read_only); }

// RFC 9051 6.4.2
void unselect(Call& call) {
  call.arguments.end();
  call.session.unselect();
}

// RFC 3501 6.4.1: nothing to do here, all is on the disk.
void check(Call& call) { call.arguments.end(); }

}  // namespace commands

}  // namespace mail::imap
