#include <utility>

#include "mail/imap/capability.h"
#include "mail/imap/commands.h"
#include "mail/imap/session.h"
#include "mail/mime/charset.h"
#include "storage/failure.h"
#include "storage/mail.h"

namespace mail::imap {

namespace {

/// An account's mailboxes are made when somebody logs in for them.
void make_home(storage::Store& store, storage::Id account) {
  const bool there = store.read(
      [&](storage::Transaction& transaction) { return storage::Mail(transaction).home(account).has_value(); });
  if (!there) store.write([&](storage::Transaction& transaction) { storage::Mail(transaction).home(account); });
}

void end_login(Session& session, const std::string& tag, Connection& connection, LoginAnswer answer) {
  switch (answer.outcome) {
    case LoginAnswer::Outcome::accepted:
      try {
        make_home(session.store(), answer.principal->account);
      } catch (const storage::Failure&) {
        return session.end_call(connection, tag + " NO [UNAVAILABLE] The mailboxes can't be reached; try again later");
      }
      session.logged_in(std::move(*answer.principal));
      return session.end_call(connection,
                              tag + " OK [CAPABILITY " + capabilities(session, connection.peer()) + "] Welcome");
    case LoginAnswer::Outcome::refused:
      session.end_call(connection, tag + " NO [AUTHENTICATIONFAILED] Name or password is wrong");
      return session.login_failed(connection);
    case LoginAnswer::Outcome::not_for_mail:
      session.end_call(connection, tag + " NO [AUTHORIZATIONFAILED] This app password is not for mail");
      return session.login_failed(connection);
    case LoginAnswer::Outcome::unavailable:
      return session.end_call(connection, tag + " NO [UNAVAILABLE] Too many log in now; try again later");
  }
}

void begin_login(Call& call, Credentials credentials) {
  call.next = Task::Next::later;
  log_in(call.session.services(), call.connection, std::move(credentials), "imap",
         [&session = call.session, tag = call.tag](Connection& connection, LoginAnswer answer) {
           end_login(session, tag, connection, std::move(answer));
         });
}

// RFC 9051 6.2.3: no password goes over a wire that others can read.
void must_be_private(const Connection& connection) {
  if (!may_log_in(connection.peer())) throw Refusal("PRIVACYREQUIRED", "Use TLS first");
}

class Authenticating final : public Task {
 public:
  explicit Authenticating(std::unique_ptr<SaslExchange> exchange) : exchange_(std::move(exchange)) {}

  Next line(Call& call, std::string_view line) override {
    if (line == "*") throw SyntaxError("AUTHENTICATE was cancelled");
    if (proven_) {
      if (!line.empty()) throw SyntaxError("Nothing more is to be said");
      end_login(call.session, call.tag, call.connection, *std::move(proven_));
      return Next::later;
    }
    const std::optional<std::string> response = decode_sasl(line);
    if (!response) throw SyntaxError("That is no base64");
    return respond(call, *response);
  }

  Next respond(Call& call, std::optional<std::string_view> response) {
    switch (exchange_->respond(response)) {
      case SaslExchange::Step::challenge:
        call.out += "+ " + encode_sasl(exchange_->challenge()) + "\r\n";
        return Next::line;
      case SaslExchange::Step::malformed:
        throw SyntaxError("The mechanism doesn't have it so");
      case SaslExchange::Step::credentials:
        break;
    }
    Credentials& credentials = exchange_->credentials();
    if (credentials.proof) return prove(call, std::move(credentials));
    begin_login(call, std::move(credentials));
    return Next::later;
  }

 private:
  /// A proof is checked at once. The client wants one too, and confirms it before it is told that it is logged in.
  Next prove(Call& call, Credentials credentials) {
    log_in(call.session.services(), call.connection, std::move(credentials), "imap",
           [&](Connection&, LoginAnswer answer) { proven_ = std::move(answer); });
    if (proven_->outcome == LoginAnswer::Outcome::accepted) {
      call.out += "+ " + encode_sasl(proven_->last_challenge) + "\r\n";
      return Next::line;
    }
    end_login(call.session, call.tag, call.connection, *std::exchange(proven_, std::nullopt));
    return Next::later;
  }

  std::optional<LoginAnswer> proven_;
  std::unique_ptr<SaslExchange> exchange_;
};

}  // namespace

namespace commands {

void login(Call& call) {
  call.arguments.space();
  Credentials credentials;
  credentials.name = call.arguments.astring();
  call.arguments.space();
  credentials.password = call.arguments.astring();
  call.arguments.end();

  must_be_private(call.connection);
  begin_login(call, std::move(credentials));
}

// RFC 9051 6.2.2; the initial response RFC 4959 3
void authenticate(Call& call) {
  call.arguments.space();
  const std::string mechanism = call.arguments.word();
  std::optional<std::string> initial;
  if (call.arguments.skip_if(' ')) {
    const std::string_view text = call.arguments.rest();
    initial = text == "=" ? std::string() : decode_sasl(text);
    if (!initial || text.empty()) throw SyntaxError("The initial response is no base64");
  } else {
    call.arguments.end();
  }

  std::unique_ptr<SaslExchange> exchange = SaslExchange::begin(call.session.services(), mechanism);
  if (!exchange) throw Refusal("CANNOT", "That mechanism is not spoken here");
  must_be_private(call.connection);

  auto task = std::make_unique<Authenticating>(std::move(exchange));
  call.next = initial ? task->respond(call, *initial) : task->respond(call, std::nullopt);
  if (call.next == Task::Next::line) call.task = std::move(task);
}

// RFC 9051 6.2.1
void start_tls(Call& call) {
  call.arguments.end();
  if (call.connection.peer().tls) throw SyntaxError("TLS is there already");
  if (!call.connection.peer().tls_possible) throw Refusal("CANNOT", "There is no certificate");
  call.next = Task::Next::later;
  call.session.begin_tls();
  call.session.end_call(call.connection, call.tag + " OK Begin TLS now");
  call.connection.start_tls();
}

// RFC 8437 2
void unauthenticate(Call& call) {
  call.arguments.end();
  call.session.unselect();
  call.session.log_out();
}

// RFC 9051 6.1.3
void logout(Call& call) {
  call.arguments.end();
  call.session.unselect();
  call.flush();
  call.next = Task::Next::later;
  call.session.bye(call.connection, "Goodbye");
  call.connection.send(call.tag + " OK LOGOUT completed\r\n");
}

}  // namespace commands

}  // namespace mail::imap
