// A folder of bundles and lines: the files together are the whole.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "connectors/fhir/folder_source.h"
#include "connectors/fhir/source_testing.h"

namespace freshet::fhir {
namespace {

class FhirFolderTest : public FhirSourceTest {
 protected:
  FhirFolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-fhir-XXXXXX").string();
    made_ = mkdtemp(pattern.data());
    options.folder = made_;
    options.url.clear();
    connector = std::make_unique<SourceConnector>(MakeSource());
  }
  ~FhirFolderTest() override {
    connector.reset();
    std::filesystem::remove_all(made_);
  }
  std::unique_ptr<Source> MakeSource() const { return std::make_unique<FhirFolderSource>(options); }
  // Until it has looked at the folder many times and published nothing.
  void Rest() {
    size_t published = 0;
    for (int quiet = 0; quiet < 50; ++quiet) {
      if (std::exchange(published, host.published.size()) != host.published.size()) quiet = 0;
      ASSERT_TRUE(connector->Step(host).ok());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(options.folder / "made", std::ios::binary) << text;
    std::filesystem::rename(options.folder / "made", options.folder / name);
  }
  static std::string Note(const std::string& id, const std::string& text, const std::string& updated) {
    return Json({{"resourceType", "Composition"}, {"id", id}, {"title", text}, {"meta", {{"lastUpdated", updated}}}})
        .dump();
  }

 private:
  std::filesystem::path made_;
};

TEST_F(FhirFolderTest, FilesTogetherAreTheWhole) {
  Write("1.ndjson", Note("a", "old", "2026-01-01T00:00:00Z") + "\n" + Note("b", "text", "2026-01-01T00:00:00Z") + "\n");
  Write("2.json",
        R"({"resourceType":"Bundle","entry":[{"resource":)" + Note("a", "new", "2026-01-02T00:00:00Z") + "}]}");
  Write("3.ndjson", Note("a", "older", "2025-01-01T00:00:00Z"));
  Write("4.json", Note("c", "alone", "2026-01-01T00:00:00Z"));
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  EXPECT_EQ(Contents().size(), 3u);
  EXPECT_TRUE(Holds("Composition/a", "new"));
  std::filesystem::remove(options.folder / "4.json");
  Write("3.ndjson", Note("b", "edited", "2026-01-03T00:00:00Z"));
  ASSERT_TRUE(Until([&] { return Contents().size() == 2 && Holds("Composition/b", "edited"); }));
  Rest();
  const size_t published = host.published.size();
  connector = std::make_unique<SourceConnector>(MakeSource());
  Rest();
  EXPECT_LE(host.published.size(), published + 2) << "nothing has changed since: but for the access lists";
}

TEST_F(FhirFolderTest, ABrokenFileDeletesNothing) {
  Write("1.ndjson", Note("a", "text", "2026-01-01T00:00:00Z"));
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  Write("1.json", "{\"resourceType\":\"Bundle\",\"entry\":[");
  std::filesystem::remove(options.folder / "1.ndjson");
  ASSERT_TRUE(Until([&] { return last_error.code() == Code::kUnavailable; }));
  EXPECT_EQ(Contents().size(), 1u);
  Write("1.json", Note("a", "mended", "2026-01-02T00:00:00Z"));
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "mended"); }));
}

TEST_F(FhirFolderTest, PublicBundlesAreRead) {
  const std::filesystem::path folder = "../shared/data/src_synthea_fhir_r4";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  options.folder = folder;
  options.types = {"Patient", "DiagnosticReport", "Observation", "Procedure", "Condition", "CarePlan"};
  connector = std::make_unique<SourceConnector>(MakeSource());
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); })) << last_error.ToString();
  std::map<std::string, size_t> counts;
  for (const kit::Published& one : host.published) {
    if (const auto* const upsert = std::get_if<Upsert>(&one.event.change)) {
      ++counts[one.event.origin.document.value.substr(0, one.event.origin.document.value.find('/'))];
      EXPECT_EQ(upsert->patients.size(), 1u);
      EXPECT_EQ(upsert->refused, Code::kOk);
    }
    if (const auto* const who = std::get_if<IdentityChange>(&one.event.change)) counts[who->identity] += 1;
  }
  EXPECT_EQ(counts["DiagnosticReport"], 105u);
  EXPECT_EQ(counts["Procedure"], 152u);
  EXPECT_EQ(counts["patient"], 9u);
  EXPECT_EQ(counts["Observation"], 20u) << "of 1,355: those in which there are words";
}

}  // namespace
}  // namespace freshet::fhir
