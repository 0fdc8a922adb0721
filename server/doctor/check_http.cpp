#include <ctime>

#include "server/doctor/checks.h"
#include "server/doctor/connection.h"

namespace server {

namespace {

HttpAnswer ask(Examined& examined, std::string_view method, const std::string& target) {
  const web::Site& site = examined.site;
  auto connection = Connection::open(examined.resolver.addresses(site.host), site.https_port);
  if (!connection || !connection->start_tls(site.host, examined.ca)) return {};
  return http_ask(std::move(*connection), method, site.authority(), target);
}

// RFC 6764 5
void check_well_known(Examined& examined, const std::string& name) {
  const std::string path = "/.well-known/" + name;
  const HttpAnswer answer = ask(examined, "GET", path);
  const bool redirects = answer.status == 301 || answer.status == 302 || answer.status == 307 || answer.status == 308;
  const std::string place = answer.field("Location");
  if (!redirects) {
    return examined.findings.wrong("http",
                                   path + " is answered with " + std::to_string(answer.status) + ", no redirect.",
                                   "A proxy in front must hand on everything below /.well-known/.");
  }
  const std::string own = "https://" + examined.site.authority() + "/";
  if (place.starts_with(own) || (place.starts_with('/') && !place.starts_with("//")))
    return examined.findings.good("http", path + " leads to " + place + ".");
  examined.findings.wrong("http", path + " leads to " + place + ", not to " + own + "…",
                          "Let the proxy hand on Host and the scheme, and name it in proxy.trusted.");
}

void check_abilities(Examined& examined) {
  const HttpAnswer answer = ask(examined, "OPTIONS", "*");
  const std::string can = answer.field("DAV");
  for (const char* token : {"calendar-access", "addressbook"}) {
    if (can.find(token) != std::string::npos) continue;
    return examined.findings.note(
        "http", std::string("OPTIONS doesn't say ") + token + " (status " + std::to_string(answer.status) + ").",
        "Where a proxy answers OPTIONS itself, let it hand it on: DAVx5 and Apple's Calendar go by it.");
  }
  examined.findings.good("http", "OPTIONS says what clients look for.");
}

// Clients give their password only when asked.
void check_login(Examined& examined) {
  const HttpAnswer answer = ask(examined, "PROPFIND", "/dav/");
  if (answer.status == 401 && answer.field("WWW-Authenticate").starts_with("Basic"))
    return examined.findings.good("http", "/dav/ asks for a login.");
  examined.findings.wrong("http",
                          "PROPFIND of /dav/ is answered with " + std::to_string(answer.status) + ", not with a login.",
                          "A proxy in front must hand on the methods of WebDAV, and WWW-Authenticate.");
}

void check_date(Examined& examined) {
  const std::string date = ask(examined, "GET", "/").field("Date");
  std::tm parts{};
  // RFC 9110 5.6.7. This program runs in the locale "C".
  if (::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return;
  const double apart = std::difftime(std::time(nullptr), ::timegm(&parts));
  if (apart > 60 || apart < -60) {
    examined.findings.wrong(
        "clock", "The server's clock is " + std::to_string(static_cast<long>(apart)) + " seconds behind the one here.",
        "Set the clocks, and let them be synchronized.");
  }
}

}  // namespace

void check_http(Examined& examined) {
  if (ask(examined, "GET", "/").status == 0) {
    return examined.findings.wrong("http", "There is no answer on https://" + examined.site.authority() + "/.",
                                   "First mend what is said above of the port and of TLS.");
  }
  check_well_known(examined, "caldav");
  check_well_known(examined, "carddav");
  check_abilities(examined);
  check_login(examined);
  check_date(examined);
}

}  // namespace server
