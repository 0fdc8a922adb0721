#include "server/commands/domains.h"

#include <set>

#include "server/commands/context.h"
#include "server/exit.h"
#include "storage/names.h"
#include "web/site.h"

namespace server {

std::vector<std::string> domains_asked(const Arguments& arguments, const Config& config) {
  std::vector<std::string> domains;
  for (const std::string& text : arguments.values("--domain")) {
    domains.push_back(storage::lower_case(text));
    if (!web::is_domain(domains.back())) throw UsageError(text + " is no domain");
  }
  if (domains.empty()) {
    for (const std::string& domain : config.domains) domains.push_back(storage::lower_case(domain));
  }
  if (!domains.empty()) return domains;
  OpenStore open(arguments);
  std::set<std::string> found;
  for (const storage::Account& account :
       open.store->read([](storage::Transaction& transaction) { return transaction.accounts(); })) {
    for (const std::string& address : account.addresses) {
      if (auto domain = web::domain_of(address)) found.insert(std::move(*domain));
    }
  }
  if (found.empty())
    throw CommandFailed(exit_no_input, "no account has an e-mail address; name the domain by --domain");
  return {found.begin(), found.end()};
}

}  // namespace server
