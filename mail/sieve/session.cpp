#include "mail/sieve/session.h"

#include <algorithm>
#include <utility>

#include "mail/mime/header.h"
#include "mail/sieve/interpreter.h"
#include "mail/sieve/words.h"
#include "storage/failure.h"

namespace mail::sieve {

namespace {

using Clock = std::chrono::steady_clock;
using Kind = ManageCommand::Argument::Kind;

constexpr std::chrono::seconds time_to_log_in{60};
constexpr int most_failed_logins = 5;
constexpr int most_bad_commands = 50;

}  // namespace

/// A command: how it is called, what it takes (s a string, n a number; after '?' what may be missing), and when.
struct Session::Row {
  enum class When { any, before_login, after_login } when;
  std::string_view name;
  std::string_view arguments;
  std::string (Session::*run)(Arguments&, Connection&);
};

const Session::Row Session::rows[] = {
    // RFC 5804 2.1 to 2.14
    {Row::When::before_login, "AUTHENTICATE", "s?s", &Session::authenticate},
    {Row::When::before_login, "STARTTLS", "", &Session::starttls},
    {Row::When::any, "LOGOUT", "", &Session::logout},
    {Row::When::any, "CAPABILITY", "", &Session::capability},
    {Row::When::after_login, "HAVESPACE", "sn", &Session::havespace},
    {Row::When::after_login, "PUTSCRIPT", "ss", &Session::putscript},
    {Row::When::after_login, "LISTSCRIPTS", "", &Session::listscripts},
    {Row::When::after_login, "SETACTIVE", "s", &Session::setactive},
    {Row::When::after_login, "GETSCRIPT", "s", &Session::getscript},
    {Row::When::after_login, "DELETESCRIPT", "s", &Session::deletescript},
    {Row::When::after_login, "RENAMESCRIPT", "ss", &Session::renamescript},
    {Row::When::after_login, "CHECKSCRIPT", "s", &Session::checkscript},
    {Row::When::any, "NOOP", "?s", &Session::noop},
    {Row::When::after_login, "UNAUTHENTICATE", "", &Session::unauthenticate},
};

void Session::set_deadline(Connection& connection) {
  connection.deadline(Clock::now() + (principal_ ? services_.settings.sieve.idle : time_to_log_in));
}

std::uint64_t Session::most_literal() const {
  constexpr std::uint64_t before_login = 8 * 1024;
  return principal_ ? services_.settings.sieve.most_script : before_login;
}

storage::SieveQuota Session::quota() const {
  return {services_.settings.sieve.most_scripts, static_cast<std::int64_t>(services_.settings.sieve.most_script)};
}

/// RFC 5804 1.7
std::string Session::capabilities(const Peer& peer) const {
  std::string sieve;
  for (const std::string_view one : extensions()) sieve += (sieve.empty() ? "" : " ") + std::string(one);
  std::string out = "\"IMPLEMENTATION\" \"Pileus\"\r\n";
  out += "\"SASL\" \"" + std::string(may_log_in(peer) ? sasl_mechanisms() : "") + "\"\r\n";
  out += "\"SIEVE\" \"" + sieve + "\"\r\n";
  if (peer.tls_possible && !peer.tls && !principal_) out += "\"STARTTLS\"\r\n";
  out += "\"MAXREDIRECTS\" \"" + std::to_string(RunLimits{}.redirects) + "\"\r\n";
  if (principal_) out += "\"OWNER\" " + manage_string(principal_->name) + "\r\n";
  out += "\"UNAUTHENTICATE\"\r\n\"VERSION\" \"1.0\"\r\n";
  return out;
}

void Session::opened(Connection& connection) {
  busy_ = false;
  set_deadline(connection);
  connection.send(capabilities(connection.peer()) + "OK \"Pileus is ready\"\r\n");
}

std::size_t Session::received(std::string_view bytes, Connection& connection) {
  std::size_t used = 0;
  while (used < bytes.size() && !busy_ && !closed_) {
    used += reader_.feed(bytes.substr(used), most_literal());
    if (reader_.hopeless()) {
      bye(connection, "This line or literal is too long");
    } else if (reader_.complete()) {
      execute(reader_.take(), connection);
    }
  }
  if (closed_) return bytes.size();
  if (!busy_) set_deadline(connection);
  return used;
}

void Session::expired(Connection& connection) {
  bye(connection, principal_ ? "Nothing was said for too long" : "Nobody has logged in");
}

void Session::drain(Connection& connection) {
  if (!busy_) bye(connection, "The server is being stopped");
}

void Session::bye(Connection& connection, std::string_view why) {
  if (std::exchange(closed_, true)) return;
  connection.send("BYE " + manage_string(why) + "\r\n");
  connection.close();
}

void Session::bad(Connection& connection, std::string_view why) {
  if (++bad_commands_ > most_bad_commands) return bye(connection, "Too many commands were wrong");
  connection.send("NO " + manage_string(why) + "\r\n");
}

void Session::execute(ManageCommand command, Connection& connection) {
  if (exchange_) {
    // A client's answer to a challenge, or "*", by which it gives up. RFC 5804 2.1
    const bool answers = command.fault.empty() && !command.too_large && command.arguments.size() == 1 &&
                         command.arguments[0].kind == Kind::string;
    if (!answers || command.arguments[0].text == "*") {
      exchange_.reset();
      return bad(connection, "AUTHENTICATE was cancelled");
    }
    const auto response = decode_sasl(command.arguments[0].text);
    if (!response) {
      exchange_.reset();
      return bad(connection, "That is no base64");
    }
    connection.send(respond(*response, connection));
    return;
  }
  if (!command.fault.empty()) return bad(connection, "That is no command: " + command.fault);
  if (command.too_large && principal_) {
    connection.send("NO (QUOTA/MAXSIZE) \"The script is too large\"\r\n");
    return;
  }
  const auto& name = command.arguments.front();
  const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& one) {
    return name.kind == Kind::atom && mime::same_word(one.name, name.text);
  });
  if (row == std::end(rows) || command.too_large) return bad(connection, "There is no such command");
  run(*row, command, connection);
}

void Session::run(const Row& row, ManageCommand& command, Connection& connection) {
  if (row.when == Row::When::after_login && !principal_) return bad(connection, "Log in first");
  if (row.when == Row::When::before_login && principal_) return bad(connection, "You are logged in");
  auto& arguments = command.arguments;
  arguments.erase(arguments.begin());
  std::string types(row.arguments);
  const std::size_t least = std::min(types.find('?'), types.size());
  std::erase(types, '?');
  bool fit = arguments.size() >= least && arguments.size() <= types.size();
  for (std::size_t i = 0; fit && i < arguments.size(); ++i) {
    fit = arguments[i].kind == (types[i] == 's' ? Kind::string : Kind::number);
  }
  if (!fit) return bad(connection, "The arguments of " + std::string(row.name) + " are others");
  try {
    std::string answer = (this->*row.run)(arguments, connection);
    if (!answer.empty()) connection.send(std::move(answer));
  } catch (const storage::Failure&) {
    connection.send("NO (TRYLATER) \"The scripts can't be reached; try again later\"\r\n");
  }
  if (closed_) connection.close();
}

/// RFC 5804 2.1
std::string Session::authenticate(Arguments& arguments, Connection& connection) {
  if (!may_log_in(connection.peer())) return "NO (ENCRYPT-NEEDED) \"Use STARTTLS first\"\r\n";
  exchange_ = SaslExchange::begin(services_, arguments[0].text);
  if (!exchange_) return "NO \"That mechanism is not spoken here\"\r\n";
  if (arguments.size() == 1) return respond(std::nullopt, connection);
  const auto initial = decode_sasl(arguments[1].text);
  if (!initial) {
    exchange_.reset();
    return "NO \"The initial response is no base64\"\r\n";
  }
  return respond(*initial, connection);
}

std::string Session::respond(std::optional<std::string_view> response, Connection& connection) {
  switch (exchange_->respond(response)) {
    case SaslExchange::Step::challenge:
      return manage_string(encode_sasl(exchange_->challenge())) + "\r\n";
    case SaslExchange::Step::malformed:
      exchange_.reset();
      return "NO \"The mechanism doesn't have it so\"\r\n";
    case SaslExchange::Step::credentials:
      break;
  }
  Credentials credentials = std::move(exchange_->credentials());
  exchange_.reset();
  busy_ = true;
  log_in(services_, connection, std::move(credentials), "managesieve",
         [this](Connection& there, LoginAnswer answer) { logged_in(there, std::move(answer)); });
  return {};
}

void Session::logged_in(Connection& connection, LoginAnswer answer) {
  busy_ = false;
  switch (answer.outcome) {
    case LoginAnswer::Outcome::accepted:
      principal_ = std::move(*answer.principal);
      failed_logins_ = 0;
      set_deadline(connection);
      if (answer.last_challenge.empty()) return connection.send("OK \"Welcome\"\r\n");
      return connection.send("OK (SASL " + manage_string(encode_sasl(answer.last_challenge)) + ") \"Welcome\"\r\n");
    case LoginAnswer::Outcome::unavailable:
      return connection.send("NO (TRYLATER) \"Too many log in now; try again later\"\r\n");
    case LoginAnswer::Outcome::not_for_mail:
      connection.send("NO \"This app password is not for mail\"\r\n");
      break;
    case LoginAnswer::Outcome::refused:
      connection.send("NO \"Name or password is wrong\"\r\n");
      break;
  }
  if (++failed_logins_ >= most_failed_logins) bye(connection, "Too many failed authentication attempts");
}

/// RFC 5804 2.2
std::string Session::starttls(Arguments&, Connection& connection) {
  if (connection.peer().tls) return "NO \"TLS is there already\"\r\n";
  if (!connection.peer().tls_possible) return "NO \"There is no certificate\"\r\n";
  busy_ = true;
  connection.send("OK \"Begin TLS now\"\r\n");
  connection.start_tls();
  return {};
}

/// RFC 5804 2.3
std::string Session::logout(Arguments&, Connection&) {
  closed_ = true;
  return "OK \"Goodbye\"\r\n";
}

/// RFC 5804 2.4
std::string Session::capability(Arguments&, Connection& connection) {
  return capabilities(connection.peer()) + "OK\r\n";
}

/// RFC 5804 2.13
std::string Session::noop(Arguments& arguments, Connection&) {
  if (arguments.empty()) return "OK \"Done\"\r\n";
  return "OK (TAG " + manage_string(arguments[0].text) + ") \"Done\"\r\n";
}

/// RFC 5804 2.14.1
std::string Session::unauthenticate(Arguments&, Connection&) {
  principal_.reset();
  return "OK\r\n";
}

}  // namespace mail::sieve
