// Fuzzing with a corpus: the files of services/deid/fuzz, as they are, cut, spliced and with bytes changed, through the
// whole stage under every policy; in CI also under AddressSanitizer and UBSan. A failure prints its seed, which makes
// the same input again. FRESHET_DEID_FUZZ=N takes N inputs in place of the usual few,
// FRESHET_FUZZ_SECONDS=S as many as there is time for, FRESHET_FUZZ_FROM=F begins at seed F.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "common/base/utf8.h"
#include "services/deid/deid.h"
#include "services/deid/policy_file.h"
#include "services/deid/residual.h"

namespace freshet::deid {
namespace {

constexpr const char* kCorpus = "services/deid/fuzz";
constexpr const char* kEverythingMadeUp =
    "name: made_up\nversion: 1\neffective_time: shift\ndefault: {action: surrogate, threshold: 0.3}\n"
    "identifiers:\n  date: {action: shift}\n  zip: {action: generalise}\n  age: {action: generalise}\n";
// What splices put in: what parsers and detectors look for.
constexpr std::string_view kTokens[] = {"Dr. ",  "MRN: ",  "@",       "-",      "\n\n", "<b>",  "</b>",
                                        "| ",    "\u200b", "\u0301",  "\u202e", "(",    "1961", "Ada Quillfeather",
                                        "```\n", "[NAME]", "http://", "# ",     ".",    "617",  "\xff"};

unsigned NumberIn(const char* variable, unsigned otherwise) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(value, nullptr, 10));
}

class FuzzTest : public testing::Test {
 protected:
  FuzzTest() {
    for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
      std::ifstream file(entry.path(), std::ios::binary);
      corpus_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    std::sort(corpus_.begin(), corpus_.end());
    RosterBuilder builder;
    IdentityChange ada{.patient = PatientId("p1")};
    ada.names = {{.given = {"Ada", "Zofie"}, .family = "Quillfeather"}};
    ada.identifiers = {{"mrn", "00-471183"}, {"ssn", "078-05-1120"}};
    ada.birth_date = "1961-03-04";
    ada.addresses = {"12 Elm Street, Springfield, IL 62704"};
    ada.telecoms = {"+1 617 555 0100", "ada@quill.example"};
    builder.Apply(origin_.source, ada);
    state_.roster = builder.Snapshot();
    state_.keys = std::make_shared<const KeyRing>(*KeyRing::Parse("k1 " + std::string(64, 'a')));
  }

  std::string Input(std::mt19937& random) const {
    std::string text = corpus_[random() % corpus_.size()];
    for (size_t changes = random() % 12; changes > 0; --changes) {
      const size_t at = random() % (text.size() + 1);
      switch (random() % 5) {
        case 0:
          text.insert(at, kTokens[random() % std::size(kTokens)]);
          break;
        case 1:
          text.erase(at, random() % 9);
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(random() % 256);
          break;
        case 3: {
          const std::string& other = corpus_[random() % corpus_.size()];
          text.insert(at, other, random() % other.size(), random() % 60);
          break;
        }
        default:
          text.insert(at, text.substr(at / 2, random() % 40));
      }
    }
    return text;
  }

  // What became of it, for a comparison: the text, or the code.
  std::string Run(const std::string& content, const char* media_type, Deid& deid) {
    const Upsert upsert{.content = content, .media_type = media_type, .patients = {PatientId("p1")}};
    const Deid::Input input{origin_, upsert};
    const auto outcomes = deid.Process({&input, 1}, state_);
    if (!outcomes[0].ok()) return "error " + outcomes[0].status().ToString();
    const auto* forward = std::get_if<Forward<CleanDocument>>(&*outcomes[0]);
    if (forward == nullptr) return std::string(NameOf(std::get<Skipped>(*outcomes[0]).code));
    Check(forward->body);
    return "text " + forward->body.text();
  }

  void Check(const CleanDocument& clean) {
    EXPECT_TRUE(IsValidUtf8(clean.text()));
    uint32_t end = 0;
    for (const Block& block : clean.blocks()) {
      EXPECT_GE(block.begin, end);
      EXPECT_LT(block.begin, block.end);
      EXPECT_LE(block.end, clean.text().size());
      end = block.end;
    }
    const Policy& policy = state_.PolicyOf(origin_.collection);
    EXPECT_TRUE(ScanResidue(clean, origin_.source, policy, state_.roster.get()).ok()) << clean.text();
  }

  std::vector<std::string> corpus_;
  Origin origin_{.source = SourceName("ehr"), .collection = CollectionName("notes"), .document = DocumentId("1")};
  DeidState state_;
};

TEST_F(FuzzTest, AnythingIsCleanedOrSkippedAndTheSameEachTime) {
  ASSERT_GE(corpus_.size(), 8u) << "run from the project's root";
  const auto one = std::move(*Deid::Make()), other = std::move(*Deid::Make());
  std::vector<std::shared_ptr<const Policy>> policies(AllPolicies().begin(), AllPolicies().end());
  policies.push_back(std::make_shared<const Policy>(*ParsePolicy(kEverythingMadeUp, "made_up.yaml")));
  const unsigned inputs = NumberIn("FRESHET_DEID_FUZZ", 400), from = NumberIn("FRESHET_FUZZ_FROM", 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(NumberIn("FRESHET_FUZZ_SECONDS", 0));
  unsigned seed = from;
  for (; (seed < from + inputs || std::chrono::steady_clock::now() < end) && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::string content = seed < corpus_.size() ? corpus_[seed] : Input(random);
    state_.policies[origin_.collection] = policies[random() % policies.size()];
    const char* const media_type = random() % 2 == 0 ? "text/plain" : "text/markdown";
    SCOPED_TRACE(testing::PrintToString(content) + " as " + media_type + " under " +
                 state_.PolicyOf(origin_.collection).Stamp());
    const std::string outcome = Run(content, media_type, *one);
    EXPECT_FALSE(outcome.starts_with("error")) << outcome;
    EXPECT_EQ(Run(content, media_type, *other), outcome) << "another instance, with another past";
  }
  std::printf("%u inputs\n", seed - from);
}

}  // namespace
}  // namespace freshet::deid
