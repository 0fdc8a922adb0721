#include "server/loop.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "server/loop_state.h"
#include "server/turns.h"

namespace server {

namespace {

constexpr std::size_t most_posted = 64;  // run in one turn of one worker; the rest is for another

void ring(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof one);
}

/// Workers leave signals to the main thread, and a broken pipe is an error code.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&all, fault);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

Loop::State::State(unsigned count, LoopLimits limits, std::function<void(const std::string&)> sink)
    : workers(count == 0 ? 1 : count),
      log(std::move(sink)),
      epoll(::epoll_create1(EPOLL_CLOEXEC)),
      posted_event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      stop_event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      next_id(first_connection_id),
      current_limits(std::make_shared<const LoopLimits>(std::move(limits))),
      reserve(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  if (epoll.get() < 0 || posted_event.get() < 0 || stop_event.get() < 0) {
    throw std::runtime_error("cannot make the descriptors of the connection loop");
  }
  watch(EPOLL_CTL_ADD, posted_event.get(), EPOLLIN, posted_id);
  watch(EPOLL_CTL_ADD, deadlines.descriptor(), EPOLLIN | EPOLLET, timer_id);
  watch(EPOLL_CTL_ADD, stop_event.get(), EPOLLIN, stop_id);
}

void Loop::State::watch(int operation, int descriptor, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (::epoll_ctl(epoll.get(), operation, descriptor, &event) != 0) say("epoll refuses a descriptor");
}

std::shared_ptr<const LoopLimits> Loop::State::limits() const {
  const std::lock_guard lock(mutex);
  return current_limits;
}

void Loop::State::say(const std::string& what) {
  if (!log) return;
  {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_said < std::chrono::seconds(1)) return;
    last_said = now;
  }
  log(what);
}

void Loop::State::post(std::uint64_t id, Connection::Reason reason) {
  {
    const std::lock_guard lock(mutex);
    posted.emplace_back(id, reason);
  }
  ring(posted_event.get());
}

void Loop::State::gone(std::uint64_t id) {
  table.erase(id);
  // Under the lock, so that who waits for the last one can't miss it.
  const std::lock_guard lock(mutex);
  if (metrics.open.fetch_sub(1) == 1) all_gone.notify_all();
}

namespace {

/// Listens on a local socket. One that a process has left behind gives way; one that somebody listens on doesn't.
Descriptor listen_locally(const std::string& path) {
  const auto failed = [&](int error) {
    return std::runtime_error("cannot listen on " + path + ": " + std::strerror(error));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw failed(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe.get() < 0) throw failed(errno);
  if (::connect(probe.get(), where, sizeof address) == 0) throw failed(EADDRINUSE);
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0 || ::bind(socket.get(), where, sizeof address) != 0) throw failed(errno);
  // Who may reach it is for the folder to say, as for a port.
  if (::chmod(path.c_str(), 0666) != 0 || ::listen(socket.get(), 1024) != 0) throw failed(errno);
  return socket;
}

}  // namespace

std::uint16_t Loop::State::listen(Listener listener) {
  Open open;
  if (listener.address.starts_with('/')) {
    open.socket = listen_locally(listener.address);
    open.listener = std::make_shared<const Listener>(std::move(listener));
    listeners.push_back(std::move(open));
    return 0;
  }
  const std::string where = listener.address + " port " + std::to_string(listener.port);
  try {
    const Poco::Net::SocketAddress address(Poco::Net::IPAddress(listener.address), listener.port);
    Poco::Net::ServerSocket socket;
    // Without SO_REUSEPORT (Poco's default): a second server on the same port is an error, not a lottery.
    if (address.family() == Poco::Net::AddressFamily::IPv6) {
      socket.bind6(address, true, false, false);
    } else {
      socket.bind(address, true, false);
    }
    socket.listen(1024);
    open.port = socket.address().port();
    // Poco closes its descriptor with the object; ours is accepted from by several threads, with accept4.
    open.socket = Descriptor(::fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0));
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot listen on " + where + ": " + error.displayText());
  }
  if (open.socket.get() < 0) throw std::runtime_error("cannot listen on " + where + ": no descriptor left");
  ::fcntl(open.socket.get(), F_SETFL, ::fcntl(open.socket.get(), F_GETFL) | O_NONBLOCK);
  open.listener = std::make_shared<const Listener>(std::move(listener));
  listeners.push_back(std::move(open));
  return listeners.back().port;
}

/// Exclusively: one worker is woken for a connection, not all of them. False where the system refuses.
bool Loop::State::watch_listener(std::size_t index) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.u64 = first_listener_id + index;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, listeners[index].socket.get(), &event) == 0;
}

void Loop::State::stop_listening() {
  const std::lock_guard lock(mutex);  // none comes back from its rest
  for (Open& open : listeners) {
    // Shut down, not closed: a worker may be about to accept from the descriptor.
    ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, open.socket.get(), nullptr);
    ::shutdown(open.socket.get(), SHUT_RDWR);
  }
}

void Loop::State::stop_workers() {
  stopping = true;
  ring(stop_event.get());
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

void Loop::State::work() {
  block_signals();
  take_turns(Turns::soon);
  const auto buffers = std::make_unique_for_overwrite<Buffers>();
  while (!stopping) {
    epoll_event event{};
    const int count = ::epoll_wait(epoll.get(), &event, 1, -1);
    if (count < 0 && errno != EINTR) {
      say("epoll fails");
      return;
    }
    if (count == 1) dispatch(event.data.u64, *buffers);
  }
}

void Loop::State::dispatch(std::uint64_t id, Buffers& buffers) {
  if (id >= first_connection_id) {
    if (const auto connection = table.find(id)) connection->post(Connection::event, buffers);
  } else if (id == posted_id) {
    run_posted(buffers);
  } else if (id == timer_id) {
    for (const std::uint64_t due : deadlines.due(std::chrono::steady_clock::now())) {
      if (due < first_connection_id) {
        resume(static_cast<std::size_t>(due - first_listener_id));
      } else if (const auto connection = table.find(due)) {
        connection->post(Connection::timer, buffers);
      }
    }
  } else if (id >= first_listener_id) {
    accept(static_cast<std::size_t>(id - first_listener_id), buffers);
  }
}

void Loop::State::run_posted(Buffers& buffers) {
  std::uint64_t rings = 0;
  if (::read(posted_event.get(), &rings, sizeof rings) < 0) return;  // another worker was quicker
  std::vector<std::pair<std::uint64_t, Connection::Reason>> mine;
  bool more = false;
  {
    const std::lock_guard lock(mutex);
    more = posted.size() > most_posted;
    if (more) {
      mine.assign(posted.end() - most_posted, posted.end());
      posted.resize(posted.size() - most_posted);
    } else {
      mine = std::move(posted);
      posted.clear();
    }
  }
  if (more) ring(posted_event.get());
  for (const auto& [id, reason] : mine) {
    if (const auto connection = table.find(id)) connection->post(reason, buffers);
  }
}

Loop::Loop(unsigned workers, LoopLimits limits, std::function<void(const std::string&)> log)
    : state_(std::make_unique<State>(workers, std::move(limits), std::move(log))) {}

Loop::~Loop() { drain(std::chrono::milliseconds(0)); }

std::uint16_t Loop::listen(Listener listener) {
  const auto protocol = listener.protocol;
  const std::uint16_t port = state_->listen(std::move(listener));
  protocol->attached(*this);
  return port;
}

unsigned Loop::workers() const { return state_->workers; }

void Loop::start() {
  for (std::size_t index = 0; index < state_->listeners.size(); ++index) {
    if (!state_->watch_listener(index)) throw std::runtime_error("the epoll refuses a listener");
  }
  for (unsigned count = 0; count < state_->workers; ++count) {
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
  }
}

void Loop::wake(std::uint64_t connection) { state_->post(connection, Connection::wake); }

void Loop::set_limits(LoopLimits limits) {
  auto fresh = std::make_shared<const LoopLimits>(std::move(limits));
  const std::lock_guard lock(state_->mutex);
  state_->current_limits = std::move(fresh);
}

std::size_t Loop::drain(std::chrono::milliseconds bound) {
  State& state = *state_;
  if (state.threads.empty()) return 0;
  state.draining = true;
  state.stop_listening();
  for (const std::uint64_t id : state.table.ids()) state.post(id, Connection::drain);
  const auto none_open = [&] { return state.metrics.open.load() == 0; };
  std::size_t left = 0;
  {
    std::unique_lock lock(state.mutex);
    state.all_gone.wait_for(lock, bound, none_open);
    left = state.metrics.open.load();
  }
  // Only a handler that is waiting for the store can hold this up; it is waited for, as it would be in joining. Again
  // and again, because a worker may have been accepting one meanwhile.
  while (!none_open()) {
    for (const std::uint64_t id : state.table.ids()) state.post(id, Connection::cut);
    std::unique_lock lock(state.mutex);
    state.all_gone.wait_for(lock, std::chrono::milliseconds(100), none_open);
  }
  state.stop_workers();
  return left;
}

const LoopMetrics& Loop::metrics() const { return state_->metrics; }

}  // namespace server
