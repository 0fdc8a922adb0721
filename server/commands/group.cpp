#include <array>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"

namespace server {

namespace {

using storage::Account;
using storage::Transaction;

Account group_named(OpenStore& open, const std::string& name) {
  Account group = open.account(name);
  if (group.kind != storage::AccountKind::group) throw CommandFailed(exit_data, name + " is not a group");
  return group;
}

int add_member(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account group = group_named(open, arguments.operands()[0]);
  const Account member = open.account(arguments.operands()[1]);
  if (member.id == group.id) throw CommandFailed(exit_data, "a group can't be its own member");
  open.store->write([&](Transaction& transaction) {
    for (const Account& above : transaction.groups_of(group.id)) {
      if (above.id == member.id) throw CommandFailed(exit_data, group.name + " is in " + member.name + " already");
    }
    transaction.add_to_group(group.id, member.id);
  });
  return exit_ok;
}

int remove_member(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account group = group_named(open, arguments.operands()[0]);
  const Account member = open.account(arguments.operands()[1]);
  open.store->write([&](Transaction& transaction) { transaction.remove_from_group(group.id, member.id); });
  return exit_ok;
}

int members(const Arguments& arguments) {
  OpenStore open(arguments);
  const Account group = group_named(open, arguments.operands()[0]);
  Table table({"name", "display_name"});
  for (const Account& member :
       open.store->read([&](Transaction& transaction) { return transaction.group_members(group.id); })) {
    table.add({member.name, member.display_name});
  }
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

constexpr std::array members_options{OptionRow{"--json", "", "for programs"}};

constexpr std::array commands{
    Command{
        "account add-member", "GROUP NAME", "Puts an account into a group. A group may be in a group.", {}, add_member},
    Command{"account remove-member", "GROUP NAME", "Takes an account out of a group.", {}, remove_member},
    Command{"account members", "GROUP", "Lists the direct members of a group.", members_options, members},
};

}  // namespace

std::span<const Command> group_commands() { return commands; }

}  // namespace server
