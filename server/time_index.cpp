#include "server/time_index.h"

#include <map>
#include <string>

#include "server/commands/facts.h"
#include "server/log.h"
#include "storage/reindex.h"

namespace server {

void TimeIndex::begin() { storage::begin_index(store_, zones_.release()); }

void TimeIndex::refresh(const std::function<bool()>& go_on) {
  const std::string before = store_.read([](storage::Transaction& transaction) { return transaction.index_release(); });
  if (before == zones_.release()) return;
  log_info("time-index-refreshing", {{"from", before}, {"to", zones_.release()}});
  const auto report = storage::reindex(store_, derive_facts(zones_), zones_.release(), go_on);
  if (!report.finished) return;
  log_info("time-index-refreshed", {{"objects", report.objects}, {"changed", report.changed}});
}

void TimeIndex::remember_zones() {
  const auto loaded = zones_.loaded();
  if (loaded.size() == remembered_) return;
  std::map<std::string, std::string> latest;
  store_.read([&](storage::Transaction& transaction) {
    for (auto& zone : transaction.zones_seen()) latest[zone.name] = std::move(zone.octets);
  });
  for (const auto& [name, octets] : loaded) {
    if (const auto known = latest.find(name); known != latest.end() && known->second == octets) continue;
    store_.write(
        [&, &name = name, &octets = octets](storage::Transaction& transaction) { transaction.see_zone(name, octets); });
  }
  remembered_ = loaded.size();
}

}  // namespace server
