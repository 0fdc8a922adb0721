// Preloaded into a server that is measured: every flush of a file to the disk takes SLOW_FLUSH_MICROSECONDS at least,
// as on a disk that is slower than the one at hand. Meanwhile the thread sleeps, as it would.
#include <dlfcn.h>
#include <sys/prctl.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

std::chrono::microseconds least() {
  const char* text = std::getenv("SLOW_FLUSH_MICROSECONDS");
  return std::chrono::microseconds(text != nullptr ? std::atol(text) : 0);
}

int flush_by(const char* name, int descriptor) {
  const auto end = std::chrono::steady_clock::now() + least();
  using Flush = int (*)(int);
  const int done = reinterpret_cast<Flush>(dlsym(RTLD_NEXT, name))(descriptor);
  const int error = errno;
  prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);  // by default a sleep may take 50 µs longer
  std::this_thread::sleep_until(end);
  errno = error;
  return done;
}

}  // namespace

extern "C" {

int fsync(int descriptor) { return flush_by("fsync", descriptor); }

int fdatasync(int descriptor) { return flush_by("fdatasync", descriptor); }
}
