// Command: one subcommand of `freshet`: a name, a summary, a struct of options, a function.
//
// A new command is one file and one line. The file, services/freshet/<command>.cc:
//
//   struct SearchOptions { std::string query; … };
//   template <> struct OptionTable<SearchOptions> { … };             // common/config/option_table.h
//   ExitStatus RunSearch(const SearchOptions& options, Terminal& terminal) { … }
//   CommandBody SearchCommand() { return BodyOf<&RunSearch>(); }
//
// The line, in services/freshet/command_table.cc:
//
//   X(Search, "search", "Asks a question and prints the passages found.")
//
// A field `top_k` is the option --top-k; a list may be given several times; a bool is a flag; a .Positional() field
// stands by its place. Options and --help come from the table.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/options.h"

namespace freshet {

// What scripts rely on.
enum class ExitStatus : int {
  kDone = 0,
  kCheckFailed = 1,  // a check did not hold, a service did not answer
  kUsage = 2,        // wrong arguments or configuration
};

// `out` is for what was asked for (with --json: one JSON value and nothing else), `err` for everything else.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
};

struct CommandBody {
  std::function<TypeInfo()> describe;
  std::function<ExitStatus(const ConfigNode& arguments, Terminal& terminal)> run;
};

struct Command {
  std::string_view name;  // "search", "keys new"
  std::string_view summary;
  CommandBody body;
};

// All of them, in the order of --help.
std::vector<Command> AllCommands();

// Runs the command that the arguments (without the program's name) call for.
ExitStatus RunCommandLine(const std::vector<Command>& commands, std::span<const std::string> arguments,
                          Terminal& terminal);

// Prints "freshet: <status>" and says how to exit.
ExitStatus Fail(const Status& status, Terminal& terminal);

namespace internal {
template <class Options>
CommandBody MakeBody(ExitStatus (*run)(const Options&, Terminal&)) {
  return {.describe = [] { return DescribeOptions<Options>(); },
          .run =
              [run](const ConfigNode& arguments, Terminal& terminal) {
                Result<Options> options = ParseOptions<Options>(arguments);
                return options.ok() ? run(*options, terminal) : Fail(options.status(), terminal);
              }};
}
}  // namespace internal

template <auto kRun>
CommandBody BodyOf() {
  return internal::MakeBody(kRun);
}

}  // namespace freshet
