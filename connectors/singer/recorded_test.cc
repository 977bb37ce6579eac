// What real taps and sources wrote (the folder ../shared/fixtures/singer): the documents that it makes.
#include <gmock/gmock.h>

#include "connectors/singer/testing.h"

namespace freshet::singer {
namespace {

const std::filesystem::path kFolder = "../shared/fixtures/singer";

// A tap that says what was recorded, once.
class Recorded {
 public:
  Recorded(const std::string& stream, const std::string& content) {
    options.every = std::chrono::hours(24);
    options.missing = Missing::kNull;
    options.mapping.documents = {{.table = stream, .id = "{id}", .content = content}};
  }
  Contents Run(const std::string& file) {
    options.command = {"/bin/cat", (kFolder / file).string()};
    auto mapping = rows::Mapping::Compile(options.mapping);
    SourceConnector connector(std::make_unique<TapSource>(options, std::move(*mapping)));
    size_t edges = 0;
    for (int i = 0; i < 2000 && edges < 2; ++i) {
      const Result<bool> did = connector.Step(host);
      EXPECT_TRUE(did.ok()) << did.status().message();
      if (!did.ok()) break;
      edges = static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [](const auto& one) {
        return std::holds_alternative<SnapshotEdge>(one.event.change);
      }));
    }
    EXPECT_EQ(edges, 2u) << "it does not end";
    for (int i = 0; i < 5; ++i) (void)connector.Step(host);  // its state is stored
    for (const auto& one : host.published) sink.Apply(one.event);
    return sink.Contents();
  }
  // What the next run would be given.
  std::string State() const {
    const auto position = Position::Decode(host.positions.at("position"));
    return position ? position->StateFile() : "";
  }

  SingerOptions options;
  kit::KitHost host;
  kit::ModelSink sink;
};

class SingerRecorded : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no recorded taps here";
  }
};

const std::string kSecond = "Zoë \"q\" \\ 血压\n line";

TEST_F(SingerRecorded, TwoTapsOfOneTableSayTheSame) {
  for (const char* file :
       {"singer_pipelinewise-tap-postgres_full.jsonl", "singer_meltanolabs-tap-postgres_full.jsonl",
        "singer_pipelinewise-tap-postgres_incremental.jsonl", "singer_meltanolabs-tap-postgres_incremental.jsonl",
        "singer_pipelinewise-tap-postgres_log1.jsonl"}) {
    SCOPED_TRACE(file);
    Recorded tap("public-note", "{body}|{amount}|{updated_at}|{meta}");
    const Contents contents = tap.Run(file);
    ASSERT_EQ(contents.size(), 2u);
    EXPECT_EQ(contents.at("1").substr(0, 34), "first|1.5000|2024-05-01T12:00:00Z|");
    EXPECT_THAT(contents.at("1"), testing::AnyOf(testing::HasSubstr("{\"a\":1}"), testing::HasSubstr("{\"a\": 1}")));
    EXPECT_EQ(contents.at("2"), kSecond + "||2024-05-02T12:00:00.123456Z|");
    EXPECT_THAT(tap.State(), testing::HasSubstr("public-note"));
  }
}

TEST_F(SingerRecorded, DeletesOfALogHaveTheKeyAlone) {
  Recorded tap("public-note", "{body} at {updated_at}");
  const Contents contents = tap.Run("singer_meltanolabs-tap-postgres_log.jsonl");
  EXPECT_EQ(contents, (Contents{{"1", "amended at 2024-05-04T12:00:00Z"}, {"3", "third at 2024-05-03T12:00:00Z"}}));
}

TEST_F(SingerRecorded, FilesAreTapsToo) {
  EXPECT_EQ(Recorded("notes", "{body}").Run("singer_tap-spreadsheets_csv.jsonl"),
            (Contents{{"1", "quoted, comma"}, {"2", "two\nlines"}}));
  Recorded lines("notes", "{body} {amount}");
  lines.options.keys = {{"notes", {"id"}}};
  EXPECT_EQ(lines.Run("singer_tap-jsonl.jsonl"), (Contents{{"1", "first 1.5"}, {"2", "Zoë \"q\" 血压 😀 "}}));
}

TEST_F(SingerRecorded, AirbyteSourcesByTheSameReader) {
  Recorded file("notes", "{patient_id}: {body}");
  file.options.protocol = Protocol::kAirbyte;
  file.options.keys = {{"notes", {"id"}}};
  EXPECT_EQ(file.Run("airbyte_source-file.jsonl"),
            (Contents{{"1", "p-001: quoted, comma"}, {"2", "p-002: two\nlines"}}));
  for (const char* name : {"airbyte_source-faker.jsonl", "airbyte_source-hardcoded-records.jsonl"}) {
    SCOPED_TRACE(name);
    Recorded products("products", "{make} {model}");
    products.options.protocol = Protocol::kAirbyte;
    products.options.keys = {{"products", {"id"}}};
    EXPECT_GE(products.Run(name).size(), 1u);
    EXPECT_THAT(products.State(), testing::AllOf(testing::StartsWith("[{"), testing::HasSubstr("products")));
  }
}

}  // namespace
}  // namespace freshet::singer
