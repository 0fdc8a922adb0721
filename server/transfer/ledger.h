#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/types.h"

namespace server {

/// What happened to one collection, object or file on its way out of an account or into it: a line of the ledger.
struct LedgerEntry {
  std::string action;  ///< exported, created, replaced, unchanged, refused, skipped
  std::string kind;    ///< calendar, addressbook, folder, object
  std::string path;    ///< below the account, percent-encoded: "calendars/work/lunch.ics"
  std::string source;  ///< on the way in: the file, and "#3" for the third object in it
  std::string uid;
  std::string reason;                ///< why not
  std::vector<std::string> repairs;  ///< what was changed in the bytes
  std::string components;            ///< of a calendar
  std::string media_type;            ///< of a file
  std::vector<storage::Property> properties;
};

/// An entry as one line of JSON, without its end; empty values are left out.
std::string ledger_line(const LedgerEntry& entry);

/// What a ledger line says; nothing where it is none.
std::optional<LedgerEntry> parse_ledger_line(const std::string& line);

/// The collections, objects and files that a ledger names, by their paths. Empty where there is no such file.
std::map<std::string, LedgerEntry> read_ledger(const std::string& file);

}  // namespace server
