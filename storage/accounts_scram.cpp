#include "storage/accounts_state.h"
#include "storage/failure.h"
#include "storage/names.h"

namespace storage {

std::optional<ScramKeys> Accounts::State::keys_of(Id account, std::string_view password) {
  const auto find = [&](Transaction& transaction) { return sql::find_scram_salt(transaction, account); };
  auto salt = store.read(find);
  if (!salt) {
    salt = store.write([&](Transaction& transaction) {
      if (transaction.account(account)) sql::write_scram_salt(transaction, account, {make_scram_salt()});
      return find(transaction);
    });
  }
  if (!salt) return std::nullopt;
  return scram_keys(password, salt->salt, salt->iterations);
}

void Accounts::State::renew_keys(const sql::LoginRow& row, std::string_view password) {
  try {
    const auto known =
        store.read([&](Transaction& transaction) { return sql::find_scram_keys(transaction, row.account); });
    if (!known.empty() && known.front().credential == 0) return;
    const auto keys = keys_of(row.account, password);
    if (!keys) return;
    store.write([&](Transaction& transaction) {
      // Another password may have been set meanwhile.
      const auto now = sql::find_login(transaction, row.name);
      if (now && now->password == row.password) sql::write_scram_keys(transaction, row.account, {0, *keys});
    });
  } catch (const Failure&) {
    // The password is still right.
  }
}

std::string Accounts::State::decoy_salt(std::string_view name) {
  constexpr std::string_view secret_name = "scram-decoy";
  std::optional<std::string> secret;
  {
    const std::lock_guard lock(mutex);
    secret = decoy_secret;
  }
  if (!secret) {
    secret = store.read([&](Transaction& transaction) { return sql::find_secret(transaction, secret_name); });
    if (!secret) {
      secret = store.write(
          [&](Transaction& transaction) { return sql::shared_secret(transaction, secret_name, make_scram_salt()); });
    }
    const std::lock_guard lock(mutex);
    decoy_secret = secret;
  }
  return scram_decoy(*secret, name);
}

Accounts::ScramSalt Accounts::scram_salt(std::string_view name) {
  const std::string wanted = lower_case(name.substr(0, longest_login));
  // Also where it isn't needed, so that the time is the same.
  const std::string decoy = state_->decoy_salt(wanted);
  const auto found = state_->store.read([&](Transaction& transaction) {
    const auto row = sql::find_login(transaction, wanted);
    return row ? sql::find_scram_salt(transaction, row->account) : std::nullopt;
  });
  if (found) return {found->salt, found->iterations};
  return {decoy, scram_iterations};
}

Accounts::ScramLogin Accounts::authenticate_scram(std::string_view name, std::string_view auth_message,
                                                  std::string_view proof, std::string_view address,
                                                  std::string_view client) {
  State& state = *state_;
  std::string account = lower_case(name.substr(0, longest_login));
  std::vector<sql::ScramRow> rows;
  std::vector<Credential> credentials;
  const auto row = state.store.read([&](Transaction& transaction) {
    auto found = sql::find_login(transaction, account);
    if (found) {
      rows = sql::find_scram_keys(transaction, found->account);
      credentials = sql::list_credentials(transaction, found->account);
    }
    return found;
  });
  const auto counted = [&](Login login, std::string signature) {
    return ScramLogin{*state.counted(std::move(login)), std::move(signature)};
  };
  if (row) account = row->name;
  const sql::ScramRow* right = nullptr;
  std::string signature;
  for (const sql::ScramRow& one : rows) {
    if (auto signed_by = check_scram(one.keys, auth_message, proof)) {
      right = &one;
      signature = *std::move(signed_by);
    }
  }
  // As in authenticate(): an app password can't be guessed, so it isn't made to wait.
  if (right && right->credential != 0) {
    for (const Credential& credential : credentials) {
      if (credential.id != right->credential) continue;
      Login login = state.check_credential(*row, credential, address, client);
      if (login.outcome != LoginOutcome::accepted) signature.clear();
      return counted(std::move(login), std::move(signature));
    }
    right = nullptr;
  }
  {
    const std::lock_guard lock(state.mutex);
    const auto wait = state.throttle.wait(account, address, State::Clock::now());
    if (wait.count() > 0) return counted(later(wait, "too many failures"), {});
  }
  Login login = state.verdict_of(right != nullptr, row, account, address);
  if (login.outcome != LoginOutcome::accepted) signature.clear();
  return counted(std::move(login), std::move(signature));
}

}  // namespace storage
