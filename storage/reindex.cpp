#include "storage/reindex.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::int64_t page_rows = 200;

struct Changed {
  Id member = 0;
  Id blob = 0;  ///< what it was derived from
  std::vector<TimeFact> times;
};

constexpr const char* select_calendar_members =
    "SELECT m.id, c.kind FROM member m JOIN collection c ON c.id = m.collection WHERE m.id > $1 AND m.deleted = 0 AND "
    "m.child IS NULL AND c.kind IN (3, 6) ORDER BY m.id LIMIT $2";
static_assert(static_cast<int>(CollectionKind::calendar) == 3 && static_cast<int>(CollectionKind::inbox) == 6);

/// The next members after `last`, which moves on; false at the end.
bool read_page(Transaction& transaction, Id& last, const DeriveFacts& derive, ReindexReport& report,
               std::vector<Changed>& changed) {
  std::vector<Id> calendars, inboxes;
  {
    const auto row = transaction.connection().prepare(select_calendar_members);
    row->bind(1, last).bind(2, page_rows);
    while (row->step()) {
      last = row->integer(0);
      const auto kind = static_cast<CollectionKind>(row->integer(1));
      (kind == CollectionKind::calendar ? calendars : inboxes).push_back(last);
    }
  }
  const auto look = [&](CollectionKind kind, const Member& member) {
    ++report.objects;
    auto facts = derive(kind, transaction.bytes(member));
    if (!facts) {
      ++report.unreadable;
      return;
    }
    std::ranges::sort(facts->times);
    if (facts->times != transaction.times(member.id)) changed.push_back({member.id, member.blob, facts->times});
  };
  transaction.for_each_of(calendars, WithBytes::yes, [&](const Member& each) { look(CollectionKind::calendar, each); });
  transaction.for_each_of(inboxes, WithBytes::yes, [&](const Member& each) { look(CollectionKind::inbox, each); });
  return !calendars.empty() || !inboxes.empty();
}

/// What has been put meanwhile has brought its own times.
void write(Transaction& transaction, const std::vector<Changed>& changed) {
  for (const Changed& each : changed) {
    transaction.for_each_of(std::span(&each.member, 1), WithBytes::no, [&](const Member& member) {
      if (member.blob == each.blob) transaction.set_times(member, each.times);
    });
  }
}

struct ChangedText {
  Id member = 0;
  Id blob = 0;
  std::optional<std::string> text;
};

constexpr const char* select_cards =
    "SELECT m.id FROM member m JOIN collection c ON c.id = m.collection WHERE m.id > $1 AND m.deleted = 0 AND m.child "
    "IS NULL AND c.kind = 4 ORDER BY m.id LIMIT $2";
static_assert(static_cast<int>(CollectionKind::addressbook) == 4);

bool read_cards(Transaction& transaction, Id& last, const DeriveFacts& derive, ReindexReport& report,
                std::vector<ChangedText>& changed) {
  std::vector<Id> cards;
  {
    const auto row = transaction.connection().prepare(select_cards);
    row->bind(1, last).bind(2, page_rows);
    while (row->step()) cards.push_back(row->integer(0));
  }
  transaction.for_each_of(cards, WithBytes::yes, [&](const Member& member) {
    ++report.objects;
    const auto facts = derive(CollectionKind::addressbook, transaction.bytes(member));
    if (!facts) ++report.unreadable;
    // What can't be read is found by any query, and then read in vain.
    auto text = facts ? facts->text : std::nullopt;
    if (!text || text != transaction.text(member)) changed.push_back({member.id, member.blob, std::move(text)});
  });
  if (!cards.empty()) last = cards.back();
  return !cards.empty();
}

void write(Transaction& transaction, const std::vector<ChangedText>& changed) {
  for (const ChangedText& each : changed) {
    transaction.for_each_of(std::span(&each.member, 1), WithBytes::no, [&](const Member& member) {
      if (member.blob == each.blob) transaction.set_text(member, each.text);
    });
  }
}

/// What the store knows of an index as a whole.
struct Index {
  const char* any_object;  ///< a row where there is something that it should hold
  std::string (Transaction::*edition)();
  void (Transaction::*set_edition)(std::string_view);
};

constexpr Index times{"SELECT 1 FROM event_fact LIMIT 1", &Transaction::index_release, &Transaction::set_index_release};
constexpr Index texts{
    "SELECT 1 FROM collection c JOIN member m ON m.collection = c.id AND m.deleted = 0 WHERE c.kind = 4 LIMIT 1",
    &Transaction::text_edition, &Transaction::set_text_edition};

void begin(Store& store, const Index& index, std::string_view edition) {
  const bool is_new = store.read([&](Transaction& transaction) {
    if ((transaction.*index.edition)() == edition) return false;
    return !transaction.connection().prepare(index.any_object)->step();
  });
  if (is_new) store.write([&](Transaction& transaction) { (transaction.*index.set_edition)(edition); });
}

void finish(Store& store, const Index& index, std::string_view edition) {
  const bool known = store.read([&](Transaction& transaction) { return (transaction.*index.edition)() == edition; });
  if (!known) store.write([&](Transaction& transaction) { (transaction.*index.set_edition)(edition); });
}

/// Calls `read` for page after page, until it finds no more, and writes what differs; `taken_in` after each of these.
template <class Difference, class Read>
ReindexReport renew(Store& store, const Index& index, std::string_view edition, const std::function<bool()>& go_on,
                    Read read, const std::function<void()>& taken_in) {
  ReindexReport report;
  Id last = 0;
  for (bool more = true; more;) {
    if (!go_on()) return report;
    std::vector<Difference> changed;
    more = store.read([&](Transaction& transaction) { return read(transaction, last, report, changed); });
    if (changed.empty()) continue;
    store.write([&](Transaction& transaction) { write(transaction, changed); });
    report.changed += static_cast<std::int64_t>(changed.size());
    taken_in();
  }
  finish(store, index, edition);
  report.finished = true;
  return report;
}

}  // namespace

void begin_index(Store& store, std::string_view release) { begin(store, times, release); }

ReindexReport reindex(Store& store, const DeriveFacts& derive, std::string_view release,
                      const std::function<bool()>& go_on) {
  const auto read = [&](Transaction& transaction, Id& last, ReindexReport& report, std::vector<Changed>& changed) {
    return read_page(transaction, last, derive, report, changed);
  };
  return renew<Changed>(store, times, release, go_on, read, [] {});
}

void begin_text_index(Store& store, std::string_view edition) { begin(store, texts, edition); }

ReindexReport reindex_texts(Store& store, const DeriveFacts& derive, std::string_view edition,
                            const std::function<bool()>& go_on) {
  const auto read = [&](Transaction& transaction, Id& last, ReindexReport& report, std::vector<ChangedText>& changed) {
    return read_cards(transaction, last, derive, report, changed);
  };
  return renew<ChangedText>(store, texts, edition, go_on, read, [&] {
    while (store.write([](Transaction& transaction) { return transaction.index_texts(); })) {
    }
  });
}

}  // namespace storage
