// Files that are right, and every way in which one can lie.
#include "common/model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <random>

namespace freshet::model {
namespace {

using ::testing::HasSubstr;

std::string FileOf(const std::string& header, const std::string& data, uint64_t said = UINT64_MAX) {
  const uint64_t size = said == UINT64_MAX ? header.size() : said;
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header + data;
}

Result<std::unique_ptr<SafetensorsFile>> Open(const std::string& content) {
  const std::string path = testing::TempDir() + "/model.safetensors";
  std::ofstream(path, std::ios::binary) << content;
  return SafetensorsFile::Open(path);
}

std::string ProblemOf(const std::string& content) {
  const auto file = Open(content);
  EXPECT_EQ(file.code(), Code::kModelMissing);
  EXPECT_THAT(file.status().message(), HasSubstr("model.safetensors: "));
  return file.status().message();
}

std::string Entry(const std::string& name, const std::string& rest) { return "\"" + name + "\":{" + rest + "}"; }

const std::string kHeader = "{\"__metadata__\":{\"format\":\"pt\"}," +
                            Entry("a", R"("dtype":"F32","shape":[2],"data_offsets":[0,8])") + "," +
                            Entry("b", R"("dtype":"F16","shape":[2,3],"data_offsets":[8,20])") + "," +
                            Entry("none", R"("dtype":"I64","shape":[0],"data_offsets":[20,20])") + "," +
                            Entry("scalar", R"("dtype":"F32","shape":[],"data_offsets":[20,24])") + "}";

TEST(SafetensorsTest, TensorsAreWhereTheHeaderSays) {
  std::string data(24, '\0');
  const float numbers[2] = {1.5f, -2};
  std::memcpy(data.data(), numbers, sizeof numbers);
  const auto file = Open(FileOf(kHeader, data));
  ASSERT_TRUE(file.ok()) << file.status().message();
  const Tensor* const a = (*file)->Find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->type, TensorType::kFloat32);
  EXPECT_EQ(std::memcmp(a->bytes.data(), numbers, a->bytes.size()), 0);
  EXPECT_EQ((*file)->Find("b")->ShapeText(), "[2, 3]");
  EXPECT_EQ((*file)->Find("scalar")->bytes.size(), 4u);
  EXPECT_EQ((*file)->Find("c"), nullptr);
  EXPECT_EQ((*file)->tensors().size(), 4u);
}

TEST(SafetensorsTest, AHeaderThatIsNotThereIsAnError) {
  const std::string data(24, '\0');
  EXPECT_EQ(SafetensorsFile::Open("no/such.safetensors").code(), Code::kModelMissing);
  EXPECT_THAT(SafetensorsFile::Open(testing::TempDir()).status().message(), HasSubstr("is no file"));
  EXPECT_THAT(ProblemOf(""), HasSubstr("too short"));
  EXPECT_THAT(ProblemOf("12345678"), HasSubstr("too short"));
  EXPECT_THAT(ProblemOf(FileOf(kHeader, data, 1ull << 60)), HasSubstr("header has 1152921504606846976 bytes"));
  EXPECT_THAT(ProblemOf(FileOf(kHeader, data, kHeader.size() + data.size() + 1)), HasSubstr("or cut"));
  EXPECT_THAT(ProblemOf(FileOf("{\"a\":", data)), HasSubstr("no JSON object"));
  EXPECT_THAT(ProblemOf(FileOf("[]", "")), HasSubstr("no JSON object"));
  EXPECT_THAT(ProblemOf(FileOf(std::string(1 << 20, '['), "")), HasSubstr("no JSON object"));
}

TEST(SafetensorsTest, ATensorThatLiesIsAnErrorWithItsName) {
  const auto problem = [](const std::string& rest) {
    return ProblemOf(FileOf("{" + Entry("w", rest) + "}", std::string(8, '\0')));
  };
  EXPECT_THAT(problem(R"("dtype":"F33","shape":[2],"data_offsets":[0,8])"), HasSubstr("tensor w has no dtype"));
  EXPECT_THAT(problem(R"("shape":[2],"data_offsets":[0,8])"), HasSubstr("has no dtype"));
  EXPECT_THAT(problem(R"("dtype":"F32","data_offsets":[0,8])"), HasSubstr("has no shape"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), HasSubstr("has no shape"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), HasSubstr("has no shape"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), HasSubstr("has no data_offsets"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), HasSubstr("lies outside"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[4],"data_offsets":[0,16])"), HasSubstr("lies outside"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), HasSubstr("shape [3]"));
  EXPECT_THAT(problem(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"),
              HasSubstr("more bytes"));
}

TEST(SafetensorsTest, TensorsCoverTheDataOnce) {
  const std::string first = Entry("a", R"("dtype":"F32","shape":[2],"data_offsets":[0,8])");
  const auto with = [&](const std::string& offsets, size_t bytes) {
    return FileOf("{" + first + "," + Entry("b", "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + offsets) + "}",
                  std::string(bytes, '\0'));
  };
  EXPECT_TRUE(Open(with("[8,16]", 16)).ok());
  EXPECT_THAT(ProblemOf(with("[4,12]", 12)), HasSubstr("overlap"));
  EXPECT_THAT(ProblemOf(with("[0,8]", 8)), HasSubstr("overlap"));
  EXPECT_THAT(ProblemOf(with("[12,20]", 20)), HasSubstr("of no tensor"));
  EXPECT_THAT(ProblemOf(with("[8,16]", 17)), HasSubstr("of no tensor"));
  EXPECT_THAT(ProblemOf(FileOf("{" + first + "," + first + "}", std::string(16, '\0'))), HasSubstr("of no tensor"));
}

TEST(SafetensorsTest, AFileCutOrFlippedAnywhereNeverDoesHarm) {
  const std::string whole = FileOf(kHeader, std::string(24, '\1'));
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(Open(whole.substr(0, length)).code(), Code::kModelMissing) << length;
  }
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {
    std::string flipped = whole;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips) {
      flipped[random() % (flipped.size() - 24)] ^= static_cast<char>(1 << random() % 8);
    }
    const auto file = Open(flipped);
    if (!file.ok()) continue;
    size_t bytes = 0;
    for (const auto& [name, tensor] : (*file)->tensors()) bytes += tensor.bytes.size();
    EXPECT_EQ(bytes, 24u);
  }
}

}  // namespace
}  // namespace freshet::model
