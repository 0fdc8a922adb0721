#include <array>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/domains.h"
#include "server/commands/output.h"
#include "server/doctor/records.h"
#include "server/exit.h"
#include "server/web_site.h"

namespace server {

namespace {

/// MTA-STS needs a policy that is served over HTTPS by whoever receives the mail (RFC 8461 3.3), so it is only advice.
std::string advice(const web::Site& site, const std::string& domain) {
  std::string out = "; " + site.host + " itself needs A and AAAA records with this machine's addresses.\n";
  if (!site.mail.any()) return out;
  return out + "; If what receives the mail has a certificate for " + site.host +
         ", tell other servers to insist on it (MTA-STS):\n" + "; https://mta-sts." + domain +
         "/.well-known/mta-sts.txt with the lines \"version: STSv1\", \"mode: testing\",\n" + "; \"mx: " + site.host +
         "\" and \"max_age: 86400\", and with it\n" + "; _mta-sts." + domain + ". IN TXT \"v=STSv1; id=1\"\n" +
         "; Mail that is signed by DKIM needs the record that the signing program made with its key.\n";
}

int dns(const Arguments& arguments) {
  const Config config = configuration(arguments);
  const web::Site site = web_site(config);
  std::string zone;
  Table table({"name", "ttl", "type", "value", "need", "why"});
  for (const std::string& domain : domains_asked(arguments, config)) {
    zone += (zone.empty() ? "; " : "\n; ") + domain + ", served by " + site.host + "\n" + advice(site, domain);
    for (const DnsRecord& record : dns_records(site, domain)) {
      zone += "\n; " + need_text(record.need) + ": " + record.why + "\n" + zone_line(record) + "\n";
      table.add({record.name, std::int64_t{dns_ttl}, record.type, record.value, need_text(record.need), record.why});
    }
  }
  print(arguments.has("--json") ? table.json() : zone);
  return exit_ok;
}

constexpr std::array options{
    OptionRow{"--domain", "DOMAIN",
              "a mail domain; may be repeated (default: server.domains, or those of all accounts)"},
    OptionRow{"--json", "", "for programs"},
};

constexpr std::array commands{
    Command{"dns", "", "Prints the DNS records that clients and other mail servers need.", options, dns},
};

}  // namespace

std::span<const Command> dns_commands() { return commands; }

}  // namespace server
