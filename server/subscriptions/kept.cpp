#include "server/subscriptions/kept.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "dav/error.h"
#include "dav/methods/incoming.h"
#include "storage/blobs.h"
#include "storage/spool.h"

namespace server {

namespace {

using storage::Member;
using storage::Transaction;

constexpr std::size_t most_changes = 200;  // in one transaction: other writers wait meanwhile

/// One object to be put, read and hashed before the transaction.
struct Change {
  const KeptObject* object = nullptr;
  bool is_new = false;
  std::shared_ptr<const dav::Incoming> incoming;  ///< the transaction may run more than once
};

class Keeping {
 public:
  Keeping(const dav::Environment& environment, storage::Id calendar, const std::vector<KeptObject>& objects)
      : environment_(environment), calendar_(calendar), objects_(objects) {}

  /// What has to be done.
  void compare(const std::function<bool(std::string_view, std::string_view)>& same) {
    std::set<std::string_view> wanted;
    for (const KeptObject& object : objects_) wanted.insert(object.name);
    environment_.store.read([&](Transaction& transaction) {
      std::map<std::string, Member> present;
      transaction.for_each_member(calendar_, storage::WithBytes::no, [&](const Member& member) {
        if (wanted.contains(member.name)) {
          present.emplace(member.name, member);
        } else {
          removals_.push_back(member);
        }
      });
      for (const KeptObject& object : objects_) {
        const auto found = present.find(object.name);
        if (found == present.end()) {
          changes_.push_back({&object, true, {}});
        } else if (differs(transaction, found->second, object, same)) {
          changes_.push_back({&object, false, {}});
        } else {
          ++report_.same;
        }
      }
    });
  }

  KeptReport apply(const std::function<bool(Transaction&)>& begin, const std::function<void(Transaction&)>& done) {
    std::size_t removed = 0;
    std::size_t put = 0;
    do {
      const std::size_t removals = std::min(most_changes, removals_.size() - removed);
      const std::size_t puts = std::min(most_changes - removals, changes_.size() - put);
      for (std::size_t i = put; i < put + puts; ++i) read(changes_[i]);
      const bool last = removed + removals == removals_.size() && put + puts == changes_.size();
      KeptReport counted;
      const bool went = environment_.store.write([&](Transaction& transaction) {
        counted = report_;
        if (!begin(transaction)) return false;
        for (std::size_t i = removed; i < removed + removals; ++i) remove(transaction, removals_[i], counted);
        for (std::size_t i = put; i < put + puts; ++i) this->put(transaction, changes_[i], counted);
        if (last) done(transaction);
        return true;
      });
      report_ = std::move(counted);
      report_.taken_away = !went;
      if (!went) break;
      for (std::size_t i = put; i < put + puts; ++i) changes_[i].incoming.reset();
      removed += removals;
      put += puts;
    } while (removed < removals_.size() || put < changes_.size());
    return std::move(report_);
  }

 private:
  static bool differs(Transaction& transaction, const Member& member, const KeptObject& object,
                      const std::function<bool(std::string_view, std::string_view)>& same) {
    if (storage::etag_of(object.bytes) == member.etag) return false;
    return !same(transaction.bytes(member), object.bytes);
  }

  void read(Change& change) {
    storage::Spool spool(environment_.store.spool_directory());
    spool.append(change.object->bytes);
    try {
      change.incoming =
          dav::read_incoming(dav::Kind::calendar_object, "text/calendar", change.object->name, spool, environment_);
    } catch (const dav::Error& error) {
      report_.skipped.push_back({change.object->name, error.reason()});
    }
  }

  static void remove(Transaction& transaction, const Member& member, KeptReport& report) {
    const auto present = transaction.member(member.collection, member.name);
    if (!present) return;
    transaction.remove(*present, {});
    ++report.removed;
  }

  void put(Transaction& transaction, const Change& change, KeptReport& report) {
    if (!change.incoming) return;
    const auto calendar = transaction.collection(calendar_);
    const auto refuse = [&](const std::string& reason) { report.skipped.push_back({change.object->name, reason}); };
    if (!calendar) return;
    try {
      const auto present = transaction.member(calendar_, change.object->name);
      const dav::Place place{*calendar, {}, present ? &*present : nullptr};
      dav::check_incoming(transaction, environment_, *change.incoming, place);
    } catch (const dav::Error& error) {
      return refuse(error.reason());
    }
    transaction.put(calendar_, change.object->name, change.incoming->blob, change.incoming->media_type,
                    change.incoming->facts, {});
    ++(change.is_new ? report.added : report.changed);
  }

  const dav::Environment& environment_;
  const storage::Id calendar_;
  const std::vector<KeptObject>& objects_;
  std::vector<Member> removals_;
  std::vector<Change> changes_;
  KeptReport report_;
};

}  // namespace

KeptReport keep(const dav::Environment& environment, storage::Id calendar, const std::vector<KeptObject>& objects,
                const std::function<bool(std::string_view, std::string_view)>& same,
                const std::function<bool(Transaction&)>& begin, const std::function<void(Transaction&)>& done) {
  Keeping keeping(environment, calendar, objects);
  keeping.compare(same);
  return keeping.apply(begin, done);
}

}  // namespace server
