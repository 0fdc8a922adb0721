#pragma once

#include <string>
#include <vector>

#include "storage/mail.h"
#include "tests/storage/backends.h"

namespace testing {

/// A World whose account has mail.
struct MailWorld : World {
  explicit MailWorld(const Backend& backend);

  /// A message of these octets, with facts that are told from others'.
  storage::NewMessage message(const std::string& octets, const std::vector<std::string>& ids = {});
  std::vector<storage::Message> append(const std::vector<storage::NewMessage>& messages);
  storage::Mailbox mailbox(storage::Id id);
  std::vector<storage::MessageFlags> flags(storage::Id id, storage::Uid from = 1);
  std::vector<storage::FlagOutcome> change(const std::vector<storage::Uid>& uids, const storage::FlagChange& wanted);
  std::vector<storage::Uid> expunge(const std::vector<storage::Uid>& uids);
  std::int64_t used();

  /// What check finds.
  std::vector<std::string> faults();

  storage::Id inbox = 0;
  storage::Id trash = 0;
};

}  // namespace testing
