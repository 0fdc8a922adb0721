#include <algorithm>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/status_answer.h"

namespace mail::imap {

namespace {

constexpr std::int64_t octets_of_storage = 1024;  // RFC 9208 5.1

std::int64_t count_recent(storage::Mail& mail, const storage::Mailbox& mailbox) {
  std::int64_t count = 0;
  if (mailbox.first_recent < mailbox.uid_next) {
    mail.flags_of(mailbox.id, mailbox.first_recent, [&](const storage::MessageFlags&) { ++count; });
  }
  return count;
}

/// What EXPUNGE would free. RFC 9208 4.1.4
std::int64_t deleted_octets(storage::Mail& mail, const storage::Mailbox& mailbox) {
  if (mailbox.deleted == 0) return 0;
  std::vector<storage::Uid> deleted;
  mail.flags_of(mailbox.id, 1, [&](const storage::MessageFlags& message) {
    if ((message.flags & storage::flag::deleted) != 0) deleted.push_back(message.uid);
  });
  std::int64_t octets = 0;
  mail.messages(mailbox.id, deleted, storage::Mail::WithFacts::no,
                [&](const storage::Message& message, std::string_view) { octets += message.size; });
  return octets;
}

std::string value_of(StatusItem item, storage::Mail& mail, const Session& session, const storage::Mailbox& mailbox) {
  switch (item) {
    case StatusItem::messages:
      return std::to_string(mailbox.messages);
    case StatusItem::recent:
      return std::to_string(count_recent(mail, mailbox));
    case StatusItem::uid_next:
      return std::to_string(mailbox.uid_next);
    case StatusItem::uid_validity:
      return std::to_string(mailbox.uid_validity);
    case StatusItem::unseen:
      return std::to_string(mailbox.unseen);
    case StatusItem::deleted:
      return std::to_string(mailbox.deleted);
    case StatusItem::size:
      return std::to_string(mailbox.octets);
    case StatusItem::highest_modseq:
      return std::to_string(std::max<storage::Modseq>(mailbox.modseq, 1));
    case StatusItem::mailbox_id:
      return "(" + mailbox_id_text(mailbox.id) + ")";
    case StatusItem::append_limit:
      return std::to_string(session.settings().most_message);
    case StatusItem::deleted_storage:
      return std::to_string((deleted_octets(mail, mailbox) + octets_of_storage - 1) / octets_of_storage);
  }
  return "0";
}

}  // namespace

void append_status(std::string& out, storage::Transaction& transaction, const Session& session, const Place& place,
                   const std::vector<StatusItem>& items) {
  storage::Mail mail(transaction);
  out += "* STATUS ";
  append_mailbox(out, place.name, session.client());
  out += " (";
  for (const StatusItem item : items) {
    if (!out.ends_with('(')) out += ' ';
    out.append(status_name(item)) += ' ';
    out += value_of(item, mail, session, place.mailbox);
  }
  out += ")\r\n";
}

namespace commands {

// RFC 9051 6.3.11
void status(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.space();
  const std::vector<StatusItem> items = read_status_items(call.arguments);
  call.arguments.end();

  session.store().read([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'r');
    if (!place.mailbox.selectable) throw Refusal("NONEXISTENT", "There is nothing but mailboxes below it");
    std::string line;
    append_status(line, transaction, session, place, items);
    call.out += line;
  });
  // RFC 7162 3.1
  if (std::find(items.begin(), items.end(), StatusItem::highest_modseq) != items.end()) {
    session.enable(Extension::condstore);
  }
}

}  // namespace commands

}  // namespace mail::imap
