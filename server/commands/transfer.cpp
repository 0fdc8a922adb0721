#include <array>
#include <cstdio>

#include "dav/dispatch.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/output.h"
#include "server/exit.h"
#include "server/text_index.h"
#include "server/time_index.h"
#include "server/transfer/export.h"
#include "server/transfer/import.h"

namespace server {

namespace {

std::string account_name(const Arguments& arguments) {
  const auto name = arguments.value("--account");
  if (!name) throw UsageError("--account is missing: whose?");
  return *name;
}

int export_(const Arguments& arguments) {
  const std::string name = account_name(arguments);
  OpenStore open(arguments);
  const auto report = export_account(*open.store, open.account(name), arguments.operands()[0]);
  std::fprintf(stderr, "%lld collections, %lld objects and files\n", static_cast<long long>(report.collections),
               static_cast<long long>(report.objects));
  return exit_ok;
}

int import_(const Arguments& arguments) {
  const std::string name = account_name(arguments);
  std::string into = arguments.value("--into").value_or("");
  if (!into.empty() && !into.starts_with("calendars/") && !into.starts_with("addressbooks/")) {
    throw UsageError("--into is calendars/NAME or addressbooks/NAME");
  }
  OpenStore open(arguments, import_threads);
  const storage::Account account = open.account(name);
  const dav::Service service(*open.store, open.config.dav);
  TimeIndex index(*open.store, service.zones());
  index.begin();
  begin_text_index(*open.store);
  const auto report = import_account(*open.store, service, account, arguments.operands()[0], into,
                                     [](const LedgerEntry& entry) { print(ledger_line(entry) + "\n"); });
  index.remember_zones();
  std::fprintf(stderr, "%lld taken, of these %lld repaired; %lld refused\n", static_cast<long long>(report.taken),
               static_cast<long long>(report.repaired), static_cast<long long>(report.refused));
  return report.refused == 0 ? exit_ok : exit_no;
}

constexpr OptionRow account{"--account", "NAME", "whose"};
constexpr std::array export_options{account};
constexpr std::array import_options{
    account,
    OptionRow{"--into", "COLLECTION",
              "where objects go that no folder says it of: calendars/NAME or addressbooks/NAME"},
};

constexpr std::array commands{
    Command{"export", "DIR",
            "Writes what an account has into an empty folder, as plain .ics, .vcf and other files.\n"
            "ledger.jsonl in it names each collection and object, with the properties that no file holds.",
            export_options, export_},
    Command{
        "import", "SOURCE",
        "Brings an export, a folder of .ics and .vcf files, or one such file of one or many objects into an account.\n"
        "Prints the ledger: a line of JSON for each object, whether it was created, replaced, unchanged or refused, "
        "what\n"
        "was repaired, and why not. Ends with status 1 where something was refused.",
        import_options, import_},
};

}  // namespace

std::span<const Command> transfer_commands() { return commands; }

}  // namespace server
