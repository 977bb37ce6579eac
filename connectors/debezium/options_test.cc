#include "connectors/debezium/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/config/options.h"
#include "common/config/yaml.h"
#include "connectors/debezium/connector.h"

namespace freshet::debezium {
namespace {

std::string ReadText(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<DebeziumOptions> Parsed(const std::string& yaml) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(yaml, {.name = "t", .literal_secrets = true}));
  FRESHET_ASSIGN_OR_RETURN(DebeziumOptions options, ParseOptions<DebeziumOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  return options;
}

constexpr const char* kBase = "kafka: {bootstrap_servers: \"k:9092\"}\nprefix: dbs\n";
constexpr const char* kMapping = "mapping: {documents: [{table: public.note, id: \"{id}\", content: \"{body}\"}]}\n";

TEST(DebeziumOptions, RefusesWhatCannotWork) {
  EXPECT_TRUE(Parsed(std::string(kBase) + kMapping).ok());
  EXPECT_TRUE(Parsed(std::string(kBase) + kMapping + "types: {public.note.at: timestamp}\n").ok());
  for (const char* more : {"order: lsn\n", "typse: {}\n", "types: {public.note.at: text}\n", "types: {at: date}\n",
                           "whole_rows: [note]\n", "settle: 2m\n", "generation: 0\n"}) {
    EXPECT_EQ(Parsed(std::string(kBase) + kMapping + more).code(), Code::kConfiguration) << more;
  }
  EXPECT_EQ(Parsed(kBase).code(), Code::kConfiguration);
  EXPECT_EQ(Parsed(std::string("kafka: {}\nprefix: d\n") + kMapping).code(), Code::kConfiguration);
}

TEST(DebeziumOptions, ChildrenNeedSomebodyToAsk) {
  const std::string children =
      "mapping: {documents: [{table: public.note, id: \"{id}\", content: \"{body}\", children: "
      "[{table: public.addendum, parent: [note_id], content: \"{body}\"}]}]}\n";
  EXPECT_EQ(Parsed(kBase + children).code(), Code::kConfiguration);
  EXPECT_TRUE(Parsed(kBase + children + "connection: \"postgresql://h/d\"\n").ok());
}

// What is asked for is told by changes of several topics, whose offsets say nothing of each other.
TEST(DebeziumOptions, OffsetsDoNotGoWithAskingTheDatabase) {
  const std::string offset = std::string(kBase) + kMapping + "order: offset\n";
  EXPECT_TRUE(Parsed(offset).ok());
  EXPECT_EQ(Parsed(offset + "connection: \"postgresql://h/d\"\n").code(), Code::kConfiguration);
}

TEST(DebeziumOptions, ATopicIsNamedByPrefixAndTableOrByHand) {
  const auto options = Parsed(std::string(kBase) + kMapping + "topics: {public.note: notes.v2}\n");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(TopicOfTable(*options, "public.note"), "notes.v2");
  EXPECT_EQ(TopicOfTable(*options, "public.reader"), "dbs.public.reader");
}

// The example of the README is a configuration that works.
TEST(DebeziumOptions, TheReadmesExampleIsTaken) {
  const std::string readme = ReadText("connectors/debezium/README.md");
  if (readme.empty()) GTEST_SKIP() << "not run from the project's root";
  const size_t from = readme.find("```yaml\n") + 8;
  ASSERT_GT(from, 8u);
  const auto node = ParseYaml(readme.substr(from, readme.find("```", from) - from), {.name = "README.md"});
  ASSERT_TRUE(node.ok()) << node.status().ToString();
  const ConfigNode* const sources = node->Find("sources");
  ASSERT_NE(sources, nullptr);
  const auto made = MakeDebeziumConnector(*sources->items.at(0).Find("options"));
  EXPECT_TRUE(made.ok()) << made.status().ToString();
}

}  // namespace
}  // namespace freshet::debezium
