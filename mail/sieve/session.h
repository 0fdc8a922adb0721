#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/connection.h"
#include "mail/login.h"
#include "mail/services.h"
#include "mail/sieve/command_reader.h"
#include "storage/principal.h"
#include "storage/sieve.h"

namespace mail::sieve {

/// The server's side of a ManageSieve conversation. RFC 5804
class Session final : public Dialogue {
 public:
  explicit Session(const Services& services) : services_(services) {}

  void opened(Connection& connection) override;
  std::size_t received(std::string_view bytes, Connection& connection) override;
  void expired(Connection& connection) override;
  void drain(Connection& connection) override;

 private:
  using Arguments = std::vector<ManageCommand::Argument>;
  struct Row;
  static const Row rows[];

  void execute(ManageCommand command, Connection& connection);
  void run(const Row& row, ManageCommand& command, Connection& connection);
  void bad(Connection& connection, std::string_view why);
  void bye(Connection& connection, std::string_view why);
  void set_deadline(Connection& connection);
  std::uint64_t most_literal() const;
  std::string capabilities(const Peer& peer) const;
  storage::SieveQuota quota() const;
  storage::Id account() const { return principal_->account; }

  // The commands, in the order of RFC 5804 2. Each gets its arguments and returns what is said.
  std::string authenticate(Arguments& arguments, Connection& connection);
  std::string starttls(Arguments& arguments, Connection& connection);
  std::string logout(Arguments& arguments, Connection& connection);
  std::string capability(Arguments& arguments, Connection& connection);
  std::string havespace(Arguments& arguments, Connection& connection);
  std::string putscript(Arguments& arguments, Connection& connection);
  std::string listscripts(Arguments& arguments, Connection& connection);
  std::string setactive(Arguments& arguments, Connection& connection);
  std::string getscript(Arguments& arguments, Connection& connection);
  std::string deletescript(Arguments& arguments, Connection& connection);
  std::string renamescript(Arguments& arguments, Connection& connection);
  std::string checkscript(Arguments& arguments, Connection& connection);
  std::string noop(Arguments& arguments, Connection& connection);
  std::string unauthenticate(Arguments& arguments, Connection& connection);

  std::string respond(std::optional<std::string_view> response, Connection& connection);
  void logged_in(Connection& connection, LoginAnswer answer);

  const Services& services_;
  CommandReader reader_;
  std::optional<storage::Principal> principal_;
  std::unique_ptr<SaslExchange> exchange_;
  int failed_logins_ = 0;
  int bad_commands_ = 0;
  bool busy_ = false;  ///< a login is being checked, or TLS begins
  bool closed_ = false;
};

}  // namespace mail::sieve
