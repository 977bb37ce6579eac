// What stands for what: for any text, policy and range, a map says which part of the source a part of the clean text
// is, and which of it was replaced.
#include "services/deid/offset_map.h"

#include <gtest/gtest.h>

#include <random>

#include "common/base/utf8.h"
#include "services/deid/deid.h"
#include "services/deid/detector_test_util.h"
#include "services/deid/parse/parser.h"
#include "services/deid/policy_file.h"

namespace freshet::deid {
namespace {

constexpr const char* kMadeUp =
    "name: made_up\nversion: 1\ndefault: {action: surrogate, threshold: 0.3}\n"
    "identifiers:\n  date: {action: shift}\n  zip: {action: generalise}\n  age: {action: generalise}\n";
constexpr const char* kRemoves =
    "name: removes\nversion: 1\ndefault: {action: remove}\nidentifiers:\n  name: {action: placeholder}\n";

std::string_view Cut(std::string_view text, const Place& place) {
  const size_t begin = ByteOfCodePoint(text, place.begin);
  return text.substr(begin, ByteOfCodePoint(text.substr(begin), place.end - place.begin));
}

std::string Print(const std::vector<OffsetPiece>& pieces) {
  std::string out;
  const auto place = [](const Place& at) { return std::to_string(at.begin) + "-" + std::to_string(at.end); };
  for (const OffsetPiece& piece : pieces) {
    out += place(piece.clean) + "=" + place(piece.source) + (piece.label.empty() ? "" : " " + piece.label) + "; ";
  }
  return out;
}

// "é Ada, 61." -> "é [NAME], ."
OffsetMap Small() {
  const Edit edits[] = {{3, 6, 3, 9, IdentifierType::kName}, {8, 10, 11, 11, IdentifierType::kAge}};
  return OffsetMap::Of("\u00e9 Ada, 61.", "\u00e9 [NAME], .", edits);
}

TEST(OffsetMapTest, CutsWhatIsTheSameAndGivesTheWholeOfWhatWasReplaced) {
  const OffsetMap map = Small();
  EXPECT_EQ(map.clean_size(), 11u);
  EXPECT_EQ(map.source_size(), 10u);
  EXPECT_EQ(Print(map.Resolve({0, 11})), "0-2=0-2; 2-8=2-5 NAME; 8-10=5-7; 10-10=7-9 AGE; 10-11=9-10; ");
}

TEST(OffsetMapTest, ARangeThatTouchesAReplacementHasAllOfIt) {
  const OffsetMap map = Small();
  EXPECT_EQ(Print(map.Resolve({1, 3})), "1-2=1-2; 2-8=2-5 NAME; ");
  EXPECT_EQ(Print(map.Resolve({4, 5})), "2-8=2-5 NAME; ");
  EXPECT_EQ(Print(map.Resolve({0, 2})), "0-2=0-2; ");
  EXPECT_EQ(Print(map.Resolve({8, 9})), "8-9=5-6; ");
  EXPECT_EQ(Print(map.Resolve({8, 10})), "8-10=5-7; ") << "what left nothing behind belongs to what follows it";
  EXPECT_EQ(Print(map.Resolve({10, 11})), "10-10=7-9 AGE; 10-11=9-10; ");
  EXPECT_EQ(Print(map.Resolve({5, 5})), "");
  EXPECT_EQ(Print(map.Resolve({11, 12})), "");
}

TEST(OffsetMapTest, IsOfOneTextAlone) {
  EXPECT_TRUE(Small().IsOf("\u00e9 [NAME], ."));
  EXPECT_FALSE(Small().IsOf("\u00e9 [NAME], !"));
}

TEST(OffsetMapTest, IsReadBackAndRefusesAnythingElse) {
  const std::string bytes = Small().Encode();
  EXPECT_LT(bytes.size(), 42u) << "compact";
  const auto read = OffsetMap::Decode(bytes);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->Encode(), bytes);
  EXPECT_EQ(Print(read->Resolve({0, 11})), Print(Small().Resolve({0, 11})));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(OffsetMap::Decode(bytes.substr(0, size)).code(), Code::kCorruptStore) << size;
  }
  EXPECT_EQ(OffsetMap::Decode(bytes + "\1").code(), Code::kCorruptStore);
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string broken = bytes;
    broken[random() % broken.size()] = static_cast<char>(random() % 256);
    const auto map = OffsetMap::Decode(broken);
    if (map.ok()) (void)map->Resolve({0, map->clean_size()});
  }
}

class AnyDocument : public testing::Test {
 protected:
  AnyDocument() {
    RosterBuilder builder;
    builder.Apply(SourceName("ehr"), Person("Zofia", "Quillfeather"));
    roster_ = builder.Snapshot();
    policies_.assign(AllPolicies().begin(), AllPolicies().end());
    for (const char* file : {kMadeUp, kRemoves}) {
      auto policy = ParsePolicy(file, "policy.yaml");
      EXPECT_TRUE(policy.ok()) << policy.status().ToString();
      policies_.push_back(std::make_shared<const Policy>(std::move(*policy)));
    }
    std::erase_if(policies_, [](const auto& policy) { return !policy->cleans; });
  }

  std::string RandomText() {
    static constexpr const char* kPieces[] = {"The patient was seen today. ",
                                              "Zofia Quillfeather ",
                                              "\u00dcber-Visite: ",
                                              "MRN 4711838, ",
                                              "03/04/2021 ",
                                              "\u5065\u5eb7 ",
                                              "617-555-0123 ",
                                              "\n\n",
                                              "# Plan\n\n",
                                              "Dr. Okonkwo. ",
                                              "is 93 years old ",
                                              "12 Elm Street ",
                                              "\U0001F9E4 gloves ",
                                              "| a | b |\n",
                                              "Metformin 500 mg. "};
    std::string text;
    for (size_t i = 4 + random_() % 40; i > 0; --i) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }
  CleanJob JobOf(const Policy& policy) const {
    return {policy,
            {.roster = roster_.get(), .source = SourceName("ehr"), .patients = patients_},
            {.keys = &keys_, .patient = "ehr/patient/p1"}};
  }

  // Whatever the range: no gaps on either side, the same text in both where nothing was replaced, and all else exactly
  // what a finding took.
  void CheckRange(const ParsedDocument& parsed, const Cleaned& clean, const OffsetMap& map, const Place& range) {
    const std::vector<OffsetPiece> pieces = map.Resolve(range);
    ASSERT_FALSE(pieces.empty());
    EXPECT_LE(pieces.front().clean.begin, range.begin);
    EXPECT_GE(pieces.back().clean.end, range.end);
    for (size_t i = 0; i < pieces.size(); ++i) {
      const OffsetPiece& piece = pieces[i];
      if (i > 0) {
        EXPECT_EQ(pieces[i - 1].clean.end, piece.clean.begin);
        EXPECT_EQ(pieces[i - 1].source.end, piece.source.begin);
      }
      const std::string_view original = Cut(parsed.text, piece.source);
      if (piece.label.empty()) {
        EXPECT_EQ(Cut(clean.text, piece.clean), original);
        EXPECT_GE(piece.clean.begin, range.begin);
        EXPECT_LE(piece.clean.end, range.end);
        continue;
      }
      const auto begin = static_cast<uint32_t>(original.data() - parsed.text.data());
      const auto taken = std::find_if(clean.findings.begin(), clean.findings.end(),
                                      [&](const Finding& finding) { return finding.begin == begin; });
      ASSERT_NE(taken, clean.findings.end()) << "nothing was found there";
      EXPECT_EQ(taken->end - taken->begin, original.size());
      EXPECT_EQ(LabelOf(taken->type), piece.label);
    }
  }

  std::mt19937 random_{17};
  std::shared_ptr<const Roster> roster_;
  std::vector<std::shared_ptr<const Policy>> policies_;
  const std::vector<PatientId> patients_ = {PatientId("p1")};
  const KeyRing keys_ = *KeyRing::Parse("k1 " + std::string(64, 'a'));
};

TEST_F(AnyDocument, EveryRangeIsResolvedExactly) {
  size_t replaced = 0, nothing_left = 0;
  for (int round = 0; round < 120; ++round) {
    const Policy& policy = *policies_[random_() % policies_.size()];
    SCOPED_TRACE("round " + std::to_string(round) + " " + policy.name);
    const auto parsed = Parse(round % 2 == 0 ? "text/plain" : "text/markdown", RandomText());
    if (!parsed.ok()) continue;  // white space alone
    const auto clean = TestCleaner().CleanText(parsed->text, parsed->blocks, JobOf(policy));
    if (clean.code() == Code::kQuarantined) continue;
    ASSERT_TRUE(clean.ok()) << clean.status().ToString();
    const auto map = OffsetMap::Decode(OffsetMap::Of(parsed->text, clean->text, clean->edits).Encode());
    ASSERT_TRUE(map.ok());
    ASSERT_TRUE(map->IsOf(clean->text));
    ASSERT_EQ(map->clean_size(), CountCodePoints(clean->text));
    ASSERT_EQ(map->source_size(), CountCodePoints(parsed->text));
    replaced += clean->findings.size();
    for (const Edit& edit : clean->edits) nothing_left += edit.clean_begin == edit.clean_end;
    if (map->clean_size() == 0) continue;
    CheckRange(*parsed, *clean, *map, {0, map->clean_size()});
    for (int i = 0; i < 30; ++i) {
      const size_t begin = random_() % map->clean_size();
      CheckRange(*parsed, *clean, *map, {begin, begin + 1 + random_() % (map->clean_size() - begin)});
    }
  }
  EXPECT_GT(replaced, 500u) << "else nothing was tested";
  EXPECT_GT(nothing_left, 20u);
}

TEST_F(AnyDocument, TheStageMapsWhatItForwardsAndNothingElse) {
  const auto stage = std::move(*Deid::Make());
  std::vector<MappedDocument> maps;
  DeidState state{.keys = std::make_shared<const KeyRing>(keys_), .maps = &maps};
  state.policies[CollectionName("open")] = *FindPolicy("none");
  const auto origin = [](const char* collection, const char* document) {
    return Origin{.source = SourceName("ehr"),
                  .collection = CollectionName(collection),
                  .document = DocumentId(document),
                  .version = {.epoch = 1, .position = 5}};
  };
  const Origin one = origin("notes", "1"), blank = origin("notes", "2"), open = origin("open", "3");
  const Upsert note{.content = "Dr. Okonkwo came.", .media_type = "text/plain"};
  const Upsert nothing{.content = "  ", .media_type = "text/plain"};
  const Deid::Input inputs[] = {{one, note}, {blank, nothing}, {open, note}};
  const auto outcomes = stage->Process(inputs, state);
  ASSERT_EQ(maps.size(), 1u) << "what is skipped has none, and what a policy leaves as it is needs none";
  EXPECT_EQ(maps[0].origin.document, DocumentId("1"));
  const auto& clean = std::get<Forward<CleanDocument>>(*outcomes[0]).body;
  EXPECT_TRUE(maps[0].map.IsOf(clean.text()));
  state.maps = nullptr;
  EXPECT_TRUE(stage->Process(inputs, state)[0].ok());
  EXPECT_EQ(maps.size(), 1u);
}

}  // namespace
}  // namespace freshet::deid
