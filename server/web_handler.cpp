#include "server/web_handler.h"

#include <array>
#include <charconv>
#include <ctime>

#include "dav/error.h"
#include "dav/xml.h"
#include "server/web_site.h"
#include "storage/names.h"
#include "web/autoconfig.h"
#include "web/autodiscover.h"
#include "web/text.h"
#include "web/user_agent_configuration.h"

namespace server {

namespace {

/// Longer than any question that is asked here.
constexpr std::uint64_t most_body = std::uint64_t{16} << 10U;

enum class Place { none, autoconfig, autodiscover, autodiscover_json, user_agent_configuration, setup };

Place place_of(std::string_view path) {
  if (path == web::autoconfig_well_known || path == web::autoconfig_path) return Place::autoconfig;
  if (path == web::user_agent_configuration_path) return Place::user_agent_configuration;
  if (SetupPages::is_ours(path)) return Place::setup;
  // Outlook writes /autodiscover/ and /Autodiscover/, and Exchange takes both.
  if (path.size() < web::autodiscover_path.size() || path.size() > 1024) return Place::none;
  const std::string lower = storage::lower_case(path);
  if (lower == web::autodiscover_path) return Place::autodiscover;
  if (!lower.starts_with(web::autodiscover_json_path)) return Place::none;
  const auto rest = lower.substr(web::autodiscover_json_path.size());
  return rest.empty() || rest.front() == '/' ? Place::autodiscover_json : Place::none;
}

dav::Response answer(int status, std::string_view type, std::string text) {
  dav::Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(type));
  response.headers.add("Cache-Control", status == 200 ? "max-age=3600" : "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body.push_back({std::move(text), nullptr, 0, 0});
  return response;
}

dav::Response not_found() { return answer(404, "text/plain; charset=utf-8", "There is nothing here.\n"); }

// RFC 9110 15.5.6
dav::Response not_allowed(std::string_view allowed) {
  dav::Response response = answer(405, "text/plain; charset=utf-8", "This is not done here.\n");
  response.headers.add("Allow", std::string(allowed));
  return response;
}

constexpr std::array<std::string_view, 3> prefixes{"autoconfig.", "autodiscover.", "ua-auto-config."};

std::string without_prefix(const std::string& host) {
  for (const std::string_view prefix : prefixes) {
    if (host.starts_with(prefix)) return host.substr(prefix.size());
  }
  return host;
}

struct HostAndPort {
  std::string host;  ///< in lower case; an IPv6 address in its brackets
  std::optional<std::uint16_t> port;
};

HostAndPort split(std::string_view authority) {
  HostAndPort out{storage::lower_case(authority), std::nullopt};
  const auto colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.ends_with(']')) return out;
  std::uint16_t port = 0;
  const auto text = authority.substr(colon + 1);
  if (std::from_chars(text.data(), text.data() + text.size(), port).ec == std::errc() && port != 0) out.port = port;
  out.host.resize(colon);
  return out;
}

dav::Response autoconfig(const web::Site& site, const dav::Request& request) {
  const auto fields = web::form_fields(request.query);
  const auto address = fields.find("emailaddress");
  std::optional<std::string> domain;
  if (address != fields.end()) domain = web::domain_of(address->second);
  if (!domain) domain = without_prefix(split(request.authority).host);
  if (!web::is_domain(*domain) || !site.serves(*domain)) return not_found();
  return answer(200, "text/xml; charset=utf-8", web::autoconfig(site, *domain));
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &parts)};
}

// MS-OXDSCLI 2.2.3. Programs differ in the namespaces that they give; the names are what counts.
std::optional<web::AutodiscoverQuestion> question_of(const std::string& body) {
  const auto find = [](const dav::xml::Element& in, std::string_view name) -> const dav::xml::Element* {
    for (const dav::xml::Element* child : in.children()) {
      if (child->name == name) return child;
    }
    return nullptr;
  };
  try {
    dav::xml::Limits limits;
    limits.depth = 8;
    limits.size = most_body;
    const auto document = dav::xml::Document::parse(body, limits);
    if (document.root().name != "Autodiscover") return std::nullopt;
    const auto* request = find(document.root(), "Request");
    const auto* address = request == nullptr ? nullptr : find(*request, "EMailAddress");
    if (address == nullptr) return std::nullopt;
    const auto* schema = find(*request, "AcceptableResponseSchema");
    return web::AutodiscoverQuestion{address->text(), schema == nullptr ? std::string() : schema->text()};
  } catch (const dav::Error&) {
    return std::nullopt;
  }
}

}  // namespace

void WebHandler::set_config(const Config& config) {
  auto facts = std::make_shared<const Facts>(Facts{web_site(config), !config.host_name.empty(), config.certificates});
  const std::lock_guard lock(mutex_);
  facts_ = std::move(facts);
}

std::shared_ptr<const WebHandler::Facts> WebHandler::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

// Whatever name is asked, the port it came to reaches this server. The name itself is one to connect to only where it
// isn't there for this question alone.
web::Site WebHandler::site_of(const Facts& facts, const dav::Request& request) const {
  web::Site site = facts.site;
  const HostAndPort asked = split(request.authority);
  if (request.scheme == "https" && !asked.host.empty()) site.https_port = asked.port.value_or(443);
  if (!facts.named && without_prefix(asked.host) == asked.host && web::is_domain(asked.host)) site.host = asked.host;
  return site;
}

Admission WebHandler::admit(const dav::Request& head, const Peer& peer, Effort effort) {
  if (place_of(head.path) == Place::none) return rest_.admit(head, peer, effort);
  Admission admission;
  admission.max_body = most_body;
  return admission;
}

dav::Response WebHandler::handle(dav::Request&& request) {
  const Place place = place_of(request.path);
  if (place == Place::none) return rest_.handle(std::move(request));
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const auto now = facts();
  const web::Site site = site_of(*now, request);
  switch (place) {
    case Place::setup:
      return setup_.answer(request, site, now->certificates);
    case Place::autoconfig:
      return reads ? autoconfig(site, request) : not_allowed("GET, HEAD");
    case Place::user_agent_configuration:
      return reads ? answer(200, "application/json", web::user_agent_configuration(site)) : not_allowed("GET, HEAD");
    case Place::autodiscover_json: {
      if (!reads) return not_allowed("GET, HEAD");
      std::string protocol;
      for (const auto& [name, value] : web::form_fields(request.query)) {
        if (storage::lower_case(name) == "protocol") protocol = value;
      }
      web::AutodiscoverJson json = web::autodiscover_json(site, protocol);
      return answer(json.status, "application/json; charset=utf-8", std::move(json.body));
    }
    default: {
      if (!reads && request.method != "POST") return not_allowed("GET, HEAD, POST");
      const auto question = reads ? std::nullopt : question_of(request.body.text());
      dav::Response response = answer(200, "text/xml; charset=utf-8", web::autodiscover(site, question, time_of_day()));
      response.headers.set("Cache-Control", "no-store");
      return response;
    }
  }
}

dav::Response WebHandler::too_large(const dav::Request& head) {
  return place_of(head.path) == Place::none ? rest_.too_large(head) : Handler::too_large(head);
}

}  // namespace server
