#include "mail/imap/view.h"

#include <algorithm>
#include <utility>

#include "mail/imap/grammar/flags.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

// Sets of keywords that no message has any more are forgotten when there are so many.
constexpr std::size_t most_keyword_sets = 1 << 20;

}  // namespace

View::View(storage::Mail& mail, const storage::Mailbox& mailbox, std::string name, Access access, Recents recents)
    : name_(std::move(name)),
      mailbox_(mailbox.id),
      uid_validity_(mailbox.uid_validity),
      access_(access),
      recents_(recents),
      changes_seen_(mailbox.modseq),
      expunged_seen_(mailbox.modseq),
      keyword_sets_{""} {
  messages_.reserve(static_cast<std::size_t>(std::max<std::int64_t>(mailbox.messages, 0)));
  mail.flags_of(mailbox_, 1, [&](const storage::MessageFlags& message) {
    messages_.push_back({message.uid, packed(message), message.modseq});
  });
}

std::uint32_t View::packed(const storage::MessageFlags& message) {
  const unsigned recent = recents_.from != 0 && message.uid >= recents_.from ? recent_bit : 0;
  return (message.flags & flag_bits) | recent | (keyword_set(message.keywords) << 8);
}

std::uint32_t View::keyword_set(const std::string& keywords) {
  if (keywords.empty()) return 0;
  const auto found = set_numbers_.find(keywords);
  if (found != set_numbers_.end()) return found->second;
  if (keyword_sets_.size() >= most_keyword_sets) compact_keywords();
  const auto number = static_cast<std::uint32_t>(keyword_sets_.size());
  keyword_sets_.push_back(keywords);
  set_numbers_.emplace(keywords, number);
  for (std::size_t at = 0; at < keywords.size();) {
    const std::size_t end = std::min(keywords.find(' ', at), keywords.size());
    const std::string keyword = keywords.substr(at, end - at);
    const auto same = [&](const std::string& other) { return mime::same_word(other, keyword); };
    if (std::none_of(all_keywords_.begin(), all_keywords_.end(), same)) all_keywords_.push_back(keyword);
    at = end + 1;
  }
  return number;
}

void View::compact_keywords() {
  const std::vector<std::string> before = std::exchange(keyword_sets_, {""});
  set_numbers_.clear();
  for (Known& message : messages_) {
    const std::string& keywords = before[message.packed >> 8];
    if (keywords.empty()) continue;
    const auto [place, fresh] = set_numbers_.emplace(keywords, static_cast<std::uint32_t>(keyword_sets_.size()));
    if (fresh) keyword_sets_.push_back(keywords);
    message.packed = (message.packed & 0xff) | (place->second << 8);
  }
}

std::uint32_t View::recent_count() const {
  return static_cast<std::uint32_t>(std::count_if(
      messages_.begin(), messages_.end(), [](const Known& message) { return (message.packed & recent_bit) != 0; }));
}

bool View::has_unclaimed() const {
  return access_ == Access::read_write && !messages_.empty() && recent(size()) && largest_uid() >= recents_.unclaimed;
}

std::uint32_t View::number_of(storage::Uid uid) const {
  const auto place = std::lower_bound(messages_.begin(), messages_.end(), uid,
                                      [](const Known& message, storage::Uid wanted) { return message.uid < wanted; });
  if (place == messages_.end() || place->uid != uid) return 0;
  return static_cast<std::uint32_t>(place - messages_.begin()) + 1;
}

std::vector<std::uint32_t> View::numbers(const SequenceSet& set, bool uids) const {
  std::vector<std::uint32_t> found;
  if (uids) {
    NumberSet wanted = set.resolved(largest_uid());
    if (set.saved) wanted = wanted.united(saved_);
    std::uint32_t at = 0;
    for (const NumberRange& range : wanted.ranges()) {
      const auto from = std::lower_bound(messages_.begin() + at, messages_.end(), range.first,
                                         [](const Known& message, storage::Uid first) { return message.uid < first; });
      at = static_cast<std::uint32_t>(from - messages_.begin());
      for (; at < messages_.size() && messages_[at].uid <= range.last; ++at) found.push_back(at + 1);
    }
    return found;
  }
  if (set.greatest() > size() || (set.has_star() && messages_.empty())) {
    throw SyntaxError("there is no message of that number");
  }
  if (set.saved) {
    SequenceSet by_uid;
    by_uid.saved = true;
    found = numbers(by_uid, true);
  }
  const NumberSet wanted = set.saved ? set.resolved(size()).united(NumberSet::of(found)) : set.resolved(size());
  found.clear();
  wanted.for_each([&](std::uint32_t number) { found.push_back(number); });
  return found;
}

std::vector<storage::Uid> View::uids(std::span<const std::uint32_t> numbers) const {
  std::vector<storage::Uid> found;
  found.reserve(numbers.size());
  for (const std::uint32_t number : numbers) found.push_back(uid(number));
  return found;
}

NumberSet View::all_uids() const {
  NumberSet all;
  for (const Known& message : messages_) all.add(message.uid);
  return all;
}

/// False where nothing of it is new to the client.
bool View::take(const storage::MessageFlags& now, Changes& changes) {
  const std::size_t known_keywords = all_keywords_.size();
  if (now.uid > largest_uid()) {
    messages_.push_back({now.uid, packed(now), now.modseq});
    changes.more = true;
    changes.keywords = changes.keywords || all_keywords_.size() > known_keywords;
    return true;
  }
  const std::uint32_t number = number_of(now.uid);
  if (number == 0 || messages_[number - 1].modseq == now.modseq) return false;
  changed(now);
  changes.changed.push_back(number);
  changes.keywords = changes.keywords || all_keywords_.size() > known_keywords;
  return true;
}

/// Those of the view that are in the store no more.
std::vector<storage::Uid> View::missing(storage::Mail& mail) const {
  std::vector<storage::Uid> gone;
  std::size_t at = 0;
  mail.flags_of(mailbox_, 1, [&](const storage::MessageFlags& message) {
    for (; at < messages_.size() && messages_[at].uid < message.uid; ++at) gone.push_back(messages_[at].uid);
    if (at < messages_.size() && messages_[at].uid == message.uid) ++at;
  });
  for (; at < messages_.size(); ++at) gone.push_back(messages_[at].uid);
  return gone;
}

View::Changes View::refresh(storage::Mail& mail, Expunged expunged_messages) {
  Changes changes;
  const std::optional<storage::Mailbox> mailbox = mail.mailbox(mailbox_);
  if (!mailbox || !mailbox->selectable || mailbox->uid_validity != uid_validity_) {
    changes.gone = true;
    return changes;
  }
  if (expunged_messages == Expunged::report && expunged_seen_ < mailbox->modseq) {
    const auto uids = mail.expunged_since(mailbox_, expunged_seen_);
    for (const storage::Uid uid : uids ? *uids : missing(mail)) {
      if (number_of(uid) != 0) changes.expunged_uids.push_back(uid);
    }
    changes.expunged = expunged(changes.expunged_uids);
    expunged_seen_ = mailbox->modseq;
  }
  if (changes_seen_ < mailbox->modseq) {
    for (const storage::MessageFlags& now : mail.changed_since(mailbox_, changes_seen_)) take(now, changes);
    changes_seen_ = mailbox->modseq;
  }
  return changes;
}

void View::changed(const storage::MessageFlags& now) {
  const std::uint32_t number = number_of(now.uid);
  if (number == 0) return;
  Known& known = messages_[number - 1];
  const unsigned recent = known.packed & recent_bit;
  const std::uint32_t keywords = keyword_set(now.keywords);
  known.packed = (now.flags & flag_bits) | recent | (keywords << 8);
  known.modseq = now.modseq;
}

std::vector<std::uint32_t> View::expunged(std::span<const storage::Uid> uids) {
  std::vector<std::uint32_t> numbers;
  for (const storage::Uid uid : uids) {
    if (const std::uint32_t number = number_of(uid); number != 0) numbers.push_back(number);
  }
  if (numbers.empty()) return numbers;
  std::size_t next = 0;
  std::size_t kept = numbers.front() - 1;
  for (std::size_t i = kept; i < messages_.size(); ++i) {
    if (next < numbers.size() && numbers[next] == i + 1) {
      ++next;
      continue;
    }
    messages_[kept++] = messages_[i];
  }
  messages_.resize(kept);
  if (!saved_.empty()) saved_ = saved_.without(NumberSet::of(uids));
  return numbers;
}

}  // namespace mail::imap
