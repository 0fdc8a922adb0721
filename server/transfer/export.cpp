#include "server/transfer/export.h"

#include <filesystem>
#include <fstream>
#include <map>

#include "dav/path.h"
#include "server/transfer/ledger.h"

namespace server {

namespace {

using storage::Collection;
using storage::CollectionKind;
using storage::Member;

std::string kind_name(CollectionKind kind) {
  switch (kind) {
    case CollectionKind::calendar:
      return "calendar";
    case CollectionKind::addressbook:
      return "addressbook";
    case CollectionKind::folder:
      return "folder";
    default:
      return {};
  }
}

// The protocols let no other name in.
bool is_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

/// One account on its way out.
class Export {
 public:
  Export(storage::Transaction& transaction, std::string folder)
      : transaction_(transaction), folder_(std::move(folder)), ledger_(folder_ + "/ledger.jsonl") {
    if (!ledger_) throw std::runtime_error(folder_ + "/ledger.jsonl can't be made");
  }

  void home(storage::Id account, CollectionKind kind, const std::string& area) {
    const auto home = transaction_.home(account, kind);
    if (!home) return;
    std::filesystem::create_directories(folder_ + "/" + area);
    contents(*home, folder_ + "/" + area, area);
  }

  ExportReport finish() {
    ledger_.close();
    if (!ledger_) throw std::runtime_error(folder_ + "/ledger.jsonl can't be written");
    return report_;
  }

 private:
  // `path` is where it goes, `name` what it is called in the ledger.
  void contents(const Collection& collection, const std::string& path, const std::string& name) {
    std::multimap<storage::Id, storage::Property> properties;
    transaction_.for_each_property(collection.id, [&](storage::Id member, const storage::Property& property) {
      properties.emplace(member, property);
    });
    std::vector<Member> members;
    transaction_.for_each_member(collection.id, storage::WithBytes::no,
                                 [&](const Member& one) { members.push_back(one); });
    for (const Member& member : members) {
      std::string encoded = name + "/";
      dav::encode_segment(encoded, member.name);
      if (member.child != 0) {
        below(member, path + "/" + member.name, encoded);
        continue;
      }
      if (!is_file_name(member.name)) {
        note({"refused", "object", encoded, {}, member.facts.uid, "no file can have this name", {}, {}, {}, {}});
        continue;
      }
      object(member, path + "/" + member.name);
      LedgerEntry entry{"exported", "object", encoded, {}, member.facts.uid, {}, {}, {}, member.media_type, {}};
      for (auto [it, end] = properties.equal_range(member.id); it != end; ++it) entry.properties.push_back(it->second);
      note(entry);
      ++report_.objects;
    }
  }

  void below(const Member& entry, const std::string& path, const std::string& name) {
    const auto collection = transaction_.collection(entry.child);
    if (!collection) return;
    const std::string kind = kind_name(collection->kind);
    if (!is_file_name(entry.name)) {
      return note({"refused", kind, name, {}, {}, "no folder can have this name", {}, {}, {}, {}});
    }
    if (collection->keeper == storage::Keeper::merged) return;  // its cards are those of the other books
    if (kind.empty()) return;  // inbox, outbox, notifications: they are made with the account
    std::filesystem::create_directories(path);
    LedgerEntry line{"exported", kind, name, {}, {}, {}, {}, collection->components, {}, {}};
    line.properties = transaction_.properties(collection->id, 0);
    note(line);
    ++report_.collections;
    contents(*collection, path, name);
  }

  void object(const Member& member, const std::string& path) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    const storage::Segment content = transaction_.content(member);
    if (content.file) {
      std::string buffer(256 * 1024, '\0');
      std::uint64_t offset = content.offset;
      for (std::uint64_t left = content.length; left > 0 && out;) {
        const std::size_t got = content.file->read(
            buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size())), offset);
        if (got == 0) break;
        out.write(buffer.data(), static_cast<std::streamsize>(got));
        offset += got;
        left -= got;
      }
    } else {
      out.write(content.bytes.data(), static_cast<std::streamsize>(content.bytes.size()));
    }
    out.close();
    if (!out) throw std::runtime_error(path + " can't be written");
    std::filesystem::last_write_time(path, std::filesystem::file_time_type(std::chrono::file_clock::from_sys(
                                               std::chrono::sys_seconds(std::chrono::seconds(member.modified)))));
  }

  void note(const LedgerEntry& entry) { ledger_ << ledger_line(entry) << "\n"; }

  storage::Transaction& transaction_;
  std::string folder_;
  std::ofstream ledger_;
  ExportReport report_;
};

}  // namespace

ExportReport export_account(storage::Store& store, const storage::Account& account, const std::string& folder) {
  std::filesystem::create_directories(folder);
  if (!std::filesystem::is_empty(folder)) throw std::runtime_error(folder + " is not empty");
  return store.read([&](storage::Transaction& transaction) {
    Export run(transaction, folder);
    run.home(account.id, CollectionKind::calendar_home, "calendars");
    run.home(account.id, CollectionKind::addressbook_home, "addressbooks");
    run.home(account.id, CollectionKind::file_home, "files");
    return run.finish();
  });
}

}  // namespace server
