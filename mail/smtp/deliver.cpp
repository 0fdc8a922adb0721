#include "mail/smtp/deliver.h"

#include <algorithm>
#include <map>
#include <optional>

#include "mail/facts.h"
#include "mail/mime/header.h"
#include "mail/mime/message_id.h"
#include "mail/smtp/command.h"
#include "mail/smtp/intake.h"
#include "storage/mail.h"
#include "storage/queue.h"
#include "storage/sha256.h"

namespace mail::smtp {

namespace {

using storage::Transaction;

constexpr storage::Timestamp remember_ids = 7 * 86400;

/// What is stored: the same for all accounts, unless a verdict has exchanged it.
struct Stored {
  storage::StagedBlob blob;
  storage::MessageFacts facts;
};

struct Sent {
  storage::QueuedMessage message;
  storage::StagedBlob blob;
};

/// One account that gets the message.
struct Drop {
  const storage::Account* account = nullptr;
  const Parcel::Recipient* recipient = nullptr;
  Verdict verdict;
  std::optional<Stored> replaced;
  std::vector<Sent> departing;
  Reply reply = reply::delivered;
};

std::optional<storage::Mailbox> find_mailbox(storage::Mail& mail, storage::Id home, const Filing& filing) {
  std::string_view rest = filing.mailbox;
  storage::Id parent = home;
  std::optional<storage::Mailbox> found;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name.empty()) return std::nullopt;
    const bool inbox = parent == home && mime::same_word(name, "INBOX");
    found = mail.child(parent, inbox ? "INBOX" : name);
    if (!found || (!found->selectable && rest.empty())) {
      if (!filing.create) return std::nullopt;
      found = mail.create(parent, name);
    }
    parent = found->id;
  }
  return found;
}

storage::Id mailbox_of(storage::Mail& mail, storage::Id account, const Filing& filing) {
  const auto home = mail.home(account);
  if (!home) throw storage::Failure(storage::Trouble::corrupt, "an account has no mail home");
  if (!filing.special_use.empty()) {
    for (const storage::Mailbox& one : mail.mailboxes(account)) {
      if (one.selectable && mime::same_word(one.special_use, filing.special_use)) return one.id;
    }
  }
  if (const auto found = find_mailbox(mail, home->id, filing)) return found->id;
  const auto inbox = mail.child(home->id, "INBOX");
  if (!inbox) throw storage::Failure(storage::Trouble::corrupt, "an account has no INBOX");
  return inbox->id;
}

class Delivery {
 public:
  Delivery(const Services& services, const Parcel& parcel) : services_(services), parcel_(parcel) {
    common_.blob = services.store.stage(parcel.message.share());
    common_.facts = make_facts(parcel.message);
    if (!services.settings.smtp.drop_duplicates) return;
    const auto id = mime::first_value(parcel.header, "Message-ID");
    const auto parsed = id ? mime::parse_message_id(*id) : std::nullopt;
    if (!parsed) return;
    storage::Sha256 hash;
    hash.add(*parsed);
    id_hash_ = hash.finish();
  }

  void decide(const DeliverHook& hook, Drop& drop) const {
    if (!hook) return;
    drop.verdict = hook({*drop.account, parcel_.sender, drop.recipient->address, drop.recipient->destination.detail,
                         parcel_.header, parcel_.message});
    if (drop.verdict.rejection) {
      drop.reply = Reply(reply::rejected, *drop.verdict.rejection);
      return;
    }
    if (drop.verdict.replaced) {
      drop.replaced = Stored{services_.store.stage(drop.verdict.replaced->share()), make_facts(*drop.verdict.replaced)};
    }
    for (const Departing& one : drop.verdict.departing) {
      Sent sent;
      sent.message.account = drop.account->id;
      sent.message.sender = one.sender;
      sent.message.eight_bit = true;
      for (const std::string& address : one.recipients) {
        const unsigned notify = one.sender.empty() ? notify::never : notify::unsaid;
        sent.message.recipients.push_back({0, address, {}, notify, {}, {}, false});
      }
      sent.blob = services_.store.stage(one.message.share());
      drop.departing.push_back(std::move(sent));
    }
  }

  /// All of them in one transaction.
  void put(std::span<Drop* const> drops) const {
    services_.store.write(
        [&](Transaction& transaction) {
          for (const Drop* drop : drops) put(transaction, *drop);
        },
        drops.front()->account->name);
  }

 private:
  void put(Transaction& transaction, const Drop& drop) const {
    storage::Queue queue(transaction);
    if (!id_hash_.empty() && queue.seen(drop.account->id, id_hash_, transaction.now() - remember_ids)) return;
    storage::Mail mail(transaction);
    const Stored& stored = drop.replaced ? *drop.replaced : common_;
    storage::NewMessage message;
    if (!drop.verdict.filings.empty()) {
      message.blob = stored.blob;
      message.facts = stored.facts;
      message.internal_date = transaction.now();
    }
    for (const Filing& filing : drop.verdict.filings) {
      message.flags = filing.flags;
      message.keywords = filing.keywords;
      mail.append(mailbox_of(mail, drop.account->id, filing), std::span(&message, 1), {});
    }
    for (const Sent& sent : drop.departing) queue.add(sent.message, sent.blob);
    if (drop.verdict.also) drop.verdict.also(transaction);
  }

  const Services& services_;
  const Parcel& parcel_;
  Stored common_;
  std::string id_hash_;
};

/// Each account once, in order of id, so that two deliveries don't wait for each other.
std::map<storage::Id, Drop> drops_of(const Parcel& parcel) {
  std::map<storage::Id, Drop> drops;
  for (const Parcel::Recipient& recipient : parcel.recipients) {
    for (const storage::Account& account : recipient.destination.accounts) {
      Drop drop;
      drop.account = &account;
      drop.recipient = &recipient;
      drops.try_emplace(account.id, std::move(drop));
    }
  }
  return drops;
}

void put_all(const Services& services, const Delivery& delivery, std::vector<Drop*> drops) {
  try {
    if (!drops.empty()) delivery.put(drops);
    return;
  } catch (...) {
    if (drops.size() == 1) {
      drops.front()->reply = reply_of_exception(services.settings.smtp);
      return;
    }
  }
  // One of them can't: each by itself.
  for (Drop* drop : drops) {
    try {
      delivery.put(std::span(&drop, 1));
    } catch (...) {
      drop->reply = reply_of_exception(services.settings.smtp);
    }
  }
}

/// Members of a group that couldn't take it.
void queue_late(const Services& services, const Parcel& parcel, const Parcel::Recipient& recipient,
                const std::vector<const Drop*>& late) {
  storage::QueuedMessage message;
  message.sender = parcel.sender;
  message.eight_bit = true;
  for (const Drop* drop : late) {
    message.recipients.push_back({0, drop->account->name, recipient.original, recipient.notify, {}, {}, false});
  }
  const storage::StagedBlob blob = services.store.stage(parcel.message.share());
  services.store.write([&](Transaction& transaction) { storage::Queue(transaction).add(message, blob); });
}

Reply answer_for(const Services& services, const Parcel& parcel, const Parcel::Recipient& recipient,
                 const std::map<storage::Id, Drop>& drops) {
  std::vector<const Drop*> late;
  std::optional<Reply> good;
  std::optional<Reply> bad;
  for (const storage::Account& account : recipient.destination.accounts) {
    const Drop& drop = drops.at(account.id);
    if (drop.reply.accepted()) {
      good = drop.reply;
      continue;
    }
    if (!drop.verdict.rejection) late.push_back(&drop);
    if (!bad || drop.reply.transient()) bad = drop.reply;
  }
  if (!good) return bad ? *bad : Reply(reply::no_such_recipient);
  try {
    if (!late.empty()) queue_late(services, parcel, recipient, late);
  } catch (...) {
    return reply_of_exception(services.settings.smtp);
  }
  return *good;
}

}  // namespace

Reply reply_of_exception(const Settings& settings) {
  try {
    throw;
  } catch (const Refused& refused) {
    return refused.reply();
  } catch (const storage::QuotaExceeded&) {
    return settings.quota_defers ? reply::quota_soft : reply::quota_hard;
  } catch (const storage::Failure& failure) {
    return failure.trouble() == storage::Trouble::full ? reply::disk_full : reply::trouble;
  } catch (const std::exception&) {
    return reply::trouble;
  }
}

std::vector<Reply> deliver(const Services& services, const DeliverHook& hook, const Parcel& parcel) {
  std::map<storage::Id, Drop> drops = drops_of(parcel);
  try {
    const Delivery delivery(services, parcel);
    std::vector<Drop*> good;
    for (auto& [id, drop] : drops) {
      try {
        delivery.decide(hook, drop);
      } catch (...) {
        drop.reply = reply_of_exception(services.settings.smtp);
      }
      if (drop.reply.accepted()) good.push_back(&drop);
    }
    put_all(services, delivery, good);
  } catch (...) {
    return std::vector<Reply>(parcel.recipients.size(), reply_of_exception(services.settings.smtp));
  }
  std::vector<Reply> replies;
  for (const Parcel::Recipient& recipient : parcel.recipients) {
    replies.push_back(answer_for(services, parcel, recipient, drops));
  }
  return replies;
}

storage::Spool with_front(const storage::Segment& message, std::string_view front, const std::string& directory) {
  storage::Spool spool(directory);
  spool.append(front);
  if (!message.file) {
    spool.append(message.bytes);
    return spool;
  }
  std::string piece(std::size_t{64} * 1024, '\0');
  for (std::uint64_t at = 0; at < message.length;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), message.length - at));
    const std::size_t read = message.file->read(piece.data(), wanted, message.offset + at);
    if (read == 0) throw storage::Failure(storage::Trouble::corrupt, "a message is shorter than it says");
    spool.append(std::string_view(piece).substr(0, read));
    at += read;
  }
  return spool;
}

std::string header_of(const storage::Segment& message) {
  std::string text = message.bytes.substr(0, most_header);
  if (message.file) {
    text.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most_header, message.length)));
    text.resize(message.file->read(text.data(), text.size(), message.offset));
  }
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t feed = std::min(text.find('\n', line), text.size() - 1);
    const bool blank = mime::is_blank_line(std::string_view(text).substr(line, feed + 1 - line));
    line = feed + 1;
    if (blank) return text.substr(0, line);
  }
  return text;
}

}  // namespace mail::smtp
