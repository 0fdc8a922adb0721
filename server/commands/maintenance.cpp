#include <array>
#include <charconv>
#include <cstdio>

#include "dav/contacts/search.h"
#include "mail/facts.h"
#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/facts.h"
#include "server/commands/output.h"
#include "server/data_lock.h"
#include "server/exit.h"
#include "storage/backup.h"
#include "storage/check.h"

namespace server {

namespace {

int parse_keep(const std::string& text) {
  int keep = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), keep);
  if (error != std::errc{} || end != text.data() + text.size() || keep < 1)
    throw UsageError("--keep is a number from 1");
  return keep;
}

int backup(const Arguments& arguments) {
  const int keep = parse_keep(arguments.value("--keep").value_or("7"));
  OpenStore open(arguments);
  const auto report = storage::backup(*open.store, open.config.store.directory, arguments.operands()[0], keep,
                                      arguments.has("--verify"));
  Table table({"snapshot", "rows", "blobs_copied", "blobs_present"});
  table.add({report.snapshot, report.rows, report.blobs_copied, report.blobs_present});
  print(arguments.has("--json") ? table.json_object() : table.list());
  return exit_ok;
}

// Prints the differences and what was looked at; true where there is no difference.
bool check_store(storage::Store& store, bool json) {
  const dav::calendar::TimeZones zones;
  Table differences({"where", "what"});
  const auto tell = [&](const storage::Difference& difference) {
    if (json) {
      differences.add({difference.where, difference.what});
    } else {
      print(difference.where + ": " + difference.what + "\n");
    }
  };
  const auto report = storage::check(store, derive_facts(zones), zones.release(), tell, dav::contacts::search_edition(),
                                     [](const storage::Segment& octets) { return mail::make_facts(octets); });
  if (json) {
    print(differences.json());
  } else {
    std::fprintf(
        stderr,
        "%lld accounts, %lld collections, %lld objects and files, %lld blobs of %lld octets: %lld differences\n",
        static_cast<long long>(report.accounts), static_cast<long long>(report.collections),
        static_cast<long long>(report.members), static_cast<long long>(report.blobs),
        static_cast<long long>(report.octets), static_cast<long long>(report.differences));
  }
  return report.differences == 0;
}

int check(const Arguments& arguments) {
  OpenStore open(arguments);
  return check_store(*open.store, arguments.has("--json")) ? exit_ok : exit_no;
}

int restore(const Arguments& arguments) {
  const Config config = configuration(arguments);
  const auto lock = lock_data(config.store);
  OpenStore open(arguments);
  const auto report = storage::restore(*open.store, arguments.operands()[0]);
  print("restored " + report.snapshot + ": " + std::to_string(report.rows) + " rows, " + std::to_string(report.blobs) +
        " large blobs\n");
  return check_store(*open.store, false) ? exit_ok : exit_no;
}

constexpr OptionRow json{"--json", "", "for programs"};
constexpr std::array backup_options{
    OptionRow{"--keep", "N", "keep so many snapshots, with the new one (default 7)"},
    OptionRow{"--verify", "", "verify the large blobs that are there already, too"},
    json,
};
constexpr std::array check_options{json};

constexpr std::array commands{
    Command{"backup", "DIR",
            "Copies the store into a folder, as it is at one moment, while it is in use.\n"
            "Large blobs that are there already are not copied again. SQLite and PostgreSQL alike.",
            backup_options, backup},
    Command{"restore",
            "DIR",
            "Fills an empty store from a backup (its newest snapshot, or the one given).\n"
            "All of it is verified, and checked afterwards. Clients then sync from the beginning.",
            {},
            restore},
    Command{"check", "",
            "Compares all that is derived with the stored bytes, and names each difference.\n"
            "Changes nothing; may run while the server does. Ends with status 1 where something differs.",
            check_options, check},
};

}  // namespace

std::span<const Command> maintenance_commands() { return commands; }

}  // namespace server
