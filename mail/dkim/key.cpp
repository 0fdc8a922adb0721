#include "mail/dkim/key.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

namespace mail::dkim {

namespace {

constexpr int least_rsa_bits = 1024;  // RFC 8301 3.2
constexpr int most_rsa_bits = 4096;   // beyond it, verifiers need not know it

struct FreeBio {
  void operator()(BIO* bio) const { ::BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { ::EVP_PKEY_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void demand(bool done, const char* what) {
  if (!done) throw KeyError(std::string("OpenSSL can't ") + what);
}

int no_password(char*, int, int, void*) { return 0; }

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

Key::Key(Handle handle) : handle_(std::move(handle)) {
  if (EVP_PKEY_is_a(handle_.get(), "ED25519") == 1) {
    algorithm_ = Algorithm::ed25519_sha256;
    return;
  }
  if (EVP_PKEY_is_a(handle_.get(), "RSA") != 1) throw KeyError("the key is neither RSA nor Ed25519");
  const int bits = EVP_PKEY_get_bits(handle_.get());
  if (bits < least_rsa_bits) throw KeyError("an RSA key of less than 1024 bits must not sign");
  if (bits > most_rsa_bits) throw KeyError("an RSA key of more than 4096 bits is not verified everywhere");
}

Key Key::generate(Algorithm algorithm, int rsa_bits) {
  if (algorithm == Algorithm::ed25519_sha256) {
    Handle made(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    demand(made != nullptr, "make a key");
    return Key(std::move(made));
  }
  if (rsa_bits < least_rsa_bits || rsa_bits > most_rsa_bits) {
    throw KeyError("an RSA key has from 1024 to 4096 bits, and should have 2048");
  }
  Handle made(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits)));
  demand(made != nullptr, "make a key");
  return Key(std::move(made));
}

Key Key::from_pem(std::string_view pem) {
  if (pem.size() > 64 * 1024) throw KeyError("the file is too large for a key");
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Handle read(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  if (!read) throw KeyError("the file holds no private key in PEM without a password");
  return Key(std::move(read));
}

Key Key::from_seed(std::string_view octets) {
  Handle made(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets_of(octets), octets.size()));
  if (!made) throw KeyError("an Ed25519 key has 32 octets");
  return Key(std::move(made));
}

std::string Key::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  demand(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), handle_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "write a key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string Key::sign(std::string_view hash) const {
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(handle_.get())), '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  std::size_t size = signature.size();
  if (algorithm_ == Algorithm::ed25519_sha256) {
    // RFC 8463 3: PureEdDSA over the hash.
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    demand(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_.get()) == 1 &&
               EVP_DigestSign(context.get(), out, &size, octets_of(hash), hash.size()) == 1,
           "sign");
  } else {
    // RFC 8017 8.2.1: the hash goes, with its name, into the padding of PKCS #1.
    const KeyContext context(EVP_PKEY_CTX_new(handle_.get(), nullptr));
    demand(context && EVP_PKEY_sign_init(context.get()) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
               EVP_PKEY_sign(context.get(), out, &size, octets_of(hash), hash.size()) == 1,
           "sign");
  }
  signature.resize(size);
  return signature;
}

std::string Key::record() const {
  if (algorithm_ == Algorithm::ed25519_sha256) {
    std::array<char, 32> octets{};
    std::size_t size = octets.size();
    demand(EVP_PKEY_get_raw_public_key(handle_.get(), reinterpret_cast<unsigned char*>(octets.data()), &size) == 1,
           "tell a public key");
    return "v=DKIM1; k=ed25519; p=" + base64({octets.data(), size});
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(handle_.get(), &der);
  demand(size > 0, "tell a public key");
  const std::string octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return "v=DKIM1; k=rsa; p=" + base64(octets);
}

Hash::Hash() : context_(EVP_MD_CTX_new()) {
  demand(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "hash");
}

void Hash::add(std::string_view octets) {
  demand(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1, "hash");
}

std::string Hash::finish() {
  std::string hash(32, '\0');
  demand(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1, "hash");
  return hash;
}

std::string base64(std::string_view octets) {
  std::string out((octets.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a NUL after it.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), octets_of(octets), static_cast<int>(octets.size()));
  out.pop_back();
  return out;
}

}  // namespace mail::dkim
