// A light load generator for `./dev bench`: one thread, epoll, keep-alive, latencies of every request; its own cost per
// request is a few microseconds, so that the server is what is measured. Prints one line of JSON.
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view help = R"(usage: load HOST PORT [OPTIONS]
  --connections N   keep-alive connections, each with one request at a time (1)
  --requests N      so many in all; or
  --seconds S       so long; with
  --pace N          so many a second, evenly: latency then counts from when a request was due
  --method M --path P --header "Name: value" --body FILE
                    in path and body, {n} is the request's number, {m} the number modulo --modulo
  --modulo N --start N
  --tls             no verification
  --idle            opens all connections, sends one request on each, prints "ready", waits for the end of input,
                    then sends one more on each
)";

struct Options {
  std::string host, port;
  std::size_t connections = 1;
  std::uint64_t requests = 0;
  double seconds = 0, pace = 0;
  std::string method = "GET", path = "/", headers, body;
  std::uint64_t modulo = 1, start = 0;
  bool tls = false, idle = false;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

struct Figures {
  std::vector<std::uint32_t> microseconds;
  std::map<int, std::uint64_t> statuses;
  std::uint64_t errors = 0, octets = 0, sent = 0;
};

std::string fill_in(std::string_view text, std::uint64_t number, std::uint64_t modulo) {
  std::string out;
  out.reserve(text.size() + 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i, 3);
    if (rest == "{n}" || rest == "{m}") {
      out += std::to_string(rest == "{n}" ? number : number % modulo);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Where one answer ends, read as it comes.
class Answer {
 public:
  // Takes octets from the front of `in`; returns true when the answer is complete.
  bool feed(std::string& in) {
    if (!head_done_ && !read_head(in)) return false;
    if (chunked_) return read_chunks(in);
    const std::uint64_t take = std::min<std::uint64_t>(left_, in.size());
    in.erase(0, static_cast<std::size_t>(take));
    left_ -= take;
    octets_ += take;
    return left_ == 0;
  }

  int status() const { return status_; }
  bool closes() const { return closes_; }
  std::uint64_t octets() const { return octets_; }

 private:
  bool read_head(std::string& in) {
    const std::size_t end = in.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    std::string head = in.substr(0, end + 2);
    in.erase(0, end + 4);
    if (head.size() < 12 || head.compare(0, 5, "HTTP/") != 0) throw std::runtime_error("not an HTTP answer");
    status_ = std::atoi(head.c_str() + 9);
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    chunked_ = head.find("\r\ntransfer-encoding: chunked") != std::string::npos;
    closes_ = head.find("\r\nconnection: close") != std::string::npos ||
              (head.compare(0, 8, "http/1.0") == 0 && head.find("\r\nconnection: keep-alive") == std::string::npos);
    const std::size_t length = head.find("\r\ncontent-length:");
    if (length != std::string::npos && status_ != 204 && status_ != 304) {
      left_ = std::strtoull(head.c_str() + length + 17, nullptr, 10);
    }
    head_done_ = true;
    return true;
  }

  bool read_chunks(std::string& in) {
    for (;;) {
      if (left_ > 0) {
        const std::uint64_t take = std::min<std::uint64_t>(left_, in.size());
        in.erase(0, static_cast<std::size_t>(take));
        left_ -= take;
        if (left_ > 0) return false;
        if (last_) return true;
      }
      const std::size_t end = in.find("\r\n");
      if (end == std::string::npos) return false;
      const std::uint64_t size = std::strtoull(in.c_str(), nullptr, 16);
      in.erase(0, end + 2);
      octets_ += size;
      last_ = size == 0;
      left_ = size + 2;  // The chunk and the line end after it.
    }
  }

  int status_ = 0;
  bool head_done_ = false, chunked_ = false, closes_ = false, last_ = false;
  std::uint64_t left_ = 0, octets_ = 0;
};

class Connection {
 public:
  Connection(const Options& options, const addrinfo& address, SSL_CTX* context) {
    descriptor_ = socket(address.ai_family, SOCK_STREAM, 0);
    if (descriptor_ < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
    if (connect(descriptor_, address.ai_addr, address.ai_addrlen) != 0) {
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    const int one = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (context != nullptr) {
      ssl_.reset(SSL_new(context));
      SSL_set_fd(ssl_.get(), descriptor_);
      SSL_set_tlsext_host_name(ssl_.get(), options.host.c_str());
      if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake failed");
    }
    fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  }
  ~Connection() { close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return descriptor_; }
  bool busy() const { return busy_; }

  // Latency counts from `due`.
  void send(std::string request, Clock::time_point due) {
    out_ = std::move(request);
    answer_ = Answer();
    busy_ = true;
    started_ = due;
    flush();
  }

  // Something can be read or written. Returns true when the answer is complete.
  bool ready(Figures& figures) {
    if (!out_.empty()) flush();
    char buffer[65536];
    for (;;) {
      const long count = receive(buffer, sizeof buffer);
      if (count < 0) return false;
      if (count == 0) throw std::runtime_error("the server closed the connection");
      in_.append(buffer, static_cast<std::size_t>(count));
      if (!answer_.feed(in_)) continue;
      const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_).count();
      figures.microseconds.push_back(static_cast<std::uint32_t>(time));
      ++figures.statuses[answer_.status()];
      figures.octets += answer_.octets();
      busy_ = false;
      if (answer_.closes()) throw std::runtime_error("the server closes the connection");
      return true;
    }
  }

 private:
  void flush() {
    while (!out_.empty()) {
      const long count = ssl_ ? SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size()))
                              : ::send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        if (would_block(count)) return;
        throw std::runtime_error("sending failed");
      }
      out_.erase(0, static_cast<std::size_t>(count));
    }
  }

  // Octets read; 0 at the end; -1 where there are none now.
  long receive(char* buffer, std::size_t size) {
    const long count = ssl_ ? SSL_read(ssl_.get(), buffer, static_cast<int>(size)) : recv(descriptor_, buffer, size, 0);
    if (count > 0) return count;
    return would_block(count) ? -1 : 0;
  }

  bool would_block(long count) const {
    if (!ssl_) return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    const int error = SSL_get_error(ssl_.get(), static_cast<int>(count));
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  }

  int descriptor_ = -1;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string out_, in_;
  Answer answer_;
  bool busy_ = false;
  Clock::time_point started_;
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &address_) != 0)
      throw std::runtime_error("no such host");
    if (options.tls) {
      context_.reset(SSL_CTX_new(TLS_client_method()));
      SSL_CTX_set_mode(context_.get(),
                       SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    }
    epoll_ = epoll_create1(0);
    next_ = options.start;
  }
  ~Run() {
    freeaddrinfo(address_);
    close(epoll_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void load() {
    while (connections_.size() < options_.connections) open();
    started_ = Clock::now();
    deadline_ = started_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    for (auto& connection : connections_) send(*connection);
    serve([this] {
      return options_.requests != 0 ? next_ - options_.start < options_.requests : Clock::now() < deadline_;
    });
  }

  // Requests when they are due, on any connection that has none; where there is none they are late.
  void load_paced() {
    while (connections_.size() < options_.connections) open();
    started_ = Clock::now();
    const auto total = static_cast<std::uint64_t>(options_.pace * options_.seconds);
    std::uint64_t sent = 0;
    const auto due = [&] {
      return started_ + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(static_cast<double>(sent) / options_.pace));
    };
    while (sent < total || outstanding_ > 0) {
      bool free = false;
      for (auto& connection : connections_) {
        if (connection->busy()) continue;
        if (sent < total && due() <= Clock::now()) {
          send(*connection, due());
          ++sent;
        } else {
          free = true;
        }
      }
      wait_for_answers(free && sent < total ? due() - Clock::now() : std::chrono::minutes(5));
    }
    finished_ = Clock::now();
  }

  // One request on every connection, at most 64 at a time, each right after the connection is opened.
  void once_on_each() {
    started_ = Clock::now();
    std::size_t index = 0;
    while (index < options_.connections) {
      for (const std::size_t end = std::min(index + 64, options_.connections); index < end; ++index) {
        if (index == connections_.size()) open();
        send(*connections_[index]);
      }
      serve([] { return false; });
    }
  }

  void print() {
    auto& times = figures_.microseconds;
    std::sort(times.begin(), times.end());
    const double seconds = std::chrono::duration<double>(finished_ - started_).count();
    const auto at = [&](double part) {
      return times.empty() ? 0
                           : times[std::min(times.size() - 1,
                                            static_cast<std::size_t>(part * static_cast<double>(times.size())))];
    };
    std::ostringstream out;
    out << "{\"requests\": " << times.size() << ", \"seconds\": " << seconds
        << ", \"rate\": " << static_cast<double>(times.size()) / std::max(seconds, 1e-9)
        << ", \"errors\": " << figures_.errors << ", \"octets\": " << figures_.octets << ", \"p50\": " << at(0.5)
        << ", \"p90\": " << at(0.9) << ", \"p99\": " << at(0.99) << ", \"max\": " << (times.empty() ? 0 : times.back())
        << ", \"statuses\": {";
    const char* comma = "";
    for (const auto& [status, count] : figures_.statuses) {
      out << comma << '"' << status << "\": " << count;
      comma = ", ";
    }
    std::cout << out.str() << "}}" << std::endl;
  }

 private:
  void open() {
    connections_.push_back(std::make_unique<Connection>(options_, *address_, context_.get()));
    watch(connections_.size() - 1);
  }

  void watch(std::size_t index) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[index]->descriptor(), &event);
  }

  void send(Connection& connection) { send(connection, Clock::now()); }

  void send(Connection& connection, Clock::time_point due) {
    const std::uint64_t number = next_++;
    std::string body = fill_in(options_.body, number, options_.modulo);
    std::string request = options_.method + " " + fill_in(options_.path, number, options_.modulo) +
                          " HTTP/1.1\r\nHost: " + options_.host + ":" + options_.port + "\r\n" + options_.headers;
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    connection.send(request + "\r\n" + body, due);
    ++outstanding_;
  }

  void wait_for_answers(Clock::duration at_most) {
    epoll_event events[256];
    const auto left = std::max(at_most, Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{seconds.count(), (left - seconds).count()};
    const int count = epoll_pwait2(epoll_, events, 256, &time, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto index = static_cast<std::size_t>(events[i].data.u64);
      if (connections_[index]->busy()) attend(index, [] { return false; });
    }
  }

  template <class More>
  void serve(const More& more) {
    std::vector<epoll_event> events(256);
    while (outstanding_ > 0) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 300'000);
      if (count == 0) throw std::runtime_error("no answer within 300 s");
      for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64);
        if (connections_[index]->busy()) attend(index, more);
      }
    }
    finished_ = Clock::now();
  }

  template <class More>
  void attend(std::size_t index, const More& more) {
    try {
      if (!connections_[index]->ready(figures_)) return;
    } catch (const std::runtime_error& error) {
      if (connections_[index]->busy()) {
        if (figures_.errors++ == 0) std::cerr << "load: " << error.what() << '\n';
      }
      connections_[index] = std::make_unique<Connection>(options_, *address_, context_.get());
      watch(index);
    }
    --outstanding_;
    if (more()) send(*connections_[index]);
  }

  const Options& options_;
  addrinfo* address_ = nullptr;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::uint64_t next_ = 0, outstanding_ = 0;
  Clock::time_point started_, finished_, deadline_;
  Figures figures_;
};

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Options parse(int count, char** arguments) {
  if (count < 3) {
    std::cerr << help;
    std::exit(2);
  }
  Options options;
  options.host = arguments[1];
  options.port = arguments[2];
  for (int i = 3; i < count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--tls") {
      options.tls = true;
      continue;
    }
    if (name == "--idle") {
      options.idle = true;
      continue;
    }
    if (++i >= count) throw std::runtime_error(std::string(name) + " needs a value");
    const std::string value = arguments[i];
    if (name == "--connections")
      options.connections = std::stoul(value);
    else if (name == "--requests")
      options.requests = std::stoull(value);
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else if (name == "--pace")
      options.pace = std::stod(value);
    else if (name == "--method")
      options.method = value;
    else if (name == "--path")
      options.path = value;
    else if (name == "--header")
      options.headers += value + "\r\n";
    else if (name == "--body")
      options.body = read_file(value);
    else if (name == "--pace")
      options.pace = std::stod(value);
    else if (name == "--modulo")
      options.modulo = std::stoull(value);
    else if (name == "--start")
      options.start = std::stoull(value);
    else
      throw std::runtime_error("unknown option " + std::string(name));
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    const Options options = parse(count, arguments);
    Run run(options);
    if (options.idle) {
      run.once_on_each();
      std::cout << "ready" << std::endl;
      std::string line;
      while (std::getline(std::cin, line)) {
      }
      run.once_on_each();
    } else if (options.pace > 0) {
      run.load_paced();
    } else {
      run.load();
    }
    run.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "load: " << error.what() << '\n';
    return 1;
  }
}
