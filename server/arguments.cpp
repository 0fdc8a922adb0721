#include "server/arguments.h"

#include <algorithm>
#include <array>

namespace server {

namespace {

constexpr std::array common{
    OptionRow{"--config", "FILE", "the configuration (default /etc/pileus/pileus.toml)"},
    OptionRow{"--help", "", "this text"},
};

struct OperandRange {
  std::size_t least = 0;
  std::size_t most = 0;
};

OperandRange operand_range(std::string_view operands) {
  OperandRange range;
  while (!operands.empty()) {
    const std::string_view word = operands.substr(0, operands.find(' '));
    operands.remove_prefix(std::min(word.size() + 1, operands.size()));
    range.least += word.starts_with('[') ? 0 : 1;
    range.most += 1;
  }
  return range;
}

const OptionRow* find_option(const Command& command, std::string_view name) {
  for (const std::span<const OptionRow> rows : {command.options, common_options()}) {
    const auto row = std::ranges::find(rows, name, &OptionRow::name);
    if (row != rows.end()) return &*row;
  }
  return nullptr;
}

void append_options(std::string& out, std::span<const OptionRow> rows) {
  for (const OptionRow& row : rows) {
    std::string line = "  " + std::string(row.name) + (row.value.empty() ? "" : " ") + std::string(row.value);
    line.resize(std::max<std::size_t>(line.size() + 2, 28), ' ');
    out += line + std::string(row.help) + "\n";
  }
}

}  // namespace

struct Parser {
  const Command& command;
  Arguments result;

  // Takes the option at words[at], with its value; returns the position behind it.
  std::size_t take_option(const std::vector<std::string>& words, std::size_t at) {
    const std::string_view word = words[at];
    const std::size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const OptionRow* row = find_option(command, name);
    if (row == nullptr) throw UsageError("unknown option " + name);
    std::vector<std::string>& values = result.options_[name];
    if (row->value.empty()) {
      if (equals != std::string_view::npos) throw UsageError(name + " takes no value");
      return at + 1;
    }
    if (equals != std::string_view::npos) {
      values.emplace_back(word.substr(equals + 1));
      return at + 1;
    }
    if (at + 1 == words.size()) throw UsageError(name + " needs a value: " + std::string(row->value));
    values.push_back(words[at + 1]);
    return at + 2;
  }

  void parse(const std::vector<std::string>& words) {
    bool options_ended = false;
    for (std::size_t at = 0; at < words.size();) {
      const std::string& word = words[at];
      if (!options_ended && word == "--") {
        options_ended = true;
        ++at;
      } else if (!options_ended && word.size() > 1 && word.front() == '-') {
        at = take_option(words, at);
      } else {
        result.operands_.push_back(word);
        ++at;
      }
    }
  }
};

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto found = options_.find(option);
  if (found == options_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  const auto found = options_.find(option);
  return found == options_.end() ? std::vector<std::string>{} : found->second;
}

std::span<const OptionRow> common_options() { return common; }

const Command& find_command(std::span<const Command> commands, std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("no command given");
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : std::string();
  for (const Command& command : commands) {
    const bool matches_two = command.name == two;
    if (!matches_two && command.name != words[0]) continue;
    words.erase(words.begin(), words.begin() + (matches_two ? 2 : 1));
    return command;
  }
  const bool known_first =
      std::ranges::any_of(commands, [&](const Command& command) { return command.name.starts_with(words[0] + " "); });
  if (known_first && words.size() == 1) throw UsageError(words[0] + " needs to know what to do");
  throw UsageError("unknown command " + (known_first ? two : words[0]));
}

Arguments parse_arguments(const Command& command, const std::vector<std::string>& words) {
  Parser parser{command, {}};
  parser.parse(words);
  if (parser.result.has("--help")) return parser.result;
  const OperandRange range = operand_range(command.operands);
  const std::size_t given = parser.result.operands().size();
  if (given < range.least) throw UsageError("something is missing: " + std::string(command.operands));
  if (given > range.most) throw UsageError("one too many: " + parser.result.operands()[range.most]);
  return parser.result;
}

std::string help_text(const Command& command) {
  std::string out = "usage: pileus " + std::string(command.name) + (command.options.empty() ? "" : " [OPTIONS]");
  if (!command.operands.empty()) out += " " + std::string(command.operands);
  out += "\n\n" + std::string(command.summary) + "\n\n";
  append_options(out, command.options);
  append_options(out, common);
  return out;
}

std::string help_text(std::span<const Command> commands, std::string_view first_word) {
  std::string out =
      "usage: pileus " + (first_word.empty() ? std::string("COMMAND") : std::string(first_word) + " …") + "\n\n";
  for (const Command& command : commands) {
    if (!first_word.empty() && !command.name.starts_with(std::string(first_word) + " ")) continue;
    std::string line =
        "  " + std::string(command.name) + (command.operands.empty() ? "" : " ") + std::string(command.operands);
    line.resize(std::max<std::size_t>(line.size() + 2, 42), ' ');
    const std::string_view summary = command.summary;
    out += line + std::string(summary.substr(0, summary.find('\n'))) + "\n";
  }
  out += "\n`pileus COMMAND --help` says more.\n";
  if (!first_word.empty()) return out;
  out +=
      "\nExit status: 0 done; 1 the answer is no (check found differences, import refused something); 64 wrong usage;\n"
      "65 what was given can't be used; 66 a file can't be read; 67 no such account or credential; 69 the store can't "
      "be\n"
      "reached; 70 a fault of the program; 73 it exists already or can't be made; 74 disk full or failing; 75 try "
      "again;\n"
      "77 refused by the store or the system; 78 a fault in the configuration.\n";
  return out;
}

}  // namespace server
