// The connector commands: what they print and refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "connectors/signals.h"
#include "services/freshet/command.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ConnectorToolsTest : public ::testing::Test {
 protected:
  ConnectorToolsTest() {
    std::string pattern = (fs::temp_directory_path() / "freshet-tools-XXXXXX").string();
    directory = mkdtemp(pattern.data());
    fs::create_directory(directory / "notes");
    std::ofstream(directory / "notes" / "a.md") << "# Plan\n\nMr. Quill, MRN 4711882, rests.\n";
    std::ofstream(directory / "notes" / "b.txt") << std::string("bad \xff");
    std::ofstream(directory / "freshet.yaml")
        << "tenant: hospital\ndata_dir: ./data\nkeys: {tenant: \"${FILE:key}\"}\nembedder: {kind: hashing}\n"
           "sources:\n  - {name: notes, connector: folder, collection: charts, options: {root: ./notes}}\n"
           "collections:\n  - {name: charts, deidentify: safe_harbor}\n";
    Run({"keys", "new", "--out", (directory / "key").string()});
  }
  ~ConnectorToolsTest() override {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
  ExitStatus Run(std::vector<std::string> arguments) {
    out.str("");
    err.str("");
    Terminal terminal{in, out, err};
    return RunCommandLine(AllCommands(), arguments, terminal);
  }
  std::string Config() const { return (directory / "freshet.yaml").string(); }

  fs::path directory;
  std::istringstream in;
  std::ostringstream out, err;
};

TEST_F(ConnectorToolsTest, ListsThemAll) {
  EXPECT_EQ(Run({"connector", "list"}), ExitStatus::kDone);
  EXPECT_THAT(out.str(), HasSubstr("folder        The files below a directory."));
}

TEST_F(ConnectorToolsTest, ChecksEachSource) {
  EXPECT_EQ(Run({"connector", "check", "--config", Config()}), ExitStatus::kDone) << err.str();
  EXPECT_EQ(out.str(), "notes  ok\n");
  fs::remove_all(directory / "notes");
  EXPECT_EQ(Run({"connector", "check", "--config", Config()}), ExitStatus::kCheckFailed);
  EXPECT_THAT(out.str(), HasSubstr("notes  unavailable"));
  EXPECT_EQ(Run({"connector", "check", "--config", Config(), "--source", "none"}), ExitStatus::kUsage);
}

TEST_F(ConnectorToolsTest, PausesResumesAndAsksForASnapshot) {
  const fs::path file = SignalFileOf(directory / "data", SourceName("notes"));
  EXPECT_EQ(Run({"connector", "pause", "--config", Config(), "--source", "notes"}), ExitStatus::kDone) << err.str();
  EXPECT_TRUE(ReadSignals(file)->paused);
  EXPECT_EQ(Run({"connector", "snapshot", "--config", Config()}), ExitStatus::kDone);
  EXPECT_TRUE(ReadSignals(file)->paused);
  EXPECT_EQ(ReadSignals(file)->snapshots, 1u);
  EXPECT_EQ(Run({"connector", "resume", "--config", Config()}), ExitStatus::kDone);
  EXPECT_EQ(out.str(), "notes  paused=false snapshots=1\n");
}

TEST_F(ConnectorToolsTest, ConformRunsCasesAndPrintsTheTable) {
  EXPECT_EQ(Run({"connector", "conform", "folder", "--config", Config(), "--only", "check", "--only", "insert"}),
            ExitStatus::kDone)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("| `insert` | a new document is found | as expected |"));
  EXPECT_EQ(Run({"connector", "conform", "foldr"}), ExitStatus::kUsage);
  EXPECT_THAT(err.str(), HasSubstr("did you mean \"folder\""));
}

TEST_F(ConnectorToolsTest, ADryRunCountsAndTellsNothingOfTheContent) {
  ASSERT_EQ(Run({"connector", "conform", "folder", "--config", Config(), "--dry-run"}), ExitStatus::kDone) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("upserts          2"));
  EXPECT_THAT(out.str(), HasSubstr("refused          1    invalid_utf8 1"));
  EXPECT_THAT(out.str(), HasSubstr("MRN 1"));
  EXPECT_THAT(out.str(), HasSubstr("chunks to embed  1"));
  EXPECT_THAT(out.str(), HasSubstr("freshness        up to 20"));
  EXPECT_THAT(out.str(), testing::Not(HasSubstr("Quill")));
  EXPECT_FALSE(fs::exists(directory / "data")) << "it publishes nothing";
  EXPECT_EQ(Run({"connector", "conform", "folder", "--dry-run"}), ExitStatus::kUsage);
}

TEST_F(ConnectorToolsTest, NewWritesAFolderOnce) {
  EXPECT_EQ(Run({"connector", "new", "feed", "--in", directory.string()}), ExitStatus::kDone) << err.str();
  EXPECT_TRUE(fs::exists(directory / "feed" / "connector.cc"));
  EXPECT_THAT(out.str(), HasSubstr("&feed::MakeFeedConnector"));
  EXPECT_EQ(Run({"connector", "new", "feed", "--in", directory.string()}), ExitStatus::kUsage);
  EXPECT_EQ(Run({"connector", "new", "Feed", "--in", directory.string()}), ExitStatus::kUsage);
}

}  // namespace
}  // namespace freshet
