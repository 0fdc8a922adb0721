#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "storage/store.h"

namespace testing {

/// A folder that goes away with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// An empty place for a store, of one backend. Any number of Store objects can be opened on it: each stands for a
/// process.
class Place {
 public:
  explicit Place(bool postgres);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  storage::StoreOptions options() const;

  /// Runs SQL beside the store, as a stranger would.
  void execute(const std::string& sql) const;

  std::unique_ptr<storage::Store> open() const { return storage::open_store(options()); }
  const std::string& directory() const { return folder_.path(); }
  bool postgres() const { return !schema_.empty(); }

 private:
  Folder folder_;
  std::string schema_;
  std::string connection_;
};

struct Backend {
  std::string name;
  std::unique_ptr<Place> place() const { return std::make_unique<Place>(name == "postgres"); }
};
std::ostream& operator<<(std::ostream& out, const Backend& backend);

/// What the tests run on: SQLite and PostgreSQL, or those that the environment variable PILEUS_TEST_BACKENDS names. The
/// server is the one that PILEUS_TEST_POSTGRES names by a connection string, or a private one started for this run.
std::vector<Backend> backends();

/// The connection string of the PostgreSQL to make databases in.
const std::string& postgres();

/// A store with one account, "ada", and a calendar "work" in its home.
struct World {
  explicit World(const Backend& backend);

  storage::StagedBlob stage(const std::string& bytes);
  storage::Member put(const std::string& name, const std::string& bytes, const std::string& uid = {});
  storage::Member put(storage::Id collection, const std::string& name, const std::string& bytes,
                      const std::string& uid = {});
  void remove(const std::string& name);
  storage::Collection collection(storage::Id id);
  std::vector<storage::Member> members(storage::Id collection);
  std::vector<storage::Member> changes(storage::Id collection, storage::Modseq after, std::int64_t at_most = -1);

  std::unique_ptr<Place> place;
  std::unique_ptr<storage::Store> store;
  storage::Account ada;
  storage::Collection home;
  storage::Collection work;
};

/// Waits until the condition holds; false if it doesn't within a minute.
bool eventually(const std::function<bool()>& condition);

}  // namespace testing
