#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "dav/request.h"
#include "dav/response.h"
#include "server/tls.h"
#include "storage/accounts.h"
#include "storage/store.h"
#include "web/site.h"

namespace server {

/// The page at /setup/ and what it gives out: profiles for Apple's devices, signed with the server's certificate.
/// Writes the security events of server/log.h. Safe for use by many threads.
class SetupPages {
 public:
  SetupPages(storage::Store& store, storage::Accounts& accounts) : store_(store), accounts_(accounts) {}

  static bool is_ours(std::string_view path);

  /// Answers GET and POST: the page; a profile; 403 for a wrong password, for what came in the clear and for a form
  /// that another site's page has sent; 429 for too many failed logins; 503 where many log in at once. Nothing of it is
  /// kept by anybody on the way (Cache-Control).
  dav::Response answer(const dav::Request& request, const web::Site& site,
                       const std::vector<CertificateFiles>& certificates);

 private:
  dav::Response submit(const dav::Request& request, const web::Site& site,
                       const std::vector<CertificateFiles>& certificates);

  storage::Store& store_;
  storage::Accounts& accounts_;
  std::atomic<int> logins_{0};
};

}  // namespace server
