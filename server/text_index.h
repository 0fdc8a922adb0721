#pragma once

#include <functional>

#include "dav/calendar/timezone.h"
#include "storage/store.h"

namespace server {

/// An index of texts with nothing in it holds by any rules: says that it does by those of this version.
void begin_text_index(storage::Store& store);

/// Derives the index of texts anew where it holds by other rules, while the store is in use. Ends early when `go_on`
/// returns false.
void refresh_text_index(storage::Store& store, const dav::calendar::TimeZones& zones,
                        const std::function<bool()>& go_on);

}  // namespace server
