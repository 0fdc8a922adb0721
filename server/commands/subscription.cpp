#include <array>

#include "dav/error.h"
#include "dav/properties/values.h"
#include "dav/subscribed.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/subscriptions/run.h"
#include "server/units.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace server {

namespace {

using storage::CollectionKind;
using storage::Subscription;
using storage::Transaction;

constexpr std::string_view ICAL = "http://apple.com/ns/ical/";

std::string needed(const Arguments& arguments, std::string_view option) {
  const auto value = arguments.value(option);
  if (!value || value->empty()) throw UsageError(std::string(option) + " is missing");
  return *value;
}

/// One subscription, and where it is.
struct Found {
  Subscription subscription;
  storage::Collection calendar;
  std::string account;
  std::string url;
};

std::vector<Found> find(Transaction& transaction, const std::optional<storage::Account>& account) {
  std::vector<Found> all;
  for (const Subscription& one : transaction.subscriptions(account ? account->id : 0)) {
    const auto calendar = transaction.collection(one.collection);
    const auto owner = calendar ? transaction.account(calendar->account) : std::nullopt;
    if (!owner) continue;
    const auto url = dav::read_subscribed(transaction.properties(calendar->id, 0)).url;
    all.push_back({one, *calendar, owner->name, url});
  }
  return all;
}

Found find_one(OpenStore& open, const Arguments& arguments) {
  const storage::Account account = open.account(needed(arguments, "--account"));
  const std::string url = needed(arguments, "--url");
  for (Found& one : open.store->read([&](Transaction& transaction) { return find(transaction, account); })) {
    if (one.url == url) return std::move(one);
  }
  throw CommandFailed(exit_no_account, account.name + " has not subscribed to " + url);
}

/// The same address has the same name, so that nobody subscribes to it twice.
std::string name_for(const std::string& url) {
  storage::Sha256 sha256;
  sha256.add(url);
  return "subscribed-" + storage::to_hex(sha256.finish()).substr(0, 12);
}

std::string seconds_text(const std::string& text) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(parse_duration(text)).count();
  if (seconds < 1) throw std::invalid_argument("--refresh is less than a second");
  return "PT" + std::to_string(seconds) + "S";
}

std::vector<storage::Property> properties_of(const Arguments& arguments, const std::string& url) {
  std::vector<storage::Property> properties{dav::source_property(url)};
  if (const auto name = arguments.value("--name")) {
    properties.push_back(dav::text_property(dav::condition::DAV, "displayname", *name));
  }
  if (const auto every = arguments.value("--refresh")) {
    properties.push_back(dav::text_property(ICAL, "refreshrate", seconds_text(*every)));
  }
  for (const std::string what : {"alarms", "attachments", "todos"}) {
    if (arguments.has("--strip-" + what)) {
      properties.push_back(dav::text_property(dav::condition::CS, "subscribed-strip-" + what, ""));
    }
  }
  return properties;
}

int fetch_now(OpenStore& open, const SubscriptionPolicy& policy, const std::optional<Subscription>& leased) {
  if (!leased) throw CommandFailed(exit_try_again, "it is being fetched just now");
  const KeepersZones zones;
  const SubscriptionOutcome outcome =
      run_subscription(zones.environment(*open.store, open.config.dav), policy, *leased, {});
  if (!outcome.error.empty()) throw CommandFailed(exit_no, "it can't be fetched: " + outcome.error);
  const KeptReport& report = outcome.report;
  print(std::to_string(report.added) + " added, " + std::to_string(report.changed) + " changed, " +
        std::to_string(report.removed) + " removed, " + std::to_string(report.skipped.size()) + " refused\n");
  for (const KeptReport::Skipped& one : report.skipped) print("refused: " + one.name + ": " + one.reason + "\n");
  return exit_ok;
}

int add(const Arguments& arguments) {
  const std::string url = needed(arguments, "--url");
  const std::string name = needed(arguments, "--account");
  OpenStore open(arguments);
  const storage::Account account = open.account(name);
  const SubscriptionPolicy policy = subscription_policy(open.config);
  if (!fetchable(url, policy.fetch)) throw std::invalid_argument(url + " is no http, https or webcal address");
  const std::vector<storage::Property> properties = properties_of(arguments, url);
  const bool later = arguments.has("--later");
  const auto leased = open.store->write([&](Transaction& transaction) -> std::optional<Subscription> {
    const auto home = transaction.home(account.id, CollectionKind::calendar_home);
    const storage::Id id = transaction.create_collection(home->id, CollectionKind::calendar, name_for(url)).id;
    transaction.subscribe(id);
    for (const storage::Property& property : properties) transaction.set_property(id, 0, property);
    if (later) return std::nullopt;
    return transaction.lease_subscription(transaction.now() + lease_length(policy).count(), id);
  });
  return later ? exit_ok : fetch_now(open, policy, leased);
}

int refresh(const Arguments& arguments) {
  OpenStore open(arguments);
  const Found found = find_one(open, arguments);
  const SubscriptionPolicy policy = subscription_policy(open.config);
  return fetch_now(open, policy, open.store->write([&](Transaction& transaction) {
    return transaction.lease_subscription(transaction.now() + lease_length(policy).count(), found.calendar.id);
  }));
}

int remove(const Arguments& arguments) {
  OpenStore open(arguments);
  const Found found = find_one(open, arguments);
  open.store->write([&](Transaction& transaction) { transaction.remove_collection(found.calendar.id, {}); });
  return exit_ok;
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  std::optional<storage::Account> account;
  if (const auto name = arguments.value("--account")) account = open.account(*name);
  const auto all = open.store->read([&](Transaction& transaction) { return find(transaction, account); });
  const auto time = [](storage::Timestamp moment) { return moment > 0 ? Cell(time_text(moment)) : Cell(); };
  Table table(
      {"account", "calendar", "url", "last_fetch", "last_success", "next_fetch", "status", "failures", "error"});
  for (const Found& one : all) {
    const Subscription& state = one.subscription;
    table.add({one.account, one.calendar.name, one.url, time(state.last_fetch), time(state.last_success),
               time(state.next_fetch), static_cast<std::int64_t>(state.status), state.failures, state.error});
  }
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

constexpr OptionRow account_option{"--account", "NAME", "whose"};
constexpr OptionRow url_option{"--url", "URL", "where it is: http:, https: or webcal:"};
constexpr std::array add_options{
    account_option,
    url_option,
    OptionRow{"--name", "TEXT", "what it is called; without it, as its publisher calls it"},
    OptionRow{"--refresh", "TIME", "how often it is fetched, as in \"1 d\""},
    OptionRow{"--strip-alarms", "", "without its alarms"},
    OptionRow{"--strip-attachments", "", "without its attachments"},
    OptionRow{"--strip-todos", "", "without its tasks"},
    OptionRow{"--later", "", "leaves the first fetch to the server"},
};
constexpr std::array list_options{account_option, OptionRow{"--json", "", "for programs"}};
constexpr std::array one_options{account_option, url_option};

constexpr std::array commands{
    Command{"subscription add", "",
            "Subscribes an account to a calendar elsewhere, which the server keeps from then on, and fetches it.\n"
            "Where that fails the subscription stays, and the status is 1.",
            add_options, add},
    Command{"subscription list", "", "Lists the subscriptions and what has come of them.", list_options, list},
    Command{"subscription refresh", "", "Fetches a subscribed calendar now.", one_options, refresh},
    Command{"subscription remove", "", "Ends a subscription; its calendar goes.", one_options, remove},
};

}  // namespace

std::span<const Command> subscription_commands() { return commands; }

}  // namespace server
