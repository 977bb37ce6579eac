// Bundles and lines into pieces: the same whatever the pieces in which bytes come, and whatever stands in strings.
#include "connectors/fhir/splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

namespace freshet::fhir {
namespace {

using ::testing::ElementsAre;
using Json = nlohmann::ordered_json;

struct Split {
  std::vector<Piece> pieces;
  Piece rest;
  Status status;
};

template <class Splitter>
Split SplitOf(std::string_view text, size_t step, size_t most = 1 << 20) {
  Split split;
  Splitter splitter(most, [&](Piece piece) {
    split.pieces.push_back(std::move(piece));
    return OkStatus();
  });
  for (size_t i = 0; i < text.size() && split.status.ok(); i += step)
    split.status = splitter.Push(text.substr(i, step));
  if (split.status.ok()) split.status = splitter.Finish();
  if constexpr (std::is_same_v<Splitter, BundleSplitter>) split.rest = std::move(splitter.rest());
  return split;
}
Split Bundle(std::string_view text, size_t step = 7, size_t most = 1 << 20) {
  return SplitOf<BundleSplitter>(text, step, most);
}
Split Lines(std::string_view text, size_t step = 7, size_t most = 1 << 20) {
  return SplitOf<LineSplitter>(text, step, most);
}
std::string Named(const Piece& piece) {
  return piece.type + "/" + piece.id + " " + piece.version_id + " " + piece.last_updated;
}

TEST(BundleSplitter, EntriesAreTakenOutAndTheRestStays) {
  const Split split = Bundle(
      R"({"resourceType":"Bundle","link":[{"relation":"next","url":"u"}],"entry":[)"
      R"({"fullUrl":"f","resource":{"resourceType":"Patient","id":"1","meta":{"versionId":"3","lastUpdated":"t"}}},)"
      R"({"request":{"method":"DELETE","url":"Patient/2"},"response":{"etag":"W/\"4\"","lastModified":"u"}}],"total":2})");
  ASSERT_TRUE(split.status.ok());
  ASSERT_EQ(split.pieces.size(), 2u);
  EXPECT_EQ(Named(split.pieces[0]), "Patient/1 3 t");
  EXPECT_EQ(split.pieces[0].full_url, "f");
  EXPECT_EQ(split.pieces[0].resource(),
            R"({"resourceType":"Patient","id":"1","meta":{"versionId":"3","lastUpdated":"t"}})");
  EXPECT_EQ(split.pieces[1].method + " " + split.pieces[1].request_url, "DELETE Patient/2");
  EXPECT_EQ(split.pieces[1].last_modified, "u");
  EXPECT_TRUE(split.pieces[1].resource().empty());
  EXPECT_EQ(split.rest.type, "Bundle");
  EXPECT_EQ(Json::parse(split.rest.resource())["total"], 2);
  EXPECT_EQ(Json::parse(split.rest.resource())["link"][0]["url"], "u");
}

TEST(BundleSplitter, AFileOfOneResourceIsItsRest) {
  const Split split = Bundle(R"( {"id":"1","resourceType":"Composition","entry":"none"} )");
  ASSERT_TRUE(split.status.ok());
  EXPECT_TRUE(split.pieces.empty());
  EXPECT_EQ(Named(split.rest), "Composition/1  ");
  EXPECT_EQ(split.rest.resource(), R"({"id":"1","resourceType":"Composition","entry":"none"})");
}

// Names count where they stand, not inside of something else.
TEST(BundleSplitter, OnlyTheResourcesOwnNamesCount) {
  const Split split =
      Bundle(R"({"resourceType":"Bundle","entry":[{"resource":{"contained":[{"resourceType":"Patient","id":"x"}],)"
             R"("entry":[{"id":"y"}],"note":{"id":"z","resource":{"id":"q"}},"id":"1","resourceType":"List"}}]})");
  ASSERT_EQ(split.pieces.size(), 1u);
  EXPECT_EQ(Named(split.pieces[0]), "List/1  ");
}

TEST(BundleSplitter, WhatIsTooLargeKeepsItsName) {
  const std::string large(5000, 'x');
  const Split split = Bundle(
      R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Binary","id":"b","data":")" + large +
          R"(","meta":{"versionId":"2"}},"request":{"method":"PUT"}},{"resource":{"resourceType":"List","id":"1"}}]})",
      64, 1000);
  ASSERT_TRUE(split.status.ok());
  ASSERT_EQ(split.pieces.size(), 2u);
  EXPECT_TRUE(split.pieces[0].too_large);
  EXPECT_EQ(Named(split.pieces[0]), "Binary/b 2 ");
  EXPECT_EQ(split.pieces[0].method, "PUT");
  EXPECT_TRUE(split.pieces[0].text.empty());
  EXPECT_FALSE(split.pieces[1].too_large);
}

TEST(BundleSplitter, WhatBreaksOffOrDoesNotMatchIsMalformed) {
  const std::string whole = R"({"resourceType":"Bundle","entry":[{"resource":{"id":"1"}}]})";
  ASSERT_TRUE(Bundle(whole).status.ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Bundle(whole.substr(0, size)).status.code(), Code::kMalformedDocument) << size;
  }
  for (const char* wrong : {"[]]", "{]", "{\"entry\":[{]}]}"}) {
    EXPECT_EQ(Bundle(wrong).status.code(), Code::kMalformedDocument) << wrong;
  }
  EXPECT_EQ(Bundle(std::string(100'000, '[')).status.code(), Code::kMalformedDocument);
}

TEST(LineSplitter, ALineIsAResource) {
  const Split split = Lines("{\"resourceType\":\"Patient\",\"id\":\"1\"}\n\n{\"resourceType\":\"List\",\"id\":\"2\"}");
  ASSERT_EQ(split.pieces.size(), 2u);
  EXPECT_EQ(Named(split.pieces[1]), "List/2  ");
  EXPECT_EQ(split.pieces[1].resource(), "{\"resourceType\":\"List\",\"id\":\"2\"}");
}

TEST(LineSplitter, ABrokenLineIsBrokenAlone) {
  const Split split =
      Lines("{\"resourceType\":\"A\",\"id\":\"1\",\"x\":\"\n]]\n{\"resourceType\":\"List\",\"id\":\"2\"}\n", 3, 60);
  ASSERT_EQ(split.pieces.size(), 3u);
  EXPECT_EQ(Named(split.pieces[0]), "A/1  ");
  EXPECT_TRUE(split.pieces[0].resource().empty());
  EXPECT_TRUE(split.pieces[1].resource().empty());
  EXPECT_EQ(Named(split.pieces[2]), "List/2  ");
}

// A value of JSON with everything that might lead a reader astray.
Json Random(std::mt19937_64& random, int depth) {
  static const char* const kTexts[] = {"", "\"", "\\", "\\\"", "{", "]", "entry", "}],\"", "ü\n", "a\\\\\""};
  switch (random() % (depth > 4 ? 3 : 5)) {
    case 0:
      return kTexts[random() % std::size(kTexts)];
    case 1:
      return static_cast<int>(random() % 100);
    case 2:
      return nullptr;
    case 3: {
      Json list = Json::array();
      for (size_t i = random() % 4; i > 0; --i) list.push_back(Random(random, depth + 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (size_t i = random() % 4; i > 0; --i)
        object[kTexts[random() % std::size(kTexts)]] = Random(random, depth + 1);
      return object;
    }
  }
}

TEST(BundleSplitter, AnyBundleInAnyPiecesIsWhatAParserSays) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    Json bundle = {
        {"resourceType", "Bundle"}, {"x", Random(random, 0)}, {"entry", Json::array()}, {"y", Random(random, 0)}};
    for (size_t i = random() % 5; i > 0; --i) {
      bundle["entry"].push_back(
          {{"fullUrl", "u"}, {"resource", {{"a", Random(random, 0)}, {"id", std::to_string(i)}}}});
    }
    const Split split = Bundle(bundle.dump(random() % 2 == 0 ? -1 : 2), 1 + random() % 40);
    ASSERT_TRUE(split.status.ok()) << seed;
    ASSERT_EQ(split.pieces.size(), bundle["entry"].size()) << seed;
    for (size_t i = 0; i < split.pieces.size(); ++i) {
      const Json& resource = bundle["entry"][i]["resource"];
      EXPECT_EQ(Json::parse(split.pieces[i].resource()), resource) << seed;
      EXPECT_EQ(split.pieces[i].id, resource["id"]) << seed;
    }
    Json rest = bundle;
    rest["entry"] = Json::array();
    EXPECT_EQ(Json::parse(split.rest.resource()), rest) << seed;
  }
}

TEST(BundleSplitter, PublicBundlesAreWhatAParserSays) {
  const std::filesystem::path folder = "../shared/data/src_synthea_fhir_r4";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const Json bundle = Json::parse(text);
    const Split split = Bundle(text, 4096);
    ASSERT_TRUE(split.status.ok());
    ASSERT_EQ(split.pieces.size(), bundle["entry"].size());
    for (size_t i = 0; i < split.pieces.size(); ++i) {
      ASSERT_EQ(split.pieces[i].id, bundle["entry"][i]["resource"]["id"]);
      ASSERT_EQ(split.pieces[i].full_url, bundle["entry"][i]["fullUrl"]);
    }
    ++files;
  }
  EXPECT_GE(files, 9u);
}

}  // namespace
}  // namespace freshet::fhir
