#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/imap/call.h"
#include "mail/imap/reader.h"
#include "mail/imap/view.h"
#include "mail/login.h"
#include "mail/services.h"
#include "mail/watch.h"
#include "storage/principal.h"

namespace mail::imap {

/// What all sessions share.
struct Shared {
  explicit Shared(const Services& the_services) : services(the_services), watch(services.store, services.wake) {}

  const Services services;
  Watch watch;
};

/// What ENABLE turns on, or a command that implies it. RFC 5161, RFC 7162 3.1
enum class Extension : unsigned { rev2 = 1, utf8 = 2, condstore = 4, qresync = 8, uid_only = 16 };

/// One client's conversation.
class Session final : public Dialogue {
 public:
  explicit Session(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override;

  void opened(Connection& connection) override;
  std::size_t received(std::string_view bytes, Connection& connection) override;
  void sent(Connection& connection) override;
  void expired(Connection& connection) override;
  void woken(Connection& connection) override;
  void drain(Connection& connection) override;

  // For commands.
  const Services& services() const { return shared_->services; }
  storage::Store& store() const { return shared_->services.store; }
  const Settings& settings() const { return shared_->services.settings.imap; }
  Watch& watch() const { return shared_->watch; }

  unsigned state() const;
  /// Precondition: logged in.
  const storage::Principal& principal() const { return *principal_; }
  storage::Id account() const { return principal_->account; }
  storage::Actor actor() const { return {principal_->account, principal_->credential}; }
  bool read_only() const { return principal_->scope.read_only; }
  /// Throws Refusal{NOPERM} where the credential may only read.
  void must_write() const;

  bool enabled(Extension extension) const { return (enabled_ & static_cast<unsigned>(extension)) != 0; }
  void enable(Extension extension) { enabled_ |= static_cast<unsigned>(extension); }
  Client client() const;

  /// The selected mailbox. Precondition: one is selected.
  View& view() { return *view_; }
  bool has_view() const { return view_ != nullptr; }
  void select(std::unique_ptr<View> view) { view_ = std::move(view); }
  /// Leaves the selected mailbox, if there is one, and notes which messages were \Recent here.
  void unselect();

  std::vector<storage::Spool>& spools() { return reader_.spools(); }
  void expect_line() { reader_.expect_line(); }

  /// Brings the view up to the store and says what has changed. RFC 9051 7.5
  void report(Call& call, View::Expunged expunged);

  void logged_in(storage::Principal principal);
  void login_failed(Connection& connection);
  /// As before the login. RFC 8437
  void log_out();
  /// `opened` comes again, and says nothing then.
  void begin_tls() { starting_tls_ = true; }

  /// The tagged response of a command that has ended by Task::Next::later.
  void end_call(Connection& connection, std::string_view line);
  /// The end, without a word: what was said last is not whole.
  void cut(Connection& connection);
  /// BYE, and the end.
  void bye(Connection& connection, std::string_view text);

 private:
  /// A command that takes more than one turn.
  struct Running {
    const Command& command;
    std::string tag;
    bool uid;
    std::unique_ptr<Task> task;
    Task::Next next;
  };

  std::size_t most_line() const;
  bool handle(Reader::Event event, Connection& connection);
  void announced(Connection& connection);
  void run_command(Connection& connection);
  void run_line(Connection& connection);
  void run(Call& call);
  template <class F>
  void guarded(Call& call, const F& what);
  void after(Call& call);
  void finish(Call& call);
  void bad(Connection& connection, std::string_view tag, std::string_view text);
  void set_deadline(Connection& connection);

  std::shared_ptr<Shared> shared_;  ///< shared with the protocol, which may be gone before
  Reader reader_;
  std::optional<storage::Principal> principal_;
  std::unique_ptr<View> view_;
  std::unique_ptr<Running> running_;
  std::string refused_;  ///< what answers the command that is being passed over
  unsigned enabled_ = 0;
  int bad_commands_ = 0;  ///< in a row
  int failed_logins_ = 0;
  bool closing_ = false;
  bool starting_tls_ = false;
};

}  // namespace mail::imap
