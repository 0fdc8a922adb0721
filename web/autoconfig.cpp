#include "web/autoconfig.h"

#include "web/text.h"

namespace web {

namespace {

void append_server(std::string& out, std::string_view element, std::string_view type, const Site& site,
                   std::optional<std::uint16_t> port, std::string_view socket) {
  if (!port) return;
  out.append("    <").append(element).append(" type=\"").append(type).append("\">\n      <hostname>");
  out.append(escaped(site.host)).append("</hostname>\n      <port>").append(std::to_string(*port));
  out.append("</port>\n      <socketType>").append(socket).append("</socketType>\n");
  out += "      <username>%EMAILADDRESS%</username>\n      <authentication>password-cleartext</authentication>\n";
  out.append("    </").append(element).append(">\n");
}

void append_dav(std::string& out, std::string_view element, std::string_view type, const Site& site) {
  out.append("  <").append(element).append(" type=\"").append(type).append("\">\n");
  out += "    <username>%EMAILADDRESS%</username>\n    <authentication>http-basic</authentication>\n    <serverURL>";
  out.append(escaped(site.dav_url())).append("</serverURL>\n  </").append(element).append(">\n");
}

}  // namespace

std::string autoconfig(const Site& site, std::string_view domain) {
  const std::string name = escaped(domain);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n";
  out.append("  <emailProvider id=\"").append(name).append("\">\n    <domain>").append(name).append("</domain>\n");
  out.append("    <displayName>").append(name).append("</displayName>\n");
  out.append("    <displayShortName>").append(name).append("</displayShortName>\n");
  append_server(out, "incomingServer", "imap", site, site.mail.imaps, "SSL");
  append_server(out, "incomingServer", "imap", site, site.mail.imap, "STARTTLS");
  append_server(out, "outgoingServer", "smtp", site, site.mail.submissions, "SSL");
  append_server(out, "outgoingServer", "smtp", site, site.mail.submission, "STARTTLS");
  out.append("    <documentation url=\"").append(escaped(site.page_url()));
  out += "\">\n      <descr lang=\"en\">How to connect programs and devices</descr>\n    </documentation>\n";
  out += "  </emailProvider>\n";
  append_dav(out, "addressBook", "carddav", site);
  append_dav(out, "calendar", "caldav", site);
  return out + "</clientConfig>\n";
}

}  // namespace web
