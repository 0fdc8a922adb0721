#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_mac_ctx_st;

namespace storage {

/// The cryptography of accounts; the only place that sees a password in clear.

struct Argon2Parameters {
  std::uint32_t passes;
  std::uint32_t memory_kib;
};

/// Argon2id in its usual encoding, with a random salt. Throws Failure where there is no memory for it.
std::string hash_password(std::string_view password, const Argon2Parameters& parameters);

/// Takes as long as the parameters within `encoded` ask. Throws Failure where there is no memory for it.
bool verify_password(std::string_view password, const std::string& encoded);

/// True if the encoded hash was made with these parameters.
bool made_with(std::string_view encoded, const Argon2Parameters& parameters);

/// A hash that no password has, which takes as long to verify as a true one.
std::string dummy_hash(const Argon2Parameters& parameters);

/// A new app password: 128 random bits in base 32, like "abcd-efgh-ijkl-mnop-qrst-uvwx-yz".
std::string make_app_password();

/// The SHA-256 of what could be an app password (in any case, with or without '-' and spaces); empty for what can't.
std::string app_password_hash(std::string_view text);

/// 160 random bits in base 32: what stands in a secret link, or names an attachment.
std::string make_random_name();

/// Without giving away by its time where they differ.
bool same_bytes(std::string_view one, std::string_view other);

/// A random key of this process, under which passwords are remembered.
class MemoryKey {
 public:
  MemoryKey();

  /// The HMAC of the parts, each with its length before it. Throws Failure where there is no memory for it.
  std::string of(std::initializer_list<std::string_view> parts) const;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> keyed_;  ///< copied for each message: to set it up is most of the work
};

}  // namespace storage
