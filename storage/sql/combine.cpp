#include "storage/sql/combine.h"

#include <stdexcept>

namespace storage::sql {

bool Combiner::claim(Id home) {
  const std::lock_guard lock(mutex_);
  return leaders_.try_emplace(home, Leader{std::this_thread::get_id(), {}}).second;
}

Combiner::State Combiner::follow(Id home, Task& task) {
  std::unique_lock lock(mutex_);
  const auto leader = leaders_.find(home);
  if (leader == leaders_.end()) return State::again;
  if (leader->second.thread == std::this_thread::get_id()) throw std::logic_error("a write within a write");
  task.state = State::waiting;
  leader->second.waiting.push_back(&task);
  task.ready.wait(lock, [&] { return task.state != State::waiting; });
  return task.state;
}

Combiner::Task* Combiner::next(Id home) {
  const std::lock_guard lock(mutex_);
  const auto leader = leaders_.find(home);
  if (leader == leaders_.end()) return nullptr;
  if (leader->second.waiting.empty()) {
    leaders_.erase(leader);
    return nullptr;
  }
  Task* task = leader->second.waiting.front();
  leader->second.waiting.pop_front();
  return task;
}

void Combiner::close(Id home) {
  const std::lock_guard lock(mutex_);
  const auto leader = leaders_.find(home);
  if (leader == leaders_.end()) return;
  for (Task* task : leader->second.waiting) {
    task->state = State::again;
    task->ready.notify_one();
  }
  leaders_.erase(leader);
}

void Combiner::finish(const std::vector<Task*>& tasks, State state, const std::exception_ptr& error) {
  const std::lock_guard lock(mutex_);
  for (Task* task : tasks) {
    if (error && !task->error) task->error = error;
    task->state = state;
    task->ready.notify_one();
  }
}

std::uint64_t Combiner::waiting() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const auto& [home, leader] : leaders_) count += leader.waiting.size();
  return count;
}

}  // namespace storage::sql
