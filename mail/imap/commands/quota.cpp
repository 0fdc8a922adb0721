#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"

namespace mail::imap {

namespace {

/// Each account is one quota root, which has no name. RFC 9208 3
constexpr std::string_view root = "\"\"";

constexpr std::int64_t unit = 1024;  // RFC 9208 5.1

/// ` (STORAGE 10 512)`; an account without a limit has none to tell.
void append_quota(std::string& out, storage::Transaction& transaction, storage::Id account) {
  const auto found = transaction.account(account);
  out.append("* QUOTA ").append(root) += " (";
  if (found && found->quota) {
    out += "STORAGE " + std::to_string((found->used + unit - 1) / unit) + ' ' + std::to_string(*found->quota / unit);
  }
  out += ")\r\n";
}

void need_root(const std::string& name) {
  if (!name.empty()) throw Refusal("NONEXISTENT", "There is one quota root, \"\"");
}

}  // namespace

namespace commands {

// RFC 9208 4.1.1
void get_quota(Call& call) {
  call.arguments.space();
  const std::string name = call.arguments.astring();
  call.arguments.end();

  need_root(name);
  call.out += call.session.store().read([&](storage::Transaction& transaction) {
    std::string line;
    append_quota(line, transaction, call.session.account());
    return line;
  });
}

// RFC 9208 4.1.2
void get_quota_root(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.end();

  call.out += session.store().read([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'r');
    std::string lines = "* QUOTAROOT ";
    append_mailbox(lines, name, session.client());
    // What another account may hold is none of this one's business.
    if (place.own) lines.append(" ").append(root);
    lines += "\r\n";
    if (place.own) append_quota(lines, transaction, session.account());
    return lines;
  });
}

// RFC 9208 4.1.3: limits are set by who runs the server.
void set_quota(Call& call) {
  call.arguments.space();
  const std::string name = call.arguments.astring();
  call.arguments.space();
  call.arguments.list(Cursor::Empty::allowed, [&] {
    call.arguments.atom();
    call.arguments.space();
    call.arguments.number64();
  });
  call.arguments.end();

  need_root(name);
  throw Refusal("NOPERM", "The limit is set by the administrator");
}

}  // namespace commands

}  // namespace mail::imap
