#pragma once

#include <string_view>

#include "mail/imap/call.h"

namespace mail::imap {

/// The row of a command, by its name in upper case, as it came with or without UID before it; null for none.
const Command* find_command(std::string_view name, bool uid);

/// One function for each command; its file has the command's name.
namespace commands {

void append(Call& call);
void authenticate(Call& call);
void capability(Call& call);
void check(Call& call);
void close(Call& call);
void copy(Call& call);
void create(Call& call);
void delete_acl(Call& call);
void delete_mailbox(Call& call);
void enable(Call& call);
void esearch(Call& call);
void examine(Call& call);
void expunge(Call& call);
void fetch(Call& call);
void get_acl(Call& call);
void get_metadata(Call& call);
void get_quota(Call& call);
void get_quota_root(Call& call);
void id(Call& call);
void idle(Call& call);
void list(Call& call);
void list_rights(Call& call);
void login(Call& call);
void logout(Call& call);
void lsub(Call& call);
void move(Call& call);
void my_rights(Call& call);
void name_space(Call& call);
void noop(Call& call);
void rename(Call& call);
void search(Call& call);
void select(Call& call);
void set_acl(Call& call);
void set_metadata(Call& call);
void set_quota(Call& call);
void sort(Call& call);
void start_tls(Call& call);
void status(Call& call);
void store(Call& call);
void subscribe(Call& call);
void thread(Call& call);
void unauthenticate(Call& call);
void unselect(Call& call);
void unsubscribe(Call& call);

}  // namespace commands

}  // namespace mail::imap
