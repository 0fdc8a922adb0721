#include "web/autodiscover.h"

#include "storage/names.h"
#include "web/text.h"

namespace web {

namespace {

constexpr std::string_view outlook_schema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
constexpr std::string_view response_schema = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

std::string document(std::string_view response) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"";
  return out.append(response_schema).append("\">\n").append(response).append("</Autodiscover>\n");
}

std::string error(int code, std::string_view message, std::string_view time) {
  std::string out = "  <Response>\n    <Error Time=\"";
  out.append(escaped(time)).append("\" Id=\"0\">\n      <ErrorCode>").append(std::to_string(code));
  out.append("</ErrorCode>\n      <Message>").append(message);
  return document(out.append("</Message>\n      <DebugData/>\n    </Error>\n  </Response>\n"));
}

void append_mail(std::string& out, std::string_view type, const Site& site, std::optional<std::uint16_t> port,
                 std::string_view encryption, std::string_view login) {
  if (!port) return;
  out.append("      <Protocol>\n        <Type>").append(type).append("</Type>\n        <Server>");
  out.append(escaped(site.host)).append("</Server>\n        <Port>").append(std::to_string(*port)).append("</Port>\n");
  out.append("        <DomainRequired>off</DomainRequired>\n        <LoginName>").append(login);
  out += "</LoginName>\n        <SPA>off</SPA>\n";
  // Encryption counts for more than SSL, which older programs know.
  out += "        <SSL>on</SSL>\n        <Encryption>";
  out.append(encryption).append("</Encryption>\n        <AuthRequired>on</AuthRequired>\n");
  if (type == "SMTP") out += "        <UsePOPAuth>off</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n";
  out += "      </Protocol>\n";
}

void append_dav(std::string& out, std::string_view type, const Site& site, std::string_view login) {
  out.append("      <Protocol>\n        <Type>").append(type).append("</Type>\n        <Server>");
  out.append(escaped(site.dav_url())).append("</Server>\n        <DomainRequired>off</DomainRequired>\n");
  out.append("        <LoginName>").append(login).append("</LoginName>\n      </Protocol>\n");
}

/// Of the two ways to one service, the one with TLS from the first octet (RFC 8314 3.3): Outlook takes the first
/// protocol of each type.
void append_best(std::string& out, std::string_view type, const Site& site, std::optional<std::uint16_t> implicit,
                 std::optional<std::uint16_t> starttls, std::string_view login) {
  if (implicit) return append_mail(out, type, site, implicit, "SSL", login);
  append_mail(out, type, site, starttls, "TLS", login);
}

}  // namespace

std::string autodiscover(const Site& site, const std::optional<AutodiscoverQuestion>& question, std::string_view time) {
  const auto domain = question ? domain_of(question->address) : std::nullopt;
  if (!domain) return error(600, "Invalid Request", time);
  const bool asks_outlook = question->schema.empty() || question->schema == outlook_schema;
  if (!asks_outlook || !site.serves(*domain)) return error(601, "Provider is not available", time);

  const std::string login = escaped(question->address);
  std::string out = "  <Response xmlns=\"";
  out.append(outlook_schema).append("\">\n    <User>\n      <DisplayName>").append(login);
  out += "</DisplayName>\n    </User>\n    <Account>\n      <AccountType>email</AccountType>\n";
  out += "      <Action>settings</Action>\n";
  append_best(out, "IMAP", site, site.mail.imaps, site.mail.imap, login);
  append_best(out, "SMTP", site, site.mail.submissions, site.mail.submission, login);
  append_dav(out, "CalDAV", site, login);
  append_dav(out, "CardDAV", site, login);
  return document(out.append("    </Account>\n  </Response>\n"));
}

AutodiscoverJson autodiscover_json(const Site& site, std::string_view protocol) {
  if (storage::lower_case(protocol) == "autodiscoverv1") {
    const std::string url = "https://" + site.authority() + std::string(autodiscover_path);
    return {200, "{\"Protocol\":\"AutodiscoverV1\",\"Url\":" + json_string(url) + "}\n"};
  }
  const bool missing = protocol.empty();
  const std::string_view code = missing ? "MandatoryParameterMissing" : "InvalidProtocol";
  std::string message = missing ? "A valid value must be provided for the query parameter 'Protocol'"
                                : "The given protocol value '" + std::string(protocol.substr(0, 64)) +
                                      "' is invalid. Supported values are 'AutodiscoverV1'";
  return {400, "{\"ErrorCode\":" + json_string(code) + ",\"ErrorMessage\":" + json_string(message) + "}\n"};
}

}  // namespace web
