#include "server/text_index.h"

#include "dav/contacts/search.h"
#include "server/commands/facts.h"
#include "server/log.h"
#include "storage/reindex.h"

namespace server {

void begin_text_index(storage::Store& store) { storage::begin_text_index(store, dav::contacts::search_edition()); }

void refresh_text_index(storage::Store& store, const dav::calendar::TimeZones& zones,
                        const std::function<bool()>& go_on) {
  const std::string edition = dav::contacts::search_edition();
  const std::string before = store.read([](storage::Transaction& transaction) { return transaction.text_edition(); });
  if (before == edition) return;
  log_info("text-index-refreshing", {{"from", before}, {"to", edition}});
  const auto report = storage::reindex_texts(store, derive_facts(zones), edition, go_on);
  if (!report.finished) return;
  log_info("text-index-refreshed", {{"cards", report.objects}, {"changed", report.changed}});
}

}  // namespace server
