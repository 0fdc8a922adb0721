#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/mime/body_structure.h"
#include "mail/mime/imap_string.h"
#include "mail/mime/sort_keys.h"
#include "mail/mime/structure.h"
#include "storage/mail.h"
#include "storage/spool.h"

namespace mail {

/// By which rules facts are made; counted up when they change, so that older ones are made anew.
constexpr std::int64_t facts_edition = 1;

/// The longest header that is kept beside a message.
constexpr std::size_t longest_kept_header = 16 * 1024;

/// All that is derived from a message when it is stored: read piece by piece, never held whole.
storage::MessageFacts make_facts(const storage::Spool& message);

/// The same of octets that are in the store.
storage::MessageFacts make_facts(const storage::Segment& message);

/// A reader of what make_facts has packed, with or without the header behind it (storage::Mail::messages), which
/// outlives it. Each question is answered without reading the rest. Throws Failure{corrupt} for octets that make_facts
/// didn't make.
class Facts {
 public:
  explicit Facts(std::string_view packed);

  /// What FETCH sends, parentheses and all. RFC 9051 7.5.2
  std::string_view envelope(mime::Client client) const;
  std::string_view body_structure(mime::Detail detail, mime::Client client) const;

  /// RFC 8970 3.3
  std::string_view preview() const;

  mime::Layout layout() const;
  bool has_nul() const;
  mime::SortKeys sort_keys() const;

  /// The message's header with its empty line, if it is short enough to be kept (16 KiB), and is here: see
  /// Mail::WithFacts.
  std::optional<std::string_view> header() const;

 private:
  std::string_view piece(std::size_t index) const;

  std::string_view packed_;
};

}  // namespace mail
