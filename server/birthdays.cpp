#include "server/birthdays.h"

#include <exception>
#include <map>
#include <utility>
#include <variant>

#include "dav/address_books.h"
#include "dav/contacts/birthdays.h"
#include "dav/content/text.h"
#include "server/log.h"
#include "server/subscriptions/kept.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace server {

namespace {

using Clock = std::chrono::steady_clock;
using dav::contacts::YearlyDate;
using storage::CollectionKind;
using storage::Transaction;

/// Of the rules by which cards become events: another one has all calendars made anew.
constexpr std::int64_t edition = 1;
constexpr std::chrono::seconds tick{1};
constexpr std::chrono::seconds all_looked_at_every{60};
constexpr std::size_t most_changed = 10'000;
constexpr const char* calendar_name = "birthdays";

/// The same for the same card, wherever it lies and whatever else changes in it.
std::string uid_of(const std::string& card, YearlyDate::Kind kind, int which) {
  storage::Sha256 sha256;
  sha256.add(std::to_string(static_cast<int>(kind)) + "/" + std::to_string(which) + "/" + card);
  return storage::to_hex(sha256.finish()).substr(0, 32);
}

/// Most cards name no day, and needn't be taken apart.
bool may_name_days(std::string_view card) {
  using dav::content::contains_ignoring_case;
  return contains_ignoring_case(card, "BDAY") || contains_ignoring_case(card, "ANNIVERSARY") ||
         contains_ignoring_case(card, "X-ABDATE");
}

/// The events of a card, by name: a card that lies in two books has them once.
void add_events(const std::string& bytes, std::map<std::string, std::string>& events) {
  if (!may_name_days(bytes)) return;
  const auto parsed = dav::contacts::Card::parse(bytes);
  const auto* card = std::get_if<dav::contacts::Card>(&parsed);
  if (card == nullptr) return;
  std::map<YearlyDate::Kind, int> count;
  for (const YearlyDate& date : dav::contacts::yearly_dates(*card)) {
    const std::string uid = uid_of(card->uid(), date.kind, count[date.kind]++);
    events.emplace(uid + ".ics", dav::contacts::yearly_event(date, dav::contacts::full_name(*card), uid));
  }
}

/// All events of an account, and the modseq of the cards that they are made from.
std::pair<std::vector<KeptObject>, storage::Modseq> derive(storage::Store& store, storage::Id account) {
  std::map<std::string, std::string> events;
  const auto seen = store.read([&](Transaction& transaction) {
    const auto home = transaction.home(account, CollectionKind::addressbook_home);
    if (!home) return storage::Modseq{0};
    for (const storage::Collection& book : dav::address_books_in(transaction, *home)) {
      if (book.keeper == storage::Keeper::merged) continue;  // its cards are those of the others
      transaction.for_each_member(book.id, storage::WithBytes::yes, [&](const storage::Member& card) {
        if (card.child != 0) return;
        add_events(transaction.bytes(card), events);
      });
    }
    return home->modseq;
  });
  std::vector<KeptObject> objects;
  objects.reserve(events.size());
  for (auto& [name, bytes] : events) objects.push_back({name, std::move(bytes)});
  return {std::move(objects), seen};
}

/// Whether nobody has done anything meanwhile. First the calendar is asked for, which keeps all others from changing it
/// until the end of the transaction.
bool is_still(Transaction& transaction, const storage::Birthdays& found) {
  if (!transaction.collection(found.calendar)) return false;
  const auto present = transaction.birthdays(found.account, false);
  return present && present->calendar == found.calendar && present->seen == found.seen;
}

/// Makes an empty one. It is stale until it has its events.
storage::Id make_calendar(Transaction& transaction, storage::Id account) {
  const auto home = transaction.home(account, CollectionKind::calendar_home);
  const auto state = transaction.birthdays(account, false);
  if (!home || !state || state->calendar != 0) return state ? state->calendar : 0;
  std::string name = calendar_name;
  for (int next = 2; transaction.member(home->id, name); ++next) {
    name = std::string(calendar_name) + "-" + std::to_string(next);
  }
  const storage::Id id = transaction.create_collection(home->id, CollectionKind::calendar, name, "VEVENT").id;
  transaction.set_property(id, 0, {"DAV:", "displayname", "<D:displayname xmlns:D=\"DAV:\">Birthdays</D:displayname>"});
  transaction.set_birthdays({account, true, id, -1, 0});
  return id;
}

}  // namespace

void update_birthdays(const dav::Environment& environment, const storage::Birthdays& state,
                      const std::function<bool()>& stop) {
  storage::Birthdays made = state;
  if (!state.wanted) {
    environment.store.write([&](Transaction& transaction) {
      if (is_still(transaction, state)) transaction.remove_collection(state.calendar, {});
    });
    return;
  }
  if (state.calendar == 0) {
    made.calendar =
        environment.store.write([&](Transaction& transaction) { return make_calendar(transaction, state.account); });
    made.seen = -1;
    if (made.calendar == 0) return;
  }
  const storage::Birthdays found = made;
  auto [objects, seen] = derive(environment.store, state.account);
  made.seen = seen;
  made.edition = edition;
  const KeptReport report = keep(
      environment, made.calendar, objects, [](std::string_view old, std::string_view fresh) { return old == fresh; },
      [&](Transaction& transaction) { return !(stop && stop()) && is_still(transaction, found); },
      [&](Transaction& transaction) { transaction.set_birthdays(made); });
  for (const KeptReport::Skipped& skipped : report.skipped) {
    log_warning("birthday-skipped", {{"account_id", state.account}, {"reason", skipped.reason}});
  }
}

Birthdays::Birthdays(storage::Store& store, dav::Settings settings, bool by_default)
    : store_(store), settings_(std::move(settings)), by_default_(by_default) {
  notices_ = store_.subscribe([this](const storage::Notice& notice) {
    const std::lock_guard lock(mutex_);
    if (changed_.size() < most_changed) changed_.insert(notice.account);
  });
  thread_ = std::thread([this] { work(); });
}

Birthdays::~Birthdays() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Birthdays::set(dav::Settings settings, bool by_default) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
  by_default_ = by_default;
}

void Birthdays::work() {
  Clock::time_point looked{};
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick, [this] { return stopping_.load(); })) {
    const bool all = changed_.size() == most_changed || Clock::now() - looked >= all_looked_at_every;
    if (!all && changed_.empty()) continue;
    if (all) looked = Clock::now();
    const std::set<storage::Id> changed = std::exchange(changed_, {});
    lock.unlock();
    try {
      update(changed, all);
    } catch (const std::exception& error) {
      log_error("birthdays-failed", {{"reason", error.what()}});
    }
    lock.lock();
  }
}

void Birthdays::update(const std::set<storage::Id>& accounts, bool all) {
  dav::Settings settings;
  bool by_default = false;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
    by_default = by_default_;
  }
  const auto stale = store_.read([&](Transaction& transaction) {
    if (all) return transaction.stale_birthdays(by_default, edition);
    std::vector<storage::Birthdays> some;
    for (const storage::Id account : accounts) {
      const auto state = transaction.birthdays(account, by_default);
      if (!state || (!state->wanted && state->calendar == 0)) continue;
      const auto home = transaction.home(account, CollectionKind::addressbook_home);
      if (!state->wanted || state->edition != edition || !home || state->seen != home->modseq) some.push_back(*state);
    }
    return some;
  });
  const dav::Environment environment = zones_.environment(store_, settings);
  for (const storage::Birthdays& one : stale) {
    if (stopping_) return;
    try {
      update_birthdays(environment, one, [this] { return stopping_.load(); });
    } catch (const storage::QuotaExceeded&) {
      log_warning("birthdays-failed", {{"account_id", one.account}, {"reason", "the account's quota is used up"}});
    }
  }
}

}  // namespace server
