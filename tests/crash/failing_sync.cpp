// Preloaded into a server under test: while the file named by PILEUS_SYNC_FAILS exists, nothing reaches the disk; fsync
// and fdatasync fail as they do on a broken one.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

bool broken() {
  const char* flag = std::getenv("PILEUS_SYNC_FAILS");
  return flag != nullptr && access(flag, F_OK) == 0;
}

int sync_by(const char* name, int descriptor) {
  if (broken()) {
    errno = EIO;
    return -1;
  }
  using Sync = int (*)(int);
  return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" {

int fsync(int descriptor) { return sync_by("fsync", descriptor); }

int fdatasync(int descriptor) { return sync_by("fdatasync", descriptor); }
}
