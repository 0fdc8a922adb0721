#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "dav/dispatch.h"
#include "server/transfer/ledger.h"
#include "server/transfer/pieces.h"
#include "storage/store.h"

namespace server {

/// An object to put, and what became of it.
struct Parcel {
  std::string name;
  Piece piece;
  LedgerEntry* entry = nullptr;
};

/// An account's tree, for one who brings things into it: each goes in as a client's request would. Safe for use by many
/// threads.
class Door {
 public:
  Door(storage::Store& store, const dav::Service& service, const storage::Account& account)
      : store_(store), service_(service), account_(account) {}

  /// Makes a calendar ("calendars/work"), address book or folder unless it is there; with components and properties of
  /// the entry. Sets the entry's action and reason.
  void make_collection(LedgerEntry& entry);

  /// Puts objects into a calendar or address book ("calendars/work"), in one step: where the UID of one is, otherwise
  /// under its name if that is free, or a similar one. Sets each entry's action, path, uid and reason.
  void put_objects(const std::string& collection, std::span<Parcel> parcels);

  /// Puts a file at the entry's path, from a file on the disk.
  void put_file(const std::string& file, LedgerEntry& entry);

 private:
  std::optional<storage::Collection> find(const std::string& path) const;
  void set_properties(LedgerEntry& entry) const;
  bool is_there(const LedgerEntry& entry, const storage::Spool& content) const;
  dav::Response put(const std::string& path, std::string_view media_type, storage::Spool content) const;
  std::string href(const std::string& path) const;
  storage::Principal principal() const;

  storage::Store& store_;
  const dav::Service& service_;
  const storage::Account& account_;
};

}  // namespace server
