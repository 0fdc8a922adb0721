#include <string>

#include "mail/sieve/fields.h"
#include "mail/sieve/script.h"
#include "mail/sieve/session.h"
#include "storage/sieve.h"

namespace mail::sieve {

namespace {

using Outcome = storage::Sieve::Outcome;

constexpr const char* bad_name = "NO \"That is no name of a script\"\r\n";
constexpr const char* missing = "NO (NONEXISTENT) \"There is no such script\"\r\n";
constexpr const char* read_only = "NO \"This app password may only read\"\r\n";

/// What is wrong with a script, as an answer; nothing if it is right.
std::string fault_of(const std::string& text, const storage::SieveQuota& quota) {
  ScriptLimits limits;
  limits.octets = static_cast<std::size_t>(quota.octets);
  try {
    compile(text, limits);
    return {};
  } catch (const ScriptError& error) {
    return "NO " + manage_string(error.what()) + "\r\n";
  }
}

/// RFC 5804 1.3, QUOTA
std::string answer_of(storage::Sieve::Room room) {
  switch (room) {
    case storage::Sieve::Room::too_large:
      return "NO (QUOTA/MAXSIZE) \"The script is too large\"\r\n";
    case storage::Sieve::Room::too_many:
      return "NO (QUOTA/MAXSCRIPTS) \"There are too many scripts\"\r\n";
    default:
      return "OK\r\n";
  }
}

}  // namespace

/// RFC 5804 2.5
std::string Session::havespace(Arguments& arguments, Connection&) {
  if (!is_script_name(arguments[0].text)) return bad_name;
  if (arguments[1].text.size() > 10) return answer_of(storage::Sieve::Room::too_large);
  const std::int64_t size = std::stoll(arguments[1].text);
  return answer_of(services_.store.read([&](storage::Transaction& transaction) {
    return storage::Sieve(transaction).room(account(), arguments[0].text, size, quota());
  }));
}

/// RFC 5804 2.6
std::string Session::putscript(Arguments& arguments, Connection&) {
  const std::string& name = arguments[0].text;
  const std::string& text = arguments[1].text;
  if (principal_->scope.read_only) return read_only;
  if (!is_script_name(name)) return bad_name;
  if (std::string fault = fault_of(text, quota()); !fault.empty()) return fault;
  return answer_of(services_.store.write([&](storage::Transaction& transaction) {
    storage::Sieve sieve(transaction);
    const auto room = sieve.room(account(), name, static_cast<std::int64_t>(text.size()), quota());
    if (room == storage::Sieve::Room::enough) sieve.put(account(), name, text);
    return room;
  }));
}

/// RFC 5804 2.7
std::string Session::listscripts(Arguments&, Connection&) {
  std::string out;
  const auto all = services_.store.read(
      [&](storage::Transaction& transaction) { return storage::Sieve(transaction).scripts(account()); });
  for (const storage::SieveScript& one : all) out += manage_string(one.name) + (one.active ? " ACTIVE\r\n" : "\r\n");
  return out + "OK\r\n";
}

/// RFC 5804 2.8; the empty name is none.
std::string Session::setactive(Arguments& arguments, Connection&) {
  if (principal_->scope.read_only) return read_only;
  if (!arguments[0].text.empty() && !is_script_name(arguments[0].text)) return bad_name;
  const bool done = services_.store.write([&](storage::Transaction& transaction) {
    return storage::Sieve(transaction).activate(account(), arguments[0].text);
  });
  return done ? "OK\r\n" : missing;
}

/// RFC 5804 2.9
std::string Session::getscript(Arguments& arguments, Connection&) {
  if (!is_script_name(arguments[0].text)) return bad_name;
  const auto text = services_.store.read([&](storage::Transaction& transaction) {
    return storage::Sieve(transaction).script(account(), arguments[0].text);
  });
  if (!text) return missing;
  return "{" + std::to_string(text->size()) + "}\r\n" + *text + "\r\nOK\r\n";
}

/// RFC 5804 2.10
std::string Session::deletescript(Arguments& arguments, Connection&) {
  if (principal_->scope.read_only) return read_only;
  if (!is_script_name(arguments[0].text)) return bad_name;
  const Outcome outcome = services_.store.write([&](storage::Transaction& transaction) {
    return storage::Sieve(transaction).remove(account(), arguments[0].text);
  });
  if (outcome == Outcome::active) return "NO (ACTIVE) \"The active script can't be deleted\"\r\n";
  return outcome == Outcome::done ? "OK\r\n" : missing;
}

/// RFC 5804 2.11
std::string Session::renamescript(Arguments& arguments, Connection&) {
  if (principal_->scope.read_only) return read_only;
  if (!is_script_name(arguments[0].text) || !is_script_name(arguments[1].text)) return bad_name;
  const Outcome outcome = services_.store.write([&](storage::Transaction& transaction) {
    return storage::Sieve(transaction).rename(account(), arguments[0].text, arguments[1].text);
  });
  if (outcome == Outcome::taken) return "NO (ALREADYEXISTS) \"There is a script of that name\"\r\n";
  return outcome == Outcome::done ? "OK\r\n" : missing;
}

/// RFC 5804 2.12
std::string Session::checkscript(Arguments& arguments, Connection&) {
  const std::string fault = fault_of(arguments[0].text, quota());
  return fault.empty() ? "OK\r\n" : fault;
}

}  // namespace mail::sieve
