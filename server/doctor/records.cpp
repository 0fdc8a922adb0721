#include "server/doctor/records.h"

#include "web/user_agent_configuration.h"

namespace server {

namespace {

using Need = DnsRecord::Need;

class Records {
 public:
  Records(const web::Site& site, const std::string& domain) : site_(site), domain_(domain) {}

  void add(const std::string& label, std::string type, std::string value, Need need, std::string why) {
    all_.push_back(
        {label.empty() ? domain_ : label + '.' + domain_, std::move(type), std::move(value), need, std::move(why)});
  }

  void srv(const std::string& label, std::uint16_t port, std::string why) {
    add(label, "SRV", "0 1 " + std::to_string(port) + ' ' + site_.host + '.', Need::should, std::move(why));
  }

  // RFC 6186 3.4: the target "." says that the service isn't there, so that nobody tries.
  void no_srv(const std::string& label, std::string why) { add(label, "SRV", "0 0 0 .", Need::may, std::move(why)); }

  void alias(const std::string& label, Need need, std::string why) {
    if (label + '.' + domain_ != site_.host) add(label, "CNAME", site_.host + '.', need, std::move(why));
  }

  std::vector<DnsRecord> take() { return std::move(all_); }

 private:
  const web::Site& site_;
  const std::string& domain_;
  std::vector<DnsRecord> all_;
};

void add_mail(Records& out, const web::Site& site, const std::string& domain) {
  out.add("", "MX", "10 " + site.host + '.', Need::must, "where mail for the domain is delivered");
  if (site.mail.imaps) out.srv("_imaps._tcp", *site.mail.imaps, "reading mail, with TLS");
  if (site.mail.imap) {
    out.srv("_imap._tcp", *site.mail.imap, "reading mail, with STARTTLS");
  } else {
    out.no_srv("_imap._tcp", "there is no IMAP without TLS");
  }
  out.no_srv("_pop3s._tcp", "there is no POP3");
  out.no_srv("_pop3._tcp", "there is no POP3");
  // RFC 8314 5.1
  if (site.mail.submissions) out.srv("_submissions._tcp", *site.mail.submissions, "sending mail, with TLS");
  if (site.mail.submission) out.srv("_submission._tcp", *site.mail.submission, "sending mail, with STARTTLS");
  // RFC 5804 1.8
  if (site.mail.managesieve) out.srv("_sieve._tcp", *site.mail.managesieve, "editing mail filters");
  // RFC 7208 3, RFC 7489 6.1
  out.add("", "TXT", "v=spf1 mx ~all", Need::may, "who may send mail of the domain: here, the hosts of its MX");
  out.add("_dmarc", "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + domain, Need::may,
          "what others do with mail that only pretends to be of the domain, and where they report it");
}

}  // namespace

std::vector<DnsRecord> dns_records(const web::Site& site, const std::string& domain) {
  Records out(site, domain);
  if (site.mail.any()) add_mail(out, site, domain);
  // RFC 6764 3, 4
  out.srv("_caldavs._tcp", site.https_port, "calendars");
  out.add("_caldavs._tcp", "TXT", "path=/dav/", Need::should, "where calendars are on the host");
  out.srv("_carddavs._tcp", site.https_port, "contacts");
  out.add("_carddavs._tcp", "TXT", "path=/dav/", Need::should, "where contacts are on the host");
  out.alias("autoconfig", Need::should, "Thunderbird, K-9, Evolution find their settings");
  if (site.mail.any()) {
    out.alias("autodiscover", Need::should, "Outlook finds its settings");
    out.add("_autodiscover._tcp", "SRV", "0 1 " + std::to_string(site.https_port) + ' ' + site.host + '.', Need::may,
            "the same, where the certificate doesn't name autodiscover." + domain);
  }
  if (site.https_port == 443) {
    out.alias("ua-auto-config", Need::may, "programs that follow draft-ietf-mailmaint-pacc find their settings");
    out.add("_ua-auto-config", "TXT", web::user_agent_configuration_record(site), Need::may,
            "the digest of these settings; it changes with the host and ports");
  }
  return out.take();
}

std::string zone_line(const DnsRecord& record) {
  std::string value = record.value;
  if (record.type == "TXT") {
    // RFC 1035 3.3.14: strings of at most 255 octets, which stand for their sum.
    value.clear();
    for (std::size_t at = 0; at < record.value.size(); at += 255) {
      value.append(value.empty() ? "\"" : " \"").append(record.value, at, 255).append("\"");
    }
  }
  return record.name + ". " + std::to_string(dns_ttl) + " IN " + record.type + ' ' + value;
}

std::string need_text(DnsRecord::Need need) {
  return need == Need::must ? "must" : need == Need::should ? "should" : "may";
}

}  // namespace server
