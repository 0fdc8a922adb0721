#pragma once

#include <map>
#include <string>
#include <string_view>

#include "dav/dispatch.h"
#include "server/transfer/ledger.h"
#include "server/transfer/pieces.h"
#include "storage/store.h"

namespace server {

/// An account's tree, for one who brings things into it: each goes in as a client's request would. Safe for use by many
/// threads.
class Door {
 public:
  Door(storage::Store& store, const dav::Service& service, const storage::Account& account)
      : store_(store), service_(service), account_(account) {}

  /// Makes a calendar ("calendars/work"), address book or folder unless it is there; with components and properties of
  /// the entry. Sets the entry's action and reason.
  void make_collection(LedgerEntry& entry);

  /// Puts an object into a calendar or address book ("calendars/work"): where its UID is, otherwise under `name` if
  /// that is free, or a similar one. Sets the entry's action, path, uid and reason.
  void put_object(const std::string& collection, const std::string& name, const Piece& piece, LedgerEntry& entry);

  /// Puts a file at the entry's path, from a file on the disk.
  void put_file(const std::string& file, LedgerEntry& entry);

 private:
  std::optional<storage::Collection> find(const std::string& path) const;
  void set_properties(LedgerEntry& entry) const;
  dav::Response put(const std::string& path, std::string_view media_type, storage::Spool content, bool is_new) const;
  bool try_put_object(const storage::Collection& into, const std::string& collection, const std::string& name,
                      const Piece& piece, LedgerEntry& entry) const;
  std::string href(const std::string& path) const;
  std::string free_name(const storage::Collection& collection, const std::string& name) const;

  storage::Store& store_;
  const dav::Service& service_;
  const storage::Account& account_;
};

}  // namespace server
