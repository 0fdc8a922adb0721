#include "server/transfer/door.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "dav/path.h"

namespace server {

namespace {

using storage::Collection;
using storage::CollectionKind;
using storage::Transaction;

std::string refusal_of(const dav::Response& response) {
  if (!response.refusal.empty()) return response.refusal;
  return "status " + std::to_string(response.status);
}

std::string encoded(std::string_view segment) {
  std::string out;
  dav::encode_segment(out, segment);
  return out;
}

CollectionKind kind_for(const LedgerEntry& entry) {
  if (entry.kind == "calendar") return CollectionKind::calendar;
  if (entry.kind == "addressbook") return CollectionKind::addressbook;
  return CollectionKind::folder;
}

const char* action_of(dav::Delivery::Outcome outcome) {
  switch (outcome) {
    case dav::Delivery::Outcome::created:
      return "created";
    case dav::Delivery::Outcome::replaced:
      return "replaced";
    case dav::Delivery::Outcome::unchanged:
      return "unchanged";
    case dav::Delivery::Outcome::refused:
      break;
  }
  return "refused";
}

bool is_among(const storage::Property& property, const std::vector<storage::Property>& all) {
  return std::ranges::any_of(all, [&](const storage::Property& each) {
    return each.ns == property.ns && each.name == property.name && each.xml == property.xml;
  });
}

}  // namespace

// "calendars/work/a.ics" → "/dav/calendars/ada/work/a.ics"
std::string Door::href(const std::string& path) const {
  const std::size_t slash = std::min(path.find('/'), path.size());
  return "/dav/" + path.substr(0, slash) + "/" + encoded(account_.name) + path.substr(slash);
}

std::optional<Collection> Door::find(const std::string& path) const {
  const dav::Address address = dav::parse_path(href(path) + "/");
  return store_.read([&](Transaction& transaction) { return dav::resolve(transaction, address).collection; });
}

void Door::make_collection(LedgerEntry& entry) {
  const std::size_t slash = entry.path.rfind('/');
  if (find(entry.path)) {
    entry.action = "unchanged";
  } else {
    const auto parent = find(entry.path.substr(0, slash));
    const dav::Address address = dav::parse_path(href(entry.path) + "/");
    if (!parent) {
      entry.action = "refused";
      entry.reason = "what should hold it could not be made";
      return;
    }
    store_.write([&](Transaction& transaction) {
      transaction.create_collection(parent->id, kind_for(entry), address.segments.back(), entry.components);
    });
    entry.action = "created";
  }
  set_properties(entry);
}

// The properties that no file holds. They were this server's own, and need no check.
void Door::set_properties(LedgerEntry& entry) const {
  if (entry.properties.empty()) return;
  const dav::Address address = dav::parse_path(href(entry.path) + (entry.kind == "object" ? "" : "/"));
  store_.write([&](Transaction& transaction) {
    const dav::Target target = dav::resolve(transaction, address);
    if (!target.exists) return;
    const auto there = transaction.properties(target.property_collection(), target.property_member());
    bool changed = false;
    for (const storage::Property& property : entry.properties) {
      if (is_among(property, there)) continue;
      transaction.set_property(target.property_collection(), target.property_member(), property);
      changed = true;
    }
    // What is as it was is no change that clients would have to look at.
    if (!changed) return;
    if (target.collection) {
      transaction.touch(target.collection->id);
    } else if (target.member) {
      transaction.touch_member(target.parent->id, target.member->id);
    }
  });
  entry.properties.clear();
}

storage::Principal Door::principal() const {
  storage::Principal principal;
  principal.account = account_.id;
  principal.name = account_.name;
  return principal;
}

dav::Response Door::put(const std::string& path, std::string_view media_type, storage::Spool content) const {
  dav::Request request;
  request.method = "PUT";
  request.path = href(path);
  request.authority = "localhost";
  request.client = "local";
  request.id = "import";
  if (!media_type.empty()) request.headers.add("Content-Type", std::string(media_type));
  request.headers.add("Content-Length", std::to_string(content.size()));
  request.principal = principal();
  dav::Admission admission = service_.admit(request);
  if (admission.refusal) return std::move(*admission.refusal);
  request.body = std::move(content);
  return service_.handle(std::move(request));
}

void Door::put_objects(const std::string& collection, std::span<Parcel> parcels) {
  std::vector<dav::Delivery> deliveries;
  for (Parcel& parcel : parcels) {
    parcel.entry->kind = "object";
    parcel.entry->uid = parcel.piece.uid;
    parcel.entry->repairs = parcel.piece.repairs;
    auto& delivery = deliveries.emplace_back();
    delivery.wanted = parcel.name;
    delivery.bytes = std::move(parcel.piece.bytes);
  }
  service_.deliver(principal(), dav::parse_path(href(collection) + "/"), deliveries);
  for (std::size_t i = 0; i < parcels.size(); ++i) {
    LedgerEntry& entry = *parcels[i].entry;
    const dav::Delivery& delivery = deliveries[i];
    entry.action = action_of(delivery.outcome);
    entry.repairs.insert(entry.repairs.end(), delivery.repairs.begin(), delivery.repairs.end());
    if (delivery.outcome == dav::Delivery::Outcome::refused) {
      entry.reason = delivery.refusal;
      continue;
    }
    entry.path = collection + "/" + encoded(delivery.name);
    set_properties(entry);
  }
}

/// Whether the file is in its place already, with that content and type.
bool Door::is_there(const LedgerEntry& entry, const storage::Spool& content) const {
  const dav::Address address = dav::parse_path(href(entry.path));
  const auto there = store_.read([&](Transaction& transaction) { return dav::resolve(transaction, address).member; });
  if (!there || there->child != 0 || static_cast<std::uint64_t>(there->size) != content.size()) return false;
  if (!entry.media_type.empty() && entry.media_type != there->media_type) return false;
  return store_.stage(content.share()).etag() == there->etag;
}

void Door::put_file(const std::string& file, LedgerEntry& entry) {
  entry.kind = "object";
  entry.action = "refused";
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    entry.reason = "it can't be read";
    return;
  }
  storage::Spool content(store_.spool_directory());
  std::string buffer(256 * 1024, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    content.append({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (is_there(entry, content)) {
    entry.action = "unchanged";
    return set_properties(entry);
  }
  const dav::Response response = put(entry.path, entry.media_type, std::move(content));
  if (response.status >= 300) {
    entry.reason = refusal_of(response);
    return;
  }
  entry.action = response.status == 201 ? "created" : "replaced";
  set_properties(entry);
}

}  // namespace server
