#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/accounts.h"
#include "storage/store.h"

namespace storage::sql {

/// What is needed to check a login.
struct LoginRow {
  Id account = 0;
  std::string name;
  bool disabled = false;
  std::string password;  ///< the encoded hash; empty where there is none
};

/// By the account's name or one of its addresses.
std::optional<LoginRow> find_login(Transaction& transaction, std::string_view name);

/// False where there is no such account. What SCRAM knew of the one before is forgotten.
bool write_password(Transaction& transaction, Id account, std::string_view encoded);

/// Replaces the hash of the same password; does nothing if it has been changed meanwhile.
void rewrite_password(Transaction& transaction, Id account, std::string_view before, std::string_view encoded);

/// An app password by its hash, with that hash as it is stored.
std::optional<std::pair<Credential, std::string>> find_credential(Transaction& transaction, Id account,
                                                                  std::string_view hash);
std::vector<Credential> list_credentials(Transaction& transaction, Id account);
Id insert_credential(Transaction& transaction, const Credential& credential, std::string_view hash);
bool delete_credential(Transaction& transaction, Id account, Id credential);
void write_last_use(Transaction& transaction, Id credential, std::string_view address, std::string_view client);

}  // namespace storage::sql
