#include "server/subscriptions/subscriptions.h"

#include <exception>

#include "server/log.h"
#include "server/subscriptions/run.h"

namespace server {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds tick{1};
constexpr std::chrono::seconds looked_for_every{10};

}  // namespace

Subscriptions::Subscriptions(storage::Store& store, dav::Settings settings, SubscriptionPolicy policy)
    : store_(store), settings_(std::move(settings)), policy_(std::move(policy)) {
  notices_ = store_.subscribe([this](const storage::Notice&) { changes_.fetch_add(1, std::memory_order_relaxed); });
  for (std::thread& thread : threads_) thread = std::thread([this] { work(); });
}

Subscriptions::~Subscriptions() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Subscriptions::set(dav::Settings settings, SubscriptionPolicy policy) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
  policy_ = std::move(policy);
}

void Subscriptions::work() {
  std::uint64_t seen = changes_ - 1;
  Clock::time_point looked{};
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick, [this] { return stopping_.load(); })) {
    const std::uint64_t changes = changes_;
    if (!policy_.enabled || (changes == seen && Clock::now() - looked < looked_for_every)) continue;
    seen = changes;
    looked = Clock::now();
    lock.unlock();
    try {
      fetch_due();
    } catch (const std::exception& error) {
      log_error("subscriptions-failed", {{"reason", error.what()}});
    }
    lock.lock();
  }
}

void Subscriptions::fetch_due() {
  while (!stopping_ && store_.read([](storage::Transaction& transaction) { return transaction.fetch_due(); })) {
    dav::Settings settings;
    SubscriptionPolicy policy;
    {
      const std::lock_guard lock(mutex_);
      settings = settings_;
      policy = policy_;
    }
    const auto leased = store_.write([&](storage::Transaction& transaction) {
      return transaction.lease_subscription(transaction.now() + lease_length(policy).count());
    });
    if (!leased) return;  // another was quicker
    const dav::Environment environment = zones_.environment(store_, settings);
    run_subscription(environment, policy, *leased, [this] { return stopping_.load(); });
  }
}

}  // namespace server
