#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/sieve/command_reader.h"
#include "tests/sieve/scene.h"

using namespace mail::sieve;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

const std::string letter =
    "Received: from a by b; Mon, 26 Feb 2007 15:00:00 +0000\r\n"
    "From: =?utf-8?q?K=C3=A9n?= <ken+list@desert.example.org>\r\nTo: roadrunner@acme.example.com, b@c.example\r\n"
    "Subject: =?iso-8859-1?q?Gr=FC=DFe?= [x] y\r\nDate: Tue, 1 Apr 1997 09:06:31 -0800\r\nMessage-ID: <1@a.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nprologue\r\n--b\r\n\r\nHello "
    "there\r\n--b\r\n"
    "Content-Type: text/html\r\n\r\n<p>Hello</p>\r\n--b--\r\n";

/// The same octets as a script that is checked, run, and included by itself.
void check_script(const std::string& text) {
  ScriptLimits small;
  small.octets = 64 * 1024;
  try {
    const Script script = compile(text, small);
    static const TextMessage message(letter);
    TextHost host;
    host.scripts["self"] = text;
    RunLimits limits;
    limits.steps = 10'000;
    limits.work = 5'000'000;
    const Outcome outcome = run(script, message, host, usual_setting(), limits);
    demand(outcome.actions.size() <= limits.actions + 1);
    demand(outcome.error.empty() || (outcome.actions.size() == 1 && outcome.seen.empty()));
    for (const Action& one : outcome.actions) demand(!one.header || one.header->ends_with("\r\n\r\n"));
  } catch (const ScriptError& error) {
    demand(error.place().line >= 1 && error.place().column >= 1);
  }
}

/// As commands of ManageSieve: the same in one piece and octet by octet.
void check_commands(const std::string& text) {
  const auto read = [&](std::size_t piece) {
    std::string out;
    CommandReader reader;
    for (std::size_t at = 0; at < text.size() && !reader.hopeless();) {
      at += reader.feed(std::string_view(text).substr(at, piece), 100);
      if (!reader.complete()) continue;
      const ManageCommand command = reader.take();
      for (const auto& one : command.arguments) {
        demand(one.text.size() <= CommandReader::most_line);
        out += one.text + '\x01';
      }
      out += command.fault + '\n';
    }
    return out;
  };
  demand(read(text.size()) == read(1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_script(text);
  check_commands(text);
  return 0;
}
