#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/scram.h"
#include "storage/store.h"

namespace storage::sql {

struct ScramSalt {
  std::string salt;
  std::uint32_t iterations = scram_iterations;
};

/// The account's salt; nothing where it has none.
std::optional<ScramSalt> find_scram_salt(Transaction& transaction, Id account);

/// Gives the account a salt, unless it has one.
void write_scram_salt(Transaction& transaction, Id account, const ScramSalt& salt);

struct ScramRow {
  Id credential = 0;  ///< 0: the account's own password
  ScramKeys keys;
};
std::vector<ScramRow> find_scram_keys(Transaction& transaction, Id account);
void write_scram_keys(Transaction& transaction, Id account, const ScramRow& row);
void delete_scram_keys(Transaction& transaction, Id account, Id credential);

/// Octets that all nodes share; nothing where there are none yet.
std::optional<std::string> find_secret(Transaction& transaction, std::string_view name);

/// The same, made of `fresh` if there are none.
std::string shared_secret(Transaction& transaction, std::string_view name, std::string_view fresh);

}  // namespace storage::sql
