#include "mail/facts.h"
#include "mail/smtp/deliver.h"
#include "mail/smtp/session.h"
#include "mail/smtp/trace.h"
#include "storage/mail.h"
#include "storage/queue.h"
#include "storage/secrets.h"

namespace mail::smtp {

namespace {

using storage::Transaction;

/// Where copies of what is sent go.
std::optional<storage::Id> sent_of(storage::Mail& mail, storage::Id account) {
  if (!mail.home(account)) return std::nullopt;
  for (const storage::Mailbox& mailbox : mail.mailboxes(account)) {
    if (mailbox.special_use == "\\Sent") return mailbox.id;
  }
  return std::nullopt;
}

std::int64_t now_of(storage::Store& store) {
  return store.read([](Transaction& transaction) { return transaction.now(); });
}

}  // namespace

// RFC 3848, RFC 6531 4.3
std::string Session::with() const {
  std::string protocol = role_ == Role::lmtp ? "LMTP" : extended_ ? "ESMTP" : "SMTP";
  if (envelope_->mail.utf8) protocol = role_ == Role::lmtp ? "UTF8LMTP" : "UTF8SMTP";
  if (tls_) protocol += 'S';
  if (principal_) protocol += 'A';
  return protocol;
}

void Session::begin_message(Connection& connection) {
  // Where a client is, is nobody else's business.
  address_ = role_ == Role::lmtp ? connection.peer().address : std::string();
  id_ = storage::make_random_name().substr(0, 16);
  intake_ = std::make_unique<Intake>(office_.services().store.spool_directory(), office_.settings().most_message,
                                     [this](std::string_view header) { return front(header); });
}

/// The header as it will be stored. Where there are several recipients, none of them learns of another: what is stored
/// is then the same for all.
std::string Session::front(std::string_view header) const {
  const bool one = envelope_->recipients.size() == 1;
  const std::string recipient = one ? envelope_->recipients.front().rcpt.to.text() : std::string();
  const std::int64_t now = now_of(office_.services().store);
  const std::string& host = office_.services().settings.host_name;
  const std::string received =
      received_field({hello_, address_, host, with(), id_, role_ == Role::lmtp ? recipient : std::string(), now});
  if (runs_in_loop(header, role_ == Role::lmtp ? recipient : std::string(), office_.settings().most_hops)) {
    throw Refused(reply::loop);
  }
  if (role_ == Role::submission) return received + complete_header(header, {now, id_ + "@" + host});
  std::string front = return_path_field(envelope_->mail.from.text());
  if (one) front += delivered_to_field(recipient);
  return front + received + std::string(header);
}

void Session::end_message(Connection& connection) {
  role_ == Role::lmtp ? end_delivery(connection) : end_submission(connection);
}

// RFC 2033 4.2: an answer for each recipient, in the order of the RCPT commands.
void Session::end_delivery(Connection& connection) {
  const std::unique_ptr<Intake> intake = std::move(intake_);
  const Envelope envelope = std::move(*envelope_);
  reset();
  std::vector<Reply> replies;
  try {
    Parcel parcel;
    parcel.message = intake->finish();
    parcel.header = intake->header();
    parcel.sender = envelope.mail.from.text();
    for (const Recipient& one : envelope.recipients) {
      parcel.recipients.push_back({one.rcpt.to.text(), one.rcpt.original, one.rcpt.notify, one.destination});
    }
    replies = deliver(office_.services(), office_.hook(), parcel);
  } catch (...) {
    replies.assign(envelope.recipients.size(), reply_of_exception(office_.settings()));
  }
  std::string answer;
  for (const Reply& one : replies) answer += one.line();
  connection.send(std::move(answer));
  office_.queued();
}

void Session::end_submission(Connection& connection) {
  const std::unique_ptr<Intake> intake = std::move(intake_);
  const Envelope envelope = std::move(*envelope_);
  reset();
  const storage::Spool message = intake->finish();
  storage::QueuedMessage queued;
  queued.account = principal_->account;
  queued.sender = envelope.mail.from.text();
  queued.envelope_id = envelope.mail.envelope_id;
  queued.returned = static_cast<int>(envelope.mail.returned);
  queued.eight_bit = intake->eight_bit();
  queued.utf8 = envelope.mail.utf8;
  for (const Recipient& one : envelope.recipients) {
    queued.recipients.push_back({0, one.rcpt.to.text(), one.rcpt.original, one.rcpt.notify, {}, {}, false});
  }
  storage::Store& store = office_.services().store;
  const storage::StagedBlob blob = store.stage(message.share());
  std::optional<storage::NewMessage> copy;
  if (office_.settings().keep_sent) {
    copy.emplace();
    copy->blob = blob;
    copy->facts = make_facts(message);
    copy->flags = storage::flag::seen;
  }
  const storage::Actor actor{principal_->account, principal_->credential};
  const storage::Id id = store.write(
      [&](Transaction& transaction) {
        if (copy) {
          copy->internal_date = transaction.now();
          storage::Mail mail(transaction);
          if (const auto sent = sent_of(mail, queued.account)) mail.append(*sent, std::span(&*copy, 1), actor);
        }
        return storage::Queue(transaction).add(queued, blob);
      },
      principal_->name);
  connection.send(Reply(reply::accepted, "Queued as " + std::to_string(id)).line());
  office_.queued();
}

}  // namespace mail::smtp
