#include "server/transfer/ledger.h"

#include <nlohmann/json.hpp>

namespace server {

namespace {

using Json = nlohmann::ordered_json;

void add(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

std::string text(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string ledger_line(const LedgerEntry& entry) {
  Json json = Json::object();
  add(json, "action", entry.action);
  add(json, "kind", entry.kind);
  add(json, "path", entry.path);
  add(json, "source", entry.source);
  add(json, "uid", entry.uid);
  add(json, "reason", entry.reason);
  if (!entry.repairs.empty()) json["repairs"] = entry.repairs;
  add(json, "components", entry.components);
  add(json, "media_type", entry.media_type);
  for (const storage::Property& property : entry.properties) {
    json["properties"].push_back({{"ns", property.ns}, {"name", property.name}, {"xml", property.xml}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<LedgerEntry> parse_ledger_line(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  LedgerEntry entry;
  entry.action = text(json, "action");
  entry.kind = text(json, "kind");
  entry.path = text(json, "path");
  entry.uid = text(json, "uid");
  entry.components = text(json, "components");
  entry.media_type = text(json, "media_type");
  const auto properties = json.find("properties");
  if (properties != json.end() && properties->is_array()) {
    for (const Json& one : *properties) {
      if (one.is_object()) entry.properties.push_back({text(one, "ns"), text(one, "name"), text(one, "xml")});
    }
  }
  return entry;
}

std::map<std::string, LedgerEntry> read_ledger(const std::string& file) {
  std::map<std::string, LedgerEntry> entries;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (auto entry = parse_ledger_line(line)) entries.insert_or_assign(entry->path, std::move(*entry));
  }
  return entries;
}

}  // namespace server
