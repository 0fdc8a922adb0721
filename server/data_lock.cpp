#include "server/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "storage/failure.h"

namespace server {

std::unique_ptr<storage::File> lock_data(const storage::StoreOptions& store) {
  if (!store.postgres.empty()) return nullptr;
  const std::string path = store.directory + "/serve.lock";
  ::mkdir(store.directory.c_str(), 0700);
  auto file = std::make_unique<storage::File>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file->descriptor() < 0) {
    throw storage::Failure(storage::Trouble::unavailable, path + ": " + std::generic_category().message(errno));
  }
  if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    throw storage::Failure(storage::Trouble::refused, "another server is using " + store.directory);
  }
  return file;
}

}  // namespace server
