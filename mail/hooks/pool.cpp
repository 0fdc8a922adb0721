#include "mail/hooks/pool.h"

#include <exception>

namespace mail::hooks {

namespace {

Passed deferred() {
  Passed passed;
  passed.outcome = Outcome::defer;
  passed.code = 451;
  passed.enhanced = "4.3.0";
  passed.text = "the message can't be taken now";
  return passed;
}

}  // namespace

bool Pool::Ticket::done() const {
  const std::scoped_lock lock(mutex_);
  return done_;
}

Pool::Pool(std::shared_ptr<const Chain> chain, std::size_t threads, std::size_t most_waiting)
    : most_waiting_(most_waiting), chain_(std::move(chain)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Pool::~Pool() {
  std::deque<std::shared_ptr<Ticket>> left;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    left.swap(queue_);
  }
  more_.notify_all();
  for (const auto& ticket : left) finish(*ticket, deferred());
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<Pool::Ticket> Pool::start(Passing passing, std::function<void()> wake) {
  auto ticket = std::make_shared<Ticket>();
  const Direction direction = passing.direction;
  ticket->passing = std::move(passing);
  ticket->wake_ = std::move(wake);
  {
    const std::scoped_lock lock(mutex_);
    if (chain_->any(direction)) {
      if (stopping_ || queue_.size() >= most_waiting_) return nullptr;
      queue_.push_back(ticket);
      more_.notify_one();
      return ticket;
    }
  }
  finish(*ticket, {});
  return ticket;
}

void Pool::set(std::shared_ptr<const Chain> chain) {
  const std::scoped_lock lock(mutex_);
  chain_.swap(chain);
}

std::size_t Pool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

std::shared_ptr<const Chain> Pool::chain() const {
  const std::scoped_lock lock(mutex_);
  return chain_;
}

void Pool::run() {
  while (true) {
    std::shared_ptr<Ticket> ticket;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      ticket = std::move(queue_.front());
      queue_.pop_front();
    }
    Passed passed;
    try {
      passed = chain()->pass(ticket->passing);
    } catch (const std::exception&) {
      passed = deferred();
    }
    finish(*ticket, std::move(passed));
  }
}

void Pool::finish(Ticket& ticket, Passed passed) {
  std::function<void()> wake;
  {
    const std::scoped_lock lock(ticket.mutex_);
    ticket.passed = std::move(passed);
    ticket.done_ = true;
    wake.swap(ticket.wake_);
  }
  if (wake) wake();
}

}  // namespace mail::hooks
