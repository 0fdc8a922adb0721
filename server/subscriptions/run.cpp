#include "server/subscriptions/run.h"

#include <algorithm>
#include <random>

#include "dav/error.h"
#include "dav/xml.h"
#include "server/log.h"
#include "server/subscriptions/feed.h"
#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/sha256.h"

namespace server {

namespace {

using storage::Subscription;
using storage::Transaction;

// What the objects of one calendar may have together, each with its time zones.
constexpr std::size_t most_octets = std::size_t{64} << 20;
constexpr std::size_t most_named = 20;  // skipped objects, in the log

double random_share() {
  static thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

/// What it was made from, and how: when either is another, it is made again.
std::string digest_of(const std::string& body, const std::string& how) {
  storage::Sha256 sha256;
  sha256.add(body);
  return storage::to_hex(sha256.finish()) + how;
}

/// One calendar, once.
class Run {
 public:
  Run(const dav::Environment& environment, const SubscriptionPolicy& policy, const Subscription& leased,
      const std::function<bool()>& stop)
      : environment_(environment), policy_(policy), leased_(leased), next_(leased), stop_(stop) {}

  SubscriptionOutcome run() {
    read();
    if (!wanted_) return std::move(outcome_);
    next_ = row();
    try {
      Fetched fetched;
      fetched.error = "it has no address";
      if (!subscribed_.url.empty()) fetched = fetch(request(), policy_.fetch, stop_);
      if (stopped()) return give_back();
      take(std::move(fetched));
      if (outcome_.report.taken_away && stopped()) return give_back();
    } catch (const storage::QuotaExceeded&) {
      next_ = row();
      fail("the account's quota is used up");
    }
    tell();
    return std::move(outcome_);
  }

 private:
  void read() {
    environment_.store.read([&](Transaction& transaction) {
      const auto calendar = transaction.collection(leased_.collection);
      const auto account = calendar ? transaction.account(calendar->account) : std::nullopt;
      wanted_ = account.has_value();
      if (!wanted_) return;
      account_ = account->name;
      name_ = calendar->name;
      now_ = transaction.now();
      subscribed_ = dav::read_subscribed(transaction.properties(calendar->id, 0));
    });
    how_ = std::string("/") + (subscribed_.strip_alarms ? "a" : "") + (subscribed_.strip_attachments ? "f" : "") +
           (subscribed_.strip_tasks ? "t" : "");
  }

  bool stopped() const { return stop_ && stop_(); }

  /// Broken off: it is as if nothing had been fetched.
  SubscriptionOutcome give_back() {
    next_ = leased_;
    if (begun_) unsettle(next_);
    write_if_mine();
    outcome_.error = "stopped";
    return std::move(outcome_);
  }

  /// Conditional, where the answer would be the same as the last time.
  FetchRequest request() const {
    FetchRequest request{subscribed_.url, {}, {}};
    if (leased_.url != subscribed_.url || !leased_.digest.ends_with(how_)) return request;
    request.etag = leased_.etag;
    request.last_modified = leased_.last_modified;
    return request;
  }

  /// What is known of that address from before.
  Subscription row() const {
    Subscription row = leased_;
    if (begun_) unsettle(row);
    if (leased_.url == subscribed_.url) return row;
    row = Subscription();
    row.collection = leased_.collection;
    row.failures = leased_.failures;
    row.last_success = leased_.last_success;
    return row;
  }

  void take(Fetched fetched) {
    outcome_.status = fetched.status;
    if (fetched.status == 404 || fetched.status == 410) return gone(fetched.error, Feed());
    if (!fetched.error.empty()) return fail(fetched.error, fetched.retry_after);
    if (fetched.status == 304) return succeed();
    const std::string digest = digest_of(fetched.body, how_);
    const bool unchanged = digest == next_.digest && next_.gone_since == 0;
    Feed feed;
    try {
      const FeedOptions options{subscribed_.strip_alarms, subscribed_.strip_attachments, subscribed_.strip_tasks};
      if (!unchanged) feed = read_feed(std::move(fetched.body), options, most_octets);
    } catch (const BrokenFeed& broken) {
      return fail(broken.what());
    }
    next_.etag = std::move(fetched.etag);
    next_.last_modified = std::move(fetched.last_modified);
    if (unchanged) return succeed();
    next_.digest = digest;
    next_.period = feed.period.count();
    if (feed.objects.empty() && has_members()) return gone("it has come without any object", std::move(feed));
    note_success();
    keep_objects(std::move(feed));
  }

  bool has_members() const {
    bool any = false;
    environment_.store.read([&](Transaction& transaction) {
      transaction.for_each_member(leased_.collection, storage::WithBytes::no,
                                  [&](const storage::Member&) { any = true; });
    });
    return any;
  }

  void gone(const std::string& error, Feed feed) {
    const storage::Timestamp since = leased_.gone_since > 0 ? leased_.gone_since : now_;
    if (outcome_.status == 200 && now_ - since >= policy_.gone_after.count()) {
      note_success();
      return keep_objects(std::move(feed));
    }
    next_.gone_since = since;
    next_.digest.clear();  // it is looked at again, even if it is the same
    next_.etag.clear();
    next_.last_modified.clear();
    if (now_ - since < policy_.gone_after.count()) return fail(error);
    note_failure(error);
    keep_objects(std::move(feed));
  }

  /// Of a calendar that is neither what it was nor yet what it is to be: "not modified" would leave it so.
  static void unsettle(Subscription& row) {
    row.digest.clear();
    row.etag.clear();
    row.last_modified.clear();
  }

  /// At the start of each transaction that changes objects; false where they are no more this one's to change.
  bool go_on(Transaction& transaction) {
    if (stopped() || !mine(transaction)) return false;
    Subscription row = leased_;
    unsettle(row);
    transaction.update_subscription(row);
    begun_ = true;
    return true;
  }

  void keep_objects(Feed feed) {
    std::vector<KeptObject> objects;
    objects.reserve(feed.objects.size());
    for (FeedObject& object : feed.objects) objects.push_back({std::move(object.name), std::move(object.bytes)});
    outcome_.report = keep(
        environment_, leased_.collection, objects,
        [](std::string_view old, std::string_view fresh) { return without_stamps(old) == without_stamps(fresh); },
        [&](Transaction& transaction) { return go_on(transaction); },
        [&](Transaction& transaction) {
          name(transaction, feed.title);
          write(transaction);
        });
  }

  /// Others can't have it before the lease is over, but its owner may have removed it, or this one was too slow.
  bool mine(Transaction& transaction) const {
    const auto present = transaction.subscription(leased_.collection);
    return present && present->lease == leased_.lease;
  }

  void name(Transaction& transaction, const std::string& title) const {
    if (title.empty()) return;
    for (const auto& property : transaction.properties(leased_.collection, 0)) {
      if (property.ns == dav::condition::DAV && property.name == "displayname") return;
    }
    std::string xml = "<D:displayname xmlns:D=\"DAV:\">";
    dav::xml::escape(xml, title);
    transaction.set_property(leased_.collection, 0,
                             {std::string(dav::condition::DAV), "displayname", xml.append("</D:displayname>")});
    transaction.touch(leased_.collection);
  }

  void write(Transaction& transaction) {
    // Who has changed what is to be fetched, meanwhile, wants it fetched.
    const bool again = !(dav::read_subscribed(transaction.properties(leased_.collection, 0)) == subscribed_);
    Subscription row = next_;
    row.lease = 0;
    if (again) row.next_fetch = now_;
    transaction.update_subscription(row);
  }

  void note(std::chrono::seconds retry_after) {
    next_.url = subscribed_.url;
    next_.last_fetch = now_;
    next_.status = outcome_.status;
    next_.error = outcome_.error;
    const Pace pace{subscribed_.refresh, std::chrono::seconds(next_.period), next_.failures, retry_after};
    next_.next_fetch = now_ + until_next(policy_, pace, random_share()).count();
  }

  void note_success() {
    next_.failures = 0;
    next_.last_success = now_;
    next_.gone_since = 0;
    outcome_.error.clear();
    note(std::chrono::seconds(0));
  }

  void succeed() {
    note_success();
    write_if_mine();
  }

  void note_failure(std::string error, std::chrono::seconds retry_after = std::chrono::seconds(0)) {
    next_.failures = leased_.failures + 1;
    outcome_.error = std::move(error);
    note(retry_after);
  }

  void fail(std::string error, std::chrono::seconds retry_after = std::chrono::seconds(0)) {
    note_failure(std::move(error), retry_after);
    write_if_mine();
  }

  void write_if_mine() {
    environment_.store.write([&](Transaction& transaction) {
      if (mine(transaction)) write(transaction);
    });
  }

  void tell() const {
    const KeptReport& report = outcome_.report;
    const std::string place = account_ + "/" + name_;
    for (std::size_t i = 0; i < std::min(report.skipped.size(), most_named); ++i) {
      log_warning("subscription-object-skipped",
                  {{"calendar", place}, {"object", report.skipped[i].name}, {"reason", report.skipped[i].reason}});
    }
    const std::string from = without_secrets(subscribed_.url);
    if (!outcome_.error.empty()) {
      log_warning("subscription-failed",
                  {{"calendar", place}, {"from", from}, {"failures", next_.failures}, {"reason", outcome_.error}});
    } else if (report.added + report.changed + report.removed > 0) {
      log_info("subscription-changed", {{"calendar", place},
                                        {"from", from},
                                        {"added", report.added},
                                        {"changed", report.changed},
                                        {"removed", report.removed},
                                        {"skipped", report.skipped.size()}});
    }
  }

  const dav::Environment& environment_;
  const SubscriptionPolicy& policy_;
  const Subscription& leased_;
  Subscription next_;
  const std::function<bool()>& stop_;
  bool begun_ = false;  ///< objects may have been changed
  bool wanted_ = false;
  std::string account_;
  std::string name_;
  std::string how_;
  storage::Timestamp now_ = 0;
  dav::Subscribed subscribed_;
  SubscriptionOutcome outcome_;
};

}  // namespace

std::chrono::seconds lease_length(const SubscriptionPolicy& policy) {
  return std::chrono::duration_cast<std::chrono::seconds>(policy.fetch.time) + std::chrono::minutes(10);
}

SubscriptionOutcome run_subscription(const dav::Environment& environment, const SubscriptionPolicy& policy,
                                     const Subscription& leased, const std::function<bool()>& stop) {
  return Run(environment, policy, leased, stop).run();
}

}  // namespace server
