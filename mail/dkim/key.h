#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mail::dkim {

/// A key that can't be used, or made; what() says why.
class KeyError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// RFC 8301 3.1, RFC 8463 3
enum class Algorithm { rsa_sha256, ed25519_sha256 };

/// "rsa-sha256", "ed25519-sha256".
std::string_view name_of(Algorithm algorithm);

/// A private key that signs. Safe for use by many threads.
class Key {
 public:
  /// A new one. Throws KeyError for RSA keys of less than 1024 bits (RFC 8301 3.2) or more than 4096.
  static Key generate(Algorithm algorithm, int rsa_bits = 2048);

  /// One in PEM, without a password. Throws KeyError.
  static Key from_pem(std::string_view pem);

  /// An Ed25519 key from its 32 octets. RFC 8032 5.1.5
  static Key from_seed(std::string_view octets);

  Algorithm algorithm() const { return algorithm_; }

  /// PKCS #8 in PEM.
  std::string pem() const;

  /// The signature of a SHA-256 hash. RFC 6376 3.3.3, RFC 8463 3
  std::string sign(std::string_view hash) const;

  /// What the DNS tells of it at SELECTOR._domainkey.DOMAIN: "v=DKIM1; k=rsa; p=…". RFC 6376 3.6.1, RFC 8463 4.2
  std::string record() const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  };
  using Handle = std::unique_ptr<EVP_PKEY, Free>;

  explicit Key(Handle handle);

  Handle handle_;
  Algorithm algorithm_ = Algorithm::rsa_sha256;
};

/// The SHA-256 of what is added, in pieces.
class Hash {
 public:
  Hash();
  void add(std::string_view octets);
  /// The 32 octets, once.
  std::string finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

/// RFC 4648 4, on one line.
std::string base64(std::string_view octets);

}  // namespace mail::dkim
