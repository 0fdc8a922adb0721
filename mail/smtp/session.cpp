#include "mail/smtp/session.h"

#include <algorithm>
#include <utility>

#include "mail/smtp/deliver.h"

namespace mail::smtp {

namespace {

// RFC 4954 4: a response may have 12288 octets; RFC 5321 4.5.3.1.4 asks for 512.
constexpr std::size_t most_line = 12288;

}  // namespace

void Session::opened(Connection& connection) {
  halted_ = false;
  tls_ = connection.peer().tls;
  set_deadline(connection);
  // RFC 3207 4.2: after TLS has started, the client says hello, without having been greeted again.
  if (greeted_) return;
  greeted_ = true;
  if (role_ == Role::lmtp && !office_.may_deliver(connection.peer())) return end(reply::peer_refused, connection);
  const std::string_view protocol = role_ == Role::lmtp ? "LMTP" : "ESMTP";
  connection.send("220 " + office_.services().settings.host_name + " " + std::string(protocol) + " Pileus\r\n");
}

std::size_t Session::received(std::string_view bytes, Connection& connection) {
  halted_ = false;
  std::size_t used = 0;
  while (used < bytes.size() && !halted_ && !waits_login_) {
    const std::size_t taken = step(bytes.substr(used), connection);
    if (taken == 0) break;
    used += taken;
  }
  if (!waits_login_) set_deadline(connection);
  return used;
}

void Session::expired(Connection& connection) { end(reply::idle, connection); }

// RFC 5321 3.8: a command that is under way is answered, and the transaction is not lost but given back.
void Session::drain(Connection& connection) { end(reply::shutting_down, connection); }

void Session::set_deadline(Connection& connection) const {
  connection.deadline(std::chrono::steady_clock::now() + office_.settings().idle);
}

std::size_t Session::step(std::string_view bytes, Connection& connection) {
  switch (state_) {
    case State::data:
      return take_data(bytes, connection);
    case State::chunk:
      return take_chunk(bytes, connection);
    case State::command:
    case State::response:
      break;
  }
  return take_line(bytes, connection);
}

std::size_t Session::take_line(std::string_view bytes, Connection& connection) {
  const auto line = read_line(bytes, most_line);
  if (!line) return 0;
  if (line->fault != Line::Fault::none) {
    end(line->fault == Line::Fault::too_long ? reply::line_too_long : reply::bare_line_end, connection);
    return bytes.size();
  }
  if (state_ == State::response) {
    state_ = State::command;
    guarded(connection, [&] { respond(std::string(line->text), connection); });
  } else {
    run(line->text, connection);
  }
  return line->used;
}

std::size_t Session::take_data(std::string_view bytes, Connection& connection) {
  const std::size_t used = reader_.read(bytes, [&](std::string_view piece) { intake_->append(piece); });
  if (reader_.ended()) {
    state_ = State::command;
    guarded(connection, [&] { end_message(connection); });
  }
  return used;
}

std::size_t Session::take_chunk(std::string_view bytes, Connection& connection) {
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_));
  if (!chunk_refused_) intake_->append(bytes.substr(0, used));
  chunk_left_ -= used;
  if (chunk_left_ > 0) return used;
  state_ = State::command;
  guarded(connection, [&] {
    if (chunk_refused_) throw Refused(*std::exchange(chunk_refused_, std::nullopt));
    if (chunk_last_) return end_message(connection);
    connection.send(Reply(reply::ok, "Chunk received").line());
  });
  return used;
}

void Session::run(std::string_view line, Connection& connection) {
  const Command command = parse_command(line);
  guarded(connection, [&] {
    const auto& rows = commands();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& one) {
      return one.verb == command.verb && (role_ == Role::lmtp ? one.lmtp : one.submission);
    });
    if (row == rows.end()) throw Refused(reply::unknown_command);
    (this->*row->handler)(command.rest, connection);
  });
}

void Session::guarded(Connection& connection, const std::function<void()>& action) {
  try {
    action();
  } catch (...) {
    refuse(reply_of_exception(office_.settings()), connection);
  }
}

void Session::refuse(const Reply& reply, Connection& connection) {
  if (++errors_ > office_.settings().most_errors) return end(reply::too_many_errors, connection);
  connection.send(reply.line());
}

void Session::end(const Reply& reply, Connection& connection) {
  connection.send(reply.line());
  connection.close();
  halted_ = true;
}

void Session::reset() {
  envelope_.reset();
  intake_.reset();
  chunk_refused_.reset();
}

}  // namespace mail::smtp
