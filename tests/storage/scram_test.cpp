#include "storage/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <catch2/catch.hpp>

#include "storage/accounts.h"
#include "storage/sql/database.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;

namespace {

constexpr std::string_view message = "n=ada,r=one,r=onetwo,s=…,i=…,c=biws,r=onetwo";

std::string hmac(std::string_view key, std::string_view text) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(mac.data()), &size);
  return mac;
}

/// What a client with that password gives. RFC 5802 3
std::string proof(std::string_view password, const Accounts::ScramSalt& salt) {
  std::string salted(SHA256_DIGEST_LENGTH, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.salt.data()), static_cast<int>(salt.salt.size()),
                    static_cast<int>(salt.iterations), EVP_sha256(), SHA256_DIGEST_LENGTH,
                    reinterpret_cast<unsigned char*>(salted.data()));
  std::string key = hmac(salted, "Client Key");
  std::string stored(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         reinterpret_cast<unsigned char*>(stored.data()));
  const std::string signature = hmac(stored, message);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(key[i] ^ signature[i]);
  return key;
}

struct People {
  explicit People(const testing::Backend& backend)
      : place(backend.place()), store(place->open()), accounts(*store, cheap()) {
    Account wanted;
    wanted.name = "ada";
    wanted.addresses = {"ada@pileus.test"};
    ada = accounts.create(wanted, "secret");
  }

  static PasswordPolicy cheap() {
    PasswordPolicy policy;
    policy.argon2_passes = 1;
    policy.argon2_memory_kib = 64;
    return policy;
  }

  Accounts::ScramLogin login(std::string_view name, std::string_view password, std::string_view address = "192.0.2.1") {
    return accounts.authenticate_scram(name, message, proof(password, accounts.scram_salt(name)), address, "test/1");
  }
  bool accepted(std::string_view name, std::string_view password) {
    const Accounts::ScramLogin done = login(name, password);
    CHECK(done.signature.empty() == (done.login.outcome != LoginOutcome::accepted));
    return done.login.outcome == LoginOutcome::accepted;
  }

  std::unique_ptr<testing::Place> place;
  std::unique_ptr<Store> store;
  Accounts accounts;
  Account ada;
};

}  // namespace

TEST_CASE("an account proves its password by SCRAM, by its name and its address") {
  People people(GENERATE(from_range(backends())));
  CHECK(people.accepted("ada", "secret"));
  CHECK(people.accepted("Ada@Pileus.test", "secret"));
  CHECK_FALSE(people.accepted("ada", "Secret"));
  CHECK_FALSE(people.accepted("bob", "secret"));

  people.accounts.set_password(people.ada.id, "other");
  CHECK_FALSE(people.accepted("ada", "secret"));
  CHECK(people.accepted("ada", "other"));

  Account off = people.ada;
  off.disabled = true;
  people.store->write([&](Transaction& transaction) { transaction.update_account(off); });
  CHECK_FALSE(people.accepted("ada", "other"));
}

TEST_CASE("an app password is proven by SCRAM until it is revoked, with its scope") {
  People people(GENERATE(from_range(backends())));
  const std::string password = people.accounts.create_credential(people.ada.id, "phone", {false, true, true}, {});
  const Accounts::ScramLogin done = people.login("ada", password);
  REQUIRE(done.login.outcome == LoginOutcome::accepted);
  CHECK(done.login.principal->credential != 0);
  CHECK(done.login.principal->scope.read_only);
  CHECK(people.accepted("ada", "secret"));

  CHECK(people.accounts.revoke_credential(people.ada.id, done.login.principal->credential));
  CHECK_FALSE(people.accepted("ada", password));
  const Timestamp past = 1;
  const std::string expired = people.accounts.create_credential(people.ada.id, "old", {}, past);
  CHECK_FALSE(people.accepted("ada", expired));
}

TEST_CASE("who guesses by SCRAM waits as who guesses passwords does") {
  People people(GENERATE(from_range(backends())));
  for (int i = 0; i < 6; ++i) people.login("ada", "wrong", "192.0.2.9");
  CHECK(people.login("ada", "secret", "192.0.2.9").login.outcome == LoginOutcome::throttled);
  CHECK(people.accounts.authenticate("ada", "secret", "192.0.2.9", "").outcome == LoginOutcome::throttled);
}

TEST_CASE("a name that isn't there has a salt, always the same") {
  People people(GENERATE(from_range(backends())));
  const auto salt = people.accounts.scram_salt("nobody");
  CHECK(salt.salt.size() == people.accounts.scram_salt("ada").salt.size());
  CHECK(salt.iterations == people.accounts.scram_salt("ada").iterations);
  CHECK(people.accounts.scram_salt("NOBODY").salt == salt.salt);
  CHECK(people.accounts.scram_salt("somebody").salt != salt.salt);
  Accounts again(*people.store, People::cheap());
  CHECK(again.scram_salt("nobody").salt == salt.salt);
}

TEST_CASE("a password from before there was SCRAM can be proven once it has been seen") {
  People people(GENERATE(from_range(backends())));
  people.store->write([&](Transaction& transaction) {
    for (const char* sql : {"DELETE FROM scram_key", "DELETE FROM scram"}) {
      transaction.connection().prepare(sql)->run();
    }
  });
  CHECK_FALSE(people.accepted("ada", "secret"));
  CHECK(people.accounts.authenticate("ada", "secret", "192.0.2.1", "").outcome == LoginOutcome::accepted);
  CHECK(people.accepted("ada", "secret"));
}
