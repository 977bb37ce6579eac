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
  const SlotPosition position{.generation = 7, .system = 8, .lsn = 9, .fingerprint = HashOf("x")};
  const auto back = SlotPosition::Decode(position.Encode());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->Encode(), position.Encode());
  for (size_t cut = 0; cut < position.Encode().size(); ++cut) {
    EXPECT_FALSE(SlotPosition::Decode(position.Encode().substr(0, cut)).has_value());
  }
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
