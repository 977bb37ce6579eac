#include "connectors/postgres/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/config/yaml.h"
#include "connectors/postgres/slot.h"

namespace freshet::postgres {
namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<PostgresOptions> Parsed(const std::string& yaml) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(yaml, {.name = "t", .literal_secrets = true}));
  FRESHET_ASSIGN_OR_RETURN(PostgresOptions options, ParseOptions<PostgresOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  return options;
}

constexpr const char* kMapping = "mapping: {documents: [{table: public.note, id: \"{id}\", content: \"{body}\"}]}\n";

TEST(PostgresOptions, RefusesWhatTheServerWould) {
  EXPECT_TRUE(Parsed(std::string("connection: x\n") + kMapping).ok());
  for (const char* more : {"slot: A\n", "slot: \"\"\n", "publication: a-b\n", "slto: x\n", "snapshot_readers: 0\n"}) {
    EXPECT_EQ(Parsed(std::string("connection: x\n") + more + kMapping).code(), Code::kConfiguration) << more;
  }
  EXPECT_EQ(Parsed(kMapping).code(), Code::kConfiguration);
  EXPECT_EQ(Parsed("connection: x\n").code(), Code::kConfiguration);
  EXPECT_EQ(Parsed("connection: x\nmapping: {documents: [{table: note, id: \"{id}\", content: x}]}").code(),
            Code::kConfiguration);
}

TEST(PostgresOptions, TheReadmeHasThem) {
  const std::string readme = ReadText("connectors/postgres/README.md");
  if (readme.empty()) GTEST_SKIP() << "not run from the project's root";
  EXPECT_THAT(readme, testing::HasSubstr(OptionsMarkdown<PostgresOptions>()));
}

TEST(SlotPosition, ReadsBackWhatItWritesAndNothingElse) {
  const SlotPosition position{.generation = 7,
                              .system = 8,
                              .lsn = 9,
                              .fingerprint = HashOf("x"),
                              .timeline = 3,
                              .landmark = {.lsn = 5, .time = FromMicros(6)}};
  const auto back = SlotPosition::Decode(position.Encode());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->Encode(), position.Encode());
  EXPECT_EQ(back->landmark, position.landmark);
  EXPECT_EQ(back->timeline, 3u);
  EXPECT_FALSE(SlotPosition::Decode(position.Encode() + "x").has_value());
  for (size_t cut = 0; cut < position.Encode().size(); ++cut) {
    EXPECT_FALSE(SlotPosition::Decode(position.Encode().substr(0, cut)).has_value());
  }
}

TEST(SlotPosition, ReadsThoseOfEarlierReleases) {
  std::string earlier(1, '\1');
  for (const uint64_t number : {7, 8, 9}) AppendBig64(earlier, number);
  earlier.append(AsBytes(HashOf("x")));
  const auto position = SlotPosition::Decode(earlier);
  ASSERT_TRUE(position.has_value());
  EXPECT_EQ(position->lsn, 9u);
  EXPECT_EQ(position->fingerprint, HashOf("x"));
  EXPECT_EQ(position->timeline, 0u);
  EXPECT_EQ(position->landmark, Landmark());
  EXPECT_EQ(WhyNotResume(*position, {.exists = true}, {.system = 8, .timeline = 4, .lsn = 9}), "");
}

TEST(SlotPosition, ATimelineThatKeptWhatWasReadGoesOn) {
  const SlotPosition position{.generation = 7, .system = 8, .lsn = 0x100, .timeline = 2};
  const SlotState slot{.exists = true, .confirmed = 0x90};
  const auto why = [&](const std::string& history) {
    return WhyNotResume(position, slot, {.system = 8, .timeline = 3, .history = history, .lsn = 0x200});
  };
  EXPECT_EQ(why("1\t0/50\tx\n2\t0/100\tx\n"), "");
  EXPECT_NE(why("1\t0/50\tx\n2\t0/FF\tx\n"), "");
  EXPECT_NE(why("1\t0/50\tx\n"), "") << "it never was on ours";
  EXPECT_NE(why(""), "");
}

TEST(SlotPosition, TellsWhyAStreamCannotGoOn) {
  const SlotPosition position{.generation = 7, .system = 8, .lsn = 100};
  const SlotState slot{.exists = true, .confirmed = 90};
  const ServerIdentity server{.system = 8, .lsn = 200};
  EXPECT_EQ(WhyNotResume(position, slot, server), "");
  EXPECT_NE(WhyNotResume(position, {}, server), "");
  EXPECT_NE(WhyNotResume(position, {.exists = true, .lost = true}, server), "");
  EXPECT_NE(WhyNotResume(position, {.exists = true, .confirmed = 101}, server), "");
  EXPECT_NE(WhyNotResume(position, slot, {.system = 9, .lsn = 200}), "");
  EXPECT_NE(WhyNotResume(position, slot, {.system = 8, .lsn = 99}), "");
}

}  // namespace
}  // namespace freshet::postgres
