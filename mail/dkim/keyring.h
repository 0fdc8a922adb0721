#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mail/dkim/signer.h"

namespace mail::dkim {

/// A key as the configuration names it.
struct KeyFile {
  std::string domain;
  std::string selector;
  std::string key;  ///< the path of its file, in PEM

  friend bool operator==(const KeyFile&, const KeyFile&) = default;
};

/// Writes a new file of a key, that only its owner can read. Throws KeyError; also where the file is there already.
void write_key(const std::string& path, const Key& key);

/// Reads one. Throws KeyError; also where others than its owner could read or change it.
Key read_key(const std::string& path);

/// What all domains are signed with.
class Keyring {
 public:
  Keyring() = default;
  /// Throws KeyError, with the path.
  explicit Keyring(std::span<const KeyFile> files);

  bool empty() const { return identities_.empty(); }

  /// Who signs for an author of that domain: all keys of the domain, or of the nearest one above it that has any.
  std::vector<Identity> identities_for(std::string_view domain) const;

  /// The same for a message, by the one address in its From; none where there are several domains.
  std::vector<Identity> identities_of(std::string_view header) const;

 private:
  std::vector<Identity> identities_;
};

}  // namespace mail::dkim
