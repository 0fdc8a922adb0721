#include "mail/imap/commands.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

constexpr auto never = Command::Uid::never;
constexpr auto also = Command::Uid::also;
constexpr auto may_change = Command::Numbers::may_change;
constexpr auto stay = Command::Numbers::stay;

constexpr std::array table{
    // RFC 9051 6.1
    Command{"CAPABILITY", state::any, never, may_change, commands::capability},
    Command{"NOOP", state::any, never, may_change, commands::noop},
    Command{"LOGOUT", state::any, never, stay, commands::logout},
    Command{"ID", state::any, never, may_change, commands::id},  // RFC 2971 3.1
    // RFC 9051 6.2
    Command{"STARTTLS", state::not_authenticated, never, stay, commands::start_tls},
    Command{"AUTHENTICATE", state::not_authenticated, never, stay, commands::authenticate},
    Command{"LOGIN", state::not_authenticated, never, stay, commands::login},
    // RFC 9051 6.3
    Command{"CREATE", state::logged_in, never, may_change, commands::create},
    Command{"DELETE", state::logged_in, never, may_change, commands::delete_mailbox},
    Command{"LIST", state::logged_in, never, may_change, commands::list},
    Command{"LSUB", state::logged_in, never, may_change, commands::lsub},  // RFC 3501 6.3.9
    Command{"RENAME", state::logged_in, never, may_change, commands::rename},
    Command{"STATUS", state::logged_in, never, may_change, commands::status},
    Command{"SUBSCRIBE", state::logged_in, never, may_change, commands::subscribe},
    Command{"UNSUBSCRIBE", state::logged_in, never, may_change, commands::unsubscribe},
    Command{"APPEND", state::logged_in, never, may_change, commands::append},
    Command{"ENABLE", state::logged_in, never, may_change, commands::enable},
    Command{"EXAMINE", state::logged_in, never, stay, commands::examine},
    Command{"IDLE", state::logged_in, never, may_change, commands::idle},
    Command{"NAMESPACE", state::logged_in, never, may_change, commands::name_space},
    Command{"SELECT", state::logged_in, never, stay, commands::select},
    Command{"UNAUTHENTICATE", state::logged_in, never, stay, commands::unauthenticate},  // RFC 8437 2
    // RFC 9051 6.4
    Command{"CHECK", state::selected, never, may_change, commands::check},  // RFC 3501 6.4.1
    Command{"CLOSE", state::selected, never, stay, commands::close},
    Command{"COPY", state::selected, also, may_change, commands::copy},
    Command{"EXPUNGE", state::selected, also, may_change, commands::expunge},
    Command{"FETCH", state::selected, also, stay, commands::fetch},
    Command{"MOVE", state::selected, also, may_change, commands::move},
    Command{"SEARCH", state::selected, also, stay, commands::search},
    Command{"SORT", state::selected, also, stay, commands::sort},      // RFC 5256 3
    Command{"THREAD", state::selected, also, stay, commands::thread},  // RFC 5256 3
    Command{"STORE", state::selected, also, stay, commands::store},
    Command{"UNSELECT", state::selected, never, stay, commands::unselect},
    Command{"ESEARCH", state::logged_in, also, may_change, commands::esearch},  // RFC 7377 2
    // RFC 9208 4.1
    Command{"GETQUOTA", state::logged_in, never, may_change, commands::get_quota},
    Command{"GETQUOTAROOT", state::logged_in, never, may_change, commands::get_quota_root},
    Command{"SETQUOTA", state::logged_in, never, may_change, commands::set_quota},
    // RFC 4314 3
    Command{"DELETEACL", state::logged_in, never, may_change, commands::delete_acl},
    Command{"GETACL", state::logged_in, never, may_change, commands::get_acl},
    Command{"LISTRIGHTS", state::logged_in, never, may_change, commands::list_rights},
    Command{"MYRIGHTS", state::logged_in, never, may_change, commands::my_rights},
    Command{"SETACL", state::logged_in, never, may_change, commands::set_acl},
    // RFC 5464 4
    Command{"GETMETADATA", state::logged_in, never, may_change, commands::get_metadata},
    Command{"SETMETADATA", state::logged_in, never, may_change, commands::set_metadata},
};

}  // namespace

const Command* find_command(std::string_view name, bool uid) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Command& command) {
    return command.name == name && command.uid != (uid ? Command::Uid::never : Command::Uid::only);
  });
  return row == table.end() ? nullptr : &*row;
}

}  // namespace mail::imap
