#include "mail/imap/commands.h"
#include "mail/imap/session.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

/// While a client waits, its mailbox is watched; nothing else is held.
class Idling final : public Task {
 public:
  explicit Idling(Call& call) : watch_(call.session.watch()), connection_(call.connection.peer().connection) {
    if (!call.session.has_view()) return;
    mailbox_ = call.session.view().mailbox();
    watch_.add(mailbox_, connection_);
  }
  Idling(const Idling&) = delete;
  Idling& operator=(const Idling&) = delete;
  ~Idling() override {
    if (mailbox_ != 0) watch_.remove(mailbox_, connection_);
  }

  Next line(Call&, std::string_view line) override {
    if (!mime::same_word(line, "DONE")) throw SyntaxError("DONE was awaited");
    return Next::done;
  }

  void woken(Call& call) override {
    if (call.session.has_view()) call.session.report(call, View::Expunged::report);
  }

 private:
  Watch& watch_;
  std::uint64_t connection_;
  storage::Id mailbox_ = 0;
};

}  // namespace

namespace commands {

// RFC 9051 6.3.13
void idle(Call& call) {
  call.arguments.end();
  call.task = std::make_unique<Idling>(call);
  call.next = Task::Next::line;
  call.out += "+ idling\r\n";
  // What came before the mailbox was watched.
  if (call.session.has_view()) call.session.report(call, View::Expunged::report);
}

}  // namespace commands

}  // namespace mail::imap
