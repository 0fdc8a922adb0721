#include "mail/imap/session.h"

#include <algorithm>
#include <utility>

#include "mail/imap/append_literal.h"
#include "mail/imap/capability.h"
#include "mail/imap/commands.h"
#include "storage/failure.h"

namespace mail::imap {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t longest_line_before_login = 8 * 1024;
constexpr std::uint64_t most_literal_before_login = 4 * 1024;
constexpr std::chrono::seconds time_to_log_in{60};
constexpr int most_bad_commands = 10;
constexpr int most_bad_commands_before_login = 3;
constexpr int most_failed_logins = 5;
// A literal of so much more than could be taken isn't waited for.
constexpr std::uint64_t most_passed_over = 1024 * 1024;

std::string_view trouble_code(storage::Trouble trouble) {
  switch (trouble) {
    case storage::Trouble::unavailable:
    case storage::Trouble::conflict:
      return "UNAVAILABLE";
    case storage::Trouble::full:
      return "LIMIT";
    case storage::Trouble::corrupt:
      return "CORRUPTION";
    case storage::Trouble::refused:
      break;
  }
  return "SERVERBUG";
}

std::string coded(std::string_view code, std::string_view text) {
  std::string line;
  if (!code.empty()) line.append("[").append(code).append("] ");
  return line.append(text);
}

/// The tag that a command begins with, or `*`.
std::string tag_of(std::string_view text) {
  try {
    Cursor cursor(text);
    std::string tag(cursor.tag());
    return cursor.at_end() || cursor.peek() == ' ' ? tag : "*";
  } catch (const SyntaxError&) {
    return "*";
  }
}

}  // namespace

void Call::flush() {
  if (!out.empty()) connection.send(std::exchange(out, {}));
}

void Call::send(storage::Segment segment) {
  flush();
  ++pieces;
  connection.send(std::move(segment));
}

Session::~Session() = default;

unsigned Session::state() const {
  if (!principal_) return state::not_authenticated;
  return view_ ? state::selected : state::authenticated;
}

Client Session::client() const {
  return enabled(Extension::rev2) || enabled(Extension::utf8) ? Client::utf8 : Client::rev1;
}

void Session::must_write() const {
  if (read_only()) throw Refusal("NOPERM", "This app password may only read");
}

void Session::opened(Connection& connection) {
  set_deadline(connection);
  if (std::exchange(starting_tls_, false)) return;  // nothing is said. RFC 9051 6.2.1
  connection.send("* OK [CAPABILITY " + capabilities(*this, connection.peer()) + "] Pileus is ready\r\n");
}

void Session::expired(Connection& connection) {
  bye(connection, principal_ ? "Nothing was said for too long" : "Nobody has logged in");
}

void Session::drain(Connection& connection) {
  bye(connection, "[UNAVAILABLE] The server is going down; connect again");
}

void Session::cut(Connection& connection) {
  closing_ = true;
  connection.close();
}

void Session::bye(Connection& connection, std::string_view text) {
  if (!closing_) connection.send(std::string("* BYE ").append(text) + "\r\n");
  closing_ = true;
  connection.close();
}

void Session::set_deadline(Connection& connection) {
  connection.deadline(Clock::now() + (principal_ ? settings().idle : time_to_log_in));
}

std::size_t Session::most_line() const { return principal_ ? longest_line : longest_line_before_login; }

std::size_t Session::received(std::string_view bytes, Connection& connection) {
  std::string_view rest = bytes;
  while (!rest.empty() && !closing_) {
    if (running_ && running_->next != Task::Next::line) break;
    const Reader::Event event = reader_.take(rest, most_line());
    if (event == Reader::Event::more || !handle(event, connection)) break;
  }
  return closing_ ? bytes.size() : bytes.size() - rest.size();
}

/// False once something was said, so that the answer goes out before more is done.
bool Session::handle(Reader::Event event, Connection& connection) {
  if (event == Reader::Event::literal) {
    announced(connection);
    return true;
  }
  set_deadline(connection);
  if (event == Reader::Event::command) {
    running_ ? run_line(connection) : run_command(connection);
  } else if (event == Reader::Event::too_long) {
    running_.reset();
    bad(connection, tag_of(reader_.text()), "The line is too long");
  } else {
    connection.send(tag_of(reader_.text()) + " " + std::exchange(refused_, {}) + "\r\n");
  }
  reader_.reset();
  return false;
}

/// A literal is announced: where it goes. RFC 9051 4.3, RFC 7888 4
void Session::announced(Connection& connection) {
  const LiteralHead& head = reader_.head();
  const bool appended = principal_ && is_appended_literal(reader_.text(), client());
  const std::uint64_t most =
      appended     ? settings().most_message
      : principal_ ? settings().most_literal - std::min(settings().most_literal, reader_.literal_octets())
                   : most_literal_before_login - std::min(most_literal_before_login, reader_.literal_octets());
  if (head.size > most) {
    refused_ = appended ? "NO [TOOBIG] A message has at most " + std::to_string(most) + " octets"
                        : "BAD [TOOBIG] The literal is too long";
  } else if (appended) {
    refused_ = append_refusal(*this, reader_.text());
  }
  if (refused_.empty()) {
    appended ? reader_.spool_into(storage::Spool(store().spool_directory())) : reader_.accept();
    if (head.synchronizing) connection.send("+ OK\r\n");
    return;
  }
  if (head.synchronizing) {
    connection.send(tag_of(reader_.text()) + " " + std::exchange(refused_, {}) + "\r\n");
    return reader_.reset();
  }
  if (head.size > most + most_passed_over) return bye(connection, "[TOOBIG] The literal is too long");
  reader_.refuse();
}

void Session::bad(Connection& connection, std::string_view tag, std::string_view text) {
  connection.send(std::string(tag) + " BAD " + std::string(text) + "\r\n");
  const int most = principal_ ? most_bad_commands : most_bad_commands_before_login;
  if (++bad_commands_ >= most) bye(connection, "Too many commands that can't be understood");
}

void Session::run_command(Connection& connection) {
  Cursor cursor(reader_.text(), client());
  std::string tag = "*";
  try {
    tag = cursor.tag();
    cursor.space();
    std::string name = cursor.word();
    const bool uid = name == "UID" && cursor.skip_if(' ');
    if (uid) name = cursor.word();
    const Command* command = find_command(name, uid);
    if (!command) return bad(connection, tag, "There is no such command");
    if ((command->states & state()) == 0) return bad(connection, tag, "Not in this state of the session");
    Call call(*this, connection, *command, std::move(tag), uid, cursor);
    run(call);
  } catch (const SyntaxError& error) {
    bad(connection, tag, error.what());
  }
}

void Session::run(Call& call) {
  guarded(call, [&] {
    call.command.run(call);
    if (!call.task) return call.next == Task::Next::later ? call.flush() : finish(call);
    after(call);
  });
}

/// Runs a part of a command; what it throws is the tagged response.
template <class F>
void Session::guarded(Call& call, const F& what) {
  const auto no = [&](std::string_view code, std::string_view text) {
    running_.reset();
    if (closing_) return;
    call.out += call.tag + " NO " + coded(code, text) + "\r\n";
    call.flush();
  };
  try {
    what();
  } catch (const SyntaxError& error) {
    running_.reset();
    call.flush();
    bad(call.connection, call.tag, error.what());
  } catch (const Refusal& refusal) {
    no(refusal.code(), refusal.what());
  } catch (const storage::QuotaExceeded&) {
    no("OVERQUOTA", "There is no room for it in the account");
  } catch (const storage::Failure& failure) {
    no(trouble_code(failure.trouble()), "The server can't do it now; try again later");
  }
}

/// After a turn of a command that has a task: what comes next.
void Session::after(Call& call) {
  while (call.next == Task::Next::turn && call.out.empty()) call.next = call.task->step(call);
  if (call.next == Task::Next::done) return finish(call);
  if (call.next == Task::Next::line) expect_line();
  call.flush();
  running_ = std::make_unique<Running>(Running{call.command, call.tag, call.uid, std::move(call.task), call.next});
}

void Session::sent(Connection& connection) {
  if (!running_ || running_->next != Task::Next::turn) return;
  const std::unique_ptr<Running> running = std::move(running_);
  Cursor nothing{std::string_view()};
  Call call(*this, connection, running->command, running->tag, running->uid, nothing);
  call.task = std::move(running->task);
  guarded(call, [&] {
    call.next = call.task->step(call);
    after(call);
  });
}

void Session::run_line(Connection& connection) {
  const std::unique_ptr<Running> running = std::move(running_);
  Cursor nothing{std::string_view()};
  Call call(*this, connection, running->command, running->tag, running->uid, nothing);
  call.task = std::move(running->task);
  guarded(call, [&] {
    call.next = call.task->line(call, reader_.text());
    if (call.next != Task::Next::later) after(call);
  });
}

void Session::woken(Connection& connection) {
  if (!running_ || running_->next != Task::Next::line) return;
  Cursor nothing{std::string_view()};
  Call call(*this, connection, running_->command, running_->tag, running_->uid, nothing);
  try {
    running_->task->woken(call);
    call.flush();
  } catch (const storage::Failure&) {
    // What has changed is said when the store answers again.
  }
}

void Session::finish(Call& call) {
  bad_commands_ = 0;
  if (has_view()) {
    const bool keep = call.command.numbers == Command::Numbers::stay && !call.uid;
    report(call, keep ? View::Expunged::keep : View::Expunged::report);
    if (closing_) return;
  }
  std::string text = call.text.empty() ? std::string(call.command.name) + " completed" : call.text;
  call.out += call.tag + " OK " + coded(call.code, text) + "\r\n";
  call.flush();
}

void Session::end_call(Connection& connection, std::string_view line) {
  bad_commands_ = 0;
  set_deadline(connection);
  connection.send(std::string(line) + "\r\n");
}

void Session::logged_in(storage::Principal principal) {
  principal_ = std::move(principal);
  failed_logins_ = 0;
}

void Session::login_failed(Connection& connection) {
  if (++failed_logins_ >= most_failed_logins) bye(connection, "Too many failed logins");
}

void Session::log_out() {
  view_.reset();
  principal_.reset();
  enabled_ = 0;
}

}  // namespace mail::imap
