#include "server/serve.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <fstream>
#include <thread>

#include "dav/calendar/scale.h"
#include "mail/imap/imap.h"
#include "mail/sieve/filter.h"
#include "mail/sieve/managesieve.h"
#include "mail/smtp/smtp.h"
#include "server/access_log.h"
#include "server/data_lock.h"
#include "server/log.h"
#include "server/mail_session.h"
#include "server/metrics.h"
#include "server/notify.h"
#include "server/text_index.h"
#include "server/time_index.h"
#include "server/version.h"

namespace server {

namespace {

constexpr std::chrono::seconds certificate_check{10};

sigset_t handled_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set, signal);
  return set;
}

std::vector<Cidr> blocks(const std::vector<std::string>& texts) {
  std::vector<Cidr> all;
  for (const std::string& text : texts) {
    if (const auto block = Cidr::parse(text)) all.push_back(*block);
  }
  return all;
}

unsigned worker_count(const Config& config) {
  if (config.workers > 0) return static_cast<unsigned>(config.workers);
  // Three quarters of them may wait for a commit, half of these for the one under way: the more there are, the more
  // writes share it. One that waits costs next to nothing.
  return std::clamp(24 * std::thread::hardware_concurrency(), 48U, 128U);
}

LoopLimits loop_limits(const Config& config) {
  LoopLimits limits = config.loop_limits;
  limits.uncounted = blocks(config.trusted_proxies);
  const std::vector<Cidr> more = blocks(config.proxy_protocol_from);
  limits.uncounted.insert(limits.uncounted.end(), more.begin(), more.end());
  return limits;
}

dav::Settings dav_settings(const Config& config) {
  dav::Settings settings = config.dav;
  settings.host_name = config.host_name;
  return settings;
}

TlsOptions tls_options(const Config& config) { return {config.certificates, {"http/1.1"}}; }

// A connection is a descriptor: as many as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Config checked(Config config, const std::optional<std::string>& trace) {
  if (trace) config.trace = *trace;
  if (!config.https.empty() && config.certificates.empty()) {
    throw ConfigError("listen.https needs tls.certificates (or set it to [])");
  }
  return config;
}

// How the server calls itself to other servers.
std::string own_name(const Config& config) {
  if (!config.host_name.empty()) return config.host_name;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

std::string relay_password(const mail::smtp::Settings& settings) {
  if (settings.relay_user.empty()) return {};
  std::ifstream file(settings.relay_password_file);
  std::string password;
  if (!std::getline(file, password)) {
    throw ConfigError("smtp.relay_password_file can't be read: " + settings.relay_password_file);
  }
  return password;
}

void log_sending(const mail::smtp::Sending& sending) {
  using Result = mail::smtp::RelayOutcome::Result;
  const Result result = sending.outcome.result;
  const std::string_view event = result == Result::taken      ? "mail-sent"
                                 : result == Result::deferred ? "mail-deferred"
                                                              : "mail-refused";
  log_info(event, {{"queue", sending.message.id},
                   {"sender", sending.message.sender},
                   {"recipient", sending.recipient.address},
                   {"status", sending.outcome.status},
                   {"reason", sending.outcome.reason}});
}

void warn(const std::string& reason) { log_warning("trouble", {{"reason", reason}}); }

/// The security events of mail: those of HTTP with the protocol in the agent's place.
void log_security(const mail::SecurityEvent& event) {
  const Field account = Field::quoted("account", event.account);
  const Field client("client", event.client);
  const Field agent("agent", event.protocol);
  switch (event.what) {
    case mail::SecurityEvent::What::login_failed:
      return log_warning("login-failed", {account, client, {"reason", event.reason}, agent});
    case mail::SecurityEvent::What::login_throttled:
      return log_warning("login-throttled", {account, client, {"retry_after", event.retry_after}});
    case mail::SecurityEvent::What::login_malformed:
      return log_warning("login-malformed", {client, {"reason", event.reason}});
    case mail::SecurityEvent::What::scope_denied:
      return log_warning("scope-denied", {account, client, {"credential", event.credential}});
  }
}

}  // namespace

void Server::prepare_process() {
  const sigset_t set = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // Few arenas: memory that one worker has freed serves the next one.
  ::mallopt(M_ARENA_MAX, 4);
  raise_descriptor_limit();
}

Server::Server(Config config, std::string config_file, std::optional<std::string> trace)
    : started_(checked(std::move(config), trace)),
      config_(started_),
      config_file_(std::move(config_file)),
      trace_option_(std::move(trace)),
      lock_(lock_data(config_.store)),
      store_(storage::open_store(config_.store)),
      accounts_(*store_, config_.passwords),
      service_(*store_, dav_settings(config_)),
      handler_(accounts_, service_, config_.passwords),
      web_handler_(handler_, *store_, accounts_, config_),
      admin_handler_(*store_, [this] { return metrics(); }),
      tls_(config_.certificates.empty() ? nullptr : std::make_shared<Tls>(tls_options(config_))),
      trace_(config_.trace.empty() ? nullptr : std::make_shared<Trace>(config_.store.directory, config_.trace)),
      loop_(worker_count(config_), loop_limits(config_), warn) {
  http_ = std::make_shared<Http>(web_handler_, HttpOptions{});
  HttpOptions admin_options;
  admin_options.plaintext = Plaintext::serve;
  admin_options.log = warn;
  admin_ = std::make_shared<Http>(admin_handler_, admin_options);
  listen(config_.https, "https", http_, tls_);
  listen(config_.http, "http", http_, nullptr);
  listen(config_.admin, "admin", admin_, nullptr);
  listen_for_mail();
  http_->set_options(http_options());
}

Server::~Server() = default;

void Server::listen(const std::vector<std::string>& endpoints, std::string_view name,
                    const std::shared_ptr<Protocol>& protocol, const std::shared_ptr<Tls>& tls) {
  for (const std::string& text : endpoints) {
    const Endpoint endpoint = text.starts_with('/') ? Endpoint{text, 0} : parse_endpoint(text);
    Listener listener;
    listener.name = name;
    listener.address = endpoint.host;
    listener.port = endpoint.port;
    listener.tls = tls;
    listener.implicit_tls = name == "https" || name == "imaps" || name == "submissions";
    listener.protocol = protocol;
    if (name != "admin") listener.proxy_protocol_from = blocks(config_.proxy_protocol_from);
    const std::uint16_t port = loop_.listen(std::move(listener));
    if (name == "https" && text == endpoints.front()) https_port_ = port;
    log_info("listening", {{"listener", name}, {"address", endpoint.host}, {"port", port}});
  }
}

void Server::listen_for_mail() {
  mail::Settings settings = config_.mail;
  settings.host_name = own_name(config_);
  settings.smtp.domains = config_.domains;
  mail_.emplace(mail::Services{*store_, accounts_, [this](std::uint64_t connection) { loop_.wake(connection); },
                               std::move(settings), log_security});
  const auto tell_fault = [](const storage::Account& account, const std::string& script, const std::string& fault) {
    log_warning("sieve-fault", {{"account", account.name}, {"script", script}, {"fault", fault}});
  };
  office_.emplace(*mail_, mail::sieve::filter(*mail_, tell_fault),
                  [peers = blocks(config_.mail.smtp.lmtp_peers)](const std::string& text) {
                    const auto address = Address::parse(text);
                    return address && contains(peers, *address);
                  });
  const auto imap = std::make_shared<MailProtocol>(mail::imap::imap(*mail_));
  const auto submission = std::make_shared<MailProtocol>(mail::smtp::smtp(*office_, mail::smtp::Role::submission));
  const auto lmtp = std::make_shared<MailProtocol>(mail::smtp::smtp(*office_, mail::smtp::Role::lmtp));
  const auto managesieve = std::make_shared<MailProtocol>(mail::sieve::managesieve(*mail_));
  listen(config_.imaps, "imaps", imap, tls_);
  listen(config_.imap, "imap", imap, tls_);
  listen(config_.submissions, "submissions", submission, tls_);
  listen(config_.submission, "submission", submission, tls_);
  listen(config_.lmtp, "lmtp", lmtp, tls_);
  listen(config_.managesieve, "managesieve", managesieve, tls_);
}

void Server::start_sending() {
  const mail::smtp::Settings& settings = office_->settings();
  mail::smtp::Relay relay;
  if (!settings.relay.empty()) {
    const std::size_t colon = settings.relay.rfind(':');
    relay = {settings.relay.substr(0, colon), static_cast<std::uint16_t>(std::stoul(settings.relay.substr(colon + 1))),
             settings.relay_tls, settings.relay_user, relay_password(settings)};
  }
  connector_.emplace();
  runner_.emplace(*office_, *connector_, std::move(relay), log_sending, warn);
}

HttpOptions Server::http_options() {
  HttpOptions options;
  options.limits = config_.http_limits;
  options.spool_directory = store_->spool_directory();
  options.trusted_proxies = blocks(config_.trusted_proxies);
  options.plaintext_from = blocks(config_.plaintext_from);
  options.plaintext = config_.plaintext;
  options.https_port = https_port_;
  options.acme_directory = config_.acme_directory;
  if (config_.hsts.count() > 0) options.strict_transport_security = "max-age=" + std::to_string(config_.hsts.count());
  options.compress = config_.compress;
  if (config_.log.requests) options.access = log_access;
  options.log = warn;
  if (trace_) {
    options.traced = [trace = trace_](const dav::Request& request) {
      return request.principal && trace->of(request.principal->name);
    };
    options.trace = [trace = trace_](const TraceRecord& record) { trace->write(record); };
  }
  return options;
}

std::string Server::metrics() const {
  return metrics_text({http_->metrics(), loop_.metrics(), store_->figures(), accounts_.figures(), process_figures()});
}

void Server::run() {
  TimeIndex index(*store_, service_.zones());
  index.begin();
  begin_text_index(*store_);
  const Jobs jobs(*store_, started_.tidy_every, [&](const std::function<bool()>& go_on) {
    constexpr std::int64_t day = 24 * 60 * 60;
    const std::int64_t today = store_->read([](storage::Transaction& transaction) { return transaction.now(); }) / day;
    dav::calendar::make_scales_ready(today - 2 * 366, today + 5 * 366);
    index.refresh(go_on);
    refresh_text_index(*store_, service_.zones(), go_on);
    index.remember_zones();
  });
  subscriptions_.emplace(*store_, dav_settings(config_), subscription_policy(config_));
  birthdays_.emplace(*store_, dav_settings(config_), config_.birthdays);
  start_sending();
  loop_.start();
  log_info("started", {{"version", version()}, {"data", config_.store.directory}, {"trace", config_.trace}});
  notify("READY=1\nSTATUS=serving");
  wait_for_signals();
  notify("STOPPING=1\nSTATUS=finishing requests");
  admin_handler_.shutting_down();
  log_info("stopping", {});
  subscriptions_.reset();
  birthdays_.reset();
  const std::size_t cut_off = loop_.drain(config_.drain);
  runner_.reset();
  log_info("stopped", {{"cut_off", cut_off}});
}

void Server::wait_for_signals() {
  const sigset_t set = handled_signals();
  const auto watchdog = watchdog_interval();
  auto tick = std::chrono::duration_cast<std::chrono::nanoseconds>(certificate_check);
  if (watchdog) tick = std::min<std::chrono::nanoseconds>(tick, *watchdog / 2);
  const timespec wait{static_cast<time_t>(tick.count() / 1'000'000'000),
                      static_cast<long>(tick.count() % 1'000'000'000)};
  while (true) {
    const int signal = ::sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) reload();
    if (watchdog) notify_alive();
    if (signal < 0) renew_certificates();
  }
}

void Server::renew_certificates() {
  if (!tls_ || !tls_->changed_on_disk()) return;
  try {
    tls_->reload();
    log_info("certificates-renewed", {});
  } catch (const TlsError& error) {
    log_error("certificates-refused", {{"reason", error.what()}});
  }
}

void Server::reload() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
  try {
    apply(checked(load_config(config_file_), trace_option_));
    log_info("reloaded", {{"config", config_file_}});
  } catch (const std::exception& error) {
    log_error("reload-refused", {{"reason", error.what()}});
  }
  notify("READY=1");
}

// Whatever can fail comes first, so that a bad configuration changes nothing.
void Server::apply(Config config) {
  if (tls_) tls_->reload(tls_options(config));
  if (config.trace != config_.trace) {
    trace_ = config.trace.empty() ? nullptr : std::make_shared<Trace>(started_.store.directory, config.trace);
  }
  const std::vector<Setting> before = settings(started_);
  const std::vector<Setting> after = settings(config);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].reloads || before[i].value == after[i].value) continue;
    log_warning("restart-needed", {{"key", before[i].key}});
  }
  config.store = started_.store;
  config.proxy_protocol_from = started_.proxy_protocol_from;
  config_ = std::move(config);
  log().set_options(config_.log);
  accounts_.set_policy(config_.passwords);
  handler_.set_policy(config_.passwords);
  service_.set_settings(dav_settings(config_));
  web_handler_.set_config(config_);
  if (subscriptions_) subscriptions_->set(dav_settings(config_), subscription_policy(config_));
  if (birthdays_) birthdays_->set(dav_settings(config_), config_.birthdays);
  loop_.set_limits(loop_limits(config_));
  http_->set_options(http_options());
}

}  // namespace server
