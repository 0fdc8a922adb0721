#include <algorithm>
#include <array>
#include <csignal>

#include "server/commands/commands.h"
#include "server/commands/context.h"
#include "server/commands/domains.h"
#include "server/commands/output.h"
#include "server/doctor/checks.h"
#include "server/exit.h"
#include "server/web_site.h"

namespace server {

namespace {

std::string_view grade_text(Finding::Grade grade) {
  return grade == Finding::Grade::good ? "good" : grade == Finding::Grade::note ? "note" : "wrong";
}

void report(const Findings& findings, bool json) {
  Table table({"grade", "about", "what", "mend"});
  std::string text;
  for (const Finding& one : findings.all()) {
    table.add({std::string(grade_text(one.grade)), one.about, one.what, one.mend});
    text.append(one.grade == Finding::Grade::wrong ? "WRONG" : std::string(grade_text(one.grade)) + " ");
    text.append("  ").append(one.what).append("\n");
    if (!one.mend.empty()) text.append("       ").append(one.mend).append("\n");
  }
  const auto count = [&](Finding::Grade grade) {
    return std::to_string(std::ranges::count(findings.all(), grade, &Finding::grade));
  };
  text.append("\n").append(count(Finding::Grade::good)).append(" good, ").append(count(Finding::Grade::note));
  text.append(" to note, ").append(count(Finding::Grade::wrong)).append(" wrong\n");
  print(json ? table.json() : text);
}

int doctor(const Arguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // A server that goes away while it is asked.
  const Config config = configuration(arguments);
  std::optional<Endpoint> server;
  if (const auto text = arguments.value("--resolver")) server = parse_endpoint(*text);
  Resolver resolver(server);
  const web::Site site = web_site(config);
  Findings findings;
  Examined examined{config, site, arguments.value("--ca").value_or(""), resolver, findings};

  check_machine(examined);
  check_host(examined);
  check_http(examined);
  for (const std::string& domain : domains_asked(arguments, config)) check_domain(examined, domain);

  report(findings, arguments.has("--json"));
  const bool wrong =
      std::ranges::any_of(findings.all(), [](const Finding& one) { return one.grade == Finding::Grade::wrong; });
  return wrong ? exit_no : exit_ok;
}

constexpr std::array options{
    OptionRow{"--domain", "DOMAIN",
              "a mail domain; may be repeated (default: server.domains, or those of all accounts)"},
    OptionRow{"--resolver", "ADDRESS:PORT", "the DNS server to ask (default: the system's)"},
    OptionRow{"--ca", "FILE", "certificates (PEM) to trust besides the system's"},
    OptionRow{"--json", "", "for programs"},
};

constexpr std::array commands{
    Command{"doctor", "", "Tests the set-up as clients meet it, and says what is wrong and how to mend it.", options,
            doctor},
};

}  // namespace

std::span<const Command> doctor_commands() { return commands; }

}  // namespace server
