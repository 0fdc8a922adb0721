#include "storage/sql/postgres_notices.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <charconv>

#include "storage/failure.h"
#include "storage/sql/postgres.h"

namespace storage::sql {

namespace {

// PostgreSQL takes payloads of less than 8000 octets.
constexpr std::size_t longest_payload = 7500;
// While there is no database, nobody misses more than what waits here.
constexpr std::size_t most_waiting = 100'000;
constexpr int reconnect_milliseconds = 1000;

/// "account collection modseq;" for each.
void append_notice(std::string& payload, const Notice& notice) {
  payload += std::to_string(notice.account) + ' ' + std::to_string(notice.collection) + ' ' +
             std::to_string(notice.modseq) + ';';
}

std::vector<Notice> parse_notices(const std::string& payload) {
  std::vector<Notice> notices;
  const char* at = payload.data();
  const char* end = at + payload.size();
  const auto number = [&](std::int64_t& value, char after) {
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || next == end || *next != after) return false;
    at = next + 1;
    return true;
  };
  Notice notice;
  while (at < end && number(notice.account, ' ') && number(notice.collection, ' ') && number(notice.modseq, ';')) {
    notices.push_back(notice);
  }
  return notices;
}

}  // namespace

void PostgresConnection::wait(int other) {
  std::array<pollfd, 2> descriptors = {{{PQsocket(connection_.get()), POLLIN, 0}, {other, POLLIN, 0}}};
  while (::poll(descriptors.data(), descriptors.size(), -1) < 0 && errno == EINTR) {
  }
}

void PostgresConnection::for_each_notification(const std::function<void(const std::string&)>& each) {
  struct Freer {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
  };
  if (PQconsumeInput(connection_.get()) != 1) fail(nullptr, PQerrorMessage(connection_.get()));
  while (const std::unique_ptr<PGnotify, Freer> notification{PQnotifies(connection_.get())}) {
    if (notification->be_pid != PQbackendPID(connection_.get())) each(notification->extra);
  }
}

PostgresNotices::PostgresNotices(std::string connection_string, const Subscribers& subscribers)
    : connection_string_(std::move(connection_string)),
      subscribers_(subscribers),
      event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) throw Failure(Trouble::unavailable, "cannot make an eventfd");
  thread_ = std::thread([this] { run(); });
}

PostgresNotices::~PostgresNotices() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake();
  thread_.join();
  ::close(event_);
}

void PostgresNotices::wake() const {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the thread is awake.
  [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

bool PostgresNotices::stopping() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void PostgresNotices::send(const std::vector<Notice>& notices) {
  if (notices.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < most_waiting) waiting_.insert(waiting_.end(), notices.begin(), notices.end());
  }
  wake();
}

void PostgresNotices::run() {
  while (!stopping()) {
    try {
      PostgresConnection connection(connection_string_);
      connection.execute("LISTEN pileus");
      serve(connection);
    } catch (const std::exception&) {
      // The requests that need the database report it; this thread only tries again.
      pollfd descriptor = {event_, POLLIN, 0};
      if (!stopping()) ::poll(&descriptor, 1, reconnect_milliseconds);
    }
  }
}

void PostgresNotices::serve(PostgresConnection& connection) {
  while (!stopping()) {
    send_waiting(connection);
    connection.for_each_notification([&](const std::string& payload) { subscribers_.tell(parse_notices(payload)); });
    connection.wait(event_);
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_, &ignored, sizeof ignored);
  }
  send_waiting(connection);
}

constexpr const char* notify = "SELECT pg_notify('pileus', $1)";

void PostgresNotices::send_waiting(PostgresConnection& connection) {
  std::vector<Notice> notices;
  {
    const std::lock_guard lock(mutex_);
    notices.swap(waiting_);
  }
  std::string payload;
  const auto flush = [&] {
    if (payload.empty()) return;
    const auto row = connection.prepare(notify);
    row->bind(1, payload);
    row->run();
    payload.clear();
  };
  for (const Notice& notice : notices) {
    append_notice(payload, notice);
    if (payload.size() > longest_payload) flush();
  }
  flush();
}

}  // namespace storage::sql
