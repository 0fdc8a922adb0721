#include "storage/sha256.h"

#include <openssl/evp.h>

#include "storage/failure.h"

namespace storage {

namespace {

void check(bool worked) {
  if (!worked) throw Failure(Trouble::unavailable, "cannot compute a SHA-256");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  // Looked up once: EVP_sha256() would be at each use.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  check(context_ && sha256 && EVP_DigestInit_ex(context_.get(), sha256, nullptr) == 1);
}

void Sha256::add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }

std::string Sha256::finish() {
  std::string hash(size, '\0');
  check(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1);
  return hash;
}

}  // namespace storage
