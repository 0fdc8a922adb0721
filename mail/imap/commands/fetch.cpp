#include <algorithm>

#include "mail/facts.h"
#include "mail/imap/commands.h"
#include "mail/imap/fetch_answer.h"
#include "mail/imap/responses.h"
#include "storage/failure.h"

namespace mail::imap {

namespace {

using What = FetchItem::What;

// How many messages one turn takes, by what is wanted of them, so that what waits to be sent is bounded.
constexpr std::size_t turn_of_flags = 2000;
constexpr std::size_t turn_of_facts = 250;
constexpr std::size_t turn_of_octets = 32;

FetchItem item_of(What what, const char* label) {
  FetchItem item;
  item.what = what;
  item.label = label;
  return item;
}

bool has(const std::vector<FetchItem>& items, What what) {
  return std::any_of(items.begin(), items.end(), [&](const FetchItem& item) { return item.what == what; });
}

/// Some messages a turn, each turn when the one before has been sent.
class Fetching final : public Task {
 public:
  Fetching(std::vector<FetchItem> items, std::vector<storage::Uid> uids)
      : items_(std::move(items)), needs_(FetchNeeds::of(items_)), uids_(std::move(uids)) {}

  Next step(Call& call) override {
    const std::size_t most = needs_.octets ? turn_of_octets : needs_.row ? turn_of_facts : turn_of_flags;
    const std::span<const storage::Uid> turn = std::span(uids_).subspan(next_, std::min(most, uids_.size() - next_));
    next_ += turn.size();
    answer(call, turn);
    if (next_ < uids_.size()) return Next::turn;
    if (missing_) {
      call.code = "EXPUNGEISSUED";
      call.text = "Some messages are there no more";
    }
    return Next::done;
  }

 private:
  void answer(Call& call, std::span<const storage::Uid> uids) {
    const std::vector<storage::Uid> newly_seen =
        needs_.sets_seen ? set_seen(call.session, uids) : decltype(newly_seen){};
    if (!needs_.row) {
      for (const storage::Uid uid : uids) one(call, {call.session.view().number_of(uid), {}, {}}, items_, nullptr);
      return;
    }
    call.session.store().read([&](storage::Transaction& transaction) {
      storage::Mail mail(transaction);
      const std::vector<Fetched> found = find(call.session, mail, uids);
      missing_ = missing_ || found.size() < uids.size();
      for (const Fetched& fetched : found) {
        const bool seen = std::binary_search(newly_seen.begin(), newly_seen.end(), fetched.message.uid);
        one(call, fetched, seen ? with_flags(call.session) : items_, &mail);
      }
    });
  }

  static void one(Call& call, const Fetched& fetched, const std::vector<FetchItem>& items, storage::Mail* mail) {
    if (fetched.number == 0) return;
    std::optional<std::string_view> header;
    if (!fetched.packed.empty()) {
      refuse_fetch(items, fetched);
      header = Facts(fetched.packed).header();
    }
    Octets octets(header, [&] { return mail ? mail->octets(fetched.message) : storage::Segment(); });
    const std::size_t begin = call.out.size();
    const std::uint64_t pieces = call.pieces;
    try {
      append_fetch(call, items, fetched, octets);
    } catch (const storage::Failure&) {
      // Half a response can be taken back, unless its beginning has been sent: then nothing can follow it.
      call.out.resize(call.pieces == pieces ? begin : 0);
      if (call.pieces != pieces) call.session.cut(call.connection);
      throw;
    }
  }

  std::vector<Fetched> find(Session& session, storage::Mail& mail, std::span<const storage::Uid> uids) const {
    const auto with = needs_.header  ? storage::Mail::WithFacts::with_header
                      : needs_.facts ? storage::Mail::WithFacts::yes
                                     : storage::Mail::WithFacts::no;
    std::vector<Fetched> found;
    found.reserve(uids.size());
    mail.messages(session.view().mailbox(), uids, with, [&](const storage::Message& message, std::string_view packed) {
      found.push_back({session.view().number_of(message.uid), message, std::string(packed)});
    });
    return found;
  }

  /// RFC 9051 6.4.5: \Seen is set implicitly. Returns of which it has become so.
  static std::vector<storage::Uid> set_seen(Session& session, std::span<const storage::Uid> uids) {
    View& view = session.view();
    if (view.read_only() || session.read_only()) return {};
    std::vector<storage::Uid> unseen;
    for (const storage::Uid uid : uids) {
      const std::uint32_t number = view.number_of(uid);
      if (number != 0 && (view.flags(number) & storage::flag::seen) == 0) unseen.push_back(uid);
    }
    if (unseen.empty()) return {};
    storage::FlagChange change;
    change.way = storage::FlagChange::Way::add;
    change.flags = storage::flag::seen;
    const auto outcomes = session.store().write([&](storage::Transaction& transaction) {
      return storage::Mail(transaction).store(view.mailbox(), unseen, change);
    });
    for (const storage::FlagOutcome& outcome : outcomes) view.changed(outcome.now);
    return unseen;
  }

  std::vector<FetchItem> with_flags(const Session& session) const {
    std::vector<FetchItem> items = items_;
    if (!has(items, What::flags)) items.push_back(item_of(What::flags, "FLAGS"));
    if (session.enabled(Extension::condstore) && !has(items, What::modseq)) {
      items.push_back(item_of(What::modseq, "MODSEQ"));
    }
    return items;
  }

  std::vector<FetchItem> items_;
  FetchNeeds needs_;
  std::vector<storage::Uid> uids_;
  std::size_t next_ = 0;
  bool missing_ = false;
};

/// RFC 7162 3.2.6
void append_vanished(Call& call, const SequenceSet& set, storage::Modseq since) {
  const View& view = call.session.view();
  const auto expunged = call.session.store().read([&](storage::Transaction& transaction) {
    return storage::Mail(transaction).expunged_since(view.mailbox(), since);
  });
  // Where what was expunged is forgotten, any of those that aren't there may be meant.
  const NumberSet once =
      expunged ? NumberSet::of(*expunged) : NumberSet::of_ranges({{1, std::max(view.largest_uid(), 1U)}});
  const NumberSet gone = set.resolved(view.largest_uid()).intersected(once).without(view.all_uids());
  if (!gone.empty()) call.out += "* VANISHED (EARLIER) " + gone.text() + "\r\n";
}

}  // namespace

namespace commands {

// RFC 9051 6.4.5, RFC 7162 3.1.4
void fetch(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const SequenceSet set = read_sequence_set(call.arguments);
  call.arguments.space();
  std::vector<FetchItem> items = read_fetch_items(call.arguments);
  const FetchModifiers modifiers = read_fetch_modifiers(call.arguments);
  call.arguments.end();

  if (modifiers.partial) throw SyntaxError("PARTIAL is not spoken here");
  if (modifiers.vanished && (!call.uid || !modifiers.changed_since || !session.enabled(Extension::qresync))) {
    throw SyntaxError("VANISHED needs QRESYNC, UID and CHANGEDSINCE");
  }
  std::vector<std::uint32_t> numbers = session.view().numbers(set, call.uid);

  if (modifiers.changed_since || has(items, What::modseq)) session.enable(Extension::condstore);
  if (modifiers.changed_since) {
    const auto since = static_cast<storage::Modseq>(*modifiers.changed_since);
    std::erase_if(numbers, [&](std::uint32_t number) { return session.view().modseq(number) <= since; });
    if (!has(items, What::modseq)) items.push_back(item_of(What::modseq, "MODSEQ"));
    if (modifiers.vanished) append_vanished(call, set, since);
  }
  if (call.uid && !has(items, What::uid)) items.insert(items.begin(), item_of(What::uid, "UID"));

  call.task = std::make_unique<Fetching>(std::move(items), session.view().uids(numbers));
  call.next = Task::Next::turn;
}

}  // namespace commands

}  // namespace mail::imap
