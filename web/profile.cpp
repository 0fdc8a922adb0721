#include "web/profile.h"

#include "storage/sha256.h"
#include "web/text.h"

namespace web {

namespace {

/// Appends keys and values of a property list.
class Dictionary {
 public:
  void text(std::string_view key, std::string_view value) { add(key, "string", value); }
  void number(std::string_view key, int value) { add(key, "integer", std::to_string(value)); }
  void yes(std::string_view key) { out_.append("<key>").append(key).append("</key><true/>\n"); }
  void no(std::string_view key) { out_.append("<key>").append(key).append("</key><false/>\n"); }
  void list(std::string_view key, std::string_view items) {
    out_.append("<key>").append(key).append("</key><array>\n").append(items).append("</array>\n");
  }
  std::string whole() const { return "<dict>\n" + out_ + "</dict>\n"; }

 private:
  void add(std::string_view key, std::string_view type, std::string_view value) {
    out_.append("<key>").append(key).append("</key><").append(type).append(">").append(escaped(value));
    out_.append("</").append(type).append(">\n");
  }

  std::string out_;
};

std::string hex(std::string_view octets) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out.append(1, digits[octet >> 4U]).append(1, digits[octet & 15U]);
  }
  return out;
}

/// What names this account on this device, and a part of its profile.
std::string digest(const Site& site, const Profile& wanted, std::string_view part) {
  storage::Sha256 hash;
  for (const std::string_view text : {std::string_view("profile"), std::string_view(site.host),
                                      std::string_view(wanted.account), std::string_view(wanted.device), part}) {
    hash.add(std::to_string(text.size()) + ':');
    hash.add(text);
  }
  return hash.finish();
}

/// A UUID that is made of a digest.
std::string uuid(std::string octets) {
  octets.resize(16);
  octets[6] = static_cast<char>((static_cast<unsigned char>(octets[6]) & 0x0FU) | 0x80U);  // its own making
  octets[8] = static_cast<char>((static_cast<unsigned char>(octets[8]) & 0x3FU) | 0x80U);
  const std::string text = hex(octets);
  return text.substr(0, 8) + '-' + text.substr(8, 4) + '-' + text.substr(12, 4) + '-' + text.substr(16, 4) + '-' +
         text.substr(20);
}

/// "org.example.mail" of mail.example.org, then what names the device.
std::string identifier(const Site& site, const Profile& wanted, std::string_view part) {
  std::string out;
  std::string_view rest = site.host;
  while (!rest.empty()) {
    const auto dot = rest.rfind('.');
    out.append(rest.substr(dot == std::string_view::npos ? 0 : dot + 1)).append(".");
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  out.append("pileus.").append(hex(digest(site, wanted, "device").substr(0, 8)));
  return part.empty() ? out : out.append(".").append(part);
}

void describe(Dictionary& out, const Site& site, const Profile& wanted, std::string_view part, std::string_view type,
              const std::string& name) {
  out.text("PayloadType", type);
  out.number("PayloadVersion", 1);
  out.text("PayloadIdentifier", identifier(site, wanted, part));
  out.text("PayloadUUID", uuid(digest(site, wanted, part)));
  out.text("PayloadDisplayName", name);
}

std::string mail(const Site& site, const Profile& wanted) {
  const std::string& shown = wanted.address;
  Dictionary out;
  describe(out, site, wanted, "mail", "com.apple.mail.managed", "Mail: " + shown);
  out.text("EmailAccountType", "EmailTypeIMAP");
  out.text("EmailAccountDescription", shown);
  out.text("EmailAccountName", wanted.full_name);
  out.text("EmailAddress", wanted.address);
  out.text("IncomingMailServerAuthentication", "EmailAuthPassword");
  out.text("IncomingMailServerHostName", site.host);
  // With STARTTLS the same key is set; the port tells which of the two it is.
  out.number("IncomingMailServerPortNumber", site.mail.imaps.value_or(site.mail.imap.value_or(993)));
  out.yes("IncomingMailServerUseSSL");
  out.text("IncomingMailServerUsername", wanted.account);
  out.text("IncomingPassword", wanted.password);
  out.text("OutgoingMailServerAuthentication", "EmailAuthPassword");
  out.text("OutgoingMailServerHostName", site.host);
  out.number("OutgoingMailServerPortNumber", site.mail.submissions.value_or(site.mail.submission.value_or(465)));
  out.yes("OutgoingMailServerUseSSL");
  out.text("OutgoingMailServerUsername", wanted.account);
  out.yes("OutgoingPasswordSameAsIncomingPassword");
  return out.whole();
}

std::string dav(const Site& site, const Profile& wanted, std::string_view part, const std::string& prefix,
                const std::string& name) {
  Dictionary out;
  describe(out, site, wanted, part, "com.apple." + std::string(part) + ".account", name);
  out.text(prefix + "AccountDescription", wanted.address.empty() ? wanted.account : wanted.address);
  out.text(prefix + "HostName", site.host);
  out.number(prefix + "Port", site.https_port);
  out.text(prefix + "PrincipalURL", "/dav/principals/" + wanted.account + '/');
  out.yes(prefix + "UseSSL");
  out.text(prefix + "Username", wanted.account);
  out.text(prefix + "Password", wanted.password);
  return out.whole();
}

}  // namespace

bool can_bring_mail(const Site& site) {
  return (site.mail.imaps || site.mail.imap) && (site.mail.submissions || site.mail.submission);
}

std::string profile(const Site& site, const Profile& wanted) {
  const std::string& shown = wanted.address.empty() ? wanted.account : wanted.address;
  std::string payloads;
  if (wanted.mail && can_bring_mail(site) && !wanted.address.empty()) payloads += mail(site, wanted);
  if (wanted.calendars) payloads += dav(site, wanted, "caldav", "CalDAV", "Calendars: " + shown);
  if (wanted.contacts) payloads += dav(site, wanted, "carddav", "CardDAV", "Contacts: " + shown);

  Dictionary out;
  describe(out, site, wanted, "", "Configuration", shown);
  out.text("PayloadDescription", "Mail, calendars and contacts of " + shown + " on this device.");
  out.text("PayloadOrganization", site.host);
  out.no("PayloadRemovalDisallowed");
  out.list("PayloadContent", payloads);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
         "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n" +
         out.whole() + "</plist>\n";
}

}  // namespace web
