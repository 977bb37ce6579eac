// Child processes: their lines, their ends, and that nothing of them stays.
#include "connectors/singer/child.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>

namespace freshet::singer {
namespace {

using namespace std::chrono_literals;
using Got = Child::Got;

std::unique_ptr<Child> Shell(const std::string& script, std::map<std::string, std::string> environment = {},
                             std::string state = "") {
  auto child = Child::Start({.command = {"/bin/sh", "-c", script, "sh"},
                             .environment = std::move(environment),
                             .state = std::move(state),
                             .most_line = 1000});
  EXPECT_TRUE(child.ok()) << child.status().message();
  return std::move(*child);
}

// All lines up to its end.
std::vector<std::string> LinesOf(Child& child) {
  std::vector<std::string> lines;
  std::string line;
  for (auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;) {
    const Result<Got> got = child.Next(line, 100ms);
    EXPECT_TRUE(got.ok());
    if (!got.ok() || *got == Got::kEnd) return lines;
    if (*got == Got::kLine) lines.push_back(line);
  }
  ADD_FAILURE() << "it does not end";
  return lines;
}

TEST(Child, TellsItsLinesAndItsStatus) {
  auto child = Shell("printf 'one\\n\\ntwo\\nhalf'; exit 3");
  EXPECT_EQ(LinesOf(*child), (std::vector<std::string>{"one", "", "two"})) << "what is cut off is none";
  EXPECT_EQ(child->exit_status(), 3);
  auto killed = Shell("kill -9 $$");
  EXPECT_TRUE(LinesOf(*killed).empty());
  EXPECT_EQ(killed->exit_status(), 137);
}

TEST(Child, GetsItsStateAndNoMoreOfTheEnvironmentThanItIsGiven) {
  setenv("FRESHET_TEST_SECRET", "nobody's", 1);
  auto child = Shell("cat \"$2\"; echo \"$1 ${FRESHET_TEST_SECRET-none} $GIVEN\"; ls /proc/self/fd | wc -l",
                     {{"GIVEN", "g"}}, "{\"a\":1}\n");
  const std::vector<std::string> lines = LinesOf(*child);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "{\"a\":1}");
  EXPECT_EQ(lines[1], "--state none g");
  EXPECT_LE(std::stoi(lines[2]), 6) << "its three, the state, and that of ls";
  unsetenv("FRESHET_TEST_SECRET");
}

TEST(Child, WhatItComplainsOfIsCountedAndDoesNotBlockIt) {
  auto child = Shell(
      "i=0; while [ $i -lt 3000 ]; do echo \"INFO line $i of many, so that no pipe holds them all\" >&2; i=$((i+1)); "
      "done; echo 'x WARNING y' >&2; echo 'CRITICAL z' >&2; echo done");
  EXPECT_EQ(LinesOf(*child), std::vector<std::string>{"done"});
  EXPECT_EQ(child->complaints().lines, 3002u);
  EXPECT_EQ(child->complaints().warnings, 1u);
  EXPECT_EQ(child->complaints().errors, 1u);
}

TEST(Child, EndsWithItsOwnerAndSoDoesWhatItStarted) {
  std::string line;
  pid_t inner = 0;
  {
    auto child = Shell("trap '' TERM; sleep 600 & echo $!; wait");
    while (line.empty()) ASSERT_TRUE(child->Next(line, 100ms).ok());
    inner = std::stoi(line);
    EXPECT_EQ(kill(inner, 0), 0);
  }
  for (int i = 0; i < 1000 && kill(inner, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(kill(inner, 0), 0);
}

TEST(Child, ALineOverTheLimitStopsIt) {
  auto child = Shell("head -c 100000 /dev/zero | tr '\\0' x; echo");
  std::string line;
  Result<Got> got = Got::kNothing;
  for (int i = 0; i < 600 && got.ok() && *got == Got::kNothing; ++i) got = child->Next(line, 100ms);
  EXPECT_EQ(got.code(), Code::kConfiguration);
}

TEST(Child, WhatCannotBeStartedSaysSo) {
  EXPECT_EQ(Child::Start({.command = {"/nowhere/tap"}, .environment = {}, .state = {}}).code(), Code::kConfiguration);
  EXPECT_EQ(Child::Start({.command = {"/etc/passwd"}, .environment = {}, .state = {}}).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::singer
