// Models that the tests write themselves: other sizes, types, poolings and files than the default one, against plain
// loops; and directories that are not right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "common/model/encoder.h"
#include "common/model/model_dir.h"
#include "common/model/testing/tiny_bert.h"

namespace freshet::model {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
using Path = std::filesystem::path;

Path Room() { return Path(testing::TempDir()) / "bert_test_model"; }

Result<std::unique_ptr<EncoderEmbedder>> Make(uint32_t max_tokens = 256) {
  return EncoderEmbedder::Make(
      {.model_dir = Room(), .precision = Precision::kFloat32, .threads = 1, .max_tokens = max_tokens});
}

// The greatest difference of a number in any vector.
double Difference(const TinyBert& bert) {
  bert.Write(Room());
  const auto encoder = Make();
  EXPECT_TRUE(encoder.ok()) << encoder.status().message();
  if (!encoder.ok()) return 1;
  double worst = 0;
  const std::vector<std::string_view> texts = {
      "fever",  "pain in the chest. 5 mg", "",
      "fevers", "the the the the",         "a ab abb xyz fever pain chest fever pain chest fever pain chest"};
  const auto batch = (*encoder)->Embed(texts);
  EXPECT_TRUE(batch.ok()) << batch.status().message();
  for (size_t row = 0; row < texts.size(); ++row) {
    const std::vector<double> expected = bert.Vector((*encoder)->TokenIds(texts[row]));
    for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs((*batch)[row][i] - expected[i]));
  }
  return worst;
}

TEST(BertTest, IsWhatThePapersSay) {
  EXPECT_LT(Difference(TinyBert({.layers = 1})), 1e-5);
  EXPECT_LT(Difference(TinyBert({.layers = 3})), 1e-5);
}

TEST(BertTest, EveryActivationAndPooling) {
  for (const char* activation : {"gelu", "gelu_new", "relu"}) {
    EXPECT_LT(Difference(TinyBert({.activation = activation})), 1e-5) << activation;
  }
  EXPECT_LT(Difference(TinyBert({.mean = false})), 1e-5);
}

TEST(BertTest, EveryFormOfWeights) {
  EXPECT_LT(Difference(TinyBert({.prefix = "bert."})), 1e-5);
  // Beside loops over the same rounded weights: they are widened exactly.
  EXPECT_LT(Difference(TinyBert({.type = "F16"})), 1e-5);
  EXPECT_LT(Difference(TinyBert({.type = "BF16"})), 1e-5);
  for (size_t padding = 1; padding < 4; ++padding) {
    EXPECT_LT(Difference(TinyBert({.header_padding = padding})), 1e-5) << "data that is not aligned";
  }
  EXPECT_LT(Difference(TinyBert({.vocabulary_lines = false})), 1e-5);
}

TEST(BertTest, TheNameTellsOfEverythingThatVectorsDependOn) {
  TinyBert({}).Write(Room());
  const std::string name((*Make())->name());
  EXPECT_THAT(name, testing::MatchesRegex("Tiny-BERT-[0-9a-f]+"));
  EXPECT_EQ(name, (*Make())->name());
  EXPECT_NE(name, (*Make(20))->name());
  TinyBert({.mean = false}).Write(Room());
  EXPECT_NE(name, (*Make())->name());
  TinyBert({.type = "F16"}).Write(Room());
  EXPECT_NE(name, (*Make())->name());
  TinyBert({}).Write(Room());
  EXPECT_EQ(name, (*Make())->name()) << "the same files again";
}

TEST(BertTest, TextsAreCutAtTheModelsLimitOrTheOptions) {
  TinyBert({}).Write(Room());
  std::string text;
  for (int i = 0; i < 100; ++i) text += "fever ";
  EXPECT_EQ((*Make())->TokenIds(text).size(), 32u);
  EXPECT_EQ((*Make(10))->TokenIds(text).size(), 10u);
  const auto counter = MakeEncoderCounter({.model_dir = Room()});
  ASSERT_TRUE(counter.ok());
  EXPECT_EQ((*counter)->Count("fevers ab."), 5u);
  EXPECT_EQ((*counter)->specials(), 2u);
  EXPECT_EQ((*counter)->limit(), 32u) << "the model's own";
  EXPECT_EQ((*MakeEncoderCounter({.model_dir = Room(), .max_tokens = 20}))->limit(), 20u);
  EXPECT_THAT(std::string((*counter)->name()), testing::StartsWith("wordpiece-"));
}

// What Make says after a file of the model has been changed.
std::string ProblemWith(const std::string& name, const std::function<void(Json&)>& change) {
  TinyBert({}).Write(Room());
  Json json = Json::parse(std::ifstream(Room() / name));
  change(json);
  std::ofstream(Room() / name) << json.dump();
  const Status status = Make().status();
  EXPECT_EQ(status.code(), Code::kModelMissing) << name;
  EXPECT_THAT(status.message(), HasSubstr(Room().string())) << "where it is";
  return status.message();
}

TEST(BertTest, AModelThatWouldBeComputedWronglyIsRefused) {
  const auto config = [](const char* key, const Json& value) {
    return ProblemWith("config.json", [&](Json& json) { json[key] = value; });
  };
  EXPECT_THAT(config("model_type", "roberta"), HasSubstr("model_type is not bert"));
  EXPECT_THAT(config("position_embedding_type", "relative_key"), HasSubstr("is not absolute"));
  EXPECT_THAT(config("hidden_act", "swish"), HasSubstr("hidden_act"));
  EXPECT_THAT(config("num_attention_heads", 3), HasSubstr("no multiple"));
  EXPECT_THAT(config("layer_norm_eps", 0), HasSubstr("layer_norm_eps"));
  for (const Json& size : {Json(0), Json(-1), Json(1.5), Json("16"), Json(1ull << 40), Json()}) {
    EXPECT_THAT(config("hidden_size", size), HasSubstr("hidden_size is no size"));
  }
  EXPECT_THAT(ProblemWith("1_Pooling/config.json", [](Json& json) { json["pooling_mode_max_tokens"] = true; }),
              HasSubstr("pools neither"));
  EXPECT_THAT(ProblemWith("modules.json", [](Json& json) { json[1]["type"] = "a.models.Dense"; }), HasSubstr("Dense"));
  EXPECT_THAT(ProblemWith("modules.json", [](Json& json) { json[1]["path"] = "../x"; }), HasSubstr("outside"));
  EXPECT_THAT(ProblemWith("sentence_bert_config.json", [](Json& json) { json["max_seq_length"] = 2; }),
              HasSubstr("max_seq_length"));
  std::ofstream(Room() / "tokenizer_config.json") << R"({"do_lower_case": false})";
}

TEST(BertTest, WeightsMustBeWhatTheConfigurationSays) {
  const auto config = [](const char* key, const Json& value) {
    return ProblemWith("config.json", [&](Json& json) { json[key] = value; });
  };
  EXPECT_THAT(config("hidden_size", 32), HasSubstr("has the shape [16, 16], not [16, 32]"));
  EXPECT_THAT(config("num_hidden_layers", 3),
              HasSubstr("tensor encoder.layer.2.attention.self.query.weight is not there"));
  EXPECT_THAT(config("intermediate_size", 25),
              HasSubstr("intermediate.dense.weight has the shape [24, 16], not [25, 16]"));
  EXPECT_THAT(config("vocab_size", 15), HasSubstr("the vocabulary has 16 sub-words, the model knows 15"));
}

TEST(BertTest, AFileThatIsAbsentIsNamed) {
  for (const char* name : {"config.json", "model.safetensors"}) {
    TinyBert({}).Write(Room());
    std::filesystem::remove(Room() / name);
    EXPECT_THAT(Make().status().ToString(), HasSubstr("model_missing: " + (Room() / name).string())) << name;
  }
  TinyBert({}).Write(Room());
  std::filesystem::remove(Room() / "vocab.txt");
  EXPECT_THAT(Make().status().message(), HasSubstr("neither vocab.txt nor tokenizer.json"));
  TinyBert({}).Write(Room());
  std::ofstream(Room() / "tokenizer_config.json") << R"({"do_lower_case": false})";
  EXPECT_THAT(Make().status().message(), HasSubstr("not BERT's uncased one"));
  std::filesystem::remove_all(Room());
  EXPECT_THAT(Make().status().message(), HasSubstr("no such model directory"));
}

TEST(ModelDirTest, TheConfiguredOneGoesBeforeAllOthers) {
  EXPECT_EQ(FindModelDir("x/y"), "x/y");
  EXPECT_EQ(ModelDirsBeside("/opt/freshet/bin")[0], "/opt/freshet/share/freshet/models/all-MiniLM-L6-v2");
  EXPECT_EQ(ModelDirsBeside("/src/build/dev/bin")[1], "/src/build/deps/all-MiniLM-L6-v2");
}

TEST(ModelDirTest, AVocabularyInJsonMustNumberItsSubwords) {
  TinyBert({.vocabulary_lines = false}).Write(Room());
  EXPECT_EQ(LoadTokenizer(Room())->vocabulary, TinyBert::Subwords().size());
  for (const Json& id : {Json(0), Json(99), Json(-1), Json("1")}) {
    Json json = Json::parse(std::ifstream(Room() / "tokenizer.json"));
    json["model"]["vocab"]["fever"] = id;
    std::ofstream(Room() / "tokenizer.json") << json.dump();
    EXPECT_THAT(LoadTokenizer(Room()).status().message(), HasSubstr("each once")) << id;
  }
  std::ofstream(Room() / "tokenizer.json") << "{";
  EXPECT_THAT(LoadTokenizer(Room()).status().message(), HasSubstr("no WordPiece vocabulary"));
}

}  // namespace
}  // namespace freshet::model
