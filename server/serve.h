#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dav/dispatch.h"
#include "mail/services.h"
#include "mail/smtp/runner.h"
#include "mail/smtp/smtp.h"
#include "server/admin.h"
#include "server/birthdays.h"
#include "server/config.h"
#include "server/handler.h"
#include "server/http.h"
#include "server/jobs.h"
#include "server/loop.h"
#include "server/smtp_connector.h"
#include "server/subscriptions/subscriptions.h"
#include "server/tls.h"
#include "server/trace.h"
#include "server/web_handler.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace server {

/// The server: store, accounts, tree, HTTP front and listeners of one configuration.
class Server {
 public:
  /// Opens the store and listens, without accepting yet. `config_file` is read again on SIGHUP; `trace` stands for the
  /// key server.trace where given. Throws ConfigError, TlsError, storage::Failure, std::runtime_error (an address in
  /// use).
  Server(Config config, std::string config_file, std::optional<std::string> trace);
  ~Server();

  /// Serves until SIGTERM or SIGINT. SIGHUP reads the configuration again; certificates are read again when their files
  /// change.
  void run();

  /// Makes the process fit for serving: signals, descriptors, memory. Called before any thread is started.
  static void prepare_process();

 private:
  HttpOptions http_options();
  void listen(const std::vector<std::string>& endpoints, std::string_view name,
              const std::shared_ptr<Protocol>& protocol, const std::shared_ptr<Tls>& tls);
  void listen_for_mail();
  void start_sending();
  void wait_for_signals();
  void reload();
  void apply(Config config);
  void renew_certificates();
  std::string metrics() const;

  const Config started_;  ///< what counts until the next start
  Config config_;         ///< what counts now
  std::string config_file_;
  std::optional<std::string> trace_option_;
  std::unique_ptr<storage::File> lock_;
  std::unique_ptr<storage::Store> store_;
  storage::Accounts accounts_;
  dav::Service service_;
  DavHandler handler_;
  WebHandler web_handler_;
  AdminHandler admin_handler_;
  std::shared_ptr<Tls> tls_;      ///< shared with the listeners
  std::shared_ptr<Trace> trace_;  ///< shared with requests that began before a reload
  std::shared_ptr<Http> http_;    ///< shared with the listeners
  std::shared_ptr<Http> admin_;
  std::optional<mail::Services> mail_;        ///< used by sessions of the loop
  std::optional<mail::smtp::Office> office_;  ///< used by sessions of the loop, and by the runner
  Loop loop_;
  std::optional<SmtpConnector> connector_;  ///< while it runs
  std::optional<mail::smtp::Runner> runner_;
  std::optional<Subscriptions> subscriptions_;  ///< while it runs
  std::optional<Birthdays> birthdays_;          ///< the same
  std::uint16_t https_port_ = 443;
};

}  // namespace server
