#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/connection.h"
#include "mail/login.h"
#include "mail/smtp/command.h"
#include "mail/smtp/intake.h"
#include "mail/smtp/reader.h"
#include "mail/smtp/recipients.h"
#include "mail/smtp/reply.h"
#include "mail/smtp/smtp.h"
#include "storage/principal.h"

namespace mail::smtp {

/// A conversation in which mail is taken: LMTP with a server, or submission with a client.
class Session final : public Dialogue {
 public:
  Session(Office& office, Role role) : office_(office), role_(role) {}

  void opened(Connection& connection) override;
  std::size_t received(std::string_view bytes, Connection& connection) override;
  void expired(Connection& connection) override;
  void drain(Connection& connection) override;

 private:
  using Handler = void (Session::*)(std::string_view rest, Connection& connection);
  struct Row {
    std::string_view verb;
    bool lmtp;
    bool submission;
    Handler handler;
  };
  static const std::vector<Row>& commands();

  struct Recipient {
    RcptCommand rcpt;
    Destination destination;
  };
  /// A mail transaction. RFC 5321 3.3
  struct Envelope {
    MailCommand mail;
    std::vector<Recipient> recipients;
  };

  // What octets are, by what has been said: session.cpp.
  std::size_t step(std::string_view bytes, Connection& connection);
  std::size_t take_line(std::string_view bytes, Connection& connection);
  std::size_t take_data(std::string_view bytes, Connection& connection);
  std::size_t take_chunk(std::string_view bytes, Connection& connection);
  void run(std::string_view line, Connection& connection);
  void guarded(Connection& connection, const std::function<void()>& action);
  void refuse(const Reply& reply, Connection& connection);
  void end(const Reply& reply, Connection& connection);
  void set_deadline(Connection& connection) const;
  void reset();

  // Commands: session_commands.cpp.
  void hello(std::string_view rest, Connection& connection);
  void extended_hello(std::string_view rest, Connection& connection);
  void start_tls(std::string_view rest, Connection& connection);
  void authenticate(std::string_view rest, Connection& connection);
  void mail(std::string_view rest, Connection& connection);
  void rcpt(std::string_view rest, Connection& connection);
  void data(std::string_view rest, Connection& connection);
  void bdat(std::string_view rest, Connection& connection);
  void rset(std::string_view rest, Connection& connection);
  void noop(std::string_view rest, Connection& connection);
  void vrfy(std::string_view rest, Connection& connection);
  void help(std::string_view rest, Connection& connection);
  void quit(std::string_view rest, Connection& connection);
  void check_mail_possible() const;
  void check_size(std::uint64_t size) const;
  void check_sender(const Address& from) const;
  Destination check_recipient(const RcptCommand& rcpt) const;
  void respond(std::optional<std::string> response, Connection& connection);
  void logged_in(LoginAnswer answer, Connection& connection);

  // Messages: session_message.cpp.
  void begin_message(Connection& connection);
  std::string front(std::string_view header) const;
  void end_message(Connection& connection);
  void end_delivery(Connection& connection);
  void end_submission(Connection& connection);
  std::string with() const;

  Office& office_;
  Role role_;
  enum class State { command, data, chunk, response };
  State state_ = State::command;
  bool greeted_ = false;  ///< before TLS is started anew, there has been a greeting
  bool tls_ = false;
  bool extended_ = false;     ///< EHLO or LHLO, not HELO
  bool halted_ = false;       ///< nothing more is read in this call
  bool waits_login_ = false;  ///< for a password to be checked
  std::string hello_;         ///< how the peer calls itself; empty until it does
  std::string address_;       ///< of the peer, for the message that comes in
  std::string id_;            ///< of the message
  std::size_t errors_ = 0;
  std::optional<storage::Principal> principal_;
  std::unique_ptr<SaslExchange> exchange_;
  std::optional<LoginAnswer> proven_;  ///< a proof was right; the client is to confirm the server's
  std::optional<Envelope> envelope_;
  std::unique_ptr<Intake> intake_;
  DataReader reader_;
  std::uint64_t chunk_left_ = 0;
  bool chunk_last_ = false;
  std::optional<Reply> chunk_refused_;  ///< its octets are read and forgotten
};

}  // namespace mail::smtp
