#include "storage/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <memory>
#include <vector>

#include "storage/failure.h"
#include "storage/secrets.h"

namespace storage {

namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = SHA256_DIGEST_LENGTH;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(std::string_view key, std::string_view message) {
  std::string mac(hash_size, '\0');
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(message), message.size(),
            reinterpret_cast<unsigned char*>(mac.data()), &size)) {
    throw Failure(Trouble::unavailable, "cannot compute an HMAC");
  }
  return mac;
}

std::string hash(std::string_view text) {
  std::string out(hash_size, '\0');
  SHA256(octets(text), text.size(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

/// SASLprep for a stored string. RFC 4013 2
std::optional<std::string> prepared(std::string_view password) {
  bool ascii = true;
  for (const char c : password) ascii = ascii && c >= ' ' && c < 0x7F;
  if (ascii) return std::string(password);

  const std::size_t room = 4 * password.size() + 16;
  std::vector<UChar> wide(room);
  std::vector<UChar> done(room);
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t size = 0;
  u_strFromUTF8(wide.data(), static_cast<std::int32_t>(room), &size, password.data(),
                static_cast<std::int32_t>(password.size()), &error);
  const std::unique_ptr<UStringPrepProfile, decltype(&usprep_close)> profile(
      usprep_openByType(USPREP_RFC4013_SASLPREP, &error), usprep_close);
  if (U_FAILURE(error)) return std::nullopt;
  size = usprep_prepare(profile.get(), wide.data(), size, done.data(), static_cast<std::int32_t>(room), USPREP_DEFAULT,
                        nullptr, &error);
  if (U_FAILURE(error)) return std::nullopt;
  std::string out(3 * static_cast<std::size_t>(size), '\0');
  std::int32_t length = 0;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &length, done.data(), size, &error);
  if (U_FAILURE(error)) return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace

std::optional<ScramKeys> scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  std::optional<std::string> text = prepared(password);
  if (!text || text->empty()) return std::nullopt;
  std::string salted(hash_size, '\0');
  const int worked = PKCS5_PBKDF2_HMAC(text->data(), static_cast<int>(text->size()), octets(salt),
                                       static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                                       hash_size, reinterpret_cast<unsigned char*>(salted.data()));
  OPENSSL_cleanse(text->data(), text->size());
  if (worked != 1) throw Failure(Trouble::unavailable, "cannot compute keys of a password");
  ScramKeys keys{hash(hmac(salted, "Client Key")), hmac(salted, "Server Key")};
  OPENSSL_cleanse(salted.data(), salted.size());
  return keys;
}

std::optional<std::string> check_scram(const ScramKeys& keys, std::string_view auth_message, std::string_view proof) {
  if (proof.size() != hash_size || keys.stored_key.size() != hash_size) return std::nullopt;
  std::string client_key = hmac(keys.stored_key, auth_message);
  for (std::size_t i = 0; i < hash_size; ++i) client_key[i] = static_cast<char>(client_key[i] ^ proof[i]);
  if (!same_bytes(hash(client_key), keys.stored_key)) return std::nullopt;
  return hmac(keys.server_key, auth_message);
}

std::string scram_decoy(std::string_view secret, std::string_view name) {
  return hmac(secret, name).substr(0, salt_size);
}

std::string make_scram_salt() {
  std::string salt(salt_size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), salt_size) != 1) {
    throw Failure(Trouble::unavailable, "no random numbers");
  }
  return salt;
}

}  // namespace storage
