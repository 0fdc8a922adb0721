#include "mail/hooks/milter.h"

#include <algorithm>
#include <array>
#include <span>

#include "mail/hooks/edit.h"
#include "mail/hooks/milter_packet.h"
#include "mail/mime/header.h"

namespace mail::hooks {

namespace {

using milter::Command;
using milter::Reply;
namespace step = milter::step;

constexpr std::size_t most_changes = 10'000;
constexpr std::size_t most_body = std::size_t{150} << 20;
constexpr std::size_t body_piece = 65'535;  // MILTER_CHUNK_SIZE
constexpr int longest_progress = 10;

/// A value as filters take it: its folds with LF alone.
std::string with_bare_ends(std::string_view value) {
  std::string out(value);
  std::erase(out, '\r');
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

/// One message on its way through a filter.
class Conversation {
 public:
  Conversation(const Milter& filter, const Passing& passing, Deadline deadline)
      : filter_(filter),
        passing_(passing),
        time_(deadline - Clock::now()),
        deadline_(deadline),
        last_(deadline + (longest_progress - 1) * time_),
        channel_(filter.dial(deadline)) {}

  Verdict run() {
    negotiate();
    if (envelope() && header() && body()) finish();
    channel_->send(milter::packet(Command::quit, ""), deadline_);
    return std::move(verdict_);
  }

 private:
  void negotiate() {
    channel_->send(milter::negotiation({}), deadline_);
    agreed_ = milter::parse_negotiation(receive());
  }

  bool wanted(std::uint32_t no) const { return (agreed_.steps & no) == 0; }

  milter::Packet receive() {
    std::array<char, 16 * 1024> buffer{};
    while (true) {
      if (auto packet = reader_.next()) return std::move(*packet);
      const std::size_t count = channel_->receive(buffer.data(), buffer.size(), deadline_);
      if (count == 0) throw Failed("the filter has closed the connection");
      reader_.add({buffer.data(), count});
    }
  }

  /// An answer other than that it takes time.
  Reply reply() {
    while (true) {
      Reply answer = milter::parse_reply(receive(), agreed_);
      if (answer.kind != Reply::Kind::progress) return answer;
      deadline_ = std::min(Clock::now() + time_, last_);
    }
  }

  struct Macro {
    std::string_view name;
    std::string_view value;
  };

  void macros(Command before, std::initializer_list<Macro> all) {
    std::string data(1, static_cast<char>(before));
    for (const Macro& one : all) {
      if (!one.value.empty()) data += milter::text(one.name) + milter::text(one.value);
    }
    if (data.size() > 1) channel_->send(milter::packet(Command::macro, data), deadline_);
  }

  /// Sends a step that the filter wants, and takes its answer unless it gives none. False where that ends it.
  bool say(Command command, std::uint32_t no, std::uint32_t silent, std::string_view data) {
    if (!wanted(no)) return true;
    channel_->send(milter::packet(command, data), deadline_);
    return (agreed_.steps & silent) != 0 || decide(reply());
  }

  /// What an answer means before the end of the message; true where it goes on.
  bool decide(const Reply& answer) {
    switch (answer.kind) {
      case Reply::Kind::go_on:
        return true;
      case Reply::Kind::skip:
        skipped_ = true;
        return true;
      case Reply::Kind::accept:
        return false;
      case Reply::Kind::reject:
        return refuse(Outcome::reject, answer);
      case Reply::Kind::defer:
        return refuse(Outcome::defer, answer);
      case Reply::Kind::discard:
        return refuse(Outcome::discard, answer);
      default:
        throw Failed("the filter changes a message before its end");
    }
  }

  bool refuse(Outcome outcome, const Reply& answer) {
    verdict_ = Verdict();
    verdict_.outcome = outcome;
    verdict_.code = answer.code;
    verdict_.text = answer.text;
    return false;
  }

  /// Who is connected, as SMFIC_CONNECT has it.
  std::string peer() const {
    const std::string& client = passing_.client;
    if (client.find(':') != std::string::npos) {
      return milter::text("[" + client + "]") + '6' + std::string(2, '\0') + milter::text(client);
    }
    if (!client.empty() && client.find_first_not_of("0123456789.") == std::string::npos) {
      return milter::text("[" + client + "]") + '4' + std::string(2, '\0') + milter::text(client);
    }
    return milter::text("localhost") + 'U';
  }

  bool envelope() {
    const std::string_view daemon = passing_.direction == Direction::in ? "lmtp" : "submission";
    const std::string sender = "<" + passing_.sender + ">";
    macros(Command::connect, {{"j", filter_.host_name}, {"{daemon_name}", daemon}, {"v", "Pileus"}});
    if (!say(Command::connect, step::no_connect, step::silent_connect, peer())) return false;
    macros(Command::hello, {{"{tls_version}", passing_.tls ? "TLS" : ""}});
    if (!say(Command::hello, step::no_hello, step::silent_hello, milter::text(passing_.hello))) return false;
    macros(Command::mail, {{"i", passing_.id},
                           {"{auth_authen}", passing_.account},
                           {"{auth_type}", passing_.account.empty() ? "" : "PLAIN"},
                           {"{mail_addr}", passing_.sender}});
    if (!say(Command::mail, step::no_mail, step::silent_mail, milter::text(sender))) return false;
    for (const std::string& one : passing_.recipients) {
      macros(Command::recipient, {{"{rcpt_addr}", one}});
      const std::string data = milter::text("<" + one + ">");
      if (!say(Command::recipient, step::no_recipient, step::silent_recipient, data)) return false;
    }
    macros(Command::data, {{"i", passing_.id}});
    // SMFIC_DATA came with version 4.
    return agreed_.version < 4 || say(Command::data, step::no_data, step::silent_data, "");
  }

  bool header() {
    const std::string header = header_of(passing_.message);
    header_size_ = header.size();
    mime::FieldReader reader(header);
    while (const auto field = reader.next()) {
      if (field->name.empty()) continue;
      std::string_view value = field->value;
      // SMFIP_HDR_LEADSPC: otherwise the space after the colon is none of it.
      if ((agreed_.steps & step::leading_space) == 0 && value.starts_with(' ')) value.remove_prefix(1);
      const std::string data = milter::text(field->name) + milter::text(with_bare_ends(value));
      if (!say(Command::header, step::no_headers, step::silent_header, data)) return false;
    }
    return say(Command::end_of_header, step::no_end_of_header, step::silent_end_of_header, "");
  }

  bool body() {
    bool goes_on = true;
    skipped_ = false;
    read_pieces(passing_.message, header_size_, [&](std::string_view piece) {
      while (goes_on && !skipped_ && !piece.empty()) {
        goes_on = say(Command::body, step::no_body, step::silent_body, piece.substr(0, body_piece));
        piece.remove_prefix(std::min(piece.size(), body_piece));
      }
    });
    return goes_on;
  }

  /// The end of the message: changes, and the last answer.
  void finish() {
    macros(Command::end_of_message, {{"i", passing_.id}});
    channel_->send(milter::packet(Command::end_of_message, ""), deadline_);
    for (std::size_t changes = 0;; ++changes) {
      if (changes > most_changes) throw Failed("the filter wants too many changes");
      Reply answer = reply();
      if (!take(answer)) {
        decide(answer);
        return;
      }
    }
  }

  /// Whether an answer is a change.
  bool take(Reply& answer) {
    switch (answer.kind) {
      case Reply::Kind::header:
        verdict_.changes.push_back(std::move(answer.change));
        return true;
      case Reply::Kind::body:
        if (!verdict_.body) verdict_.body.emplace();
        if (verdict_.body->size() + answer.text.size() > most_body) throw Failed("the filter makes a body too large");
        *verdict_.body += answer.text;
        return true;
      case Reply::Kind::sender:
        verdict_.sender = std::move(answer.text);
        return true;
      case Reply::Kind::add:
        verdict_.added_recipients.push_back(std::move(answer.text));
        return true;
      case Reply::Kind::remove:
        verdict_.removed_recipients.push_back(std::move(answer.text));
        return true;
      case Reply::Kind::quarantine:
        verdict_.outcome = Outcome::quarantine;
        verdict_.text = std::move(answer.text);
        return true;
      default:
        return false;
    }
  }

  const Milter& filter_;
  const Passing& passing_;
  const Clock::duration time_;
  Deadline deadline_;
  const Deadline last_;
  std::unique_ptr<Channel> channel_;
  milter::Negotiation agreed_;
  milter::PacketReader reader_;
  std::uint64_t header_size_ = 0;
  bool skipped_ = false;
  Verdict verdict_;
};

}  // namespace

Function milter_client(Milter filter) {
  return [filter = std::move(filter)](const Passing& passing, Deadline deadline) {
    return Conversation(filter, passing, deadline).run();
  };
}

}  // namespace mail::hooks
