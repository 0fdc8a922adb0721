#include <algorithm>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"

namespace mail::imap {

namespace {

constexpr std::size_t longest_identifier = 255;
constexpr std::size_t most_entries = 1000;

/// The obsolete rights are what they were split into. RFC 4314 2.1.1
constexpr std::string_view create_rights = "kx";
constexpr std::string_view delete_rights = "te";

std::string read_identifier(Cursor& cursor) {
  std::string identifier = cursor.astring();
  if (identifier.empty() || identifier.size() > longest_identifier) throw SyntaxError("an identifier is missing");
  return identifier;
}

/// Rights as they are kept: each once, in order.
std::string normalized(std::string_view rights) {
  std::string all;
  for (const char right : rights) {
    if (right == 'c') {
      all += create_rights;
    } else if (right == 'd') {
      all += delete_rights;
    } else if (all_rights.find(right) != std::string_view::npos) {
      all += right;
    } else {
      // "the server MUST return a BAD response" for a right that it doesn't know. RFC 4314 3.1
      throw SyntaxError("there is no such right");
    }
  }
  std::string once;
  for (const char right : all_rights) {
    if (all.find(right) != std::string::npos) once += right;
  }
  return once;
}

std::string entry_of(const std::vector<storage::MailboxRights>& entries, std::string_view identifier) {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const storage::MailboxRights& each) { return each.identifier == identifier; });
  return entry == entries.end() ? std::string() : entry->rights;
}

std::string owner_of(storage::Transaction& transaction, const Place& place) {
  const auto owner = transaction.account(place.mailbox.account);
  return owner ? owner->name : std::string();
}

/// Whether an identifier names somebody here, or everybody.
bool is_known(storage::Transaction& transaction, std::string_view identifier) {
  if (identifier.starts_with('-')) identifier.remove_prefix(1);
  return identifier == "anyone" || transaction.account_named(identifier).has_value();
}

void set_rights(Call& call, const std::string& name, const std::string& identifier, const std::string& change) {
  Session& session = call.session;
  const char way = change.empty() ? '=' : change.front();
  const std::string wanted = normalized(way == '+' || way == '-' ? std::string_view(change).substr(1) : change);
  session.must_write();
  session.store().write([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'a');
    storage::Mail mail(transaction);
    if (identifier == owner_of(transaction, place)) throw Refusal("CANNOT", "The owner keeps all rights");
    const auto entries = mail.rights(place.mailbox.id);
    std::string rights = entry_of(entries, identifier);
    if (rights.empty() && !wanted.empty() && way != '-') {
      if (!is_known(transaction, identifier)) throw Refusal("NONEXISTENT", "Nobody here has that name");
      if (entries.size() >= most_entries) throw Refusal("LIMIT", "There are too many entries");
    }
    if (way == '+') {
      rights = normalized(rights + wanted);
    } else if (way == '-') {
      std::erase_if(rights, [&](char right) { return wanted.find(right) != std::string::npos; });
    } else {
      rights = wanted;
    }
    mail.set_rights(place.mailbox.id, identifier, rights);
  });
}

}  // namespace

namespace commands {

// RFC 4314 3.1
void set_acl(Call& call) {
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.space();
  const std::string identifier = read_identifier(call.arguments);
  call.arguments.space();
  const std::string change = call.arguments.astring();
  call.arguments.end();

  set_rights(call, name, identifier, change);
}

// RFC 4314 3.2
void delete_acl(Call& call) {
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.space();
  const std::string identifier = read_identifier(call.arguments);
  call.arguments.end();

  set_rights(call, name, identifier, {});
}

// RFC 4314 3.3
void get_acl(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.end();

  call.out += session.store().read([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'a');
    std::string line = "* ACL ";
    append_mailbox(line, name, session.client());
    const auto add = [&](std::string_view identifier, const std::string& rights) {
      append_astring(line += ' ', identifier, session.client());
      append_astring(line += ' ', shown_rights(rights), session.client());
    };
    add(owner_of(transaction, place), std::string(all_rights));
    for (const storage::MailboxRights& entry : storage::Mail(transaction).rights(place.mailbox.id)) {
      add(entry.identifier, entry.rights);
    }
    return line + "\r\n";
  });
}

// RFC 4314 3.4
void list_rights(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.space();
  const std::string identifier = read_identifier(call.arguments);
  call.arguments.end();

  call.out += session.store().read([&](storage::Transaction& transaction) {
    const Place place = need_place(transaction, session.principal(), name, 'a');
    std::string line = "* LISTRIGHTS ";
    append_mailbox(line, name, session.client());
    append_astring(line += ' ', identifier, session.client());
    if (identifier == owner_of(transaction, place)) {
      line.append(" ").append(all_rights) += "cd";
    } else {
      // None is always given, and each can be given by itself; the obsolete ones go with those they stand for.
      line += " \"\"";
      for (const char right : all_rights) line.append(" ") += right;
      line += " c d";
    }
    return line + "\r\n";
  });
}

// RFC 4314 3.5
void my_rights(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.end();

  call.out += session.store().read([&](storage::Transaction& transaction) {
    const auto place = find_place(transaction, session.principal(), name);
    if (!place) throw Refusal("NONEXISTENT", "There is no such mailbox");
    std::string line = "* MYRIGHTS ";
    append_mailbox(line, name, session.client());
    append_astring(line += ' ', shown_rights(place->rights), session.client());
    return line + "\r\n";
  });
}

}  // namespace commands

}  // namespace mail::imap
