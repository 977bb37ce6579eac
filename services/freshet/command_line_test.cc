// From arguments to options: with commands of its own, and with all that the binary has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "services/freshet/command.h"

namespace freshet {

using namespace std::chrono_literals;

enum class Tone { kPlain, kLoud };

struct SayOptions {
  std::string words;
  std::vector<std::string> to;
  Tone tone = Tone::kPlain;
  int top_k = 3;
  std::optional<Duration> within;
  std::string token;
  bool json = false;
};

template <>
struct EnumTable<Tone> {
  static constexpr std::array names = {EnumName{"plain", Tone::kPlain}, EnumName{"loud", Tone::kLoud}};
};

template <>
struct OptionTable<SayOptions> {
  using Options = SayOptions;
  static constexpr auto fields = std::tuple{Field("words", &Options::words, "What to say.").Required().Positional(),
                                            Field("to", &Options::to, "To whom."),
                                            Field("tone", &Options::tone, "How."),
                                            Field("top_k", &Options::top_k, "How often.").Range(1, 9),
                                            Field("within", &Options::within, "How soon."),
                                            Field("token", &Options::token, "Who says it.").Secret(),
                                            Field("json", &Options::json, "As JSON.")};
};

namespace {

using ::testing::HasSubstr;

ExitStatus RunSay(const SayOptions& options, Terminal& terminal) {
  terminal.out << options.words << "|";
  for (const std::string& name : options.to) terminal.out << name << ",";
  terminal.out << "|" << (options.tone == Tone::kLoud) << "|" << options.top_k << "|"
               << (options.within ? FormatDuration(*options.within) : "none") << "|" << options.token << "|"
               << options.json;
  return options.words == "fail" ? ExitStatus::kCheckFailed : ExitStatus::kDone;
}

struct Ran {
  int status;
  std::string out, err;
};

Ran RunIn(const std::vector<Command>& commands, const std::vector<std::string>& arguments) {
  std::istringstream in;
  std::ostringstream out, err;
  Terminal terminal{in, out, err};
  const ExitStatus status = RunCommandLine(commands, arguments, terminal);
  return {static_cast<int>(status), out.str(), err.str()};
}

Ran Ask(const std::vector<std::string>& arguments) {
  return RunIn({{"say", "Says it.", BodyOf<&RunSay>()}, {"voice tune", "Tunes it.", BodyOf<&RunSay>()}}, arguments);
}

TEST(CommandLineTest, ArgumentsBecomeOptions) {
  const Ran ran =
      Ask({"say", "hello", "--to", "ada", "--to", "bob", "--tone", "loud", "--top-k=5", "--within", "5m", "--json"});
  EXPECT_EQ(ran.out, "hello|ada,bob,|1|5|5m||1");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
}

TEST(CommandLineTest, WhatIsNotGivenHasItsDefault) { EXPECT_EQ(Ask({"say", "hello"}).out, "hello||0|3|none||0"); }

TEST(CommandLineTest, AWordOfItsOwnCanLookLikeAnything) {
  EXPECT_EQ(Ask({"say", "two words, ${ENV:HOME} and \"quotes\""}).out.substr(0, 39),
            "two words, ${ENV:HOME} and \"quotes\"||0|");
  EXPECT_EQ(Ask({"say", "--", "-x"}).out, "-x||0|3|none||0");
}

TEST(CommandLineTest, GroupsHaveCommands) {
  EXPECT_EQ(Ask({"voice", "tune", "hello"}).status, 0);
  EXPECT_EQ(Ask({"voice"}).status, 2);
  EXPECT_THAT(Ask({"--help"}).out, HasSubstr("Commands: tune."));
}

TEST(CommandLineTest, TheStatusOfTheCommandIsTheStatusOfTheProcess) { EXPECT_EQ(Ask({"say", "fail"}).status, 1); }

TEST(CommandLineTest, UsageErrorsAreStatusTwoOnStandardError) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "subcommand is required"},
      {{"sya"}, "unknown command \"sya\"; did you mean \"say\"?"},
      {{"say"}, "words is required"},
      {{"say", "a", "b"}, "not expected"},
      {{"say", "a", "--too", "b"}, "not expected"},
      {{"say", "a", "--top-k", "10"}, "command line: --top-k must be between 1 and 9"},
      {{"say", "a", "--top-k", "x"}, "command line: --top-k must be a whole number"},
      {{"say", "a", "--top-k", "1", "--top-k", "2"}, "--top-k"},
      {{"say", "a", "--tone", "lowd"}, "command line: --tone is none of the known names; did you mean \"loud\"?"},
      {{"say", "a", "--within", "soon"}, "command line: --within is wrong: a duration"},
      {{"say", ""}, "command line: words must not be empty"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ran ran = Ask(arguments);
    EXPECT_EQ(ran.status, 2) << message;
    EXPECT_EQ(ran.out, "") << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
  }
}

TEST(CommandLineTest, ASecretMayBeGivenAsAReference) {
  ASSERT_EQ(setenv("FRESHET_TEST_TOKEN", "s3cret", 1), 0);
  EXPECT_EQ(Ask({"say", "a", "--token", "${ENV:FRESHET_TEST_TOKEN}"}).out, "a||0|3|none|s3cret|0");
  EXPECT_EQ(Ask({"say", "a", "--token", "literal"}).out, "a||0|3|none|literal|0");
  const Ran ran = Ask({"say", "a", "--token", "${ENV:FRESHET_TEST_NOT_SET}"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("--token refers to ${ENV:FRESHET_TEST_NOT_SET}, which is not set"));
}

TEST(CommandLineTest, HelpTellsTypeDefaultAndPurpose) {
  const Ran ran = Ask({"say", "--help"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("--top-k WHOLE NUMBER [3]"));
  EXPECT_THAT(ran.out, HasSubstr("--tone plain | loud [plain]"));
  EXPECT_THAT(ran.out, HasSubstr("Exit status: 0 done, 1 a check did not hold, 2 usage or configuration."));
}

TEST(CommandTableTest, EveryCommandHasHelpAndASummary) {
  std::set<std::string_view> names;
  for (const Command& command : AllCommands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_TRUE(command.summary.ends_with('.')) << command.name;
    std::vector<std::string> arguments;
    std::istringstream words{std::string(command.name)};
    for (std::string word; words >> word;) arguments.push_back(word);
    arguments.push_back("--help");
    const Ran ran = RunIn(AllCommands(), arguments);
    EXPECT_EQ(ran.status, 0) << command.name;
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.summary)));
    for (const FieldInfo& field : command.body.describe().fields) {
      EXPECT_TRUE(field.help.ends_with('.')) << command.name << " " << field.name;
    }
  }
}

TEST(VersionTest, IsTextOrJson) {
  EXPECT_THAT(RunIn(AllCommands(), {"version"}).out, testing::MatchesRegex("freshet [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_THAT(RunIn(AllCommands(), {"version", "--json"}).out, HasSubstr("\"name\":\"freshet\""));
}

}  // namespace
}  // namespace freshet
