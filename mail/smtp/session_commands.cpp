#include <utility>

#include "mail/mime/header.h"
#include "mail/smtp/session.h"

namespace mail::smtp {

const std::vector<Session::Row>& Session::commands() {
  static const std::vector<Row> rows{
      {"LHLO", true, false, &Session::extended_hello},  // RFC 2033 4.1
      {"EHLO", false, true, &Session::extended_hello},  // RFC 5321 4.1.1
      {"HELO", false, true, &Session::hello},
      {"STARTTLS", true, true, &Session::start_tls},  // RFC 3207
      {"AUTH", false, true, &Session::authenticate},  // RFC 4954
      {"MAIL", true, true, &Session::mail},
      {"RCPT", true, true, &Session::rcpt},
      {"DATA", true, true, &Session::data},
      {"BDAT", true, true, &Session::bdat},  // RFC 3030
      {"RSET", true, true, &Session::rset},
      {"NOOP", true, true, &Session::noop},
      {"VRFY", true, true, &Session::vrfy},
      {"HELP", true, true, &Session::help},
      {"QUIT", true, true, &Session::quit},
  };
  return rows;
}

void Session::hello(std::string_view rest, Connection& connection) {
  if (rest.empty()) throw Refused(reply::syntax);
  reset();
  hello_ = rest;
  extended_ = false;
  connection.send("250 " + office_.services().settings.host_name + "\r\n");
}

void Session::extended_hello(std::string_view rest, Connection& connection) {
  if (rest.empty()) throw Refused(reply::syntax);
  reset();
  hello_ = rest;
  extended_ = true;
  std::vector<std::string> lines{office_.services().settings.host_name,
                                 "PIPELINING",
                                 "SIZE " + std::to_string(office_.settings().most_message),
                                 "8BITMIME",
                                 "ENHANCEDSTATUSCODES",
                                 "SMTPUTF8",
                                 "CHUNKING"};
  if (connection.peer().tls_possible && !connection.peer().tls) lines.emplace_back("STARTTLS");
  if (role_ == Role::submission) {
    lines.emplace_back("DSN");
    if (may_log_in(connection.peer()) && !principal_) lines.push_back("AUTH " + std::string(sasl_mechanisms()));
  }
  std::string answer;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    answer += "250" + std::string(i + 1 < lines.size() ? "-" : " ") + lines[i] + "\r\n";
  }
  connection.send(std::move(answer));
}

void Session::start_tls(std::string_view rest, Connection& connection) {
  if (!rest.empty()) throw Refused(reply::syntax);
  if (connection.peer().tls || envelope_) throw Refused(reply::bad_sequence);
  if (!connection.peer().tls_possible) throw Refused(reply::tls_not_possible);
  connection.send(Reply(reply::ready_tls).line());
  connection.start_tls();
  // RFC 3207 4.2: what was said before is forgotten.
  reset();
  hello_.clear();
  principal_.reset();
  halted_ = true;
}

void Session::authenticate(std::string_view rest, Connection& connection) {
  if (!extended_) throw Refused(reply::hello_first);
  if (principal_ || envelope_) throw Refused(reply::bad_sequence);
  if (!may_log_in(connection.peer())) throw Refused(reply::tls_needed);
  const std::string_view mechanism = rest.substr(0, rest.find(' '));
  exchange_ = SaslExchange::begin(office_.services(), mechanism);
  if (!exchange_) throw Refused(reply::unknown_mechanism);
  const std::string_view initial = mime::trimmed(rest.substr(mechanism.size()));
  if (initial.empty()) return respond(std::nullopt, connection);
  respond(initial == "=" ? std::string() : std::string(initial), connection);
}

/// A response as it came, in base64; nothing where there is no initial one.
void Session::respond(std::optional<std::string> response, Connection& connection) {
  if (proven_) {
    LoginAnswer answer = *std::exchange(proven_, std::nullopt);
    if (!response->empty()) throw Refused(reply::authentication_cancelled);
    answer.last_challenge.clear();
    return logged_in(std::move(answer), connection);
  }
  std::unique_ptr<SaslExchange> exchange = std::move(exchange_);
  std::optional<std::string> decoded;
  if (response) {
    if (*response == "*") throw Refused(reply::authentication_cancelled);
    decoded = decode_sasl(*response);
    if (!decoded) throw Refused({reply::authentication_cancelled, "Not base64"});
  }
  switch (exchange->respond(decoded ? std::optional<std::string_view>(*decoded) : std::nullopt)) {
    case SaslExchange::Step::challenge:
      connection.send("334 " + encode_sasl(exchange->challenge()) + "\r\n");
      exchange_ = std::move(exchange);
      state_ = State::response;
      return;
    case SaslExchange::Step::malformed:
      throw Refused(reply::authentication_cancelled);
    case SaslExchange::Step::credentials:
      break;
  }
  waits_login_ = true;
  log_in(office_.services(), connection, std::move(exchange->credentials()), "submission",
         [this](Connection& later, LoginAnswer answer) { logged_in(std::move(answer), later); });
}

void Session::logged_in(LoginAnswer answer, Connection& connection) {
  waits_login_ = false;
  set_deadline(connection);
  switch (answer.outcome) {
    case LoginAnswer::Outcome::accepted:
      if (!answer.last_challenge.empty()) {
        connection.send("334 " + encode_sasl(answer.last_challenge) + "\r\n");
        proven_ = std::move(answer);
        state_ = State::response;
        return;
      }
      principal_ = std::move(answer.principal);
      return connection.send(Reply(reply::authenticated).line());
    case LoginAnswer::Outcome::unavailable:
      return refuse(reply::throttled, connection);
    case LoginAnswer::Outcome::refused:
    case LoginAnswer::Outcome::not_for_mail:
      return refuse(reply::wrong_password, connection);
  }
}

void Session::check_mail_possible() const {
  if (role_ == Role::submission && !principal_) throw Refused(reply::authentication_needed);
  if (hello_.empty()) throw Refused(reply::hello_first);
}

void Session::check_size(std::uint64_t size) const {
  if (size > office_.settings().most_message) throw Refused(reply::too_large);
}

// RFC 6409 6.1. <> is what notices of having read a message are sent with.
void Session::check_sender(const Address& from) const {
  if (principal_->scope.read_only) throw Refused({reply::not_yours, "This password is for reading only"});
  if (from.empty()) return;
  const bool own = office_.services().store.read([&](storage::Transaction& transaction) {
    const auto account = transaction.account(principal_->account);
    return account && !account->disabled && may_send_as(transaction, *account, from);
  });
  if (!own) throw Refused(reply::not_yours);
}

void Session::mail(std::string_view rest, Connection& connection) {
  check_mail_possible();
  if (envelope_) throw Refused(reply::bad_sequence);
  Envelope envelope;
  envelope.mail = parse_mail(rest, {extended_, role_ == Role::submission, role_ == Role::lmtp});
  check_size(envelope.mail.size.value_or(0));
  if (role_ == Role::submission) check_sender(envelope.mail.from);
  envelope_ = std::move(envelope);
  connection.send(Reply(reply::sender_ok).line());
}

Destination Session::check_recipient(const RcptCommand& rcpt) const {
  Destination destination = office_.services().store.read(
      [&](storage::Transaction& transaction) { return find_destination(transaction, rcpt.to, office_.settings()); });
  switch (destination.where) {
    case Destination::Where::here:
      break;
    case Destination::Where::disabled:
      throw Refused(reply::disabled);
    case Destination::Where::nobody:
      throw Refused(reply::no_such_recipient);
    case Destination::Where::away:
      if (role_ == Role::lmtp) throw Refused(reply::no_such_recipient);
      if (office_.settings().relay.empty()) throw Refused(reply::no_relay);
      break;
  }
  return destination;
}

void Session::rcpt(std::string_view rest, Connection& connection) {
  check_mail_possible();
  if (!envelope_ || intake_) throw Refused(reply::bad_sequence);
  Recipient recipient;
  recipient.rcpt = parse_rcpt(rest, {extended_, role_ == Role::submission, role_ == Role::lmtp});
  // RFC 6531 3.5
  if (!envelope_->mail.utf8 && !recipient.rcpt.to.ascii()) throw Refused(reply::needs_utf8);
  if (envelope_->recipients.size() >= office_.settings().most_recipients) throw Refused(reply::too_many_recipients);
  recipient.destination = check_recipient(recipient.rcpt);
  if (role_ == Role::submission && !office_.admit(principal_->account)) throw Refused(reply::busy);
  envelope_->recipients.push_back(std::move(recipient));
  connection.send(Reply(reply::recipient_ok).line());
}

void Session::data(std::string_view rest, Connection& connection) {
  if (!rest.empty()) throw Refused(reply::syntax);
  if (intake_) throw Refused(reply::bad_sequence);  // RFC 3030 2: not after BDAT
  if (!envelope_ || envelope_->recipients.empty()) throw Refused(reply::no_recipients);
  begin_message(connection);
  reader_ = {};
  state_ = State::data;
  connection.send(Reply(reply::go_on).line());
}

// RFC 3030 2: the octets follow in any case.
void Session::bdat(std::string_view rest, Connection& connection) {
  Chunk chunk;
  try {
    chunk = parse_bdat(rest);
  } catch (const Refused& refused) {
    return end(refused.reply(), connection);  // where the next command begins isn't known
  }
  if (!envelope_ || envelope_->recipients.empty()) chunk_refused_ = reply::no_recipients;
  if (!chunk_refused_ && !intake_) begin_message(connection);
  chunk_left_ = chunk.size;
  chunk_last_ = chunk.last;
  state_ = State::chunk;
  if (chunk.size == 0) take_chunk({}, connection);
}

void Session::rset(std::string_view, Connection& connection) {
  reset();
  connection.send(Reply(reply::ok).line());
}

void Session::noop(std::string_view, Connection& connection) { connection.send(Reply(reply::ok).line()); }

void Session::vrfy(std::string_view rest, Connection& connection) {
  if (rest.empty()) throw Refused(reply::syntax);
  connection.send(Reply(reply::not_verified).line());
}

void Session::help(std::string_view, Connection& connection) {
  connection.send("214 2.0.0 See RFC " + std::string(role_ == Role::lmtp ? "2033" : "6409") + "\r\n");
}

void Session::quit(std::string_view, Connection& connection) { end(reply::bye, connection); }

}  // namespace mail::smtp
