#include "web/user_agent_configuration.h"

#include <utility>

#include "storage/sha256.h"
#include "web/text.h"

namespace web {

namespace {

/// draft-ietf-mailmaint-pacc-02 4.4.1
constexpr std::size_t longest_name = 60;

}  // namespace

std::string user_agent_configuration(const Site& site) {
  std::string protocols;
  const auto add = [&](std::string_view name, std::string_view member, const std::string& value) {
    protocols.append(protocols.empty() ? "" : ",").append("\n    ").append(json_string(name)).append(": {");
    protocols.append(json_string(member)).append(": ").append(json_string(value)).append("}");
  };
  if (site.mail.imaps == 993) add("imap", "host", site.host);
  if (site.mail.submissions == 465) add("smtp", "host", site.host);
  if (site.mail.managesieve == 4190) add("managesieve", "host", site.host);
  if (site.https_port == 443) {
    for (const std::string_view name : {"caldav", "carddav", "webdav"}) add(name, "url", site.dav_url());
  }
  const std::string name = site.host.size() > longest_name ? "Mail" : site.host;
  std::string out = "{\n  \"protocols\": {" + protocols + "\n  },\n";
  out += "  \"authentication\": {\"password\": true},\n";
  out.append("  \"info\": {\n    \"provider\": {\"name\": ").append(json_string(name)).append("}");
  if (site.https_port == 443) {
    out.append(",\n    \"help\": {\"documentation\": ").append(json_string(site.page_url())).append("}");
  }
  return out.append("\n  }\n}\n");
}

std::string user_agent_configuration_record(const Site& site) {
  storage::Sha256 digest;
  digest.add(user_agent_configuration(site));
  return "v=UAAC1; a=sha256; d=" + base64(digest.finish());
}

}  // namespace web
