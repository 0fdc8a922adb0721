#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mail/imap/grammar/sequence_set.h"
#include "storage/mail.h"

namespace mail::imap {

/// What a session knows of the mailbox that it has selected: its messages in order of UID, with the flags that the
/// client was told of. It follows the store when it is told to, so that message numbers never change unforeseen.
class View {
 public:
  enum class Access { read_write, read_only };

  /// Which messages are \Recent for this session: those from a UID on (0: none), and from which on the store doesn't
  /// know it yet.
  struct Recents {
    storage::Uid from = 0;
    storage::Uid unclaimed = 0;
  };

  /// The mailbox as it is now.
  View(storage::Mail& mail, const storage::Mailbox& mailbox, std::string name, Access access, Recents recents);

  const std::string& name() const { return name_; }
  storage::Id mailbox() const { return mailbox_; }
  storage::Uid uid_validity() const { return uid_validity_; }
  bool read_only() const { return access_ == Access::read_only; }

  std::uint32_t size() const { return static_cast<std::uint32_t>(messages_.size()); }
  /// By message number, from 1 on.
  storage::Uid uid(std::uint32_t number) const { return messages_[number - 1].uid; }
  storage::Modseq modseq(std::uint32_t number) const { return messages_[number - 1].modseq; }
  unsigned flags(std::uint32_t number) const { return messages_[number - 1].packed & flag_bits; }
  const std::string& keywords(std::uint32_t number) const { return keyword_sets_[messages_[number - 1].packed >> 8]; }
  bool recent(std::uint32_t number) const { return (messages_[number - 1].packed & recent_bit) != 0; }
  std::uint32_t recent_count() const;
  /// The number of a message; 0 if it isn't here.
  std::uint32_t number_of(storage::Uid uid) const;
  NumberSet all_uids() const;
  storage::Uid largest_uid() const { return messages_.empty() ? 0 : messages_.back().uid; }
  /// Whether the store should be told that messages were \Recent here.
  bool has_unclaimed() const;

  /// The numbers of the messages that a set names, ascending. Message numbers that don't exist are a SyntaxError, UIDs
  /// are passed over. RFC 9051 6.4.9
  std::vector<std::uint32_t> numbers(const SequenceSet& set, bool uids) const;
  std::vector<storage::Uid> uids(std::span<const std::uint32_t> numbers) const;

  /// All keywords that any message has or had, each once.
  const std::vector<std::string>& all_keywords() const { return all_keywords_; }
  storage::Modseq seen() const { return changes_seen_; }

  /// What has come since the client was told last.
  struct Changes {
    std::vector<std::uint32_t> expunged;  ///< message numbers as they were, ascending
    std::vector<storage::Uid> expunged_uids;
    bool more = false;                   ///< messages have come
    std::vector<std::uint32_t> changed;  ///< numbers, as they are now, of messages with other flags
    bool keywords = false;               ///< all_keywords has grown
    bool gone = false;                   ///< the mailbox itself
  };
  /// With `keep`, what is expunged stays in the view, and comes another time.
  enum class Expunged { report, keep };
  Changes refresh(storage::Mail& mail, Expunged expunged);

  /// The session itself has done this, and says it itself.
  void changed(const storage::MessageFlags& now);
  std::vector<std::uint32_t> expunged(std::span<const storage::Uid> uids);  ///< returns their numbers as they were

  /// What SEARCH has saved. RFC 9051 6.4.4.1
  const NumberSet& saved() const { return saved_; }
  void save(NumberSet uids) { saved_ = std::move(uids); }

 private:
  static constexpr unsigned flag_bits = 0x1f;
  static constexpr unsigned recent_bit = 0x80;

  struct Known {
    storage::Uid uid;
    std::uint32_t packed;  ///< flags, \Recent, and from bit 8 on which set of keywords
    storage::Modseq modseq;
  };

  std::uint32_t packed(const storage::MessageFlags& message);
  std::uint32_t keyword_set(const std::string& keywords);
  void compact_keywords();
  bool take(const storage::MessageFlags& now, Changes& changes);
  std::vector<storage::Uid> missing(storage::Mail& mail) const;

  std::string name_;
  storage::Id mailbox_;
  storage::Uid uid_validity_;
  Access access_;
  Recents recents_;
  storage::Modseq changes_seen_;
  storage::Modseq expunged_seen_;
  std::vector<Known> messages_;
  std::vector<std::string> keyword_sets_;
  std::unordered_map<std::string, std::uint32_t> set_numbers_;
  std::vector<std::string> all_keywords_;
  NumberSet saved_;
};

}  // namespace mail::imap
