#pragma once

#include <string>

#include "dav/dispatch.h"
#include "server/http.h"
#include "server/link_gate.h"
#include "storage/accounts.h"

namespace server {

/// The tree behind the HTTP front: authenticates each request, then hands it to dav::Service. Writes the security
/// events of server/log.h.
class DavHandler : public Handler {
 public:
  DavHandler(storage::Accounts& accounts, const dav::Service& service, const storage::PasswordPolicy& policy)
      : accounts_(accounts), service_(service), links_(policy) {}

  void set_policy(const storage::PasswordPolicy& policy) { links_.set_policy(policy); }

  /// 401 without good credentials (for every method, OPTIONS and PROPFIND too), 429 with Retry-After after too many bad
  /// ones, 403 for an app password that isn't for this, 503 where the store doesn't answer.
  Admission admit(const dav::Request& head, const Peer& peer, Effort effort) override;

  dav::Response handle(dav::Request&& request) override;

  /// The precondition that the tree names for too large a body, where it has one.
  dav::Response too_large(const dav::Request& head) override;

 private:
  Admission admit_nobody(const dav::Request& head);
  Admission admit_link(const dav::Request& head);
  Admission admit_principal(const dav::Request& head, storage::Principal principal);

  storage::Accounts& accounts_;
  const dav::Service& service_;
  LinkGate links_;
};

}  // namespace server
