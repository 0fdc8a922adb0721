#include "mail/smtp/attempt.h"

#include <algorithm>
#include <map>

#include "mail/smtp/deliver.h"
#include "mail/smtp/trace.h"
#include "storage/secrets.h"

namespace mail::smtp {

namespace {

using Result = RelayOutcome::Result;
using storage::QueuedRecipient;
using storage::QueueOutcome;
using storage::Transaction;

// A message no longer than this is returned whole, where the sender asks for that.
constexpr std::uint64_t most_returned = std::uint64_t{1} << 20;

RelayOutcome outcome_of(const Reply& reply) {
  const Result result = reply.accepted() ? Result::taken : reply.transient() ? Result::deferred : Result::refused;
  return {result, reply.status, reply.text, false, false};
}

/// A report, ready to be queued.
struct Ready {
  storage::QueuedMessage message;
  storage::StagedBlob blob;
};

}  // namespace

std::chrono::seconds retry_delay(const Settings& settings, std::int64_t attempts) {
  std::chrono::seconds delay = settings.first_retry;
  for (std::int64_t i = 1; i < attempts && delay < settings.longest_retry; ++i) delay *= 2;
  return std::min(delay, settings.longest_retry);
}

std::vector<RelayOutcome> Attempt::send() const {
  const auto& recipients = message_.recipients;
  std::vector<Destination> destinations(recipients.size());
  std::vector<RelayOutcome> outcomes(recipients.size());
  std::vector<std::size_t> here;
  std::vector<std::size_t> away;
  office_.services().store.read([&](Transaction& transaction) {
    for (std::size_t i = 0; i < recipients.size(); ++i) {
      const auto address = parse_address(recipients[i].address);
      if (address) destinations[i] = find_destination(transaction, *address, office_.settings());
    }
  });
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    switch (destinations[i].where) {
      case Destination::Where::here:
        here.push_back(i);
        break;
      case Destination::Where::disabled:
        outcomes[i] = outcome_of(reply::disabled);
        break;
      case Destination::Where::nobody:
        outcomes[i] = outcome_of(reply::no_such_recipient);
        break;
      case Destination::Where::away:
        office_.settings().relay.empty() ? void(outcomes[i] = outcome_of(reply::no_relay)) : away.push_back(i);
        break;
    }
  }
  if (!here.empty()) deliver_here(here, destinations, outcomes);
  if (!away.empty()) relay_away(away, outcomes);
  return outcomes;
}

void Attempt::deliver_here(const std::vector<std::size_t>& which, const std::vector<Destination>& destinations,
                           std::vector<RelayOutcome>& outcomes) const {
  const auto set_all = [&](const Reply& reply) {
    for (const std::size_t i : which) outcomes[i] = outcome_of(reply);
  };
  try {
    const std::string recipient = which.size() == 1 ? message_.recipients[which.front()].address : std::string();
    const std::string header = header_of(octets_);
    if (runs_in_loop(header, recipient, office_.settings().most_hops)) return set_all(reply::loop);
    std::string front = return_path_field(message_.sender);
    if (!recipient.empty()) front += delivered_to_field(recipient);
    Parcel parcel;
    parcel.sender = message_.sender;
    parcel.header = front + header;
    parcel.message = with_front(octets_, front, office_.services().store.spool_directory());
    for (const std::size_t i : which) {
      const QueuedRecipient& one = message_.recipients[i];
      parcel.recipients.push_back({one.address, one.original, one.notify, destinations[i]});
    }
    const std::vector<Reply> replies = deliver(office_.services(), office_.hook(), parcel);
    for (std::size_t i = 0; i < which.size(); ++i) outcomes[which[i]] = outcome_of(replies[i]);
  } catch (...) {
    set_all(reply_of_exception(office_.settings()));
  }
}

void Attempt::relay_away(const std::vector<std::size_t>& which, std::vector<RelayOutcome>& outcomes) const {
  std::vector<QueuedRecipient> recipients;
  for (const std::size_t i : which) recipients.push_back(message_.recipients[i]);
  const std::string& own_name = office_.services().settings.host_name;
  const auto relayed = relay_message(connector_, relay_, own_name, message_, recipients, octets_);
  for (std::size_t i = 0; i < which.size(); ++i) outcomes[which[i]] = relayed[i];
}

std::string Attempt::report(Action action, const std::vector<ReportedRecipient>& recipients,
                            storage::Timestamp now) const {
  Report report;
  report.action = action;
  report.own_name = office_.services().settings.host_name;
  report.boundary = storage::make_random_name();
  report.now = now;
  report.give_up = message_.created + office_.settings().give_up_after.count();
  const auto returned = static_cast<Return>(message_.returned);
  report.whole = action == Action::failed && returned == Return::full && octets_.size() <= most_returned;
  const std::string original = report.whole ? with_front(octets_, {}, "/tmp").text() : header_of(octets_);
  report.original = original;
  return make_report(report, message_, recipients);
}

void Attempt::settle(const std::vector<RelayOutcome>& outcomes, bool broken_off) const {
  storage::Store& store = office_.services().store;
  const Settings& settings = office_.settings();
  const storage::Timestamp now = store.read([](Transaction& transaction) { return transaction.now(); });
  const auto age = std::chrono::seconds(now - message_.created);
  std::map<Action, std::vector<ReportedRecipient>> told;
  std::vector<QueueOutcome> settled;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const RelayOutcome& outcome = outcomes[i];
    const QueuedRecipient& recipient = message_.recipients[i];
    QueueOutcome left{recipient.id, outcome.result != Result::deferred, outcome.status, outcome.reason, recipient.told};
    Action action = outcome.tells_success || outcome.remote_reply ? Action::relayed : Action::delivered;
    bool tell = outcome.result == Result::taken && !outcome.tells_success;
    if (outcome.result == Result::refused) {
      action = Action::failed;
      tell = true;
    } else if (outcome.result == Result::deferred && !broken_off) {
      left.done = age >= settings.give_up_after;
      action = left.done ? Action::failed : Action::delayed;
      tell = left.done || (age >= settings.warn_after && !left.told);
      left.told = left.told || tell;
    }
    settled.push_back(left);
    // RFC 5321 6.1: nothing is sent for what came from <>.
    if (!tell || message_.sender.empty() || !wants(recipient, action)) continue;
    // RFC 3464 2.3.4: what is given up is a failure, though the last status was of a delay.
    told[action].push_back({recipient, outcome.status, outcome.reason, outcome.remote_reply});
  }
  std::vector<Ready> reports;
  for (const auto& [action, recipients] : told) {
    Ready ready;
    ready.message.recipients.push_back({0, message_.sender, {}, notify::never, {}, {}, false});
    ready.message.eight_bit = true;
    const auto sender = parse_address(message_.sender);
    ready.message.utf8 = sender && !sender->ascii();
    ready.blob =
        store.stage(storage::Spool(std::string_view(report(action, recipients, now)), store.spool_directory()));
    reports.push_back(std::move(ready));
  }
  const std::chrono::seconds delay =
      broken_off ? std::chrono::seconds(0) : retry_delay(settings, message_.attempts + 1);
  store.write([&](Transaction& transaction) {
    storage::Queue queue(transaction);
    if (!queue.settle(message_, settled, transaction.now() + delay.count())) return;
    for (const Ready& one : reports) queue.add(one.message, one.blob);
  });
}

}  // namespace mail::smtp
