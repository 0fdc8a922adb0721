#include "storage/accounts.h"

#include <stdexcept>

#include "storage/accounts_state.h"
#include "storage/names.h"

namespace storage {

namespace {

constexpr std::size_t longest_client = 256;
constexpr std::chrono::seconds use_is_written_every{60};

}  // namespace

Login refusal(std::string reason) {
  Login login;
  login.reason = std::move(reason);
  return login;
}

Login acceptance(const sql::LoginRow& row, Id credential, const Scope& scope) {
  Login login;
  login.outcome = LoginOutcome::accepted;
  login.principal = Principal{row.account, row.name, credential, scope};
  return login;
}

Login later(std::chrono::seconds wait, std::string reason) {
  Login login;
  login.outcome = LoginOutcome::throttled;
  login.retry_after = wait;
  login.reason = std::move(reason);
  return login;
}

Accounts::Accounts(Store& store, PasswordPolicy policy) : state_(std::make_unique<State>(store, policy)) {}

Accounts::~Accounts() = default;

Login Accounts::authenticate(std::string_view name, std::string_view password, std::string_view address,
                             std::string_view client) {
  return *state_->counted(state_->log_in({name, password, address, client}, Effort::any));
}

std::optional<Login> Accounts::recognise(std::string_view name, std::string_view password, std::string_view address,
                                         std::string_view client) {
  return state_->counted(state_->log_in({name, password, address, client}, Effort::little));
}

std::optional<Login> Accounts::State::log_in(const Attempt& attempt, Effort effort) {
  if (attempt.name.empty() || attempt.name.size() > longest_login || attempt.password.size() > longest_password) {
    return refusal("malformed");
  }
  const std::string wanted = lower_case(attempt.name);
  const std::string hash = app_password_hash(attempt.password);
  std::optional<std::pair<Credential, std::string>> found;
  const auto row = store.read([&](Transaction& transaction) {
    auto login_row = sql::find_login(transaction, wanted);
    if (login_row && !hash.empty()) found = sql::find_credential(transaction, login_row->account, hash);
    return login_row;
  });
  // An app password can't be guessed, so whoever has one is not made to wait for those who guess.
  if (found && same_bytes(found->second, hash)) {
    return check_credential(*row, found->first, attempt.address, attempt.client);
  }
  return check_password(row, wanted, attempt, effort);
}

std::optional<Login> Accounts::State::counted(std::optional<Login> login) {
  if (!login) return login;
  switch (login->outcome) {
    case LoginOutcome::accepted:
      ++accepted;
      break;
    case LoginOutcome::refused:
      ++refused;
      break;
    case LoginOutcome::throttled:
      ++throttled;
      break;
  }
  return login;
}

Login Accounts::State::check_credential(const sql::LoginRow& row, const Credential& credential,
                                        std::string_view address, std::string_view client) {
  const Timestamp now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (row.disabled) return refusal("account disabled");
  if (credential.expires && *credential.expires <= now) return refusal("app password expired");
  bool write = false;
  {
    const std::lock_guard lock(mutex);
    throttle.succeeded(row.name, address, Clock::now());
    Clock::time_point& written = uses_written[std::to_string(credential.id)];
    write = Clock::now() - written > use_is_written_every && now - credential.last_used.value_or(0) > 60;
    if (write) written = Clock::now();
  }
  if (write) {
    try {
      store.write([&](Transaction& transaction) {
        sql::write_last_use(transaction, credential.id, address, client.substr(0, longest_client));
      });
    } catch (const Failure&) {
      // A full disk keeps nobody from reading.
    }
  }
  return acceptance(row, credential.id, credential.scope);
}

std::optional<Login> Accounts::State::check_password(const std::optional<sql::LoginRow>& row, std::string_view name,
                                                     const Attempt& attempt, Effort effort) {
  const std::string_view password = attempt.password;
  const std::string_view address = attempt.address;
  // An account is one, by whichever of its names it is guessed at.
  if (row) name = row->name;
  std::string encoded;
  {
    const std::lock_guard lock(mutex);
    const auto wait = throttle.wait(name, address, Clock::now());
    if (wait.count() > 0) return later(wait, "too many failures");
    encoded = row && !row->password.empty() ? row->password : dummy;
  }
  // The stored hash is part of the key: what was remembered is void as soon as the password is changed, by anybody.
  const std::string memory_key = key.of({name, encoded, password});
  auto right = remembered(memory_key);
  // The same wrong password again, from a device that has not heard of the new one, is not another guess.
  if (right) return *right ? verdict_of(true, row, name, address) : refusal("wrong password, again");

  if (effort == Effort::little) return std::nullopt;
  if (!turns.begin(false)) return later(std::chrono::seconds(1), "too many logins at once");
  {
    const Turn turn(turns);
    right = remembered(memory_key);
    if (!right) {
      ++argon2_runs;
      right = verify_password(password, encoded);
    }
  }
  {
    const std::lock_guard lock(mutex);
    verdicts[memory_key] = {*right, Clock::now() + policy.remember};
  }
  if (*right && row && !row->disabled) {
    renew_hash(*row, password);
    renew_keys(*row, password);
  }
  return verdict_of(*right, row, name, address);
}

Login Accounts::State::verdict_of(bool right, const std::optional<sql::LoginRow>& row, std::string_view name,
                                  std::string_view address) {
  const std::lock_guard lock(mutex);
  if (right && row && !row->password.empty() && !row->disabled) {
    throttle.succeeded(name, address, Clock::now());
    return acceptance(*row, 0, Scope());
  }
  throttle.failed(name, address, Clock::now());
  if (!row) return refusal("unknown account");
  if (row->password.empty()) return refusal("account without a password");
  return refusal(row->disabled && right ? "account disabled" : "wrong password");
}

void Accounts::State::renew_hash(const sql::LoginRow& row, std::string_view password) {
  {
    const std::lock_guard lock(mutex);
    if (made_with(row.password, parameters())) return;
  }
  try {
    const std::string encoded = hash(password);
    store.write(
        [&](Transaction& transaction) { sql::rewrite_password(transaction, row.account, row.password, encoded); });
  } catch (const Failure&) {
    // The old hash is still right.
  }
}

namespace {

/// What clients show of a collection: its DAV:displayname, stored as PROPPATCH would.
void name_collection(Transaction& transaction, Id collection, std::string_view name) {
  const std::string element = "<D:displayname xmlns:D=\"DAV:\">" + std::string(name) + "</D:displayname>";
  transaction.set_property(collection, 0, {"DAV:", "displayname", element});
}

/// The collections that an account starts with. Events and tasks lie apart, since Apple's clients want them so.
void create_collections(Transaction& transaction, Id account) {
  using Kind = CollectionKind;
  const Id calendars = transaction.home(account, Kind::calendar_home)->id;
  const Id addressbooks = transaction.home(account, Kind::addressbook_home)->id;
  name_collection(transaction, transaction.create_collection(calendars, Kind::calendar, "calendar", "VEVENT").id,
                  "Calendar");
  name_collection(transaction, transaction.create_collection(calendars, Kind::calendar, "tasks", "VTODO").id, "Tasks");
  transaction.create_collection(calendars, Kind::inbox, "inbox");
  transaction.create_collection(calendars, Kind::outbox, "outbox");
  name_collection(transaction, transaction.create_collection(addressbooks, Kind::addressbook, "contacts").id,
                  "Contacts");
  name_collection(transaction, transaction.home(account, Kind::file_home)->id, "Files");
}

}  // namespace

Account Accounts::create(const Account& wanted, std::string_view password) {
  Account account = wanted;
  account.name = lower_case(wanted.name);
  check_account_name(account.name);
  for (std::string& address : account.addresses) {
    address = lower_case(address);
    check_address(address);
  }
  if (password.size() > longest_password) throw std::invalid_argument("the password is too long");
  const std::string encoded = password.empty() ? std::string() : state_->hash(password);
  const sql::ScramSalt salt{make_scram_salt()};
  const auto keys = scram_keys(password, salt.salt, salt.iterations);
  return state_->store.write([&](Transaction& transaction) {
    // A login by name and one by address must not mean two accounts.
    if (transaction.account_with_address(account.name))
      throw DuplicateName("the name is an address of another account");
    for (const std::string& address : account.addresses) {
      if (transaction.account_named(address)) throw DuplicateName("the address is the name of another account");
    }
    const Account made = transaction.create_account(account);
    if (!encoded.empty()) sql::write_password(transaction, made.id, encoded);
    sql::write_scram_salt(transaction, made.id, salt);
    if (keys) sql::write_scram_keys(transaction, made.id, {0, *keys});
    if (made.kind == AccountKind::group) return made;
    create_collections(transaction, made.id);
    return made;
  });
}

void Accounts::set_password(Id account, std::string_view password) {
  if (password.empty() || password.size() > longest_password) {
    throw std::invalid_argument("a password has 1 to " + std::to_string(longest_password) + " octets");
  }
  const std::string encoded = state_->hash(password);
  const auto keys = state_->keys_of(account, password);
  const bool found = state_->store.write([&](Transaction& transaction) {
    if (!sql::write_password(transaction, account, encoded)) return false;
    if (keys) sql::write_scram_keys(transaction, account, {0, *keys});
    return true;
  });
  if (!found) throw std::invalid_argument("no such account");
}

std::string Accounts::create_credential(Id account, std::string_view label, Scope scope,
                                        std::optional<Timestamp> expires) {
  const std::string password = make_app_password();
  const auto keys = state_->keys_of(account, password);
  state_->store.write([&](Transaction& transaction) {
    if (!transaction.account(account)) throw std::invalid_argument("no such account");
    Credential credential;
    credential.account = account;
    credential.label = label;
    credential.scope = scope;
    credential.created = transaction.now();
    credential.expires = expires;
    const Id id = sql::insert_credential(transaction, credential, app_password_hash(password));
    if (keys) sql::write_scram_keys(transaction, account, {id, *keys});
  });
  return password;
}

std::vector<Credential> Accounts::credentials(Id account) {
  return state_->store.read([&](Transaction& transaction) { return sql::list_credentials(transaction, account); });
}

bool Accounts::revoke_credential(Id account, Id credential) {
  return state_->store.write(
      [&](Transaction& transaction) { return sql::delete_credential(transaction, account, credential); });
}

void Accounts::set_policy(PasswordPolicy policy) {
  const std::lock_guard lock(state_->mutex);
  state_->policy = policy;
  state_->dummy = dummy_hash(state_->parameters());
  state_->throttle.set_policy(policy.failures_before_delay, policy.longest_delay);
}

Accounts::Figures Accounts::figures() const {
  return {state_->accepted, state_->refused, state_->throttled, state_->argon2_runs};
}

}  // namespace storage
