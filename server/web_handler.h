#pragma once

#include <memory>
#include <mutex>

#include "server/config.h"
#include "server/http.h"
#include "server/setup_pages.h"
#include "web/site.h"

namespace server {

/// The files and pages of web/, which ask for no login of HTTP's; all else is another handler's.
class WebHandler : public Handler {
 public:
  WebHandler(Handler& rest, storage::Store& store, storage::Accounts& accounts, const Config& config)
      : rest_(rest), setup_(store, accounts) {
    set_config(config);
  }

  /// Counts for requests that begin from now on.
  void set_config(const Config& config);

  Admission admit(const dav::Request& head, const Peer& peer, Effort effort) override;
  dav::Response handle(dav::Request&& request) override;
  dav::Response too_large(const dav::Request& head) override;

 private:
  struct Facts {
    web::Site site;
    bool named = false;  ///< server.host_name is set
    std::vector<CertificateFiles> certificates;
  };
  std::shared_ptr<const Facts> facts() const;
  web::Site site_of(const Facts& facts, const dav::Request& request) const;

  Handler& rest_;
  SetupPages setup_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Facts> facts_;  ///< shared: a request keeps those it began with
};

}  // namespace server
