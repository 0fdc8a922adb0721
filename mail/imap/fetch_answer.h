#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mail/imap/grammar/fetch_items.h"
#include "mail/imap/octets.h"
#include "mail/imap/session.h"

namespace mail::imap {

/// What a list of items needs of the store.
struct FetchNeeds {
  bool row = false;
  bool facts = false;
  bool header = false;
  bool octets = false;
  bool sets_seen = false;

  static FetchNeeds of(const std::vector<FetchItem>& items);
};

/// A message as FETCH has found it. What wasn't needed is empty.
struct Fetched {
  std::uint32_t number = 0;
  storage::Message message;
  std::string packed;
};

/// Throws Refusal for what can't be answered of this message, before anything of it is said. RFC 3516 4.3
void refuse_fetch(const std::vector<FetchItem>& items, const Fetched& fetched);

/// Appends the FETCH response of one message. RFC 9051 7.5.2
void append_fetch(Call& call, const std::vector<FetchItem>& items, const Fetched& fetched, Octets& octets);

}  // namespace mail::imap
