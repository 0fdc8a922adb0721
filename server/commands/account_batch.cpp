#include "server/commands/account_batch.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace server {

namespace {

void create_from_line(storage::Accounts& accounts, const std::string& line) {
  const std::size_t first = line.find('\t');
  const std::size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
  if (second == std::string::npos) {
    throw std::invalid_argument("a line is a name, an address and a password with tabs between");
  }
  storage::Account wanted;
  wanted.name = line.substr(0, first);
  if (second > first + 1) wanted.addresses.push_back(line.substr(first + 1, second - first - 1));
  const std::string password = line.substr(second + 1);
  if (password.empty()) throw std::invalid_argument("an empty password is none");
  accounts.create(wanted, password);
}

/// What the threads of one batch share.
class Batch {
 public:
  Batch(storage::Accounts& accounts, std::istream& lines) : accounts_(accounts), lines_(lines) {}

  void work() {
    try {
      while (auto line = next()) create(*line);
    } catch (...) {
      // The store is in trouble: no line will do better.
      const std::lock_guard lock(mutex_);
      trouble_ = std::current_exception();
    }
  }

  int finish() {
    if (trouble_) std::rethrow_exception(trouble_);
    return faults_;
  }

 private:
  struct Line {
    int number;
    std::string text;
  };

  std::optional<Line> next() {
    const std::lock_guard lock(mutex_);
    for (std::string text; !trouble_ && std::getline(lines_, text);) {
      ++number_;
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (!text.empty()) return Line{number_, std::move(text)};
    }
    return std::nullopt;
  }

  void create(const Line& line) {
    try {
      create_from_line(accounts_, line.text);
    } catch (const storage::DuplicateName& error) {
      fault(line.number, error.what());
    } catch (const std::invalid_argument& error) {
      fault(line.number, error.what());
    }
  }

  void fault(int number, const char* reason) {
    const std::lock_guard lock(mutex_);
    std::cerr << "pileus: line " << number << ": " << reason << "\n";
    ++faults_;
  }

  storage::Accounts& accounts_;
  std::istream& lines_;
  std::mutex mutex_;
  int number_ = 0;
  int faults_ = 0;
  std::exception_ptr trouble_;
};

}  // namespace

int batch_threads() { return 2 * std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 16); }

int create_batch(storage::Accounts& accounts, std::istream& lines) {
  Batch batch(accounts, lines);
  std::vector<std::thread> threads(static_cast<std::size_t>(batch_threads()));
  for (std::thread& thread : threads) thread = std::thread([&batch] { batch.work(); });
  for (std::thread& thread : threads) thread.join();
  return batch.finish();
}

}  // namespace server
