#include "server/access_log.h"

#include <vector>

#include "server/log.h"

namespace server {

void log_access(const AccessRecord& record) {
  const Level level = record.status >= 500 ? Level::warning : Level::info;
  if (!log().wants(level)) return;
  std::vector<Field> fields;
  fields.reserve(11);
  fields.emplace_back("id", record.id);
  fields.emplace_back("client", record.client);
  if (!record.account.empty()) fields.push_back(Field::quoted("account", record.account));
  fields.emplace_back("method", record.method);
  fields.emplace_back("path", record.path);
  fields.emplace_back("status", record.status);
  fields.emplace_back("in", record.octets_in);
  fields.emplace_back("out", record.octets_out);
  fields.emplace_back("ms", static_cast<double>(record.time.count()) / 1000);
  if (!record.user_agent.empty()) fields.emplace_back("agent", record.user_agent);
  if (!record.refusal.empty()) fields.emplace_back("refusal", record.refusal);
  log().write(level, "request", fields);
}

}  // namespace server
