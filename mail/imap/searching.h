#pragma once

#include <span>
#include <string>
#include <vector>

#include "mail/imap/grammar/search_key.h"
#include "mail/imap/grammar/search_options.h"
#include "mail/imap/session.h"
#include "storage/mail.h"

namespace mail::imap {

/// A message that a search has found.
struct Found {
  std::uint32_t number = 0;  ///< in the session's view; 0 where that is of another mailbox
  storage::Uid uid = 0;
  storage::Modseq modseq = 0;
};

/// The messages of a mailbox that the program looks for, in order of UID. With a view, those that it has, as the client
/// knows them; `$` is what it has saved.
std::vector<Found> search(storage::Transaction& transaction, storage::Id mailbox, const View* view,
                          const SearchProgram& program);

/// Appends what ESEARCH tells of what was found, which is in the order that it is to be told in: ` UID MIN 2 COUNT 3`.
/// RFC 9051 7.3.4
void append_found(std::string& out, std::span<const Found> found, const SearchReturn& wanted, bool uid,
                  bool uses_modseq);

/// What `SAVE` keeps of it. RFC 5182 2.1, RFC 9394 3.1
NumberSet to_save(std::span<const Found> found, const SearchReturn& wanted);

/// The highest modseq of these.
storage::Modseq highest(std::span<const Found> found);

}  // namespace mail::imap
