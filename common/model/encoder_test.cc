// The default model, as set-up brings it, against the reference vectors; skipped aloud where either is absent.
#include "common/model/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "common/model/model_dir.h"

namespace freshet::model {
namespace {

// Tokens: where bf16 is emulated, longer texts would take minutes.
constexpr size_t kShort = 7;

struct Reference {
  std::string group;
  std::string text;
  std::vector<uint32_t> ids;
  std::vector<float> vector;
};

std::vector<Reference> References() {
  std::vector<Reference> rows;
  std::ifstream file("../shared/fixtures/minilm_reference.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    rows.push_back({json["group"], json["text"], json["ids"], json["embedding"]});
  }
  return rows;
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

// One for all tests of a precision: it takes a third of a second to make.
const EncoderEmbedder* Encoder(Precision precision) {
  static std::map<Precision, std::unique_ptr<EncoderEmbedder>> made;
  if (!made.contains(precision)) {
    auto encoder = EncoderEmbedder::Make({.precision = precision, .threads = 2});
    made[precision] = encoder.ok() ? std::move(*encoder) : nullptr;
  }
  return made[precision].get();
}

class EncoderTest : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(FindModelDir({}))) GTEST_SKIP() << "no model at " << FindModelDir({});
    encoder_ = Encoder(GetParam());
    ASSERT_NE(encoder_, nullptr);
  }
  std::vector<float> VectorOf(std::string_view text) const {
    const auto batch = encoder_->Embed({&text, 1});
    EXPECT_TRUE(batch.ok()) << batch.status().message();
    return batch.ok() ? batch->values : std::vector<float>(encoder_->dimensions());
  }
  bool Emulated() const { return GetParam() == Precision::kBfloat16 && !ComputesBfloat16(); }
  // What two ways to compute one vector may differ by.
  double Rounding() const { return GetParam() == Precision::kFloat32 ? 1e-6 : 2e-4; }

  const EncoderEmbedder* encoder_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Precisions, EncoderTest, testing::Values(Precision::kFloat32, Precision::kBfloat16),
                         [](const auto& test) { return test.param == Precision::kFloat32 ? "F32" : "Bf16"; });

TEST_P(EncoderTest, AgreesWithTheReferenceImplementation) {
  std::vector<Reference> references = References();
  const size_t all = references.size();
  if (Emulated()) std::erase_if(references, [](const Reference& row) { return row.ids.size() > kShort; });
  if (references.empty()) GTEST_SKIP() << "no ../shared/fixtures/minilm_reference.jsonl";
  std::vector<std::string_view> texts;
  for (const Reference& reference : references) texts.push_back(reference.text);
  const auto batch = encoder_->Embed(texts);
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  ASSERT_EQ(batch->size(), references.size());
  double worst = 0;
  for (size_t i = 0; i < references.size(); ++i) {
    EXPECT_EQ(encoder_->TokenIds(texts[i]), references[i].ids) << references[i].group << " in line " << i + 1;
    const double error = 1 - Cosine((*batch)[i], references[i].vector);
    EXPECT_LE(error, Rounding()) << references[i].group << " in line " << i + 1;
    worst = std::max(worst, error);
  }
  RecordProperty("worst", std::to_string(worst));
  std::printf("worst 1 - cosine of %zu texts: %.2e\n", references.size(), worst);
  EXPECT_GT(all, 100u);
  EXPECT_GT(references.size(), 10u);
}

TEST_P(EncoderTest, AVectorDoesNotDependOnWhatStandsBesideIt) {
  if (Emulated()) GTEST_SKIP() << "bf16 is emulated on this processor";
  std::vector<std::string> texts;
  std::mt19937 random(7);
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (size_t words = random() % 90; words > 0; --words) text += "fever of " + std::to_string(random() % 50) + " ";
    texts.push_back(text);
  }
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::shuffle(order, random);
  std::vector<std::string_view> shuffled;
  for (const size_t i : order) shuffled.push_back(texts[i]);
  const auto batch = encoder_->Embed(shuffled), again = encoder_->Embed(shuffled);
  ASSERT_TRUE(batch.ok() && again.ok());
  EXPECT_EQ(batch->values, again->values);
  size_t different = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const std::vector<float> alone = VectorOf(shuffled[i]);
    different += std::ranges::equal((*batch)[i], alone) ? 0 : 1;
    EXPECT_LE(1 - Cosine((*batch)[i], alone), Rounding()) << "text " << order[i];
  }
  EXPECT_EQ(different, 0u) << "of " << order.size();
}

TEST_P(EncoderTest, ManyThreadsGetWhatOneGets) {
  if (Emulated()) GTEST_SKIP() << "bf16 is emulated on this processor";
  const std::vector<std::string> texts = {"fever", "chest pain on exertion", "give 5 mg four times a day", ""};
  std::vector<std::vector<float>> alone;
  for (const std::string& text : texts) alone.push_back(VectorOf(text));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 12; ++i) wrong += VectorOf(texts[(t + i) % 4]) == alone[(t + i) % 4] ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(EncoderTest, TheBackgroundComputesTheSameBesideWhatIsLive) {
  if (Emulated()) GTEST_SKIP() << "bf16 is emulated on this processor";
  const std::vector<std::string_view> texts = {"fever", "chest pain on exertion", "give 5 mg four times a day", ""};
  const auto live = encoder_->Embed(texts);
  ASSERT_TRUE(live.ok());
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (const Priority priority : {Priority::kLive, Priority::kBackground, Priority::kBackground}) {
    threads.emplace_back([&, priority] {
      for (size_t i = 0; i < 12; ++i) wrong += encoder_->Embed(texts, priority)->values == live->values ? 0 : 1;
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

// By name: how nice each of this process's threads is.
std::multimap<std::string, int> Niceness() {
  std::multimap<std::string, int> threads;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream comm(task.path() / "comm");
    std::getline(comm, name);
    threads.emplace(name, getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(task.path().filename()))));
  }
  return threads;
}

TEST_P(EncoderTest, OnlyTheBackgroundsThreadsGiveWay) {
  ASSERT_TRUE(encoder_->Embed({}, Priority::kBackground).ok());
  // A thread takes its name when it first runs, which on a busy machine is some time after it was started.
  auto threads = Niceness();
  const auto are_there = [&] { return threads.count("encode-live") >= 2 && threads.count("encode-back") >= 2; };
  for (int wait = 0; wait < 1000 && !are_there(); ++wait, threads = Niceness())
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const int usual = getpriority(PRIO_PROCESS, 0);
  for (const auto& [name, count] : {std::pair("encode-live", threads.count("encode-live")),
                                    std::pair("encode-back", threads.count("encode-back"))}) {
    EXPECT_GE(count, 2u) << name;
  }
  for (const auto& [name, nice] : threads) {
    if (name.starts_with("encode-")) {
      EXPECT_EQ(nice > usual, name == "encode-back") << name;
    }
  }
}

TEST_P(EncoderTest, EmptyAndHugeTextsHaveVectors) {
  if (Emulated()) GTEST_SKIP() << "bf16 is emulated on this processor";
  std::string prose, word(4 << 20, 'a'), brackets(4 << 20, '[');
  while (prose.size() < (4 << 20)) prose += "The patient was seen with fever. ";
  for (const std::string& text : {std::string(), std::string(" \n"), prose, word, brackets}) {
    const std::vector<float> vector = VectorOf(text);
    EXPECT_NEAR(Cosine(vector, vector), 1, 1e-6) << text.size();
    EXPECT_NEAR(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0), 1, 1e-3) << text.size();
    EXPECT_LE(encoder_->TokenIds(text).size(), 256u);
  }
  EXPECT_EQ(VectorOf(prose), VectorOf(prose.substr(0, 100'000)));
  EXPECT_TRUE(encoder_->Embed({}).ok());
}

TEST_P(EncoderTest, MeaningIsNearerThanWords) {
  const auto question = VectorOf("How is a blocked coronary artery treated?");
  const auto right = VectorOf("A stent keeps the narrowed vessel of the heart open after angioplasty.");
  const auto wrong = VectorOf("How is a blocked kitchen sink treated?");
  EXPECT_GT(Cosine(question, right), Cosine(question, wrong) - 0.2);
  EXPECT_GT(Cosine(question, right), 0.3);
}

}  // namespace
}  // namespace freshet::model
