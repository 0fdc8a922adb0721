#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime/structure.h"

namespace mail::sieve {

/// A message that is about to be delivered. What is asked twice should be remembered.
class Message {
 public:
  virtual ~Message() = default;

  virtual const mime::Structure& structure() const = 0;
  /// From that place on, that many octets; fewer only at the message's end.
  virtual std::string octets(std::uint64_t begin, std::size_t size) const = 0;
  virtual std::uint64_t size() const = 0;
};

/// For whom and where a script is run.
struct Setting {
  std::string from;                    ///< of the envelope; empty for a bounce
  std::string to;                      ///< of the envelope: as which of the account's addresses
  std::vector<std::string> addresses;  ///< of the account
  std::int64_t now = 0;                ///< since 1970, UTC
  int zone = 0;                        ///< minutes east of UTC, of the account
  std::string separator = "+";         ///< between user and detail in a local part. RFC 5233
};

/// What a script may ask of where it is run. Names of mailboxes are whole, as LIST has them, in UTF-8.
class Host {
 public:
  virtual ~Host() = default;

  /// Whether the account may deliver into that mailbox. RFC 5490 3.1
  virtual bool mailbox_exists(const std::string& name) = 0;
  virtual bool has_special_use(const std::string& name, const std::string& use) = 0;
  /// The mailbox that has this special use, if there is one.
  virtual std::optional<std::string> mailbox_with(const std::string& use) = 0;
  /// RFC 5183 4.1; the name is in lower case.
  virtual std::optional<std::string> environment(const std::string& name) = 0;
  /// Whether Outcome::seen of an earlier run had this key, and its time isn't over. RFC 7352 3
  virtual bool was_seen(const std::string& key) = 0;
  /// The text of a script. RFC 6609 3.2
  virtual std::optional<std::string> script(const std::string& name, bool global) = 0;
};

}  // namespace mail::sieve
