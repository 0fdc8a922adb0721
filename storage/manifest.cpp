#include "storage/manifest.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "storage/failure.h"
#include "storage/schema.h"

namespace storage {

namespace {

constexpr const char* title = "pileus-backup 1";

}  // namespace

std::string Manifest::text() const {
  std::ostringstream out;
  out << title << "\nschema " << schema << "\nepoch " << epoch << "\n";
  for (const auto& [name, entry] : files) out << "file " << name << " " << entry.rows << " " << entry.hash << "\n";
  out << "end\n";
  return out.str();
}

Manifest Manifest::parse(const std::string& text, const std::string& path) {
  const Failure damaged(Trouble::corrupt, path + " is damaged, or of a later version");
  Manifest manifest;
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != title) throw damaged;
  bool ended = false;
  while (!ended && std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word;
    std::string name;
    Entry entry;
    words >> word;
    if (word == "schema") {
      words >> manifest.schema;
    } else if (word == "epoch") {
      words >> manifest.epoch;
    } else if (word == "file") {
      words >> name >> entry.rows >> entry.hash;
      manifest.files[name] = entry;
    } else if (word == "end") {
      ended = true;
    } else {
      throw damaged;
    }
    if (!words) throw damaged;
  }
  if (!ended) throw damaged;
  return manifest;
}

std::vector<std::string> snapshots_in(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().starts_with("snapshot-")) found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

std::int64_t newest_schema() { return schema_steps().back().number; }

}  // namespace storage
