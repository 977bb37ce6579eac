// freshet: the command line. Everything is in services/freshet/command_table.cc and the files that it names.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "services/freshet/command.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // https://no-color.org
  const bool colour = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  freshet::Terminal terminal{std::cin, std::cout, std::cerr, colour};
  const freshet::ExitStatus status = freshet::RunCommandLine(freshet::AllCommands(), arguments, terminal);
  std::cout.flush();
  return static_cast<int>(std::cout ? status : freshet::ExitStatus::kCheckFailed);
}
