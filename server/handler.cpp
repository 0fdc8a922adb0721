#include "server/handler.h"

#include <algorithm>
#include <limits>

#include "dav/links.h"
#include "server/basic.h"
#include "server/log.h"
#include "storage/failure.h"

namespace server {

namespace {

dav::Response plain(int status, std::string_view text, std::string reason) {
  dav::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body.push_back({std::string(text), nullptr, 0, 0});
  response.refusal = std::move(reason);
  return response;
}

// RFC 9110 15.5.2, RFC 7617 2.1
dav::Response unauthorized(std::string reason) {
  dav::Response response = plain(401, "Log in with your account's name and password.\n", std::move(reason));
  response.headers.add("WWW-Authenticate", "Basic realm=\"Pileus\", charset=\"UTF-8\"");
  return response;
}

Admission refused(dav::Response response) {
  Admission admission;
  admission.refusal = std::move(response);
  return admission;
}

// The one Authorization field there may be (RFC 9110 11.6.2); more than one is as good as a bad one.
std::optional<BasicCredentials> credentials(const dav::Headers& headers, std::string_view first) {
  const auto all = headers.joined("Authorization");
  return all && *all == first ? parse_basic(first) : std::nullopt;
}

// A head once more; it has no body.
dav::Request copy_of(const dav::Request& head) {
  dav::Request copy;
  copy.method = head.method;
  copy.path = head.path;
  copy.query = head.query;
  copy.headers = head.headers;
  copy.principal = head.principal;
  return copy;
}

bool announces_body(const dav::Request& head) {
  return head.headers.find("Content-Length") || head.headers.find("Transfer-Encoding");
}

std::string_view agent(const dav::Request& head) { return head.headers.find("User-Agent").value_or(""); }

// RFC 6585 4
dav::Response too_many(std::string_view text, std::int64_t wait) {
  dav::Response response = plain(429, text, "throttled");
  response.headers.add("Retry-After", std::to_string(wait));
  return response;
}

}  // namespace

Admission DavHandler::admit_nobody(const dav::Request& head) {
  dav::Admission admission = service_.admit(head);
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(admission.max_body, 0)),
          std::move(admission.refusal),
          {},
          false};
}

// Who has a link needs no login, and what is sent as one is not looked at.
Admission DavHandler::admit_link(const dav::Request& head) {
  const auto wait = links_.wait(head);
  if (wait.count() == 0) return admit_nobody(head);
  log_warning("link-throttled", {{"client", head.client}, {"retry_after", wait.count()}});
  return refused(too_many("Too many links that lead nowhere; wait a while.\n", wait.count()));
}

Admission DavHandler::admit(const dav::Request& head, const Peer&, Effort effort) {
  if (dav::is_link(head.path)) return admit_link(head);
  const auto field = head.headers.find("Authorization");
  if (!field) return dav::Service::is_public(head) ? admit_nobody(head) : refused(unauthorized("no credentials"));
  const auto given = credentials(head.headers, *field);
  if (!given) {
    log_warning("login-malformed", {{"client", head.client}, {"reason", "the Authorization field can't be read"}});
    return refused(unauthorized("malformed credentials"));
  }
  storage::Login login;
  try {
    if (effort == Effort::little) {
      auto known = accounts_.recognise(given->name, given->password, head.client, agent(head));
      if (!known) return Admission{0, {}, {}, true};
      login = std::move(*known);
    } else {
      login = accounts_.authenticate(given->name, given->password, head.client, agent(head));
    }
  } catch (const storage::Failure& failure) {
    dav::Response response = plain(503, "The store doesn't answer; try again.\n", failure.what());
    response.headers.add("Retry-After", "5");
    return refused(std::move(response));
  }
  if (login.outcome == storage::LoginOutcome::throttled) {
    const auto wait = std::max<std::int64_t>(login.retry_after.count(), 1);
    log_warning("login-throttled",
                {Field::quoted("account", given->name), {"client", head.client}, {"retry_after", wait}});
    return refused(too_many("Too many failed logins; wait a while.\n", wait));
  }
  if (login.outcome != storage::LoginOutcome::accepted || !login.principal) {
    log_warning("login-failed", {Field::quoted("account", given->name),
                                 {"client", head.client},
                                 {"reason", login.reason},
                                 {"agent", agent(head)}});
    return refused(unauthorized(login.reason));
  }
  return admit_principal(head, std::move(*login.principal));
}

Admission DavHandler::admit_principal(const dav::Request& head, storage::Principal principal) {
  if (!principal.scope.dav) {
    log_warning(
        "scope-denied",
        {Field::quoted("account", principal.name), {"client", head.client}, {"credential", principal.credential}});
    Admission admission = refused(plain(403, "This app password is for mail only.\n", "the credential's scope"));
    admission.principal = std::move(principal);
    return admission;
  }
  // Whose tree it is matters before a body is read.
  dav::Admission admission;
  if (announces_body(head)) {
    dav::Request with_principal = copy_of(head);
    with_principal.principal = principal;
    admission = service_.admit(with_principal);
  } else {
    admission = service_.admit(head);
  }
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(admission.max_body, 0)), std::move(admission.refusal),
          std::move(principal), false};
}

dav::Response DavHandler::handle(dav::Request&& request) {
  if (!dav::is_link(request.path)) return service_.handle(std::move(request));
  const std::string path = request.path;
  const std::string client = request.client;
  dav::Response response = service_.handle(std::move(request));
  links_.note(path, client, response.status);
  if (response.status == 404) log_warning("link-unknown", {{"client", client}});
  return response;
}

dav::Response DavHandler::too_large(const dav::Request& head) {
  // Asked as if the length had been announced: a chunked body is found too large only on its way.
  dav::Request announced = copy_of(head);
  announced.headers.set("Content-Length", std::to_string(std::numeric_limits<std::int64_t>::max()));
  dav::Admission admission = service_.admit(announced);
  return admission.refusal ? std::move(*admission.refusal) : Handler::too_large(head);
}

}  // namespace server
