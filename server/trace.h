#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/http.h"
#include "storage/spool.h"

namespace server {

/// Writes one account's requests and answers to a file, to find out what a client does. Safe for use by many threads.
class Trace {
 public:
  /// Opens trace-ACCOUNT.log in `directory` for appending, readable by its owner alone. Throws std::runtime_error.
  Trace(const std::string& directory, std::string account);

  bool of(std::string_view account) const { return account == account_; }
  const std::string& file() const { return path_; }

  /// The front has removed the credentials.
  void write(const TraceRecord& record);

 private:
  std::string account_;
  std::string path_;
  std::unique_ptr<storage::File> file_;
  std::mutex mutex_;
};

}  // namespace server
