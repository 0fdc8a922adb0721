#include "server/doctor/checks.h"
#include "server/doctor/connection.h"

namespace server {

namespace {

struct Port {
  std::optional<std::uint16_t> number;
  std::string_view name;
  bool implicit_tls;
  std::string_view greeting;  ///< what the server begins with; empty where the client does
};

void judge(Examined& examined, const std::string& where, const std::optional<TlsFacts>& facts) {
  if (!facts) {
    return examined.findings.wrong("tls", "No TLS is spoken on " + where + ".",
                                   "Look at tls.certificates, and at what stands between (a proxy, a firewall).");
  }
  if (!facts->fault.empty()) {
    return examined.findings.wrong(
        "tls", "Nobody trusts the certificate on " + where + ": " + facts->fault + ".",
        "It must name the host, be valid now, and come with its intermediates in tls.certificates' chain.");
  }
  const auto days = std::chrono::duration_cast<std::chrono::hours>(facts->left).count() / 24;
  const std::string text = std::to_string(days) + (days == 1 ? " day" : " days");
  if (days < 10) {
    return examined.findings.note("tls", "The certificate on " + where + " expires in " + text + ".",
                                  "See why it isn't renewed; files that change are read again by themselves.");
  }
  examined.findings.good("tls", "The certificate on " + where + " is trusted, for " + text + ".");
}

void check_port(Examined& examined, const std::vector<std::string>& addresses, const Port& port) {
  if (!port.number) return;
  const std::string where =
      examined.site.host + ":" + std::to_string(*port.number) + " (" + std::string(port.name) + ")";
  auto connection = Connection::open(addresses, *port.number);
  if (!connection) {
    return examined.findings.wrong(
        "ports", where + " takes no connection.",
        "See that the server runs, and that the firewall and the router let the port through.");
  }
  if (port.implicit_tls) judge(examined, where, connection->start_tls(examined.site.host, examined.ca));
  if (port.greeting.empty()) return;
  const std::string line = connection->receive(false);
  if (line.starts_with(port.greeting)) {
    examined.findings.good("ports", where + " greets as it should.");
  } else {
    examined.findings.wrong("ports", where + " is open, but does not speak what it should.",
                            "See what listens on that port.");
  }
}

}  // namespace

void check_host(Examined& examined) {
  const web::Site& site = examined.site;
  const auto addresses = examined.resolver.addresses(site.host);
  if (addresses.empty()) {
    return examined.findings.wrong("dns", site.host + " has no address.",
                                   "Set its A and AAAA records to this machine's addresses.");
  }
  std::string list;
  for (const std::string& address : addresses) list += (list.empty() ? "" : ", ") + address;
  examined.findings.good("dns", site.host + " is " + list + ".");
  for (const Port& port : {Port{site.https_port, "HTTPS", true, ""}, Port{site.mail.imaps, "IMAP", true, "* OK"},
                           Port{site.mail.imap, "IMAP with STARTTLS", false, "* OK"},
                           Port{site.mail.submissions, "submission", true, "220"},
                           Port{site.mail.submission, "submission with STARTTLS", false, "220"},
                           Port{site.mail.managesieve, "ManageSieve", false, "\""}}) {
    check_port(examined, addresses, port);
  }
}

}  // namespace server
