#include "mail/imap/searching.h"

#include <algorithm>

#include "mail/facts.h"
#include "mail/imap/octets.h"
#include "mail/imap/search/match.h"
#include "mail/mime/scanner.h"

namespace mail::imap {

namespace {

constexpr std::size_t batch = 200;
constexpr std::size_t piece_size = 64 * 1024;

/// A message that the flags alone don't decide.
struct Undecided {
  storage::MessageFlags flags;
  std::uint32_t number = 0;
  bool recent = false;
};

Known known_of(const Undecided& message) {
  Known known;
  known.number = message.number;
  known.uid = message.flags.uid;
  known.flags = message.flags.flags;
  known.keywords = message.flags.keywords;
  known.recent = message.recent;
  known.modseq = message.flags.modseq;
  return known;
}

/// All that a text is looked for in, read piece by piece.
mime::SearchText text_of(Octets& octets, std::uint64_t size) {
  mime::Scanner scanner;
  for (std::uint64_t at = 0; at < size; at += piece_size) scanner.add(octets.read(at, piece_size));
  return mime::search_text(scanner.finish(),
                           [&](std::uint64_t begin, std::size_t count) { return octets.read(begin, count); });
}

class Searching {
 public:
  Searching(storage::Transaction& transaction, storage::Id mailbox, const View* view, const SearchProgram& program)
      : mail_(transaction), mailbox_(mailbox), view_(view), search_(program, context(transaction)) {}

  std::vector<Found> run() {
    by_flags();
    if (!undecided_.empty()) {
      ask_index();
      const std::vector<Undecided> all = std::move(undecided_);
      undecided_.clear();
      for (const Undecided& message : all) first_look(message);
    }
    for (std::size_t at = 0; at < undecided_.size(); at += batch) {
      read(std::span(undecided_).subspan(at, std::min(batch, undecided_.size() - at)));
    }
    std::sort(found_.begin(), found_.end(), [](const Found& one, const Found& other) { return one.uid < other.uid; });
    return std::move(found_);
  }

 private:
  SearchContext context(storage::Transaction& transaction) {
    SearchContext context;
    context.now = transaction.now();
    if (view_) {
      context.last_number = view_->size();
      context.last_uid = view_->largest_uid();
      context.saved = &view_->saved();
    } else {
      mail_.flags_of(mailbox_, 1, [&](const storage::MessageFlags& message) {
        context.last_uid = message.uid;
        ++context.last_number;
      });
    }
    return context;
  }

  void by_flags() {
    if (!view_) {
      std::uint32_t number = 0;
      mail_.flags_of(mailbox_, 1, [&](const storage::MessageFlags& message) {
        first_look({message, ++number, false});
      });
      return;
    }
    for (std::uint32_t number = 1; number <= view_->size(); ++number) {
      Known known;
      known.number = number;
      known.uid = view_->uid(number);
      known.flags = view_->flags(number);
      known.keywords = view_->keywords(number);
      known.recent = view_->recent(number);
      known.modseq = view_->modseq(number);
      const Truth truth = search_.judge(known);
      if (truth == Truth::yes) found_.push_back({number, known.uid, known.modseq});
      if (truth == Truth::unknown) {
        undecided_.push_back(
            {{known.uid, known.flags, std::string(known.keywords), known.modseq}, number, known.recent});
      }
    }
  }

  void first_look(const Undecided& message) {
    const Truth truth = search_.judge(known_of(message));
    if (truth == Truth::yes) take(message);
    if (truth == Truth::unknown) undecided_.push_back(message);
  }

  void take(const Undecided& message) {
    found_.push_back({view_ ? message.number : 0, message.flags.uid, message.flags.modseq});
  }

  void ask_index() {
    for (std::size_t i = 0; i < search_.questions().size(); ++i) {
      const Search::Question& question = search_.questions()[i];
      if (const auto uids = mail_.holding(mailbox_, question.where, question.text)) search_.set_candidates(i, *uids);
    }
  }

  /// What the rows and the facts decide, and then, one message after the other, the octets.
  void read(std::span<const Undecided> messages) {
    std::vector<storage::Uid> uids;
    for (const Undecided& message : messages) uids.push_back(message.flags.uid);
    struct Row {
      storage::Message message;
      std::string packed;
    };
    std::vector<Row> rows;
    const auto with = search_.most_needed() > Need::row ? storage::Mail::WithFacts::yes : storage::Mail::WithFacts::no;
    mail_.messages(mailbox_, uids, with, [&](const storage::Message& message, std::string_view packed) {
      rows.push_back({message, std::string(packed)});
    });
    auto row = rows.begin();
    for (const Undecided& message : messages) {
      while (row != rows.end() && row->message.uid < message.flags.uid) ++row;
      if (row != rows.end() && row->message.uid == message.flags.uid) look(message, row->message, row->packed);
    }
  }

  void look(const Undecided& message, const storage::Message& row, std::string_view packed) {
    Known known = known_of(message);
    known.row = &row;
    mime::SortKeys keys;
    std::string header;
    mime::SearchText text;
    std::optional<std::string_view> kept;
    if (search_.need(known) != Need::nothing) {
      const Facts facts(packed);
      kept = facts.header();
      keys = facts.sort_keys();
      known.keys = &keys;
    }
    Octets octets(kept, [&] { return mail_.octets(row); });
    // Each need is met once, so this ends.
    for (Need need = search_.need(known); need != Need::nothing; need = search_.need(known)) {
      if (need == Need::text) {
        text = text_of(octets, static_cast<std::uint64_t>(std::max<std::int64_t>(row.size, 0)));
        known.text = &text;
      } else {
        if (!kept) header = octets.read(0, Facts(packed).layout().front().body_begin);
        known.header = kept ? *kept : std::string_view(header);
      }
    }
    if (search_.judge(known) == Truth::yes) take(message);
  }

  storage::Mail mail_;
  storage::Id mailbox_;
  const View* view_;
  Search search_;
  std::vector<Undecided> undecided_;
  std::vector<Found> found_;
};

/// Numbers in the order they stand in, where one follows another by one as a range.
std::string in_order(std::span<const Found> found, bool uid) {
  std::string text;
  const auto number = [&](std::size_t i) { return uid ? found[i].uid : found[i].number; };
  for (std::size_t i = 0; i < found.size();) {
    std::size_t end = i + 1;
    while (end < found.size() && number(end) == number(end - 1) + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(number(i));
    if (end - i > 1) text.append(":").append(std::to_string(number(end - 1)));
    i = end;
  }
  return text;
}

std::span<const Found> part_of(std::span<const Found> found, const PartialRange& range) {
  const auto slice = range.of(found.size());
  return found.subspan(slice.begin, slice.end - slice.begin);
}

bool only_ends(const SearchReturn& wanted) {
  return (wanted.min || wanted.max) && !wanted.all && !wanted.count && !wanted.partial;
}

std::vector<Found> ends_of(std::span<const Found> found, const SearchReturn& wanted) {
  std::vector<Found> ends;
  if (wanted.min && !found.empty()) ends.push_back(found.front());
  if (wanted.max && !found.empty()) ends.push_back(found.back());
  return ends;
}

}  // namespace

std::vector<Found> search(storage::Transaction& transaction, storage::Id mailbox, const View* view,
                          const SearchProgram& program) {
  return Searching(transaction, mailbox, view, program).run();
}

storage::Modseq highest(std::span<const Found> found) {
  storage::Modseq highest = 0;
  for (const Found& message : found) highest = std::max(highest, message.modseq);
  return highest;
}

void append_found(std::string& out, std::span<const Found> found, const SearchReturn& wanted, bool uid,
                  bool uses_modseq) {
  const auto number = [&](const Found& message) { return std::to_string(uid ? message.uid : message.number); };
  if (uid) out += " UID";
  if (wanted.min && !found.empty()) out += " MIN " + number(found.front());
  if (wanted.max && !found.empty()) out += " MAX " + number(found.back());
  if (wanted.count) out += " COUNT " + std::to_string(found.size());
  if (wanted.all && !found.empty()) out += " ALL " + in_order(found, uid);
  if (wanted.partial) {
    const auto part = part_of(found, *wanted.partial);
    out += " PARTIAL (" + wanted.partial->text + ' ' + (part.empty() ? "NIL" : in_order(part, uid)) + ')';
  }
  if (wanted.relevancy) {
    // What is found has the text to the letter. RFC 6203 4
    out += " RELEVANCY (";
    const auto told = wanted.partial ? part_of(found, *wanted.partial) : found;
    for (std::size_t i = 0; i < told.size(); ++i) out += i == 0 ? "100" : " 100";
    out += ')';
  }
  // RFC 4731 3.2
  if (uses_modseq && !found.empty()) {
    const auto told = only_ends(wanted) ? ends_of(found, wanted) : std::vector<Found>(found.begin(), found.end());
    out += " MODSEQ " + std::to_string(highest(told));
  }
}

NumberSet to_save(std::span<const Found> found, const SearchReturn& wanted) {
  std::vector<Found> ends;
  if (only_ends(wanted)) {
    ends = ends_of(found, wanted);
    found = ends;
  } else if (wanted.partial && !wanted.all && !wanted.count) {
    found = part_of(found, *wanted.partial);
  }
  std::vector<std::uint32_t> uids;
  for (const Found& message : found) uids.push_back(message.uid);
  return NumberSet::of(uids);
}

}  // namespace mail::imap
