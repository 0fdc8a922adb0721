#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "storage/accounts.h"
#include "storage/bounded_map.h"
#include "storage/secrets.h"
#include "storage/sql/credentials.h"
#include "storage/sql/scram_keys.h"
#include "storage/throttle.h"

// What the files of Accounts share.

namespace storage {

constexpr std::size_t remembered_passwords = 20'000;
constexpr std::size_t longest_password = 1024;
constexpr std::size_t longest_login = 254;

/// What somebody says to be known by.
struct Attempt {
  std::string_view name;
  std::string_view password;
  std::string_view address;
  std::string_view client;
};

enum class Effort { little, any };  ///< without Argon2, or with it

/// Lets as many run as there are processors, and some wait.
class Turns {
 public:
  // Of each thread that may wait for a processor to run Argon2 on, one request is held up; others are sent away at
  // once.
  static constexpr int waiting_per_core = 8;

  explicit Turns(int running) : running_limit_(running), waiting_limit_(running * waiting_per_core) {}

  /// False where too many wait already and `may_wait_long` isn't set.
  bool begin(bool may_wait_long) {
    std::unique_lock lock(mutex_);
    if (running_ == running_limit_) {
      if (waiting_ >= waiting_limit_ && !may_wait_long) return false;
      ++waiting_;
      free_.wait(lock, [&] { return running_ < running_limit_; });
      --waiting_;
    }
    ++running_;
    return true;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    --running_;
    free_.notify_one();
  }

 private:
  const int running_limit_;
  const int waiting_limit_;
  int running_ = 0;
  int waiting_ = 0;
  std::mutex mutex_;
  std::condition_variable free_;
};

class Turn {
 public:
  explicit Turn(Turns& turns) : turns_(turns) {}
  ~Turn() { turns_.end(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Turns& turns_;
};

Login refusal(std::string reason);
Login acceptance(const sql::LoginRow& row, Id credential, const Scope& scope);
Login later(std::chrono::seconds wait, std::string reason);

struct Accounts::State {
  State(Store& its_store, const PasswordPolicy& its_policy)
      : store(its_store),
        turns(std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
        policy(its_policy),
        dummy(dummy_hash(parameters())),
        throttle(its_policy.failures_before_delay, its_policy.longest_delay) {}

  Argon2Parameters parameters() const { return {policy.argon2_passes, policy.argon2_memory_kib}; }

  using Clock = std::chrono::steady_clock;

  /// What has been found out about a password before; nothing if that isn't known (any more).
  std::optional<bool> remembered(const std::string& memory_key) {
    const std::lock_guard lock(mutex);
    const Verdict* verdict = verdicts.find(memory_key);
    if (!verdict || verdict->until <= Clock::now()) return std::nullopt;
    return verdict->right;
  }

  std::string hash(std::string_view password) {
    Argon2Parameters wanted{};
    {
      const std::lock_guard lock(mutex);
      wanted = parameters();
    }
    turns.begin(true);
    const Turn turn(turns);
    ++argon2_runs;
    return hash_password(password, wanted);
  }

  /// What SCRAM needs of a new password of an account that is there.
  std::optional<ScramKeys> keys_of(Id account, std::string_view password);
  /// Makes that of a password which was right, if it is missing.
  void renew_keys(const sql::LoginRow& row, std::string_view password);
  std::string decoy_salt(std::string_view name);

  std::optional<Login> log_in(const Attempt& attempt, Effort effort);
  std::optional<Login> counted(std::optional<Login> login);
  Login check_credential(const sql::LoginRow& row, const Credential& credential, std::string_view address,
                         std::string_view client);
  std::optional<Login> check_password(const std::optional<sql::LoginRow>& row, std::string_view name,
                                      const Attempt& attempt, Effort effort);
  Login verdict_of(bool right, const std::optional<sql::LoginRow>& row, std::string_view name,
                   std::string_view address);
  void renew_hash(const sql::LoginRow& row, std::string_view password);

  struct Verdict {
    bool right = false;
    Clock::time_point until;
  };

  Store& store;
  Turns turns;
  const MemoryKey key;

  std::mutex mutex;  // for all that follows but the figures
  PasswordPolicy policy;
  std::string dummy;
  Throttle throttle;
  BoundedMap<Verdict> verdicts{remembered_passwords};
  std::optional<std::string> decoy_secret;
  BoundedMap<Clock::time_point> uses_written{remembered_passwords};

  std::atomic<std::uint64_t> accepted = 0, refused = 0, throttled = 0, argon2_runs = 0;
};

}  // namespace storage
