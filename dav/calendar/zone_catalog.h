#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/tzif.h"

namespace dav::calendar {

/// The system's time zone database as a whole: which zones there are, by what names, and each one's VTIMEZONE. Made
/// once and passed on; safe to use from several threads. What has been read stays as long as this object.
class ZoneCatalog {
 public:
  struct Entry {
    std::string name;
    std::vector<std::string> aliases;  ///< in order
  };

  /// A zone, read.
  struct Data {
    Tzif file;
    std::string vtimezone;  ///< the component, under the name asked for
    std::string tag;        ///< changes with the text
    Seconds modified = 0;   ///< of the file
  };

  struct LeapSeconds {
    struct Step {
      Seconds onset = 0;  ///< midnight of the day from which it holds
      int offset = 0;     ///< of TAI from UTC, in seconds
    };
    std::vector<Step> steps;
    Seconds expires = 0;
  };

  explicit ZoneCatalog(std::string folder = "/usr/share/zoneinfo");

  /// All zones, in order of name.
  const std::vector<Entry>& entries() const;

  /// "2026a"; empty where the system doesn't say.
  const std::string& version() const;

  /// The zone of that name or alias; nullptr if there is none. Names compare as they are.
  const Entry* find(std::string_view name) const;

  /// What find() finds, read, with the name asked for in its text; nullptr also where it can't be read.
  const Data* data(std::string_view name) const;

  /// Nothing where the system has no list of them.
  std::optional<LeapSeconds> leap_seconds() const;

 private:
  struct Index {
    std::vector<Entry> entries;
    std::map<std::string, std::size_t, std::less<>> names;  ///< names and aliases → place in `entries`
    std::string version;
  };
  const Index& index() const;
  void read_database(Index& index) const;
  void read_folder(Index& index) const;

  std::string folder_;
  mutable std::once_flag once_;
  mutable Index index_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<const Data>, std::less<>> data_;  ///< by name; bounded by `names`
};

}  // namespace dav::calendar
