#include "mail/hooks/executable.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <thread>

#include "mail/hooks/edit.h"
#include "mail/mime/header.h"

namespace mail::hooks {

namespace {

constexpr std::size_t most_output = 64 * 1024;
constexpr std::size_t longest_variable = 96 * 1024;  // Linux takes 128 KiB.
constexpr int not_started = 127;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

void write_all(int to, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t count = ::write(to, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failed("the message can't be handed over");
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// The message as a file of memory of its own: whatever the program does to it is done to a copy.
int message_file(const storage::Spool& message) {
  const int file = ::memfd_create("message", MFD_CLOEXEC);
  if (file < 0) throw Failed("no file can be made for the message");
  try {
    read_pieces(message, 0, [&](std::string_view piece) { write_all(file, piece); });
  } catch (...) {
    ::close(file);
    throw;
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

std::string variable(std::string_view name, std::string_view value) {
  if (value.size() > longest_variable) throw Failed("the envelope is too large for a program");
  std::string out = std::string(name) + "=" + std::string(value);
  std::erase(out, '\0');
  return out;
}

std::vector<std::string> environment(const Passing& passing) {
  std::string recipients;
  for (const std::string& one : passing.recipients) recipients += one + "\n";
  return {
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "LC_ALL=C.UTF-8",
      variable("PILEUS_DIRECTION", passing.direction == Direction::in ? "in" : "out"),
      variable("PILEUS_ID", passing.id),
      variable("PILEUS_CLIENT", passing.client),
      variable("PILEUS_HELLO", passing.hello),
      variable("PILEUS_TLS", passing.tls ? "1" : "0"),
      variable("PILEUS_ACCOUNT", passing.account),
      variable("PILEUS_SENDER", passing.sender),
      variable("PILEUS_RECIPIENTS", recipients),
  };
}

/// In the child, between fork and exec: only what is safe there, after whatever other threads were doing.
[[noreturn]] void become(const char* path, char* const* environment, int input, int output, std::uint64_t memory) {
  ::setpgid(0, 0);
  const int none = ::open("/dev/null", O_WRONLY);
  if (none < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(none, 2) < 0) ::_exit(not_started);
  ::close_range(3, UINT_MAX, 0);
  const rlimit space{memory, memory};
  const rlimit nothing{0, 0};
  const rlimit files{64, 64};
  ::setrlimit(RLIMIT_AS, &space);
  ::setrlimit(RLIMIT_CORE, &nothing);
  ::setrlimit(RLIMIT_NOFILE, &files);
  sigset_t none_blocked;
  ::sigemptyset(&none_blocked);
  ::sigprocmask(SIG_SETMASK, &none_blocked, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  char* const arguments[] = {const_cast<char*>(path), nullptr};
  ::execve(path, arguments, environment);
  ::_exit(not_started);
}

/// A child and all that it has started; killed and reaped at the end.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {
    ::setpgid(id_, id_);  // Here too, so that the group is there whoever runs first.
  }
  ~Child() {
    ::kill(-id_, SIGKILL);
    if (!reaped_) wait(0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its status, if it has ended by the deadline.
  std::optional<int> end(Deadline deadline) {
    for (auto pause = std::chrono::milliseconds(1); !wait(WNOHANG);) {
      if (Clock::now() >= deadline) return std::nullopt;
      // It has closed its output, so that its end is near; nothing but SIGCHLD would tell of it.
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::milliseconds(50));
    }
    return status_;
  }

 private:
  bool wait(int flags) {
    pid_t found = 0;
    do {
      found = ::waitpid(id_, &status_, flags);
    } while (found < 0 && errno == EINTR);
    reaped_ = found == id_;
    return reaped_;
  }

  pid_t id_;
  int status_ = 0;
  bool reaped_ = false;
};

/// What comes out until the other end is closed.
std::string read_output(int from, Deadline deadline) {
  std::string out;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw Failed("it takes too long");
    pollfd wanted{from, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left + 1, INT_MAX)));
    if (ready < 0 && errno != EINTR) throw Failed("its output can't be read");
    if (ready <= 0) continue;
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failed("its output can't be read");
    if (count == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(count));
    if (out.size() > most_output) throw Failed("it writes too much");
  }
}

Outcome outcome_of_status(int status) {
  if (WIFSIGNALED(status)) throw Failed("it was ended by signal " + std::to_string(WTERMSIG(status)));
  const int code = WEXITSTATUS(status);
  switch (code) {
    case 0:
      return Outcome::accept;
    case 65:   // EX_DATAERR
    case 69:   // EX_UNAVAILABLE
    case 77:   // EX_NOPERM
    case 100:  // as qmail has it
      return Outcome::reject;
    case 75:  // EX_TEMPFAIL
    case 111:
      return Outcome::defer;
    case 98:
      return Outcome::quarantine;
    case 99:
      return Outcome::discard;
    default:
      throw Failed("its exit status is " + std::to_string(code));
  }
}

Verdict verdict_of(int status, const std::string& output) {
  Verdict verdict;
  verdict.outcome = outcome_of_status(status);
  if (verdict.outcome == Outcome::reject || verdict.outcome == Outcome::defer) {
    verdict.text = mime::trimmed(output);
    return verdict;
  }
  std::uint32_t place = 0;
  mime::FieldReader reader(output);
  while (const auto field = reader.next()) {
    if (field->name.empty()) throw Failed("it writes what is no field of a header");
    verdict.changes.push_back(
        {HeaderChange::Kind::insert, place++, std::string(field->name), std::string(field->value)});
  }
  return verdict;
}

Verdict run(const Executable& program, const Passing& passing, Deadline deadline) {
  const Descriptor input(message_file(passing.message));
  std::vector<std::string> variables = environment(passing);
  std::vector<char*> pointers;
  for (std::string& one : variables) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failed("no pipe can be made");
  const Descriptor output(ends[0]);
  Descriptor other_end(ends[1]);
  const pid_t id = ::fork();
  if (id < 0) throw Failed("no process can be made");
  if (id == 0) become(program.path.c_str(), pointers.data(), input.number(), other_end.number(), program.memory);
  Child child(id);
  other_end.close();
  const std::string text = read_output(output.number(), deadline);
  const auto status = child.end(deadline);
  if (!status) throw Failed("it takes too long");
  return verdict_of(*status, text);
}

}  // namespace

Function executable(Executable program) {
  return [program = std::move(program)](const Passing& passing, Deadline deadline) {
    return run(program, passing, deadline);
  };
}

}  // namespace mail::hooks
