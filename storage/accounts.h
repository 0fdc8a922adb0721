#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/principal.h"
#include "storage/store.h"

namespace storage {

/// An app password: 128 random bits, shown once, kept as a SHA-256 hash.
struct Credential {
  Id id = 0;
  Id account = 0;
  std::string label;
  Scope scope;
  Timestamp created = 0;
  std::optional<Timestamp> expires;
  std::optional<Timestamp> last_used;
  std::string last_address;
  std::string last_client;
};

struct PasswordPolicy {
  std::uint32_t argon2_passes = 2;
  std::uint32_t argon2_memory_kib = 19 * 1024;
  std::chrono::seconds remember{600};  ///< how long a verified password is remembered in memory
  int failures_before_delay = 5;
  std::chrono::seconds longest_delay{900};
};

enum class LoginOutcome {
  accepted,
  refused,    ///< unknown account, wrong password, expired, disabled: the caller can't tell which
  throttled,  ///< too many failures; try again after `retry_after`
};

struct Login {
  LoginOutcome outcome = LoginOutcome::refused;
  std::optional<Principal> principal;
  std::chrono::seconds retry_after{0};
  std::string reason;  ///< for the security log; never for the client
};

/// Who is this? Passwords, app passwords, throttling. Nobody else sees a hash. Safe for use by many threads.
class Accounts {
 public:
  Accounts(Store& store, PasswordPolicy policy);
  ~Accounts();

  /// Checks a name (or one of the account's addresses) and a password or app password. Takes the same time whether or
  /// not the account exists. `client` is the client's User-Agent, kept with an app password's last use. A change made
  /// by another process is seen at once.
  Login authenticate(std::string_view name, std::string_view password, std::string_view address,
                     std::string_view client);

  /// The same where the answer takes no Argon2 (an app password, a password that has been verified before, a guess too
  /// many); nothing where it does: then authenticate() keeps a processor busy for a while, and may wait for one.
  std::optional<Login> recognise(std::string_view name, std::string_view password, std::string_view address,
                                 std::string_view client);

  /// What SCRAM-SHA-256 tells a client first, also one that gives a name which isn't there. RFC 5802 5.1
  struct ScramSalt {
    std::string salt;
    std::uint32_t iterations = 0;
  };
  ScramSalt scram_salt(std::string_view name);

  /// Checks the proof that a client gives for such a message, as authenticate() checks a password. The signature is
  /// what the client is told in return, where it is accepted. RFC 5802 3
  struct ScramLogin {
    Login login;
    std::string signature;
  };
  ScramLogin authenticate_scram(std::string_view name, std::string_view auth_message, std::string_view proof,
                                std::string_view address, std::string_view client);

  /// Creates the account with its collections: homes, the calendars "calendar" (VEVENT) and "tasks" (VTODO), the
  /// address book "contacts", the inbox and outbox; what people see has a display name. Throws DuplicateName,
  /// std::invalid_argument (a name or address that can't be).
  Account create(const Account& wanted, std::string_view password);

  void set_password(Id account, std::string_view password);

  /// Returns the app password's text, which can't be had again.
  std::string create_credential(Id account, std::string_view label, Scope scope, std::optional<Timestamp> expires);
  std::vector<Credential> credentials(Id account);
  bool revoke_credential(Id account, Id credential);  ///< false where there is none

  void set_policy(PasswordPolicy policy);

  struct Figures {
    std::uint64_t accepted = 0, refused = 0, throttled = 0, argon2_runs = 0;
  };
  Figures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace storage
