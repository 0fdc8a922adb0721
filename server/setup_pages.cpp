#include "server/setup_pages.h"

#include <stdexcept>

#include "dav/headers.h"
#include "server/http_head.h"
#include "server/log.h"
#include "storage/failure.h"
#include "web/setup.h"
#include "web/signature.h"

namespace server {

namespace {

/// So many may have their passwords checked here at a time: each waits for a processor, and keeps one of the threads
/// that answer everybody.
constexpr int most_logins = 4;

dav::Response respond(int status, std::string_view type, std::string text) {
  dav::Response response;
  response.status = status;
  response.headers.add("Content-Type", std::string(type));
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "DENY");
  // With "no-referrer", browsers would not say in Origin where a form comes from.
  response.headers.add("Referrer-Policy", "same-origin");
  response.headers.add("Content-Security-Policy", web::setup_policy());
  response.body.push_back({std::move(text), nullptr, 0, 0});
  return response;
}

dav::Response page(int status, std::string text) {
  return respond(status, "text/html; charset=utf-8", std::move(text));
}

dav::Response refused(int status, const web::Site& site, std::string_view message, std::string reason) {
  dav::Response response = page(status, web::setup_page(site, {}, message));
  response.refusal = std::move(reason);
  return response;
}

/// A form that another site's page sends could make somebody's phone one of the sender's account. What isn't a browser
/// says nothing of where a form comes from, and nobody can make it send one.
bool from_elsewhere(const dav::Request& request) {
  if (const auto site = request.headers.find("Sec-Fetch-Site")) return *site != "same-origin" && *site != "none";
  const auto origin = request.headers.find("Origin");
  return origin && !same_text(*origin, request.scheme + "://" + request.authority);
}

struct Turn {
  explicit Turn(std::atomic<int>& count) : running(count), admitted(++count <= most_logins) {}
  ~Turn() { --running; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  std::atomic<int>& running;
  bool admitted;
};

/// Without a certificate of our own it is not signed; devices say so, and take it.
std::string signed_profile(std::string text, const web::Site& site, const std::vector<CertificateFiles>& certificates) {
  if (certificates.empty()) return text;
  const CertificateFiles* chosen = &certificates.front();
  for (const CertificateFiles& one : certificates) {
    if (web::is_for_host(one.chain, site.host)) {
      chosen = &one;
      break;
    }
  }
  try {
    return web::signed_content(text, chosen->chain, chosen->key);
  } catch (const std::runtime_error& error) {
    log_error("trouble", {{"reason", std::string("a profile is not signed: ") + error.what()}});
    return text;
  }
}

}  // namespace

bool SetupPages::is_ours(std::string_view path) { return path == web::setup_path || path == "/setup"; }

dav::Response SetupPages::answer(const dav::Request& request, const web::Site& site,
                                 const std::vector<CertificateFiles>& certificates) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && request.method != "POST") {
    dav::Response response = respond(405, "text/plain; charset=utf-8", "This is not done here.\n");
    response.headers.add("Allow", "GET, HEAD, POST");
    return response;
  }
  if (request.scheme != "https") {
    dav::Response response =
        respond(403, "text/plain; charset=utf-8", "This page is for https:// alone: it asks for a password.\n");
    response.refusal = "not over TLS";
    return response;
  }
  if (request.path != web::setup_path) {
    dav::Response response = respond(301, "text/plain; charset=utf-8", "");
    response.headers.add("Location", std::string(web::setup_path));
    return response;
  }
  return reads ? page(200, web::setup_page(site, {})) : submit(request, site, certificates);
}

dav::Response SetupPages::submit(const dav::Request& request, const web::Site& site,
                                 const std::vector<CertificateFiles>& certificates) {
  if (dav::media_type(request.headers.find("Content-Type").value_or("")) != "application/x-www-form-urlencoded")
    return refused(415, site, "Please use the form.", "not a form");
  if (from_elsewhere(request)) return refused(403, site, "Please use the form on this page.", "a form of another site");
  const Turn turn(logins_);
  if (!turn.admitted) {
    dav::Response response = refused(503, site, "Many people are logging in; try again.", "too many logins at once");
    response.headers.add("Retry-After", "5");
    return response;
  }

  const std::string_view agent = request.headers.find("User-Agent").value_or("");
  web::Setup setup;
  try {
    setup = web::set_up(store_, accounts_, site, request.body.text(), request.client, agent);
  } catch (const storage::Failure& failure) {
    dav::Response response = refused(503, site, "The store doesn't answer; try again.", failure.what());
    response.headers.add("Retry-After", "5");
    return response;
  }
  const Field account = Field::quoted("account", setup.account);
  const Field client("client", request.client);
  switch (setup.outcome) {
    case web::Setup::Outcome::again:
      return page(400, std::move(setup.text));
    case web::Setup::Outcome::too_many:
      return page(409, std::move(setup.text));
    case web::Setup::Outcome::refused: {
      log_warning("login-failed", {account, client, {"reason", setup.reason}, {"agent", agent}});
      dav::Response response = page(403, std::move(setup.text));
      response.refusal = setup.reason;
      return response;
    }
    case web::Setup::Outcome::throttled: {
      log_warning("login-throttled", {account, client, {"retry_after", setup.retry_after.count()}});
      dav::Response response = page(429, std::move(setup.text));
      response.headers.add("Retry-After", std::to_string(setup.retry_after.count()));
      response.refusal = "throttled";
      return response;
    }
    case web::Setup::Outcome::made:
      break;
  }
  log_info("profile-made", {account, client, {"agent", agent}});
  dav::Response response =
      respond(200, "application/x-apple-aspen-config", signed_profile(std::move(setup.text), site, certificates));
  response.headers.add("Content-Disposition", "attachment; filename=\"setup.mobileconfig\"");
  return response;
}

}  // namespace server
