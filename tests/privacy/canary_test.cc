// The canary patient: name, numbers, birth date and file name in every place where a document can carry them. None of
// it may be in what de-identification lets out: clean document, seal, code, status message, standard error.
#include "tests/privacy/canary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "schemas/codec.h"
#include "services/deid/batch.h"
#include "services/deid/deid.h"
#include "services/deid/parse/parser.h"
#include "tests/privacy/canary_formats.h"

namespace freshet {
namespace {

class CanaryTest : public testing::TestWithParam<const char*> {
 protected:
  CanaryTest() {
    origin_ = {.source = SourceName("ehr"), .collection = CollectionName("notes"), .document = DocumentId("a1b2")};
    state_.keys = std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'a'))));
    state_.policies[origin_.collection] = *deid::FindPolicy(GetParam());
    deid::RosterBuilder builder;
    builder.Apply(origin_.source, Canary());
    state_.roster = builder.Snapshot();
  }

  Result<deid::Deid::Outcome> Run(const Upsert& upsert) {
    static const std::unique_ptr<deid::Deid> kDeid = std::move(*deid::Deid::Make());
    const deid::Deid::Input input{origin_, upsert};
    return std::move(kDeid->Process({&input, 1}, state_)[0]);
  }

  Origin origin_;
  deid::DeidState state_;
};

std::string AllOf(const CleanDocument& clean) {
  std::string all = clean.text() + "\n" + clean.title() + "\n" + clean.uri() + "\n" + clean.access_scope().value +
                    "\n" + FormatTime(clean.effective()) + "\n" + clean.policy();
  for (const Attribute& attribute : clean.attributes()) {
    all += "\n" + attribute.name;
    for (const std::string& value : attribute.values) all += "\n" + value;
  }
  for (const PatientId& patient : clean.patients()) all += "\n" + patient.value;
  for (const Block& block : clean.blocks()) all += "\n" + block.source_place;
  return all;
}

// A document without a title of its source's has its own.
TEST_P(CanaryTest, NothingOfItIsInATitleThatTheDocumentGivesItself) {
  size_t titled = 0;
  for (const Formatted& format : CanaryFormats()) {
    SCOPED_TRACE(format.media_type);
    Upsert upsert = CanaryUpsert(format.media_type);
    upsert.content = format.content;
    upsert.title.clear();
    const auto outcome = Run(upsert);
    ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    const auto* const forward = std::get_if<Forward<CleanDocument>>(&*outcome);
    ASSERT_NE(forward, nullptr);
    EXPECT_EQ(LeakIn(forward->body.title()), "");
    titled += !forward->body.title().empty();
  }
  EXPECT_GE(titled, 6u);
}

TEST_P(CanaryTest, EveryFormatThatCanBeReadIsHere) {
  std::set<const deid::Parser*> here, all;
  for (const Formatted& format : CanaryFormats()) here.insert(deid::FindParser(format.media_type));
  for (const deid::ParserRow& row : deid::AllParsers()) all.insert(&row.parser());
  EXPECT_EQ(here, all);
}

TEST_P(CanaryTest, NothingOfItIsInTheCleanDocument) {
  for (const Formatted& format : CanaryFormats()) {
    SCOPED_TRACE(format.media_type);
    Upsert upsert = CanaryUpsert(format.media_type);
    upsert.content = format.content;
    const auto outcome = Run(upsert);
    ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    const auto* forward = std::get_if<Forward<CleanDocument>>(&*outcome);
    ASSERT_NE(forward, nullptr) << NameOf(std::get<Skipped>(*outcome).code);
    std::string all = AllOf(forward->body);
    if (std::string_view(GetParam()) == "limited_data_set") {
      // Dates stay under this policy, and nothing else of the canary does.
      for (const char* date : {"March 4, 1961", "03/04/1961", "1961-03-04"}) {
        for (size_t at = all.find(date); at != std::string::npos; at = all.find(date)) all.erase(at, std::strlen(date));
      }
    }
    EXPECT_EQ(LeakIn(all), "") << all;
    EXPECT_NE(forward->body.text().find("metformin 500 mg"), std::string::npos) << "what clinicians need is there";
    EXPECT_NE(forward->body.text().find("60 years old"), std::string::npos);

    const SealedClean sealed = Seal(forward->body, origin_, *state_.keys);
    if (std::string_view(GetParam()) != "limited_data_set") {
      EXPECT_EQ(LeakIn(EncodeSealedClean(sealed)), "");
    }
    const auto wire = EncodeClean({.origin = origin_, .payload = forward->body}, *state_.keys);
    ASSERT_TRUE(wire.ok());
    EXPECT_EQ(wire->find("Quillfeather"), std::string::npos);
  }
}

TEST_P(CanaryTest, NothingOfItIsInErrorsOrLogs) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  std::string said;
  std::vector<Upsert> bad(6, CanaryUpsert());
  bad[0].content += '\xFF';
  bad[1].content += '\0';
  bad[2].media_type = "application/quillfeather";
  bad[3].title += '\xFF';
  bad[4].refused = Code::kIoError;
  bad[5].content = std::string(5 << 20, 'q') + kNote;
  for (const Upsert& upsert : bad) {
    const auto outcome = Run(upsert);
    said += outcome.ok() ? std::string(NameOf(std::get<Skipped>(*outcome).code)) : outcome.status().ToString();
    said += '\n';
  }
  state_.keys = nullptr;
  said += Run(CanaryUpsert()).status().ToString();
  const std::string logged = testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
  EXPECT_EQ(LeakIn(said), "");
  EXPECT_EQ(LeakIn(logged), "");
  EXPECT_EQ(said,
            "invalid_utf8\nbinary_content\nunsupported_media_type\ninvalid_utf8\nio_error\ndocument_too_large\n"
            "key_missing: De-identification has no keys.");
}

INSTANTIATE_TEST_SUITE_P(Policies, CanaryTest, testing::Values("safe_harbor", "limited_data_set", "staff_visible"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(CanaryBatch, ErrorsOfTheBatchQuoteNothing) {
  for (const char* line : {"{\"text\":\"Quillfeather\"}", "Quillfeather", "{\"id\":1,\"text\":[\"Quillfeather\"]}"}) {
    std::istringstream in(line);
    std::ostringstream out;
    const Status status = deid::RunDeidBatch(in, out, {});
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(LeakIn(status.ToString() + out.str()), "") << line;
  }
}

}  // namespace
}  // namespace freshet
