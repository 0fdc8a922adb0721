#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "web/site.h"

namespace server {

/// A record to be set in the DNS.
struct DnsRecord {
  enum class Need {
    must,    ///< something doesn't work without it
    should,  ///< people have to type more without it
    may,     ///< advice for the domain's mail, to be adapted
  };

  std::string name;   ///< absolute, without the last dot
  std::string type;   ///< "SRV"
  std::string value;  ///< as in a zone file; names absolute, with the last dot; a TXT without its quotes
  Need need = Need::should;
  std::string why;
};

/// What a domain's people need to reach that site: MX, SRV (RFC 6186, 6764, 8314), names for autoconfiguration, and
/// what other servers want to know of its mail (RFC 7208, 7489).
std::vector<DnsRecord> dns_records(const web::Site& site, const std::string& domain);

/// A line of a zone file. RFC 1035 5.1
std::string zone_line(const DnsRecord& record);

std::string need_text(DnsRecord::Need need);

/// Seconds that others may remember a record, as printed: short enough to be mended in an hour.
inline constexpr int dns_ttl = 3600;

}  // namespace server
