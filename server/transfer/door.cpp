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

// Nobody has a folder of that many similar names.
constexpr int most_similar_names = 10'000;
constexpr int most_tries = 100;

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

// "lunch.ics" → "lunch-2.ics"
std::string numbered(const std::string& name, int number) {
  const std::size_t dot = name.rfind('.');
  const std::size_t stem = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return name.substr(0, stem) + "-" + std::to_string(number) + name.substr(stem);
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
    for (const storage::Property& property : entry.properties) {
      transaction.set_property(target.property_collection(), target.property_member(), property);
    }
    if (target.collection) {
      transaction.touch(target.collection->id);
    } else if (target.member) {
      transaction.touch_member(target.parent->id, target.member->id);
    }
  });
  entry.properties.clear();
}

dav::Response Door::put(const std::string& path, std::string_view media_type, storage::Spool content,
                        bool is_new) const {
  dav::Request request;
  request.method = "PUT";
  request.path = href(path);
  request.authority = "localhost";
  request.client = "local";
  request.id = "import";
  if (!media_type.empty()) request.headers.add("Content-Type", std::string(media_type));
  if (is_new) request.headers.add("If-None-Match", "*");
  request.headers.add("Content-Length", std::to_string(content.size()));
  storage::Principal principal;
  principal.account = account_.id;
  principal.name = account_.name;
  request.principal = principal;
  dav::Admission admission = service_.admit(request);
  if (admission.refusal) return std::move(*admission.refusal);
  request.body = std::move(content);
  return service_.handle(std::move(request));
}

std::string Door::free_name(const Collection& collection, const std::string& name) const {
  return store_.read([&](Transaction& transaction) {
    std::string candidate = name;
    for (int number = 2; transaction.member(collection.id, candidate); ++number) {
      if (number > most_similar_names) throw std::runtime_error("no free name like " + name);
      candidate = numbered(name, number);
    }
    return candidate;
  });
}

void Door::put_object(const std::string& collection, const std::string& name, const Piece& piece, LedgerEntry& entry) {
  entry.kind = "object";
  entry.uid = piece.uid;
  entry.repairs = piece.repairs;
  entry.action = "refused";
  const auto into = find(collection);
  if (!into) {
    entry.reason = "there is no " + collection;
    return;
  }
  // What was free a moment ago may have been taken meanwhile, by another of us or by a client.
  for (int tries = 0; tries < most_tries && !try_put_object(*into, collection, name, piece, entry); ++tries) {
  }
  if (entry.action != "refused") set_properties(entry);
}

// False where it is to be tried again.
bool Door::try_put_object(const Collection& into, const std::string& collection, const std::string& name,
                          const Piece& piece, LedgerEntry& entry) const {
  bool same = false;
  const auto there = store_.read([&](Transaction& transaction) {
    auto member = transaction.member_with_uid(into.id, piece.uid);
    if (member && static_cast<std::size_t>(member->size) == piece.bytes.size()) {
      same = transaction.content(*member).bytes == piece.bytes;
    }
    return member;
  });
  entry.path = collection + "/" + encoded(there ? there->name : free_name(into, name));
  if (same) {
    entry.action = "unchanged";
    return true;
  }
  const dav::Response response = put(entry.path, {}, storage::Spool(piece.bytes, store_.spool_directory()), !there);
  if (response.status >= 300) {
    entry.reason = refusal_of(response);
    return response.status != 412;
  }
  entry.reason.clear();
  entry.action = there ? "replaced" : "created";
  return true;
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
  const dav::Response response = put(entry.path, entry.media_type, std::move(content), false);
  if (response.status >= 300) {
    entry.reason = refusal_of(response);
    return;
  }
  entry.action = response.status == 201 ? "created" : "replaced";
  set_properties(entry);
}

}  // namespace server
