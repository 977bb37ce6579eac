// Child: a program whose standard output is read line by line.
//
//   FRESHET_ASSIGN_OR_RETURN(auto child, Child::Start({.command = {"tap-x", "--config", "c.json"}, .state = "{}"}));
//   std::string line;
//   while (*child->Next(line, 100ms) != Child::Got::kEnd) ...
//   child->exit_status(), child->complaints().errors
//
// It runs in a process group of its own, which ends with this object: asked to (SIGTERM), a second later for good; and
// with the thread that started it, should this process be killed. It gets the environment that is given and nothing of
// this process's own but what kInherited names, no descriptors, and its state, where there is one, as a file that is in
// no folder (its last arguments: --state <path>). What it writes to standard error is read, counted and forgotten: it
// may hold anything. Codes: configuration (it cannot be started; a line over the limit). One thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace freshet::singer {

class Child {
 public:
  static constexpr std::string_view kInherited[] = {"PATH", "HOME", "LANG", "TZ", "TMPDIR"};

  struct Options {
    std::vector<std::string> command;
    std::map<std::string, std::string> environment;
    std::string state;  // "": none
    size_t most_line = 64u << 20;
  };
  enum class Got : uint8_t { kLine, kNothing, kEnd };
  struct Complaints {
    uint64_t lines = 0;
    uint64_t warnings = 0, errors = 0;  // of these, by the words that loggers write
  };

  static Result<std::unique_ptr<Child>> Start(const Options& options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Waits for a line of standard output (without its end). kNothing: none came within `wait`. kEnd: none will come, and
  // the process is gone.
  Result<Got> Next(std::string& line, Duration wait);
  // As a shell tells it: 128 and the signal's number where one ended it.
  int exit_status() const { return exit_status_; }
  const Complaints& complaints() const { return complaints_; }

 private:
  Child(const Options& options, pid_t pid) : most_line_(options.most_line), pid_(pid) {}

  bool TakeLine(std::string& line);
  bool Fill(Duration wait);
  void Listen();
  void Judge(std::string_view line);
  void End();
  bool Reap(Duration patience);

  const size_t most_line_;
  const pid_t pid_;
  int out_ = -1, err_ = -1;
  std::string text_;  // of standard output, from `read_` on not taken yet
  size_t read_ = 0, searched_ = 0;
  std::string complaint_;  // the line of standard error that is under way, its beginning
  Complaints complaints_;
  bool reaped_ = false;
  int exit_status_ = -1;
};

}  // namespace freshet::singer
