#include "server/web_site.h"

#include <unistd.h>

#include <array>

#include "storage/names.h"

namespace server {

namespace {

std::optional<std::uint16_t> port_of(const std::vector<std::string>& endpoints) {
  for (const std::string& text : endpoints) {
    if (const std::uint16_t port = parse_endpoint(text).port; port != 0) return port;
  }
  return std::nullopt;
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  const std::string lower = storage::lower_case(name.data());
  return web::is_domain(lower) ? lower : "localhost";
}

}  // namespace

web::Site web_site(const Config& config) {
  web::Site site;
  site.host = config.host_name.empty() ? machine_name() : storage::lower_case(config.host_name);
  // Without a listener for HTTPS, it is a proxy's.
  site.https_port = port_of(config.https).value_or(443);
  for (const std::string& domain : config.domains) site.domains.push_back(storage::lower_case(domain));
  site.mail.imaps = port_of(config.imaps);
  site.mail.submissions = port_of(config.submissions);
  // STARTTLS needs a certificate, and passwords need STARTTLS. RFC 8314 3
  if (!config.certificates.empty()) {
    site.mail.imap = port_of(config.imap);
    site.mail.submission = port_of(config.submission);
    site.mail.managesieve = port_of(config.managesieve);
  }
  return site;
}

}  // namespace server
