#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace storage {

/// What is kept of a password so that SCRAM-SHA-256 can check it. RFC 5802 3, RFC 7677 4
struct ScramKeys {
  std::string stored_key;
  std::string server_key;
};

/// How often a password is hashed for new keys: as much as telephones bear, since who steals the store can try so many
/// fewer passwords.
constexpr std::uint32_t scram_iterations = 16'384;

/// Takes some milliseconds. The password is prepared as RFC 4013 says; nothing for one that this forbids. Throws
/// Failure where there is no memory for it.
std::optional<ScramKeys> scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// The server's signature of the message if the client's proof is right for it, nothing otherwise. RFC 5802 3
std::optional<std::string> check_scram(const ScramKeys& keys, std::string_view auth_message, std::string_view proof);

/// The salt that an account would have which isn't there: always the same for the same name.
std::string scram_decoy(std::string_view secret, std::string_view name);

/// A new salt, or secret for decoys.
std::string make_scram_salt();

}  // namespace storage
