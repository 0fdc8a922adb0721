#include <array>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "storage/queue.h"

namespace server {

namespace {

using storage::QueuedMessage;
using storage::Transaction;

Cell time(storage::Timestamp moment) { return moment > 0 ? Cell(time_text(moment)) : Cell(); }

std::string account_name(Transaction& transaction, storage::Id id) {
  const auto account = id == 0 ? std::nullopt : transaction.account(id);
  return account ? account->name : std::string();
}

std::string state_of(const QueuedMessage& message, storage::Timestamp now) {
  if (message.held) return "held";
  return message.lease > now ? "sending" : "waiting";
}

int list(const Arguments& arguments) {
  OpenStore open(arguments);
  std::optional<storage::Id> only;
  if (const auto name = arguments.value("--account")) only = open.account(*name).id;
  Table table({"id", "state", "account", "sender", "size", "created", "attempts", "next_attempt", "recipients"});
  open.store->read([&](Transaction& transaction) {
    for (const QueuedMessage& one : storage::Queue(transaction).messages(only)) {
      std::vector<std::string> recipients;
      for (const auto& recipient : one.recipients) recipients.push_back(recipient.address);
      table.add({one.id, state_of(one, transaction.now()), account_name(transaction, one.account), one.sender, one.size,
                 time(one.created), one.attempts, time(one.next_attempt), std::move(recipients)});
    }
  });
  print(arguments.has("--json") ? table.json() : table.columns());
  return exit_ok;
}

storage::Id message_operand(const Arguments& arguments) { return id_operand(arguments.operands()[0], "queue list"); }

CommandFailed no_such_message(storage::Id id) {
  return CommandFailed(exit_no_account, "no message " + std::to_string(id) + " in the queue");
}

int show(const Arguments& arguments) {
  const storage::Id id = message_operand(arguments);
  OpenStore open(arguments);
  std::string octets;
  Table table({"address", "status", "reason", "told"});
  open.store->read([&](Transaction& transaction) {
    storage::Queue queue(transaction);
    const auto message = queue.message(id);
    if (!message) throw no_such_message(id);
    for (const auto& one : message->recipients) table.add({one.address, one.status, one.reason, one.told});
    if (!arguments.has("--content")) return;
    const storage::Segment segment = queue.octets(*message);
    octets = segment.bytes;
    if (segment.file) {
      octets.resize(segment.length);
      octets.resize(segment.file->read(octets.data(), octets.size(), segment.offset));
    }
  });
  if (arguments.has("--content")) {
    print(octets);
  } else {
    print(arguments.has("--json") ? table.json() : table.columns());
  }
  return exit_ok;
}

int change(const Arguments& arguments, bool (*verb)(storage::Queue&, storage::Id)) {
  const storage::Id id = message_operand(arguments);
  OpenStore open(arguments);
  const bool there = open.store->write([&](Transaction& transaction) {
    storage::Queue queue(transaction);
    return verb(queue, id);
  });
  if (!there) throw no_such_message(id);
  return exit_ok;
}

int retry(const Arguments& arguments) {
  return change(arguments, [](storage::Queue& queue, storage::Id id) { return queue.retry(id); });
}

int hold(const Arguments& arguments) {
  return change(arguments, [](storage::Queue& queue, storage::Id id) { return queue.hold(id, true); });
}

int drop(const Arguments& arguments) {
  return change(arguments, [](storage::Queue& queue, storage::Id id) { return queue.drop(id); });
}

constexpr OptionRow json_option{"--json", "", "for programs"};
constexpr std::array list_options{OptionRow{"--account", "NAME", "whose; without it, all"}, json_option};
constexpr std::array show_options{OptionRow{"--content", "", "the message itself"}, json_option};

constexpr std::array commands{
    Command{"queue list", "", "Lists the mail that waits to be sent.", list_options, list},
    Command{"queue show", "ID", "Shows who is still to get a message, and what came of the last attempt.", show_options,
            show},
    Command{"queue retry", "ID", "Has a message tried again now, also one that was held.", {}, retry},
    Command{"queue hold", "ID", "Keeps a message in the queue until it is retried.", {}, hold},
    Command{"queue drop", "ID", "Takes a message out of the queue. Nobody is told.", {}, drop},
};

}  // namespace

std::span<const Command> queue_commands() { return commands; }

}  // namespace server
