#include "server/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstring>

namespace server {

// Poco's NetSSL contexts are not used: they belong to a process-wide SSLManager with its own pass phrase handlers, and
// give no way to exchange a whole set of SNI contexts while connections hold the old ones.

namespace {

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, ContextFree>;

/// Everything in OpenSSL's error queue, which is emptied.
std::string reasons() {
  std::string all;
  while (const unsigned long code = ERR_get_error()) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    // "error:0A000074:SSL routines::key values mismatch": the last part is for people.
    const char* reason = ERR_reason_error_string(code);
    if (!all.empty()) all += "; ";
    all += reason != nullptr ? reason : text;
  }
  return all.empty() ? "unknown reason" : all;
}

[[noreturn]] void fail(const std::string& what) { throw TlsError(what + ": " + reasons()); }

/// A key with a pass phrase would make OpenSSL ask on the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

// Mozilla's "intermediate" suites for TLS 1.2: forward secrecy and AEAD only.
constexpr const char* suites_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// The protocol list as ALPN wants it: each name after an octet with its length.
std::string wire_format(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& name : protocols) {
    if (name.empty() || name.size() > 255) throw TlsError("not an ALPN protocol name: \"" + name + "\"");
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

void load_certificate(SSL_CTX* context, const CertificateFiles& files) {
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
  if (SSL_CTX_use_certificate_chain_file(context, files.chain.c_str()) != 1) {
    fail("cannot use the certificate chain " + files.chain);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    fail("cannot use the private key " + files.key + " with " + files.chain);
  }
  if (SSL_CTX_check_private_key(context) != 1) fail(files.key + " is not the key of " + files.chain);
}

}  // namespace

struct TlsContexts::State {
  std::vector<Context> contexts;
  std::string protocols;

  static int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                             unsigned in_size, void* argument) {
    const auto& own = static_cast<const State*>(argument)->protocols;
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(own.data()),
                                            static_cast<unsigned>(own.size()), in, in_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 3.2
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }

  static int choose_certificate(SSL* connection, int*, void* argument) {
    const char* host = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (host == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_CTX* named = static_cast<const TlsContexts*>(argument)->named(host);
    if (named == nullptr) return SSL_TLSEXT_ERR_NOACK;
    if (named != SSL_get_SSL_CTX(connection)) SSL_set_SSL_CTX(connection, named);
    return SSL_TLSEXT_ERR_OK;
  }
};

TlsContexts::TlsContexts(const TlsOptions& options) : state_(std::make_unique<State>()) {
  if (options.certificates.empty()) throw TlsError("no certificate is given");
  state_->protocols = wire_format(options.protocols);
  for (const CertificateFiles& files : options.certificates) {
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context) fail("cannot make a TLS context");
    SSL_CTX* raw = context.get();
    if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(raw, suites_1_2) != 1 ||
        SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") != 1) {
      fail("cannot set up a TLS context");
    }
    // RFC 9325 3.4: no renegotiation. Compression is off since OpenSSL 1.1; early data stays off (replays of PUT).
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Buffers of idle connections are given back; a record partly sent may be repeated from another place.
    SSL_CTX_set_mode(raw,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Resumption by tickets, which take no memory here.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);
    load_certificate(raw, files);
    if (!state_->protocols.empty()) SSL_CTX_set_alpn_select_cb(raw, State::choose_protocol, state_.get());
    SSL_CTX_set_tlsext_servername_callback(raw, State::choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(raw, this);
    state_->contexts.push_back(std::move(context));
  }
}

TlsContexts::~TlsContexts() = default;

ssl_ctx_st* TlsContexts::first() const { return state_->contexts.front().get(); }

ssl_ctx_st* TlsContexts::named(const char* host) const {
  for (const Context& context : state_->contexts) {
    X509* certificate = SSL_CTX_get0_certificate(context.get());
    if (X509_check_host(certificate, host, std::strlen(host), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1) {
      return context.get();
    }
  }
  return nullptr;
}

Tls::Tls(TlsOptions options)
    : options_(std::move(options)), stamps_(stamps(options_)), contexts_(std::make_shared<TlsContexts>(options_)) {}

void Tls::reload() {
  TlsOptions options;
  {
    const std::lock_guard lock(mutex_);
    options = options_;
  }
  reload(std::move(options));
}

void Tls::reload(TlsOptions options) {
  auto seen = stamps(options);
  {
    // Noted before reading, so that files that are no good are tried again only when they have changed again.
    const std::lock_guard lock(mutex_);
    stamps_ = seen;
  }
  auto contexts = std::make_shared<TlsContexts>(options);
  const std::lock_guard lock(mutex_);
  options_ = std::move(options);
  contexts_ = std::move(contexts);
}

bool Tls::changed_on_disk() const {
  const std::lock_guard lock(mutex_);
  return stamps(options_) != stamps_;
}

std::shared_ptr<const TlsContexts> Tls::current() const {
  const std::lock_guard lock(mutex_);
  return contexts_;
}

std::vector<Tls::Stamp> Tls::stamps(const TlsOptions& options) {
  std::vector<Stamp> all;
  for (const CertificateFiles& files : options.certificates) {
    for (const std::string& path : {files.chain, files.key}) {
      std::error_code error;
      const auto time = std::filesystem::last_write_time(path, error);
      all.emplace_back(error ? std::filesystem::file_time_type{} : time, std::filesystem::file_size(path, error));
    }
  }
  return all;
}

}  // namespace server
