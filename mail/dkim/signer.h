#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mail/dkim/canonical.h"
#include "mail/dkim/key.h"

namespace mail::dkim {

/// Who signs: the domain that takes responsibility, and where the DNS has the public key.
struct Identity {
  std::string domain;
  std::string selector;
  std::shared_ptr<const Key> key;  ///< shared, because mail may be signed while the configuration is read again
};

/// How a message is signed.
struct Manner {
  Canonicalization header = Canonicalization::relaxed;
  Canonicalization body = Canonicalization::relaxed;
  std::int64_t time = 0;  ///< seconds since 1970; 0: not told
};

/// A field of a header that carries a signature.
struct SignatureField {
  std::string name;
  std::string value;  ///< what follows the colon, with its folds, without the line end
};

/// A message that can't be signed; what() says why.
class CannotSign : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The octets whose hash is signed: the fields of the header that `names` names, each name meaning the next one from
/// the bottom, nothing where there is none left; then the field of the signature, its b= empty. RFC 6376 3.7, 5.4.2
std::string signed_octets(Canonicalization way, std::string_view header, std::span<const std::string> names,
                          std::string_view signature_field);

/// What is signed of a header, in order, for h=. The fields that say who writes what to whom stand there once more than
/// they are there, so that none can be put in front of them. RFC 6376 5.4, 8.15
std::vector<std::string> signed_names(std::string_view header);

/// Signs a message that comes in pieces; holds its header. RFC 6376 5
class Signer {
 public:
  Signer(std::vector<Identity> identities, Manner manner);

  /// Throws CannotSign for a header without an end.
  void add(std::string_view piece);

  /// The end: a DKIM-Signature field for each identity, which are to stand in front of the message. Throws CannotSign
  /// for a message without From.
  std::vector<SignatureField> finish();

 private:
  SignatureField signature(const Identity& identity, std::span<const std::string> names,
                           const std::string& body_hash) const;

  std::vector<Identity> identities_;
  Manner manner_;
  std::string header_;
  std::size_t line_ = 0;  ///< where the header's last line begins
  bool in_body_ = false;
  Hash body_hash_;
  CanonicalBody body_;
};

}  // namespace mail::dkim
