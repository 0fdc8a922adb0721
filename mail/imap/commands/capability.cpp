#include "mail/imap/capability.h"

#include "mail/imap/commands.h"
#include "mail/imap/session.h"

namespace mail::imap {

namespace commands {

// RFC 9051 6.1.1
void capability(Call& call) {
  call.arguments.end();
  call.out += "* CAPABILITY " + capabilities(call.session, call.connection.peer()) + "\r\n";
}

void noop(Call& call) { call.arguments.end(); }

// RFC 2971 3.1: what clients say of themselves changes nothing.
void id(Call& call) {
  call.arguments.space();
  if (!call.arguments.skip_word("NIL")) {
    call.arguments.list(Cursor::Empty::allowed, [&] {
      call.arguments.string();
      call.arguments.space();
      call.arguments.nstring();
    });
  }
  call.arguments.end();
  call.out += "* ID (\"name\" \"Pileus\")\r\n";
}

// RFC 9051 6.3.1: the response names what this command has turned on.
void enable(Call& call) {
  Session& session = call.session;
  std::string enabled;
  const auto turn_on = [&](Extension extension, std::string_view name) {
    if (session.enabled(extension)) return;
    session.enable(extension);
    enabled.append(" ").append(name);
  };
  do {
    call.arguments.space();
    const std::string name = call.arguments.word();
    if (name == "IMAP4REV2") turn_on(Extension::rev2, "IMAP4rev2");
    if (name == "UTF8=ACCEPT") turn_on(Extension::utf8, "UTF8=ACCEPT");
    if (name == "CONDSTORE") turn_on(Extension::condstore, "CONDSTORE");
    if (name == "QRESYNC") {
      session.enable(Extension::condstore);  // RFC 7162 3.2.3
      turn_on(Extension::qresync, "QRESYNC");
    }
  } while (!call.arguments.at_end());
  call.out += "* ENABLED" + enabled + "\r\n";
}

// RFC 9051 6.3.10
void name_space(Call& call) {
  call.arguments.end();
  call.out += "* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL\r\n";
}

}  // namespace commands

}  // namespace mail::imap
