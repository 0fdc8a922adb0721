#include "server/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "server/version.h"

namespace server {

namespace {

std::string decimal(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  return std::string(buffer.data(), end);
}

/// Appends families of the exposition format.
class Writer {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out_.append(name).append(" ").append(type).append("\n");
  }

  void sample(std::string_view name, std::string_view labels, const std::string& value) {
    out_.append(name);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_.append(" ").append(value).append("\n");
  }

  void counter(std::string_view name, std::uint64_t value, std::string_view help) {
    family(name, "counter", help);
    sample(name, {}, std::to_string(value));
  }

  void gauge(std::string_view name, const std::string& value, std::string_view help) {
    family(name, "gauge", help);
    sample(name, {}, value);
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

void write_requests(Writer& writer, const HttpMetrics& http) {
  writer.family("pileus_http_requests_total", "counter", "Requests answered, by method and status.");
  http.requests([&](std::string_view method, int status, std::uint64_t count) {
    writer.sample("pileus_http_requests_total", label("method", method) + "," + label("status", std::to_string(status)),
                  std::to_string(count));
  });
  writer.family("pileus_http_request_seconds", "histogram", "From a request's head to its answer being ready.");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= HttpMetrics::bounds.size(); ++i) {
    count += http.latency(i);
    const bool last = i == HttpMetrics::bounds.size();
    const std::string bound = last ? "+Inf" : decimal(HttpMetrics::bounds[i] / 1e6);
    writer.sample("pileus_http_request_seconds_bucket", label("le", bound), std::to_string(count));
  }
  writer.sample("pileus_http_request_seconds_sum", {},
                decimal(static_cast<double>(http.latency_sum_microseconds()) / 1e6));
  writer.sample("pileus_http_request_seconds_count", {}, std::to_string(count));
  writer.family("pileus_http_timeouts_total", "counter", "Connections closed for slowness, by what was waited for.");
  writer.sample("pileus_http_timeouts_total", label("waiting", "request"), std::to_string(http.idle_timeouts));
  writer.sample("pileus_http_timeouts_total", label("waiting", "head"), std::to_string(http.head_timeouts));
  writer.sample("pileus_http_timeouts_total", label("waiting", "body"), std::to_string(http.body_timeouts));
  writer.counter("pileus_http_unreadable_total", http.refused_framing, "Requests that broke the rules of HTTP/1.1.");
}

void write_connections(Writer& writer, const LoopMetrics& loop) {
  const std::uint64_t open = loop.open;
  const std::uint64_t active = loop.active;
  writer.family("pileus_connections", "gauge", "Connections now: run by a thread, or parked.");
  writer.sample("pileus_connections", label("state", "active"), std::to_string(active));
  writer.sample("pileus_connections", label("state", "parked"), std::to_string(open > active ? open - active : 0));
  writer.counter("pileus_connections_accepted_total", loop.accepted, "Connections accepted.");
  writer.family("pileus_connections_refused_total", "counter", "Connections refused, by the limit they were over.");
  writer.sample("pileus_connections_refused_total", label("limit", "all"), std::to_string(loop.refused_total));
  writer.sample("pileus_connections_refused_total", label("limit", "address"),
                std::to_string(loop.refused_per_address));
  writer.counter("pileus_listener_rests_total", loop.rests,
                 "Times that a listener accepted nothing for a moment, because no descriptor or memory was left.");
  writer.counter("pileus_tls_handshakes_failed_total", loop.handshakes_failed, "TLS handshakes that failed.");
  writer.counter("pileus_proxy_headers_failed_total", loop.proxy_headers_failed, "PROXY protocol headers that failed.");
  writer.counter("pileus_connections_timed_out_total", loop.timed_out, "Slow handshakes and slow readers.");
  writer.counter("pileus_received_bytes_total", loop.received_octets, "Octets received.");
  writer.counter("pileus_sent_bytes_total", loop.sent_octets, "Octets sent.");
}

void write_store(Writer& writer, const storage::StoreFigures& store, const storage::Accounts::Figures& accounts) {
  writer.counter("pileus_store_commits_total", store.commits, "Commits.");
  writer.counter("pileus_store_writes_total", store.writes,
                 "Writing transactions; divided by the commits, the mean size of a batch.");
  writer.counter("pileus_store_retries_total", store.retries, "Transactions run again after a conflict.");
  writer.gauge("pileus_store_queue_length", std::to_string(store.queued), "Writing transactions waiting now.");
  writer.family("pileus_logins_total", "counter", "Credentials checked, by outcome.");
  writer.sample("pileus_logins_total", label("outcome", "accepted"), std::to_string(accounts.accepted));
  writer.sample("pileus_logins_total", label("outcome", "refused"), std::to_string(accounts.refused));
  writer.sample("pileus_logins_total", label("outcome", "throttled"), std::to_string(accounts.throttled));
  writer.counter("pileus_argon2_runs_total", accounts.argon2_runs, "Passwords hashed.");
}

void write_process(Writer& writer, const ProcessFigures& process) {
  writer.family("pileus_build_info", "gauge", "The version.");
  writer.sample("pileus_build_info", label("version", version()), "1");
  writer.gauge("process_resident_memory_bytes", std::to_string(process.resident_octets), "Memory in use.");
  writer.family("process_cpu_seconds_total", "counter", "Processor time used.");
  writer.sample("process_cpu_seconds_total", {}, decimal(process.cpu_seconds));
  writer.gauge("process_open_fds", std::to_string(process.descriptors), "Open descriptors.");
  writer.gauge("process_start_time_seconds", decimal(process.start_time), "When the process started.");
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// proc(5): field 22 of stat is the start in clock ticks since the boot; the command's name before may hold anything.
double start_time() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::size_t at = name_end + 1;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + (field > 2 ? 1 : 0));
  if (at == std::string::npos) return 0;
  const double ticks = std::strtod(line.c_str() + at + 1, nullptr);
  timespec now{};
  timespec since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(now.tv_sec - since_boot.tv_sec) + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  figures.resident_octets = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  figures.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end; it.increment(error)) {
    ++figures.descriptors;
  }
  static const double started = start_time();
  figures.start_time = started;
  return figures;
}

std::string metrics_text(const Figures& figures) {
  Writer writer;
  write_requests(writer, figures.http);
  write_connections(writer, figures.loop);
  write_store(writer, figures.store, figures.accounts);
  write_process(writer, figures.process);
  return writer.take();
}

}  // namespace server
