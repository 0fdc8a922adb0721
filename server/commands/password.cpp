#include "server/commands/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

#include "server/commands/context.h"
#include "server/exit.h"
#include "storage/spool.h"

namespace server {

namespace {

constexpr char interrupt = '\x03';

/// The terminal without echo. Control-C is read as a character that ends the line, so that nobody is left with a
/// terminal that shows nothing.
class QuietTerminal {
 public:
  explicit QuietTerminal(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor_, &before_) != 0)
      throw UsageError("no terminal to ask for a password: use --password-stdin");
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_cc[VEOL] = interrupt;
    ::tcsetattr(descriptor_, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() { ::tcsetattr(descriptor_, TCSAFLUSH, &before_); }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  std::string ask(std::string_view question) {
    say(question);
    std::string line;
    char c = 0;
    while (::read(descriptor_, &c, 1) == 1 && c != '\n') {
      if (c == interrupt) throw CommandFailed(exit_usage, "given up");
      line += c;
    }
    say("\n");
    return line;
  }

 private:
  void say(std::string_view text) { static_cast<void>(!::write(descriptor_, text.data(), text.size())); }

  int descriptor_;
  termios before_{};
};

std::string from_stdin() {
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string from_terminal() {
  const storage::File terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (terminal.descriptor() < 0) throw UsageError("no terminal to ask for a password: use --password-stdin");
  QuietTerminal quiet(terminal.descriptor());
  std::string password = quiet.ask("New password: ");
  if (!password.empty() && quiet.ask("The same again: ") != password) throw CommandFailed(exit_data, "these differ");
  return password;
}

}  // namespace

std::string new_password(const Arguments& arguments) {
  std::string password = arguments.has("--password-stdin") ? from_stdin() : from_terminal();
  if (password.empty()) throw CommandFailed(exit_data, "an empty password is none");
  return password;
}

}  // namespace server
