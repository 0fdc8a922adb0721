#include "server/transfer/import.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "dav/path.h"
#include "server/transfer/door.h"
#include "server/transfer/pieces.h"

namespace server {

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " can't be read");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What stands in a folder, in the order of names; "." and ".." don't.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

std::string encoded(const std::string& segment) {
  std::string out;
  dav::encode_segment(out, segment);
  return out;
}

// A name made from a UID: most are fit for one as they are.
std::string name_from(const Piece& piece, std::string_view extension) {
  const std::string name = dav::plain_name(piece.uid);
  return (name.empty() || name[0] == '.' ? "object" + name : name) + std::string(extension);
}

/// Something to put, and what became of it: an object, a file, or nothing any more.
struct Job {
  LedgerEntry line;
  std::string collection;  ///< of an object
  std::optional<Parcel> parcel;
  std::string file;
};

// So many are held in memory at a time, and so many objects at most are put in one step.
constexpr std::size_t most_jobs = 4096;
constexpr std::size_t most_in_step = 256;

// Runs what doesn't depend on each other. What one throws is thrown when all threads have ended.
void run_all(const std::vector<std::function<void()>>& jobs) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr trouble;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < jobs.size(); i = next++) {
        jobs[i]();
      }
    } catch (...) {
      next = jobs.size();
      const std::lock_guard lock(mutex);
      trouble = std::current_exception();
    }
  };
  std::vector<std::thread> threads(std::min<std::size_t>(jobs.size(), import_threads));
  for (std::thread& thread : threads) thread = std::thread(work);
  for (std::thread& thread : threads) thread.join();
  if (trouble) std::rethrow_exception(trouble);
}

/// One import. What lies in one collection is put by many threads; the ledger is in order all the same.
class Import {
 public:
  Import(Door& door, std::string into, const std::function<void(const LedgerEntry&)>& note)
      : door_(door), into_(std::move(into)), note_(note) {}

  ImportReport run(const std::string& source) {
    if (!fs::exists(source)) throw std::runtime_error(source + " is not there");
    root_ = fs::is_directory(source) ? source : fs::path(source).parent_path().string();
    if (fs::is_directory(source)) {
      known_ = read_ledger(source + "/ledger.jsonl");
      folder(source);
    } else {
      objects(source, into_);
    }
    flush();
    return report_;
  }

 private:
  void folder(const fs::path& source) {
    bool structured = false;
    for (const std::string area : {"calendars", "addressbooks", "files"}) {
      if (!fs::is_directory(source / area)) continue;
      structured = true;
      area == "files" ? files(source / area, area) : collections(source / area, area);
    }
    if (structured) return;
    for (const fs::path& file : entries_of(source)) {
      if (is_objects(file)) objects(file, into_);
    }
  }

  static bool is_objects(const fs::path& file) { return file.extension() == ".ics" || file.extension() == ".vcf"; }

  void collections(const fs::path& source, const std::string& area) {
    for (const fs::path& entry : entries_of(source)) {
      const bool whole = !fs::is_directory(entry);  // NAME.ics: a calendar in one file
      if (whole && !is_objects(entry)) {
        refuse(entry, "neither a folder nor a file of objects");
        continue;
      }
      const std::string name = whole ? entry.stem().string() : entry.filename().string();
      const std::string path = area + "/" + encoded(name);
      collection(entry, path, area == "calendars" ? "calendar" : "addressbook");
      if (whole) {
        objects(entry, path);
        continue;
      }
      for (const fs::path& file : entries_of(entry)) objects(file, path);
    }
  }

  void files(const fs::path& source, const std::string& path) {
    for (const fs::path& entry : entries_of(source)) {
      const std::string inner = path + "/" + encoded(entry.filename().string());
      const auto status = fs::symlink_status(entry);
      if (fs::is_directory(status)) {
        collection(entry, inner, "folder");
        files(entry, inner);
      } else if (fs::is_regular_file(status)) {
        LedgerEntry line = known(inner);
        line.source = relative(entry);
        add({std::move(line), {}, std::nullopt, entry.string()});
      } else {
        refuse(entry, "neither a folder nor a file");
      }
    }
  }

  void collection(const fs::path& source, const std::string& path, const std::string& kind) {
    flush();
    LedgerEntry line = known(path);
    line.kind = kind;
    line.source = relative(source);
    door_.make_collection(line);
    if (line.action != "unchanged") tell(line);
  }

  // All objects of a file, into a collection, or into the account's own where none is named.
  void objects(const fs::path& file, const std::string& into) {
    const bool cards = file.extension() == ".vcf" || into.starts_with("addressbooks/");
    std::vector<Piece> pieces = cards ? card_pieces(text_of(file)) : calendar_pieces(text_of(file));
    int number = 0;
    for (Piece& piece : pieces) {
      ++number;
      const bool alone = pieces.size() == 1;
      const std::string own = cards                        ? "addressbooks/contacts"
                              : piece.component == "VTODO" ? "calendars/tasks"
                                                           : "calendars/calendar";
      const std::string collection = into.empty() ? own : into;
      const std::string name = alone ? file.filename().string() : name_from(piece, cards ? ".vcf" : ".ics");
      LedgerEntry line = known(collection + "/" + encoded(name));
      line.source = relative(file) + (alone ? "" : "#" + std::to_string(number));
      if (!piece.fault.empty()) {
        line.action = "refused";
        line.reason = piece.fault;
        add({std::move(line), {}, std::nullopt, {}});
        continue;
      }
      // The second of one UID replaces the first, not the other way round.
      if (!uids_.insert(collection + " " + piece.uid).second) flush();
      uids_.insert(collection + " " + piece.uid);
      add({std::move(line), collection, Parcel{name, std::move(piece), nullptr}, {}});
    }
  }

  // What the ledger of an export says of it.
  LedgerEntry known(const std::string& path) const {
    const auto found = known_.find(path);
    LedgerEntry entry = found == known_.end() ? LedgerEntry{} : found->second;
    entry.path = path;
    entry.uid.clear();
    return entry;
  }

  std::string relative(const fs::path& file) const { return file.lexically_relative(root_).string(); }

  void refuse(const fs::path& file, const std::string& reason) {
    LedgerEntry line;
    line.action = "refused";
    line.source = relative(file);
    line.reason = reason;
    add({std::move(line), {}, std::nullopt, {}});
  }

  void add(Job job) {
    jobs_.push_back(std::move(job));
    if (jobs_.size() >= most_jobs) flush();
  }

  void flush() {
    std::vector<std::function<void()>> steps;
    for (std::size_t i = 0; i < jobs_.size();) {
      const std::size_t first = i++;
      if (!jobs_[first].parcel) {
        if (!jobs_[first].file.empty())
          steps.emplace_back([this, first] { door_.put_file(jobs_[first].file, jobs_[first].line); });
        continue;
      }
      while (i < jobs_.size() && i - first < most_in_step && jobs_[i].parcel &&
             jobs_[i].collection == jobs_[first].collection) {
        ++i;
      }
      steps.emplace_back([this, first, last = i] { put_objects(std::span(jobs_).subspan(first, last - first)); });
    }
    run_all(steps);
    for (const Job& job : jobs_) tell(job.line);
    jobs_.clear();
    uids_.clear();
  }

  // Of one collection.
  void put_objects(std::span<Job> jobs) {
    std::vector<Parcel> parcels;
    for (Job& job : jobs) {
      parcels.push_back(std::move(*job.parcel));
      parcels.back().entry = &job.line;
    }
    door_.put_objects(jobs.front().collection, parcels);
  }

  void tell(const LedgerEntry& line) {
    if (line.action == "refused") {
      ++report_.refused;
    } else {
      ++report_.taken;
      if (!line.repairs.empty()) ++report_.repaired;
    }
    note_(line);
  }

  Door& door_;
  std::string into_;
  const std::function<void(const LedgerEntry&)>& note_;
  std::string root_;
  std::map<std::string, LedgerEntry> known_;
  std::vector<Job> jobs_;
  std::set<std::string> uids_;  ///< of the jobs
  ImportReport report_;
};

}  // namespace

ImportReport import_account(storage::Store& store, const dav::Service& service, const storage::Account& account,
                            const std::string& source, const std::string& into,
                            const std::function<void(const LedgerEntry&)>& note) {
  Door door(store, service, account);
  return Import(door, into, note).run(source);
}

}  // namespace server
