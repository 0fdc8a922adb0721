#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/notices.h"
#include "storage/store.h"

namespace storage::sql {

class PostgresConnection;

/// Carries notices between the processes on one database, by LISTEN and NOTIFY on a connection and a thread of its own.
/// They are sent after the commit and not within the transaction, because PostgreSQL lets only one transaction that
/// notifies commit at a time. A process that dies between the two leaves its notices unsent; they only ever save
/// waiting.
class PostgresNotices {
 public:
  PostgresNotices(std::string connection_string, const Subscribers& subscribers);
  ~PostgresNotices();
  PostgresNotices(const PostgresNotices&) = delete;
  PostgresNotices& operator=(const PostgresNotices&) = delete;

  /// Hands them to the thread; never waits for the database.
  void send(const std::vector<Notice>& notices);

 private:
  void run();
  void serve(PostgresConnection& connection);
  void send_waiting(PostgresConnection& connection);
  void wake() const;
  bool stopping() const;

  const std::string connection_string_;
  const Subscribers& subscribers_;
  int event_;  // an eventfd
  mutable std::mutex mutex_;
  std::vector<Notice> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace storage::sql
