// Runs of a tap: what each is given, what becomes of what it says, and when something counts as deleted.
#include "connectors/singer/connector.h"

#include <gmock/gmock.h>

#include "common/config/yaml.h"
#include "connectors/kit/invariants.h"
#include "connectors/singer/testing.h"

namespace freshet::singer {
namespace {

using namespace std::chrono_literals;

TEST(TapSource, ListsEverythingAndGoesOnFromItsState) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), Record(2, "second"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}, {"2", "second"}}));
  EXPECT_EQ(tap.host.published.front().lane, Lane::kBackfill);
  EXPECT_EQ(tap.Count<SnapshotEdge>(), 2u);

  tap.Say({Record(2, "amended"), State(8)});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.given(), R"({"n":8})");
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}, {"2", "amended"}}));
  EXPECT_EQ(tap.host.published.back().lane, Lane::kLive);
  EXPECT_EQ(tap.Count<SnapshotEdge>(), 2u) << "a run with a state deletes nothing that it does not mention";
}

TEST(TapSource, ANewProcessGoesOnFromTheStoredState) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({State(8)});
  ASSERT_TRUE(tap.Run(1).ok());
  EXPECT_THAT(tap.given(), testing::HasSubstr("{\"n\":"));
  EXPECT_EQ(tap.Count<SnapshotEdge>(), 2u);
}

TEST(TapSource, NoStateIsStoredBeforeItsRecordsAre) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), State(7)});
  tap.host.CrashAt(4, kit::KitHost::Crash::kBefore);
  EXPECT_FALSE(tap.Run().ok());
  tap.host.Revive();
  for (const auto& [key, value] : tap.host.positions) {
    if (value.find("\\\"n\\\"") != std::string::npos) {
      EXPECT_EQ(tap.sink.Contents().size(), 1u);
    }
  }
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}}));
}

TEST(TapSource, WhatAFailingTapSaidCountsAndItsStateToo) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({Record(2, "second"), State(8), Record(3, "third")}, 1);
  EXPECT_EQ(tap.Run().code(), Code::kUnavailable);
  EXPECT_EQ(tap.sink.Contents().size(), 3u);
  tap.Say({State(9)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({});
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.given(), R"({"n":9})");
}

TEST(TapSource, AListingThatFailsDeletesNothing) {
  ScriptedTap tap;
  tap.options.runs = Runs::kAll;
  tap.Say({Record(1, "first"), Record(2, "second")});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({Record(1, "first")}, 1);
  EXPECT_EQ(tap.Run().code(), Code::kUnavailable);
  EXPECT_EQ(tap.sink.Contents().size(), 2u);
  tap.Say({Record(1, "first")});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}}));
  EXPECT_EQ(tap.given(), "") << "runs: all";
}

TEST(TapSource, AListingMentionsWhatHasNotChanged) {
  ScriptedTap tap;
  tap.options.runs = Runs::kAll;
  tap.Say({Record(1, "first"), Record(2, "second")});
  ASSERT_TRUE(tap.Run(3).ok());
  EXPECT_EQ(tap.Count<Upsert>(), 2u);
  EXPECT_GE(tap.Count<Present>(), 2u);
  tap.Say({Record(1, "amended"), Record(2, "second")});
  ASSERT_TRUE(tap.Run(2, false).ok());
  EXPECT_EQ(tap.Count<Upsert>(), 3u);
  tap.host.request = 1;
  ASSERT_TRUE(tap.Run(2, false).ok());
  EXPECT_EQ(tap.Count<Upsert>(), 5u) << "asked for, everything is published again";
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "amended"}, {"2", "second"}}));
}

TEST(TapSource, ListsNowAndThenWhereItIsToldTo) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), Record(2, "second"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.options.list_every = 1ms;
  tap.Say({Record(1, "first"), State(8)});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}}));
}

TEST(TapSource, AnActivatedVersionDeletesWhatItDoesNotMention) {
  ScriptedTap tap;
  tap.Say({Record(1, "first", 10), Record(2, "second", 10), Activate(10), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({Record(1, "first", 11), Activate(11), State(8)});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}}));
}

TEST(TapSource, AVersionThatIsNotNewOrNotWholeDeletesNothing) {
  ScriptedTap tap;
  tap.Say({Record(1, "first", 10), Record(2, "second", 10), Activate(10), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say({Activate(10), Record(1, "amended", 10), State(8)});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents().size(), 2u) << "the same version";
  tap.Say({Activate(11), Record(1, "again", 11), State(9)});
  ASSERT_TRUE(tap.Run(1).ok());
  EXPECT_EQ(tap.sink.Contents().size(), 2u) << "activated at its beginning: it goes on";
  tap.Say({Record(1, "more", 12), State(9)}, 1);
  EXPECT_FALSE(tap.Run().ok());
  tap.Say({Activate(12), State(10)});
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.sink.Contents().size(), 2u) << "begun by a run that failed: this one has not told it whole";
}

TEST(TapSource, DeletedRecordsAreDeletes) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), Record(2, "second"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.Say(
      {R"({"type":"RECORD","stream":"note","record":{"id":2,"_sdc_deleted_at":"2026-01-31T09:30:00Z"}})", State(8)});
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "first"}}));
  EXPECT_GE(tap.Count<Delete>(), 1u);
}

TEST(TapSource, WhatARecordLeavesOutIsNotTakenForEmpty) {
  ScriptedTap tap;
  tap.options.missing = Missing::kUnknown;
  tap.Say({R"({"type":"RECORD","stream":"note","record":{"id":1}})", State(7)});
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "!unsupported_change"}}));
}

// What is said next of a document that could not be read counts, and never before it.
TEST(TapSource, WhatCannotBeReadIsRefusedUntilSomethingNewerIsSaid) {
  ScriptedTap tap;
  tap.Say({Record(1, "caf\xE9"), Record(2, "caf\xE9"), Record(2, "second"), Record(3, "third"), Record(3, "caf\xE9"),
           State(7)});
  ASSERT_TRUE(tap.Run().ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "!invalid_utf8"}, {"2", "second"}, {"3", "!invalid_utf8"}}));
  EXPECT_EQ(kit::BrokenInvariant(tap.host, {}), "");
}

TEST(TapSource, WhatFailsIsTold) {
  ScriptedTap tap;
  tap.Say({R"({"type":"RECORD","stream":"note","record":{"id":)"});
  EXPECT_EQ(tap.Run().code(), Code::kUnavailable) << "a message that breaks off";
  tap.Say({R"({"type":"SCHEMA","stream":"note","schema":{"properties":{"id":{}}},"key_properties":["id"]})"});
  EXPECT_EQ(tap.Run().code(), Code::kConfiguration) << "a column of the mapping is gone";
  tap.options.silence = 100ms;
  tap.Say({}, 0, true);
  EXPECT_EQ(tap.Run().code(), Code::kTimeout);
}

TEST(TapSource, AnotherMappingListsEverythingAnew) {
  ScriptedTap tap;
  tap.Say({Record(1, "first"), State(7)});
  ASSERT_TRUE(tap.Run().ok());
  tap.options.mapping.documents[0].content = "Note: {body}";
  ASSERT_TRUE(tap.Run(2).ok());
  EXPECT_EQ(tap.sink.Contents(), (Contents{{"1", "Note: first"}}));
  EXPECT_EQ(tap.Count<SnapshotEdge>(), 4u);
}

TEST(TapSource, OptionsThatCannotWorkAreRefused) {
  ScriptedTap tap;
  SingerOptions options = tap.options;
  EXPECT_TRUE(Validate(options).ok());
  options.protocol = Protocol::kAirbyte;
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration) << "no keys";
  options.keys = {{"note", {"id"}}};
  EXPECT_TRUE(Validate(options).ok());
  options.mapping.documents[0].children = {{.table = "line", .parent = {"id"}, .content = "{x}"}};
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
  options.command.clear();
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
}

TEST(TapSource, CheckRunsTheCommandThatIsGiven) {
  ScriptedTap tap;
  auto mapping = rows::Mapping::Compile(tap.options.mapping);
  const auto check = [&](const std::vector<std::string>& command) {
    tap.options.check = command;
    return TapSource(tap.options, *mapping).Check().code();
  };
  EXPECT_EQ(check({}), Code::kOk);
  EXPECT_EQ(check({"/bin/true"}), Code::kOk);
  EXPECT_EQ(check({"/bin/false"}), Code::kUnavailable);
  EXPECT_EQ(check({"/nowhere"}), Code::kConfiguration);
  EXPECT_EQ(check({"/bin/echo", R"({"type":"CONNECTION_STATUS","connectionStatus":{"status":"FAILED"}})"}),
            Code::kUnavailable);
}

TEST(TapExample, ItsSourceIsTaken) {
  const std::filesystem::path example = "connectors/singer/example.yaml";
  if (!std::filesystem::exists(example)) GTEST_SKIP() << "not run from the project's root";
  const auto folder = std::filesystem::temp_directory_path() / "singer-example";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(example, folder / "site.yaml", std::filesystem::copy_options::overwrite_existing);
  for (const char* named : {"tenant.key", "tokens.yaml"}) std::ofstream(folder / named) << "x\n";
  const auto site = LoadConfigFile(folder / "site.yaml");
  ASSERT_TRUE(site.ok()) << site.status().message();
  const auto made = MakeSingerConnector(*site->Find("sources")->items.at(0).Find("options"));
  EXPECT_TRUE(made.ok()) << made.status().message();
}

}  // namespace
}  // namespace freshet::singer
