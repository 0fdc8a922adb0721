#include "mail/imap/responses.h"

#include "mail/imap/grammar/flags.h"
#include "mail/imap/grammar/mailbox_name.h"

namespace mail::imap {

namespace {

void append_line(std::string& out, std::uint32_t number, std::string_view what) {
  out.append("* ").append(std::to_string(number)).append(" ").append(what).append("\r\n");
}

}  // namespace

Told told_unasked(const Session& session) {
  const bool modseq = session.enabled(Extension::condstore);
  return {session.enabled(Extension::qresync) || session.enabled(Extension::rev2), true, modseq};
}

void append_flags_item(std::string& out, Session& session, std::uint32_t number) {
  const View& view = session.view();
  const bool recent = view.recent(number) && !session.enabled(Extension::rev2);
  out += "FLAGS (";
  out += flags_text(view.flags(number), view.keywords(number), recent ? Recent::yes : Recent::no);
  out += ')';
}

void append_flags(std::string& out, Session& session, std::uint32_t number, Told told) {
  const View& view = session.view();
  out += "* " + std::to_string(number) + " FETCH (";
  const std::size_t begin = out.size();
  const auto space = [&] {
    if (out.size() > begin) out += ' ';
  };
  if (told.uid) out += "UID " + std::to_string(view.uid(number));
  if (told.flags) {
    space();
    append_flags_item(out, session, number);
  }
  if (told.modseq) {
    space();
    out += "MODSEQ (" + std::to_string(view.modseq(number)) + ")";
  }
  out += ")\r\n";
}

void append_expunged(std::string& out, const Session& session, std::span<const std::uint32_t> numbers,
                     std::span<const storage::Uid> uids) {
  if (numbers.empty()) return;
  if (session.enabled(Extension::qresync) || session.enabled(Extension::uid_only)) {
    out += "* VANISHED " + NumberSet::of(uids).text() + "\r\n";
    return;
  }
  // From the last one on, so that each number is still what it was.
  for (std::size_t i = numbers.size(); i > 0; --i) append_line(out, numbers[i - 1], "EXPUNGE");
}

void append_defined_flags(std::string& out, Session& session) {
  std::string flags = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
  for (const std::string& keyword : session.view().all_keywords()) flags += " " + keyword;
  out += "* FLAGS (" + flags + ")\r\n";
  out += session.view().read_only() ? "* OK [PERMANENTFLAGS ()] Nothing can be changed\r\n"
                                    : "* OK [PERMANENTFLAGS (" + flags + " \\*)] Flags and keywords are kept\r\n";
}

Place find_mailbox(storage::Transaction& transaction, const Session& session, std::string_view name, char right,
                   const char* code) {
  auto place = find_place(transaction, session.principal(), name);
  // What one may not list is as if it weren't there. RFC 4314 6
  if (!place || (!place->may('l') && !place->may(right))) throw Refusal(code, "There is no such mailbox");
  if (!place->may(right)) throw Refusal("NOPERM", "You have no right to do this with the mailbox");
  if (!place->mailbox.selectable) throw Refusal("NONEXISTENT", "There is nothing but mailboxes below it");
  return *std::move(place);
}

void Session::report(Call& call, View::Expunged expunged) {
  const View::Changes changes = store().read([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    return view_->refresh(mail, expunged);
  });
  if (changes.gone) {
    call.flush();
    return bye(call.connection, "The mailbox is there no more");
  }
  append_expunged(call.out, *this, changes.expunged, changes.expunged_uids);
  if (changes.more) {
    append_line(call.out, view_->size(), "EXISTS");
    if (!enabled(Extension::rev2)) append_line(call.out, view_->recent_count(), "RECENT");
  }
  if (changes.keywords) append_defined_flags(call.out, *this);
  for (const std::uint32_t number : changes.changed) append_flags(call.out, *this, number, told_unasked(*this));
}

}  // namespace mail::imap
