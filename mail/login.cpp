#include "mail/login.h"

#include <algorithm>
#include <utility>

#include "mail/mime/header.h"
#include "mail/mime/transfer.h"
#include "mail/scram.h"
#include "storage/accounts.h"
#include "storage/failure.h"

namespace mail {

namespace {

// Longer ones are nobody's.
constexpr std::size_t longest_part = 1000;

class Plain final : public SaslExchange {
 public:
  // RFC 4616 2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
  Step respond(std::optional<std::string_view> response) override {
    if (!response) return Step::challenge;
    const std::size_t first = response->find('\0');
    if (first == std::string_view::npos) return Step::malformed;
    const std::size_t second = response->find('\0', first + 1);
    if (second == std::string_view::npos || response->find('\0', second + 1) != std::string_view::npos) {
      return Step::malformed;
    }
    credentials_.authorize_as = response->substr(0, first);
    credentials_.name = response->substr(first + 1, second - first - 1);
    credentials_.password = response->substr(second + 1);
    return credentials_.name.empty() || credentials_.password.empty() ? Step::malformed : Step::credentials;
  }
};

/// What was there before PLAIN, and still is what some programs try first: the server asks for the name, then for the
/// password.
class Asking final : public SaslExchange {
 public:
  Step respond(std::optional<std::string_view> response) override {
    if (!asked_) {
      asked_ = true;
      challenge_ = "User Name";
      if (!response) return Step::challenge;
    }
    if (!response || response->empty() || response->find('\0') != std::string_view::npos) return Step::malformed;
    if (credentials_.name.empty()) {
      credentials_.name = *response;
      challenge_ = "Password";
      return Step::challenge;
    }
    credentials_.password = *response;
    return Step::credentials;
  }

 private:
  bool asked_ = false;
};

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void log(const Services& services, SecurityEvent event) {
  if (services.security) services.security(event);
}

LoginAnswer answer(const Services& services, const Connection& connection, const Credentials& given,
                   std::string_view protocol, storage::Login login) {
  const std::string& client = connection.peer().address;
  const auto refused = [&](std::string_view reason) {
    log(services, {SecurityEvent::What::login_failed, given.name, client, reason, protocol});
    return LoginAnswer{};
  };
  if (login.outcome == storage::LoginOutcome::throttled) {
    const auto wait = std::max<std::int64_t>(login.retry_after.count(), 1);
    log(services, {SecurityEvent::What::login_throttled, given.name, client, login.reason, protocol, wait});
    return {};
  }
  if (login.outcome != storage::LoginOutcome::accepted || !login.principal) return refused(login.reason);
  storage::Principal& principal = *login.principal;
  const std::string& wanted = given.authorize_as;
  if (!wanted.empty() && !mime::same_word(wanted, given.name) && !mime::same_word(wanted, principal.name)) {
    return refused("wants to act as somebody else");
  }
  if (!principal.scope.mail) {
    log(services, {SecurityEvent::What::scope_denied, principal.name, client, "the credential's scope", protocol, 0,
                   principal.credential});
    return {LoginAnswer::Outcome::not_for_mail, std::nullopt, {}};
  }
  return {LoginAnswer::Outcome::accepted, std::move(login.principal), {}};
}

LoginAnswer unavailable() { return {LoginAnswer::Outcome::unavailable, std::nullopt, {}}; }

LoginAnswer check_proof(const Services& services, const Connection& connection, const Credentials& given,
                        std::string_view protocol) {
  auto [login, signature] = services.accounts.authenticate_scram(
      given.name, given.proof->auth_message, given.proof->proof, connection.peer().address, protocol);
  LoginAnswer checked = answer(services, connection, given, protocol, std::move(login));
  if (checked.principal) checked.last_challenge = scram_signature(signature);
  return checked;
}

}  // namespace

bool may_log_in(const Peer& peer) { return peer.tls || peer.loopback; }

std::string_view sasl_mechanisms() { return "SCRAM-SHA-256 PLAIN LOGIN"; }

std::optional<std::string> decode_sasl(std::string_view base64) {
  if (base64.size() % 4 != 0) return std::nullopt;
  std::string_view digits = base64;
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
  if (digits.find_first_not_of(alphabet) != std::string_view::npos) return std::nullopt;
  return mime::decode_base64(base64);
}

std::string encode_sasl(std::string_view octets) { return mime::encode_base64(octets); }

std::unique_ptr<SaslExchange> SaslExchange::begin(const Services& services, std::string_view mechanism) {
  if (mime::same_word(mechanism, "SCRAM-SHA-256")) return begin_scram(services);
  if (mime::same_word(mechanism, "PLAIN")) return std::make_unique<Plain>();
  if (mime::same_word(mechanism, "LOGIN")) return std::make_unique<Asking>();
  return nullptr;
}

void log_in(const Services& services, Connection& connection, Credentials credentials, std::string_view protocol,
            LoginDone done) {
  if (credentials.name.size() > longest_part || credentials.password.size() > longest_part) {
    log(services, {SecurityEvent::What::login_malformed, {}, connection.peer().address, "too long", protocol});
    return done(connection, {});
  }
  std::optional<LoginAnswer> known;
  try {
    if (credentials.proof) {
      known = check_proof(services, connection, credentials, protocol);
    } else if (auto login = services.accounts.recognise(credentials.name, credentials.password,
                                                        connection.peer().address, protocol)) {
      known = answer(services, connection, credentials, protocol, std::move(*login));
    }
  } catch (const storage::Failure&) {
    known = unavailable();
  }
  if (known) return done(connection, *std::move(known));
  connection.take_effort([&services, credentials = std::move(credentials), protocol = std::string(protocol),
                          done = std::move(done)](Connection& now, bool full) {
    if (full) return done(now, unavailable());
    std::optional<storage::Login> login;
    try {
      login = services.accounts.authenticate(credentials.name, credentials.password, now.peer().address, protocol);
    } catch (const storage::Failure&) {
      return done(now, unavailable());
    }
    done(now, answer(services, now, credentials, protocol, std::move(*login)));
  });
}

}  // namespace mail
