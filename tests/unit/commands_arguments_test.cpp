#include <array>
#include <catch2/catch.hpp>

#include "server/arguments.h"

using server::Arguments;
using server::Command;
using server::OptionRow;
using server::UsageError;

namespace {

int run_nothing(const Arguments&) { return 0; }

constexpr std::array options{OptionRow{"--label", "TEXT", "a label"}, OptionRow{"--json", "", "for programs"}};
constexpr std::array commands{
    Command{"serve", "", "Serves.", options, run_nothing},
    Command{"account create", "[NAME]", "Creates.", options, run_nothing},
    Command{"account add-member", "GROUP NAME", "Adds.", {}, run_nothing},
};

Arguments parse(const Command& command, const std::vector<std::string>& words) {
  return server::parse_arguments(command, words);
}

}  // namespace

TEST_CASE("a command is found by its words, which are taken away") {
  std::vector<std::string> words{"account", "add-member", "staff", "ada"};
  CHECK(server::find_command(commands, words).name == "account add-member");
  CHECK(words == std::vector<std::string>{"staff", "ada"});
  words = {"serve", "--json"};
  CHECK(server::find_command(commands, words).name == "serve");
  const std::vector<std::pair<std::vector<std::string>, std::string>> faults{
      {{}, "no command given"},
      {{"account"}, "account needs to know what to do"},
      {{"account", "fly"}, "unknown command account fly"},
      {{"fly"}, "unknown command fly"},
      {{"acc", "create"}, "unknown command acc"},
  };
  for (auto [given, reason] : faults) CHECK_THROWS_WITH(server::find_command(commands, given), reason);
}

TEST_CASE("options stand anywhere, with their values after a space or an equals sign") {
  const Arguments arguments =
      parse(commands[1], {"--label=a=b", "ada", "--config", "x.toml", "--json", "--label", "--json"});
  CHECK(arguments.value("--label") == "--json");
  CHECK(arguments.values("--label") == std::vector<std::string>{"a=b", "--json"});
  CHECK(arguments.value("--config") == "x.toml");
  CHECK(arguments.has("--json"));
  CHECK(arguments.operands() == std::vector<std::string>{"ada"});
  CHECK(parse(commands[1], {"--", "--json"}).operands() == std::vector<std::string>{"--json"});
  CHECK(parse(commands[1], {"-"}).operands() == std::vector<std::string>{"-"});
  CHECK(parse(commands[1], {"--label", ""}).value("--label") == "");
}

TEST_CASE("a wrong command line is refused with a reason") {
  CHECK_THROWS_WITH(parse(commands[1], {"--lable", "x"}), "unknown option --lable");
  CHECK_THROWS_WITH(parse(commands[1], {"-x"}), "unknown option -x");
  CHECK_THROWS_WITH(parse(commands[1], {"--label"}), "--label needs a value: TEXT");
  CHECK_THROWS_WITH(parse(commands[1], {"--json=yes"}), "--json takes no value");
  CHECK_THROWS_WITH(parse(commands[2], {"staff"}), "something is missing: GROUP NAME");
  CHECK_THROWS_WITH(parse(commands[2], {"staff", "ada", "eve"}), "one too many: eve");
  CHECK_NOTHROW(parse(commands[2], {"--help"}));
}

TEST_CASE("the help names every command and option") {
  const std::string all = server::help_text(commands);
  for (const Command& command : commands) CHECK_THAT(all, Catch::Contains(std::string(command.name)));
  const std::string account = server::help_text(commands, "account");
  CHECK_THAT(account, Catch::Contains("account create [NAME]") && !Catch::Contains("serve"));
  const std::string one = server::help_text(commands[1]);
  CHECK_THAT(one, Catch::Contains("usage: pileus account create [OPTIONS] [NAME]") && Catch::Contains("--label TEXT") &&
                      Catch::Contains("--config FILE"));
}
