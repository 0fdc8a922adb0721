#include "dav/methods/deliver.h"

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "dav/access.h"
#include "dav/calendar/attachment.h"
#include "dav/conditions.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/merged_book.h"
#include "dav/methods/incoming.h"

namespace dav {

namespace {

// Nobody has a collection of that many similar names.
constexpr int most_similar_names = 10'000;

// "lunch.ics" → "lunch-2.ics"
std::string numbered(const std::string& name, int number) {
  const std::size_t dot = name.rfind('.');
  const std::size_t stem = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return name.substr(0, stem) + "-" + std::to_string(number) + name.substr(stem);
}

std::string free_name(storage::Transaction& transaction, storage::Id collection, const std::string& name) {
  std::string candidate = name;
  for (int number = 2; transaction.member(collection, candidate); ++number) {
    if (number > most_similar_names) throw Error{condition::conflict, "no free name like " + name};
    candidate = numbered(name, number);
  }
  return candidate;
}

void refuse(Delivery& item, const Error& error) {
  item.outcome = Delivery::Outcome::refused;
  item.refusal = error.reason().empty() ? "status " + std::to_string(error.status()) : error.reason();
}

class Deliverer {
 public:
  Deliverer(const Environment& environment, const storage::Principal& principal, const Address& into,
            std::span<Delivery> items)
      : environment_(environment), principal_(principal), into_(into), items_(items) {}

  void run() {
    const Kind kind = into_.area == Address::Area::calendars ? Kind::calendar_object : Kind::card;
    for (Delivery& item : items_) {
      auto& read = incoming_.emplace_back();
      try {
        const storage::Spool content(item.bytes, environment_.store.spool_directory());
        read = read_incoming(kind, {}, item.wanted, content, environment_);
      } catch (const Error& error) {
        refuse(item, error);
      }
    }
    environment_.store.write([&](storage::Transaction& transaction) { put_all(transaction); });
  }

 private:
  void put_all(storage::Transaction& transaction) {
    Target target = resolve(transaction, into_);
    try {
      permit(transaction, principal_, target, Privilege::bind);
      if (is_merged(target)) throw Error{condition::forbidden, "this is put into the address book that is to keep it"};
      if (!target.collection) throw Error{condition::not_found, "there is no such collection"};
    } catch (const Error& error) {
      for (Delivery& item : items_) refuse(item, error);
      return;
    }
    const storage::Id collection = target.collection->id;
    const bool locked =
        !transaction.locks_covering(collection, 0).empty() || !transaction.locks_below(collection).empty();
    Context context{transaction, request_, principal_, environment_, target, transaction.now()};
    GroupFollower groups(context, *target.collection);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!incoming_[i]) continue;
      try {
        put(context, *incoming_[i], locked, groups, items_[i]);
      } catch (const Error& error) {
        refuse(items_[i], error);
      }
    }
    groups.finish();
  }

  /// The object as it can be kept here, where it can't be as it is; null otherwise.
  std::shared_ptr<const Incoming> repaired(Context& context, const Incoming& incoming, Delivery& item) const {
    item.repairs.clear();
    if (!incoming.object) return nullptr;
    std::set<std::string, std::less<>> unknown;
    for (const auto& named : calendar::managed_attachments(*incoming.object)) {
      const auto attachment = context.transaction.attachment(named.managed_id);
      if (!attachment || attachment->account != context.target.collection->account) unknown.insert(named.managed_id);
    }
    if (unknown.empty()) return nullptr;
    for (const std::string& id : unknown) item.repairs.push_back("the MANAGED-ID " + id + " was taken away");
    const std::string bytes =
        calendar::without_managed_ids(*incoming.object, [&](std::string_view id) { return unknown.contains(id); });
    const storage::Spool content(bytes, environment_.store.spool_directory());
    return read_incoming(Kind::calendar_object, {}, item.wanted, content, environment_);
  }

  void put(Context& context, const Incoming& read, bool locked, GroupFollower& groups, Delivery& item) const {
    const auto mended = repaired(context, read, item);
    const Incoming& incoming = mended ? *mended : read;
    const storage::Collection& collection = *context.target.collection;
    const auto there = context.transaction.member_with_uid(collection.id, incoming.facts.uid);
    item.name = there ? there->name : free_name(context.transaction, collection.id, item.wanted);
    item.outcome = Delivery::Outcome::unchanged;
    // The tag is made from the bytes.
    if (there && there->etag == incoming.blob.etag()) return;
    if (locked) check_unlocked(context, item.name);
    check_incoming(context, incoming, {collection, context.target.href, there ? &*there : nullptr});
    keep_followed(context, incoming, collection.id, item.name, there ? &*there : nullptr, groups);
    item.outcome = there ? Delivery::Outcome::replaced : Delivery::Outcome::created;
  }

  void check_unlocked(Context& context, const std::string& name) const {
    Address address = into_;
    address.trailing_slash = false;
    address.segments.push_back(name);
    check_locks(context, resolve(context.transaction, address), false);
  }

  const Environment& environment_;
  const storage::Principal& principal_;
  const Address& into_;
  const std::span<Delivery> items_;
  std::vector<std::shared_ptr<const Incoming>> incoming_;
  const Request request_;
};

}  // namespace

void deliver(const Environment& environment, const storage::Principal& principal, const Address& into,
             std::span<Delivery> items) {
  try {
    Deliverer(environment, principal, into, items).run();
  } catch (const storage::QuotaExceeded& exceeded) {
    // None of them has been put. Some may fit.
    if (items.size() == 1) return refuse(items.front(), Error{condition::quota_not_exceeded, exceeded.what()});
    for (std::size_t i = 0; i < items.size(); ++i) deliver(environment, principal, into, items.subspan(i, 1));
  }
}

}  // namespace dav
