#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "storage/backup.h"
#include "storage/blobs.h"
#include "storage/dump_file.h"
#include "storage/dump_tables.h"
#include "storage/failure.h"
#include "storage/manifest.h"
#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::string_view collection_table = "collection";
constexpr std::size_t collection_parent = 2;

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Failure(Trouble::corrupt, path + " can't be read");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void insert_row(sql::Connection& connection, const DumpTable& table, const DumpRow& row) {
  const auto insert = connection.prepare(table.insert);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int position = static_cast<int>(i) + 1;
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      insert->bind(position, *number);
    } else if (const auto* octets = std::get_if<std::string>(&row[i])) {
      table.types[i] == 't' ? insert->bind(position, std::string_view(*octets)) : insert->bind_bytes(position, *octets);
    } else {
      insert->bind_null(position);
    }
  }
  insert->run();
}

// A collection may have been moved into one that was made later: parents go first.
void insert_collections(sql::Connection& connection, const DumpTable& table, const std::string& path) {
  std::multimap<std::int64_t, DumpRow> waiting;
  read_dump(path, std::strlen(table.types), [&](const DumpRow& row) {
    const auto* parent = std::get_if<std::int64_t>(&row[collection_parent]);
    waiting.emplace(parent ? *parent : 0, row);
  });
  std::vector<std::int64_t> parents{0};
  while (!parents.empty()) {
    const std::int64_t parent = parents.back();
    parents.pop_back();
    const auto [first, last] = waiting.equal_range(parent);
    for (auto it = first; it != last; ++it) {
      insert_row(connection, table, it->second);
      parents.push_back(std::get<std::int64_t>(it->second[0]));
    }
    waiting.erase(first, last);
  }
  if (!waiting.empty()) throw Failure(Trouble::corrupt, path + " has collections without a place");
}

void verify(const std::string& snapshot, const Manifest& manifest) {
  if (manifest.schema != newest_schema()) {
    throw Failure(Trouble::refused,
                  snapshot + " has the schema " + std::to_string(manifest.schema) + ", this version of Pileus has " +
                      std::to_string(newest_schema()) +
                      ": restore it with the version that made it, and let this one bring it up to date");
  }
  std::vector<std::string> names{"blobs"};
  for (const DumpTable& table : dump_tables()) names.emplace_back(table.name);
  for (const std::string& name : names) {
    const auto file = manifest.files.find(name);
    if (file == manifest.files.end() || file_hash(snapshot + "/" + name) != file->second.hash) {
      throw Failure(Trouble::corrupt, snapshot + "/" + name + " is damaged or missing");
    }
  }
}

// Gives the store a large blob, and makes sure that it is what its hash says.
void restore_blob(Store& store, const std::string& folder, const std::string& hex) {
  const std::string path =
      folder + "/blobs/" + hex.substr(0, 2) + "/" + hex.substr(std::min<std::size_t>(2, hex.size()));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Failure(Trouble::corrupt, path + " is missing");
  Spool content(store.spool_directory());
  std::string buffer(256 * 1024, '\0');
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    content.append({buffer.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (to_hex(store.stage(std::move(content)).hash) != hex) throw Failure(Trouble::corrupt, path + " is damaged");
}

// PostgreSQL's identities don't see the ids that were given; SQLite's do.
constexpr const char* continue_ids =
    "DO $$ DECLARE t text; BEGIN "
    "FOREACH t IN ARRAY ARRAY['account', 'credential', 'collection', 'blob', 'member', 'revision'] LOOP "
    "EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT COALESCE(MAX(id), 0) + 1 FROM %I), "
    "false)', t, t); END LOOP; END $$";

// What was numbered after the backup is forgotten, and its UIDs come again: no mailbox keeps its UIDVALIDITY, nor gets
// one that any had before. Those of the homes are the highest (storage/schema). RFC 9051 2.3.1.1
constexpr const char* renew_validities =
    "UPDATE mailbox SET uid_validity = n.validity FROM (SELECT b.id, (SELECT CASE WHEN MAX(uid_validity) > $1 THEN "
    "MAX(uid_validity) ELSE $1 END FROM mailbox) + ROW_NUMBER() OVER (ORDER BY CASE WHEN c.parent IS NULL THEN 1 ELSE "
    "0 END, b.id) AS validity FROM mailbox b JOIN collection c ON c.id = b.id) AS n WHERE mailbox.id = n.id";

void renew(Transaction& transaction) {
  const auto update = transaction.connection().prepare(renew_validities);
  update->bind(1, transaction.now());
  update->run();
  transaction.new_epoch();
}

}  // namespace

RestoreReport restore(Store& store, const std::string& folder) {
  RestoreReport report;
  const bool one_snapshot = std::filesystem::exists(folder + "/manifest");
  const std::vector<std::string> all = one_snapshot ? std::vector<std::string>{folder} : snapshots_in(folder);
  if (all.empty()) throw Failure(Trouble::corrupt, folder + " holds no backup");
  report.snapshot = all.back();
  const std::string shared = one_snapshot ? std::filesystem::path(folder + "/..").lexically_normal().string() : folder;
  const std::string path = report.snapshot + "/manifest";
  const Manifest manifest = Manifest::parse(text_of_file(path), path);
  verify(report.snapshot, manifest);
  const bool empty = store.read([](Transaction& transaction) { return transaction.accounts().empty(); });
  if (!empty) throw Failure(Trouble::refused, "the store is not empty");
  std::istringstream hashes(text_of_file(report.snapshot + "/blobs"));
  for (std::string hash; std::getline(hashes, hash); ++report.blobs) restore_blob(store, shared, hash);
  store.write([&](Transaction& transaction) {
    if (!transaction.accounts().empty()) throw Failure(Trouble::refused, "the store is not empty");
    report.rows = 0;
    for (const DumpTable& table : dump_tables()) {
      const std::string file = report.snapshot + "/" + table.name;
      if (table.name == collection_table) {
        insert_collections(transaction.connection(), table, file);
      } else {
        read_dump(file, std::strlen(table.types),
                  [&](const DumpRow& row) { insert_row(transaction.connection(), table, row); });
      }
      report.rows += manifest.files.at(table.name).rows;
    }
    if (transaction.connection().dialect() == sql::Dialect::postgres) transaction.connection().execute(continue_ids);
    renew(transaction);
  });
  return report;
}

}  // namespace storage
