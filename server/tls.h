#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace server {

/// Why a certificate, key or TLS setting can't be used: names the file and the reason.
class TlsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A certificate and its key, as PEM files.
struct CertificateFiles {
  std::string chain;  ///< the certificate, then its intermediates
  std::string key;    ///< the private key, without a pass phrase
};

struct TlsOptions {
  std::vector<CertificateFiles> certificates;  ///< the first answers clients that name no host, or an unknown one
  std::vector<std::string> protocols;          ///< offered by ALPN, e.g. {"http/1.1"}; empty: no ALPN
};

/// One consistent set of contexts, one for each certificate, all with the same settings and callbacks.
class TlsContexts {
 public:
  /// Throws TlsError.
  explicit TlsContexts(const TlsOptions& options);
  ~TlsContexts();
  TlsContexts(const TlsContexts&) = delete;
  TlsContexts& operator=(const TlsContexts&) = delete;

  /// The context that a new connection starts with; SNI moves it to another of this set. The set must outlive the
  /// handshake.
  ssl_ctx_st* first() const;

  /// The context whose certificate names `host`; null when none does.
  ssl_ctx_st* named(const char* host) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The contexts in use, exchanged whole: a connection sees the old set or the new one, never a chain of one with a key
/// of the other. Safe for use by many threads.
class Tls {
 public:
  /// Reads the files. Throws TlsError.
  explicit Tls(TlsOptions options);

  /// Reads the files (or other ones) again and, when all of them are good, uses them for new connections. Throws
  /// TlsError and keeps the old ones otherwise.
  void reload();
  void reload(TlsOptions options);

  /// True when a file has another modification time or size than when it was last read (or tried).
  bool changed_on_disk() const;

  std::shared_ptr<const TlsContexts> current() const;

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::uintmax_t>;
  static std::vector<Stamp> stamps(const TlsOptions& options);

  mutable std::mutex mutex_;
  TlsOptions options_;
  std::vector<Stamp> stamps_;
  std::shared_ptr<const TlsContexts> contexts_;
};

}  // namespace server
