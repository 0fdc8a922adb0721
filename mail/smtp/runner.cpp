#include "mail/smtp/runner.h"

#include <algorithm>

#include "mail/smtp/attempt.h"
#include "storage/queue.h"

namespace mail::smtp {

namespace {

using storage::Transaction;

constexpr storage::Timestamp lease_seconds = 900;
constexpr std::chrono::seconds longest_rest{5};

}  // namespace

Runner::Runner(Office& office, Connector& connector, Relay relay, Log log, Trouble trouble)
    : office_(office),
      connector_(connector),
      relay_(std::move(relay)),
      log_(std::move(log)),
      trouble_(std::move(trouble)) {
  office_.services().store.write([](Transaction& transaction) { storage::Queue(transaction).end_leases(); });
  office_.on_queued([this] {
    const std::lock_guard lock(mutex_);
    ++changes_;
    wake_.notify_all();
  });
  for (std::thread& thread : threads_) thread = std::thread([this] { work(); });
}

Runner::~Runner() {
  office_.on_queued({});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  connector_.interrupt();
  for (std::thread& thread : threads_) thread.join();
}

void Runner::work() {
  while (!stopping_) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = changes_;
    }
    try {
      if (send_one()) continue;
    } catch (const std::exception& error) {
      trouble_(error.what());
    }
    rest(seen);
  }
}

/// Until something is queued, or what is there may have become due. Another process may have queued it.
void Runner::rest(std::uint64_t seen) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, longest_rest, [&] { return stopping_ || changes_ != seen; });
}

bool Runner::send_one() {
  storage::Store& store = office_.services().store;
  const bool due = store.read([](Transaction& transaction) {
    const auto next = storage::Queue(transaction).next_due();
    return next && *next <= transaction.now();
  });
  if (!due) return false;
  const auto message = store.write(
      [](Transaction& transaction) { return storage::Queue(transaction).lease(transaction.now() + lease_seconds); });
  if (!message) return false;
  const storage::Segment octets =
      store.read([&](Transaction& transaction) { return storage::Queue(transaction).octets(*message); });
  const Attempt attempt{office_, connector_, relay_, *message, octets};
  const auto outcomes = attempt.send();
  attempt.settle(outcomes, stopping_);
  for (std::size_t i = 0; i < outcomes.size(); ++i) log_({*message, message->recipients[i], outcomes[i]});
  office_.queued();  // there may be a report
  return true;
}

}  // namespace mail::smtp
