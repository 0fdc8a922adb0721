#pragma once

#include <string>
#include <vector>

#include "mail/smtp/command.h"
#include "mail/smtp/settings.h"
#include "storage/store.h"

namespace mail::smtp {

/// Whom an address means.
struct Destination {
  enum class Where {
    here,      ///< `accounts`
    disabled,  ///< an account that takes nothing
    nobody,    ///< of a domain that is here, or of none
    away,      ///< somebody elsewhere
  };
  Where where = Where::nobody;
  std::vector<storage::Account> accounts;  ///< one, or the members of a group, each once
  std::string detail;                      ///< what follows the '+'. RFC 5233
};

/// The account of an address: the address itself, the same without a detail, an account's name where the domain is
/// absent; the members of a group, and of groups in it, at most 10 000.
Destination find_destination(storage::Transaction& transaction, const Address& address, const Settings& settings);

/// Whether mail may be sent in the name of an address by an account: one of its own, with or without a detail, or of a
/// group that it is in.
bool may_send_as(storage::Transaction& transaction, const storage::Account& account, const Address& address);

}  // namespace mail::smtp
