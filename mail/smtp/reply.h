#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace mail::smtp {

/// A reply that a server of mail gives: one row of the table below.
struct ReplyRow {
  int code;                 ///< RFC 5321 4.2
  std::string_view status;  ///< RFC 3463; empty for replies that have none (RFC 2034 4)
  std::string_view text;
};

/// One answer, to a command or for a recipient.
struct Reply {
  int code = 0;
  std::string status;
  std::string text;

  Reply() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a row of the table is a reply.
  Reply(const ReplyRow& row) : code(row.code), status(row.status), text(row.text) {}
  Reply(const ReplyRow& row, std::string_view other_text) : code(row.code), status(row.status), text(other_text) {}

  bool accepted() const { return code < 400; }
  bool transient() const { return code >= 400 && code < 500; }
  std::string line() const;  ///< with its line end
};

/// Thrown where a command is refused; the session sends the reply.
class Refused : public std::runtime_error {
 public:
  explicit Refused(const Reply& reply) : std::runtime_error(reply.text), reply_(reply) {}
  const Reply& reply() const { return reply_; }

 private:
  Reply reply_;
};

namespace reply {

// RFC 5321 4.2.3, RFC 3463 3, RFC 4954 6
constexpr ReplyRow ready_tls{220, "2.0.0", "Ready to start TLS"};
constexpr ReplyRow bye{221, "2.0.0", "Bye"};
constexpr ReplyRow authenticated{235, "2.7.0", "Authentication succeeded"};
constexpr ReplyRow ok{250, "2.0.0", "OK"};
constexpr ReplyRow sender_ok{250, "2.1.0", "Sender OK"};
constexpr ReplyRow recipient_ok{250, "2.1.5", "Recipient OK"};
constexpr ReplyRow accepted{250, "2.0.0", "Message accepted"};
constexpr ReplyRow delivered{250, "2.1.5", "Delivered"};
constexpr ReplyRow not_verified{252, "2.5.0", "Cannot verify, but will try to deliver"};
constexpr ReplyRow go_on{354, "", "End data with <CR><LF>.<CR><LF>"};
constexpr ReplyRow shutting_down{421, "4.3.2", "Shutting down"};
constexpr ReplyRow idle{421, "4.4.2", "Idle for too long"};
constexpr ReplyRow too_many_errors{421, "4.7.0", "Too many errors"};
constexpr ReplyRow busy{450, "4.7.1", "Too much mail from this account; try again later"};
constexpr ReplyRow trouble{451, "4.3.0", "Trouble here; try again later"};
constexpr ReplyRow too_many_recipients{452, "4.5.3", "Too many recipients"};
constexpr ReplyRow disk_full{452, "4.3.1", "No space here; try again later"};
constexpr ReplyRow quota_soft{452, "4.2.2", "The mailbox is full"};
constexpr ReplyRow throttled{454, "4.7.0", "Too many attempts; try again later"};
constexpr ReplyRow tls_not_possible{454, "4.7.0", "TLS is not available"};
constexpr ReplyRow unknown_command{500, "5.5.2", "Unknown command"};
constexpr ReplyRow line_too_long{500, "5.5.6", "Line too long"};
constexpr ReplyRow bare_line_end{500, "5.5.2", "Lines must end with CR LF"};
constexpr ReplyRow syntax{501, "5.5.4", "Syntax error in parameters"};
constexpr ReplyRow bad_sender{501, "5.1.7", "Bad sender address"};
constexpr ReplyRow bad_recipient{501, "5.1.3", "Bad recipient address"};
constexpr ReplyRow authentication_cancelled{501, "5.7.0", "Authentication cancelled"};
constexpr ReplyRow not_implemented{502, "5.5.1", "Not implemented"};
constexpr ReplyRow bad_sequence{503, "5.5.1", "Bad sequence of commands"};
constexpr ReplyRow hello_first{503, "5.5.1", "Say hello first"};
constexpr ReplyRow no_recipients{503, "5.5.1", "No valid recipients"};
constexpr ReplyRow unknown_mechanism{504, "5.5.4", "Unknown mechanism"};
constexpr ReplyRow authentication_needed{530, "5.7.0", "Authentication required"};
constexpr ReplyRow wrong_password{535, "5.7.8", "Authentication credentials invalid"};
constexpr ReplyRow tls_needed{538, "5.7.11", "Encryption required"};
constexpr ReplyRow no_such_recipient{550, "5.1.1", "No such address here"};
constexpr ReplyRow disabled{550, "5.2.1", "The mailbox is disabled"};
constexpr ReplyRow not_yours{550, "5.7.1", "The sender's address is not yours"};
constexpr ReplyRow no_relay{550, "5.7.1", "Mail to other places is not taken"};
constexpr ReplyRow rejected{550, "5.7.1", "The message is rejected"};
constexpr ReplyRow too_large{552, "5.3.4", "The message is too large"};
constexpr ReplyRow quota_hard{552, "5.2.2", "The mailbox is full"};
constexpr ReplyRow needs_utf8{553, "5.6.7", "This address needs SMTPUTF8"};
constexpr ReplyRow peer_refused{554, "5.7.1", "Not for you"};
constexpr ReplyRow loop{554, "5.4.6", "The message runs in a loop"};
constexpr ReplyRow header_too_large{554, "5.6.0", "The message's header is too large"};
constexpr ReplyRow unknown_parameter{555, "5.5.4", "Unknown parameter"};

}  // namespace reply

}  // namespace mail::smtp
