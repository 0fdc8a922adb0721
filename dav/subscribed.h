#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace dav {

/// What the properties of a subscribed calendar say of how it is to be fetched.
struct Subscribed {
  std::string url;                              ///< of CS:source; empty for none
  std::optional<std::chrono::seconds> refresh;  ///< of ICAL:refreshrate
  bool strip_alarms = false;                    ///< CS:subscribed-strip-alarms …: left out of what is taken over
  bool strip_attachments = false;
  bool strip_tasks = false;

  bool operator==(const Subscribed&) const = default;
};

Subscribed read_subscribed(const std::vector<storage::Property>& properties);

/// CS:source with that address.
storage::Property source_property(std::string_view url);

/// Whether a property of that name is one of those.
bool concerns_fetching(std::string_view ns, std::string_view name);

/// Has the server fetch the calendar again, since its properties say something else; but not more often than every ten
/// seconds.
void fetch_again(storage::Transaction& transaction, const storage::Collection& calendar);

}  // namespace dav
