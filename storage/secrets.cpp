#include "storage/secrets.h"

#include <argon2.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "storage/failure.h"

namespace storage {

namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::size_t key_size = 32;
constexpr std::size_t mac_size = 32;
constexpr std::size_t app_password_digits = 26;  // of five bits: two more than 128
constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw Failure(Trouble::unavailable, "no random numbers");
  }
  return bytes;
}

std::string sha256(std::string_view text) {
  std::string hash(hash_size, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string base64_without_padding(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::string prefix_of(const Argon2Parameters& parameters) {
  return "$argon2id$v=19$m=" + std::to_string(parameters.memory_kib) + ",t=" + std::to_string(parameters.passes) +
         ",p=1$";
}

}  // namespace

std::string hash_password(std::string_view password, const Argon2Parameters& parameters) {
  const std::string salt = random_bytes(salt_size);
  std::string encoded(argon2_encodedlen(parameters.passes, parameters.memory_kib, 1, salt_size, hash_size, Argon2_id),
                      '\0');
  const int code = argon2id_hash_encoded(parameters.passes, parameters.memory_kib, 1, password.data(), password.size(),
                                         salt.data(), salt.size(), hash_size, encoded.data(), encoded.size());
  if (code != ARGON2_OK) throw Failure(Trouble::unavailable, std::string("argon2: ") + argon2_error_message(code));
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool verify_password(std::string_view password, const std::string& encoded) {
  const int code = argon2id_verify(encoded.c_str(), password.data(), password.size());
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) {
    throw Failure(Trouble::unavailable, std::string("argon2: ") + argon2_error_message(code));
  }
  return code == ARGON2_OK;
}

bool made_with(std::string_view encoded, const Argon2Parameters& parameters) {
  return encoded.starts_with(prefix_of(parameters));
}

std::string dummy_hash(const Argon2Parameters& parameters) {
  return prefix_of(parameters) + base64_without_padding(random_bytes(salt_size)) + "$" +
         base64_without_padding(random_bytes(hash_size));
}

std::string make_app_password() {
  const std::string random = random_bytes(app_password_digits);
  std::string text;
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i > 0 && i % 4 == 0) text += '-';
    text += base32[static_cast<unsigned char>(random[i]) % base32.size()];
  }
  return text;
}

std::string app_password_hash(std::string_view text) {
  std::string digits;
  for (char character : text) {
    if (character == '-' || character == ' ') continue;
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    if (base32.find(character) == std::string_view::npos || digits.size() == app_password_digits) return {};
    digits += character;
  }
  return digits.size() == app_password_digits ? sha256(digits) : std::string();
}

std::string make_random_name() {
  constexpr std::size_t digits = 32;
  std::string text = random_bytes(digits);
  for (char& c : text) c = base32[static_cast<unsigned char>(c) % base32.size()];
  return text;
}

bool same_bytes(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

void MemoryKey::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

MemoryKey::MemoryKey() {
  std::string key = random_bytes(key_size);
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  keyed_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (!keyed_ ||
      EVP_MAC_init(keyed_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters) != 1) {
    throw Failure(Trouble::unavailable, "cannot compute an HMAC");
  }
  OPENSSL_cleanse(key.data(), key.size());
}

std::string MemoryKey::of(std::initializer_list<std::string_view> parts) const {
  std::string message;
  for (const std::string_view part : parts) {
    message += std::to_string(part.size());
    message += ':';
    message += part;
  }
  std::string mac(mac_size, '\0');
  std::size_t size = 0;
  const std::unique_ptr<evp_mac_ctx_st, Free> context(EVP_MAC_CTX_dup(keyed_.get()));
  const bool worked =
      context &&
      EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
      EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.data()), &size, mac.size()) == 1;
  OPENSSL_cleanse(message.data(), message.size());
  if (!worked || size != mac_size) throw Failure(Trouble::unavailable, "cannot compute an HMAC");
  return mac;
}

}  // namespace storage
