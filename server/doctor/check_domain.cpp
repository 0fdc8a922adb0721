#include <algorithm>

#include "server/doctor/checks.h"
#include "server/doctor/connection.h"
#include "server/doctor/records.h"
#include "storage/names.h"

namespace server {

namespace {

/// A value as the resolver gives it: without the last dot, but for the root.
std::string plain(const DnsRecord& record) {
  std::string value = record.type == "TXT" ? record.value : storage::lower_case(record.value);
  if (record.type != "TXT" && value.size() > 2 && value.ends_with('.') && !value.ends_with(" .")) value.pop_back();
  return value;
}

/// What counts of it: an MX's host and an SRV's port and host, whatever their order of preference; of a policy, that
/// there is one.
std::string essence(const std::string& type, const std::string& value) {
  const auto after = [&](int spaces) {
    std::size_t at = 0;
    for (int i = 0; i < spaces && at != std::string::npos; ++i) at = value.find(' ', at + (i > 0 ? 1 : 0));
    return at == std::string::npos ? value : value.substr(at + 1);
  };
  if (type == "MX") return after(1);
  if (type == "SRV") return value.ends_with(" .") ? "." : after(2);
  if (type == "TXT" && (value.starts_with("v=spf1") || value.starts_with("v=DMARC1"))) return value.substr(0, 6);
  return value;
}

std::string joined(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all += (all.empty() ? "" : "; ") + value;
  return all;
}

/// An alias need not be one: it is the addresses that count.
bool same_place(Examined& examined, const DnsRecord& record) {
  const auto there = examined.resolver.addresses(record.name);
  const auto here = examined.resolver.addresses(examined.site.host);
  return std::ranges::any_of(there, [&](const std::string& one) { return std::ranges::find(here, one) != here.end(); });
}

void judge_absent(Examined& examined, const DnsRecord& record, const DnsAnswer& answer) {
  const std::string name = record.type + " of " + record.name;
  const std::string line = zone_line(record);
  const bool other = !answer.values.empty() && record.type != "TXT";
  // Others may receive the domain's mail, and hand it on.
  if (other && record.type == "MX")
    return examined.findings.note("dns", "Mail for " + record.name + " goes to " + joined(answer.values) + ".",
                                  "That host must deliver it here by LMTP; otherwise set: " + line);
  if (other)
    return examined.findings.wrong("dns", name + " is " + joined(answer.values) + ", which is not this server.",
                                   "Set: " + line);
  if (record.value.ends_with(" .")) return;  // That a service isn't there needs no saying.
  const std::string what = "There is no " + name + ": " + record.why + ".";
  if (record.need == DnsRecord::Need::must) return examined.findings.wrong("dns", what, "Set: " + line);
  examined.findings.note("dns", what, "Set: " + line);
}

/// False where no resolver answers, which it won't about the others either.
bool check_record(Examined& examined, const DnsRecord& record) {
  if (record.type == "CNAME" && same_place(examined, record)) {
    examined.findings.good("dns", record.name + " is this server.");
    return true;
  }
  const DnsAnswer answer = examined.resolver.ask(record.name, record.type);
  if (answer.outcome == DnsAnswer::Outcome::trouble) {
    examined.findings.wrong("dns", "The resolver gives no answer about " + record.type + " of " + record.name + ".",
                            "See that it can be reached, and that the domain's name servers answer it.");
    return false;
  }
  const std::string wanted = essence(record.type, plain(record));
  const bool there = std::ranges::any_of(
      answer.values, [&](const std::string& value) { return essence(record.type, value) == wanted; });
  if (there) {
    examined.findings.good("dns", record.type + " of " + record.name + " is as it should be.");
  } else {
    judge_absent(examined, record, answer);
  }
  return true;
}

void check_autoconfig(Examined& examined, const std::string& domain) {
  const std::string host = "autoconfig." + domain;
  const auto addresses = examined.resolver.addresses(host);
  if (addresses.empty()) return;  // Said of its record already.
  const std::uint16_t port = examined.site.https_port;
  auto connection = Connection::open(addresses, port);
  const auto tls = connection ? connection->start_tls(host, examined.ca) : std::nullopt;
  if (!tls)
    return examined.findings.wrong("http", "https://" + host + "/ is not answered.",
                                   "Let the name lead to this server: Thunderbird asks there.");
  if (!tls->fault.empty())
    examined.findings.note("tls", "The certificate isn't one for " + host + ": " + tls->fault + ".",
                           "Have the certificate name it too, so that programs trust what they are told there.");
  const std::string authority = port == 443 ? host : host + ':' + std::to_string(port);
  const HttpAnswer answer =
      http_ask(std::move(*connection), "GET", authority, "/mail/config-v1.1.xml?emailaddress=postmaster%40" + domain);
  if (answer.status == 200 && answer.body.find("<clientConfig") != std::string::npos)
    return examined.findings.good("http", "Autoconfiguration for " + domain + " is answered on " + host + ".");
  examined.findings.wrong("http",
                          "Autoconfiguration on " + host + " is answered with " + std::to_string(answer.status) + ".",
                          "Name " + domain + " in server.domains, and let the proxy hand on this name.");
}

}  // namespace

void check_domain(Examined& examined, const std::string& domain) {
  for (const DnsRecord& record : dns_records(examined.site, domain)) {
    if (!check_record(examined, record)) return;
  }
  check_autoconfig(examined, domain);
}

}  // namespace server
