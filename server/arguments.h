#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace server {

/// A command line that can't be understood, for a person to read.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option of a command.
struct OptionRow {
  std::string_view name;   ///< "--config"
  std::string_view value;  ///< what it takes, "FILE"; empty for a flag
  std::string_view help;
};

/// What a command was given.
class Arguments {
 public:
  bool has(std::string_view option) const { return options_.contains(option); }
  /// The value given last; nothing where the option wasn't given.
  std::optional<std::string> value(std::string_view option) const;
  /// All values given, in order.
  std::vector<std::string> values(std::string_view option) const;
  /// What stands on the command line besides options.
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  friend struct Parser;
  std::map<std::string, std::vector<std::string>, std::less<>> options_;
  std::vector<std::string> operands_;
};

/// One command of the program.
struct Command {
  std::string_view name;      ///< one or two words: "serve", "account create"
  std::string_view operands;  ///< "NAME", "GROUP ACCOUNT", "[NAME]": how many and how they are called in the help
  std::string_view summary;
  std::span<const OptionRow> options;
  int (*run)(const Arguments&);  ///< returns an Exit
};

/// Options that every command has.
std::span<const OptionRow> common_options();

/// The command that `words` (the arguments of main, without the program) begin with; takes its words away. Throws
/// UsageError for none.
const Command& find_command(std::span<const Command> commands, std::vector<std::string>& words);

/// Takes `words` apart. Options may stand anywhere, their values after a space or "="; "--" ends them. Throws
/// UsageError.
Arguments parse_arguments(const Command& command, const std::vector<std::string>& words);

/// The help for one command, for all commands that begin with a word, and for the program.
std::string help_text(const Command& command);
std::string help_text(std::span<const Command> commands, std::string_view first_word = {});

}  // namespace server
