#pragma once

#include <span>
#include <vector>

#include "server/arguments.h"

namespace server {

// The commands of each file of this folder.
std::span<const Command> serve_commands();
std::span<const Command> check_config_commands();
std::span<const Command> account_commands();
std::span<const Command> group_commands();
std::span<const Command> address_book_commands();
std::span<const Command> credential_commands();
std::span<const Command> share_link_commands();
std::span<const Command> subscription_commands();
std::span<const Command> queue_commands();
std::span<const Command> maintenance_commands();
std::span<const Command> transfer_commands();
std::span<const Command> time_zone_commands();
std::span<const Command> dns_commands();
std::span<const Command> doctor_commands();
std::span<const Command> dkim_commands();

/// All commands, in the order of the help.
std::vector<Command> all_commands();

/// Runs the program with the arguments of main, without its name; returns its exit status. Says on stderr what went
/// wrong.
int run_program(std::vector<std::string> words);

}  // namespace server
