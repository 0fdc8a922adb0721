#include "tests/transcripts/dialogue.h"

#include <stdexcept>
#include <utility>

namespace transcripts {

void Wakes::add(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  connections_.insert(connection);
  added_.notify_all();
}

bool Wakes::take(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return connections_.erase(connection) != 0;
}

bool Wakes::wait(std::uint64_t connection, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return added_.wait_for(lock, time, [&] { return connections_.count(connection) != 0; });
}

Talk::Talk(mail::Protocol& protocol, mail::Peer peer) : peer_(std::move(peer)), dialogue_(protocol.open(peer_)) {
  dialogue_->opened(*this);
  settle();
}

void Talk::send(std::string bytes) {
  heard_ += bytes;
  had_output_ = true;
}

void Talk::send(storage::Segment segment) {
  had_output_ = true;
  if (!segment.file) {
    heard_ += segment.bytes;
    return;
  }
  std::string octets(static_cast<std::size_t>(segment.length), '\0');
  if (segment.file->read(octets.data(), octets.size(), segment.offset) != octets.size()) {
    throw std::runtime_error("a segment is shorter than it says");
  }
  heard_ += octets;
}

void Talk::take_effort(Work work) { effort_ = std::move(work); }

void Talk::say(std::string_view octets, Pieces pieces) {
  const std::size_t step = pieces == Pieces::whole ? octets.size() : 1;
  while (!octets.empty() && !closed_) {
    input_ += octets.substr(0, step);
    octets.remove_prefix(std::min(step, octets.size()));
    const std::size_t before = input_.size();
    const std::size_t used = dialogue_->received(input_, *this);
    if (used > before) throw std::logic_error("more was used than there is");
    input_.erase(0, used);
    settle();
  }
}

/// What the loop does after each call: output goes out, then what was left is given again.
void Talk::settle() {
  while (!closed_) {
    if (effort_) {
      std::exchange(effort_, nullptr)(*this, false);
    } else if (std::exchange(had_output_, false)) {
      dialogue_->sent(*this);
      if (had_output_ || effort_ || closing_ || tls_wanted_ || input_.empty()) continue;
      const std::size_t used = dialogue_->received(input_, *this);
      input_.erase(0, used);
    } else if (closing_) {
      closed_ = true;
    } else if (std::exchange(tls_wanted_, false)) {
      input_.clear();
      peer_.tls = true;
      dialogue_->opened(*this);
    } else {
      return;
    }
  }
}

void Talk::wake() {
  if (!closed_) dialogue_->woken(*this);
  settle();
}

void Talk::expire() {
  dialogue_->expired(*this);
  settle();
}

void Talk::drain() {
  draining_ = true;
  dialogue_->drain(*this);
  settle();
}

bool Talk::take_line(std::string& line) {
  const std::size_t end = heard_.find("\r\n");
  if (end == std::string::npos) return false;
  line = heard_.substr(0, end);
  heard_.erase(0, end + 2);
  return true;
}

}  // namespace transcripts
