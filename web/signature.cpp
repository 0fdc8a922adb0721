#include "web/signature.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

namespace web {

namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(CMS_ContentInfo* message) const { CMS_ContentInfo_free(message); }
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void fail(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  throw std::runtime_error(what + ": " + text.data());
}

Owned<BIO> open_file(const std::string& file) {
  Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) fail("cannot read " + file);
  return bio;
}

}  // namespace

std::string signed_content(std::string_view content, const std::string& chain_file, const std::string& key_file) {
  const Owned<BIO> chain = open_file(chain_file);
  const Owned<X509> own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  if (!own) fail("no certificate in " + chain_file);
  const Owned<STACK_OF(X509)> others(sk_X509_new_null());
  if (!others) fail("no memory");
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    if (sk_X509_push(others.get(), next) <= 0) X509_free(next);
  }
  ERR_clear_error();  // The end of the file counts as an error.
  const Owned<BIO> key_text = open_file(key_file);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!key) fail("no key in " + key_file);

  if (content.size() > std::numeric_limits<int>::max()) throw std::runtime_error("too much to sign");
  const Owned<BIO> data(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  if (!data) fail("no memory");
  const Owned<CMS_ContentInfo> message(
      CMS_sign(own.get(), key.get(), others.get(), data.get(), CMS_BINARY | CMS_NOSMIMECAP));
  if (!message) fail("cannot sign");
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  if (!out || i2d_CMS_bio(out.get(), message.get()) != 1) fail("cannot write the signature");
  char* octets = nullptr;
  const long size = BIO_get_mem_data(out.get(), &octets);
  return {octets, static_cast<std::size_t>(size)};
}

bool is_for_host(const std::string& chain_file, const std::string& host) {
  const Owned<BIO> chain(BIO_new_file(chain_file.c_str(), "r"));
  const Owned<X509> own(chain ? PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  return own && X509_check_host(own.get(), host.data(), host.size(), 0, nullptr) == 1;
}

}  // namespace web
