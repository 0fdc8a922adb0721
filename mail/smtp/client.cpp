#include "mail/smtp/client.h"

#include <algorithm>

#include "mail/login.h"
#include "mail/mime/header.h"
#include "mail/smtp/command.h"

namespace mail::smtp {

namespace {

using Result = RelayOutcome::Result;
using storage::QueuedMessage;
using storage::QueuedRecipient;

// RFC 5321 4.5.3.2, together no longer than a lease.
constexpr std::chrono::seconds command_time{120};
constexpr std::chrono::seconds whole_time{780};
constexpr std::size_t most_reply = std::size_t{64} * 1024;

/// Thrown where all recipients fare the same.
struct Stop {
  RelayOutcome outcome;
};

RelayOutcome outcome_of(const RemoteReply& reply) {
  const Result result = reply.code < 400 ? Result::taken : reply.code < 500 ? Result::deferred : Result::refused;
  return {result, reply.status(), reply.text(), true, false};
}

class Client {
 public:
  Client(Connector& connector, const Relay& relay)
      : relay_(relay), end_(std::chrono::steady_clock::now() + whole_time) {
    wire_ = connector.connect(relay.host, relay.port, next_deadline());
  }

  void begin(const std::string& own_name) {
    if (relay_.tls == RelayTls::implicit) wire_->start_tls(Wire::Certificate::verified);
    demand(read_reply());
    hello(own_name);
    if (relay_.tls == RelayTls::opportunistic || relay_.tls == RelayTls::verified) secure(own_name);
    if (!relay_.user.empty()) log_in();
  }

  std::vector<RelayOutcome> send(const QueuedMessage& message, const std::vector<QueuedRecipient>& recipients,
                                 const storage::Segment& octets) {
    demand(command(mail_line(message)));
    std::vector<RelayOutcome> outcomes;
    bool any = false;
    for (const QueuedRecipient& recipient : recipients) {
      outcomes.push_back(outcome_of(command(rcpt_line(recipient))));
      any = any || outcomes.back().result == Result::taken;
    }
    if (!any) return outcomes;
    const RemoteReply go_on = command("DATA");
    if (go_on.code != 354) {
      demand(go_on);
      throw WireBroken("the server doesn't answer DATA as it should");
    }
    write_message(octets);
    RelayOutcome outcome = outcome_of(read_reply());
    outcome.tells_success = has("DSN");
    for (RelayOutcome& one : outcomes) {
      if (one.result == Result::taken) one = outcome;
    }
    return outcomes;
  }

  void quit() {
    try {
      end_ = std::min(end_, std::chrono::steady_clock::now() + std::chrono::seconds(5));
      command("QUIT");
    } catch (const WireBroken&) {
      return;  // it has what it needs
    }
  }

 private:
  std::chrono::steady_clock::time_point next_deadline() const {
    return std::min(end_, std::chrono::steady_clock::now() + command_time);
  }

  void demand(const RemoteReply& reply) const {
    if (reply.code >= 400) throw Stop{outcome_of(reply)};
  }

  RemoteReply read_reply() {
    RemoteReply reply;
    while (true) {
      const std::size_t used = parse_reply(buffer_, reply);
      if (used > 0) {
        buffer_.erase(0, used);
        return reply;
      }
      if (buffer_.size() > most_reply) throw WireBroken("a reply is too long");
      buffer_ += wire_->read();
    }
  }

  RemoteReply command(const std::string& line) {
    wire_->deadline(next_deadline());
    wire_->write(line + "\r\n");
    return read_reply();
  }

  void hello(const std::string& own_name) {
    extensions_.clear();
    RemoteReply reply = command("EHLO " + own_name);
    if (reply.code >= 500) return demand(command("HELO " + own_name));
    demand(reply);
    for (std::size_t i = 1; i < reply.lines.size(); ++i) {
      const std::string line = mime::lower_case(reply.lines[i]);
      extensions_.insert(line.substr(0, line.find(' ')));
      if (line.starts_with("auth ")) mechanisms_ = line + " ";
    }
  }

  bool has(std::string_view extension) const { return extensions_.contains(mime::lower_case(extension)); }

  void secure(const std::string& own_name) {
    if (!has("STARTTLS")) {
      if (relay_.tls == RelayTls::opportunistic) return;
      throw Stop{{Result::deferred, "4.7.4", "the relay offers no TLS", false, false}};
    }
    const RemoteReply reply = command("STARTTLS");
    if (reply.code >= 400) {
      if (relay_.tls == RelayTls::opportunistic) return;
      throw Stop{{Result::deferred, "4.7.4", "the relay refuses TLS: " + reply.text(), false, false}};
    }
    // What came in the clear after the reply may be anybody's.
    if (!buffer_.empty()) throw WireBroken("the server says something before TLS");
    wire_->start_tls(relay_.tls == RelayTls::verified ? Wire::Certificate::verified : Wire::Certificate::any);
    hello(own_name);
  }

  void log_in() {
    RemoteReply reply;
    if (mechanisms_.find(" plain ") != std::string::npos) {
      const std::string nul(1, '\0');
      reply = command("AUTH PLAIN " + encode_sasl(nul + relay_.user + nul + relay_.password));
    } else {
      reply = command("AUTH LOGIN");
      if (reply.code == 334) reply = command(encode_sasl(relay_.user));
      if (reply.code == 334) reply = command(encode_sasl(relay_.password));
    }
    if (reply.code == 235) return;
    // A wrong password here is no fault of the message.
    throw Stop{{Result::deferred, "4.7.8", "the relay refuses the login: " + reply.text(), false, false}};
  }

  std::string mail_line(const QueuedMessage& message) {
    std::string line = "MAIL FROM:<" + message.sender + ">";
    if (has("SIZE")) line += " SIZE=" + std::to_string(message.size);
    if (message.eight_bit && has("8BITMIME")) line += " BODY=8BITMIME";
    if (message.utf8) {
      // RFC 6531 3.4
      if (!has("SMTPUTF8")) {
        throw Stop{{Result::refused, "5.6.7", "the relay takes no internationalized addresses", false, false}};
      }
      line += " SMTPUTF8";
    }
    if (!has("DSN")) return line;
    const auto returned = static_cast<Return>(message.returned);
    if (returned != Return::unsaid) line += returned == Return::full ? " RET=FULL" : " RET=HDRS";
    if (!message.envelope_id.empty()) line += " ENVID=" + message.envelope_id;
    return line;
  }

  std::string rcpt_line(const QueuedRecipient& recipient) const {
    std::string line = "RCPT TO:<" + recipient.address + ">";
    if (!has("DSN")) return line;
    std::string wanted;
    const auto add = [&](unsigned bit, const char* word) {
      if ((recipient.notify & bit) != 0) wanted += (wanted.empty() ? "" : ",") + std::string(word);
    };
    add(notify::never, "NEVER");
    add(notify::success, "SUCCESS");
    add(notify::failure, "FAILURE");
    add(notify::delay, "DELAY");
    if (!wanted.empty()) line += " NOTIFY=" + wanted;
    if (!recipient.original.empty()) line += " ORCPT=" + recipient.original;
    return line;
  }

  void write_message(const storage::Segment& octets) {
    DataWriter writer;
    constexpr std::size_t piece_size = std::size_t{64} * 1024;
    std::string piece;
    for (std::uint64_t at = 0; at < octets.size(); at += piece.size()) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, octets.size() - at));
      if (octets.file) {
        piece.resize(wanted);
        piece.resize(octets.file->read(piece.data(), wanted, octets.offset + at));
        if (piece.empty()) throw WireBroken("the message can't be read");
      } else {
        piece = octets.bytes.substr(static_cast<std::size_t>(at), wanted);
      }
      wire_->deadline(next_deadline());
      wire_->write(writer.next(piece));
    }
    wire_->deadline(end_);
    wire_->write(writer.end());
  }

  const Relay& relay_;
  std::chrono::steady_clock::time_point end_;
  std::unique_ptr<Wire> wire_;
  std::string buffer_;
  std::set<std::string, std::less<>> extensions_;
  std::string mechanisms_;
};

}  // namespace

std::vector<RelayOutcome> relay_message(Connector& connector, const Relay& relay, const std::string& own_name,
                                        const QueuedMessage& message, const std::vector<QueuedRecipient>& recipients,
                                        const storage::Segment& octets) {
  const auto all = [&](const RelayOutcome& outcome) { return std::vector<RelayOutcome>(recipients.size(), outcome); };
  try {
    Client client(connector, relay);
    try {
      client.begin(own_name);
      auto outcomes = client.send(message, recipients, octets);
      client.quit();
      return outcomes;
    } catch (const Stop& stop) {
      client.quit();
      return all(stop.outcome);
    }
  } catch (const WireBroken& broken) {
    return all({Result::deferred, "4.4.1", broken.what(), false, false});
  } catch (const std::exception& error) {
    return all({Result::deferred, "4.3.0", error.what(), false, false});
  }
}

}  // namespace mail::smtp
