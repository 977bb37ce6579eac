// Decoder: ids that are text and never collide, media types, titles, URIs.
#include "connectors/folder/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/base/utf8.h"

namespace freshet::folder {
namespace {

TEST(NativeIds, AreThePathWhereThatIsText) {
  EXPECT_EQ(NativeId("wards/händehygiene 100%.md"), "wards/händehygiene 100%.md");
  EXPECT_EQ(NativeId(""), "");
  EXPECT_EQ(ScopeOf(""), ScopeId("/"));
  EXPECT_EQ(ScopeOf("a/b"), ScopeId("/a/b"));
}

TEST(NativeIds, EscapeWhatIsNoTextAndWhatLooksEscaped) {
  EXPECT_EQ(NativeId("a\xff.md"), "a%FF.md");
  EXPECT_EQ(NativeId("a%FF.md"), "a%25FF.md");
  EXPECT_EQ(NativeId("\xe2\x82"), "%E2%82");
  EXPECT_EQ(NativeId("%zz%4"), "%zz%4");
}

TEST(NativeIds, AreTextAndDifferentForDifferentNames) {
  std::mt19937_64 random(7);
  std::map<std::string, std::string> names;
  const std::string alphabet = std::string("a%F4\xff\xe2\x82\xac", 8);
  for (int i = 0; i < 20'000; ++i) {
    std::string name;
    for (size_t length = 1 + random() % 6; length > 0; --length) name += alphabet[random() % alphabet.size()];
    const std::string id = NativeId(name);
    EXPECT_TRUE(IsValidUtf8(id));
    const auto [known, added] = names.emplace(id, name);
    EXPECT_EQ(known->second, name) << id;
  }
}

TEST(Decoder, GoesByTheExtensionInAnyCase) {
  const FolderOptions options;
  const Decoder decoder(options);
  EXPECT_EQ(decoder.MediaTypeOf("a.md"), "text/markdown");
  EXPECT_EQ(decoder.MediaTypeOf("A.B.TXT"), "text/plain");
  EXPECT_EQ(decoder.MediaTypeOf("a.exe"), "");
  EXPECT_EQ(decoder.MediaTypeOf("md"), "");
  EXPECT_EQ(decoder.MediaTypeOf(".md"), "");
}

TEST(Decoder, AStarTakesAllOtherExtensions) {
  FolderOptions options;
  options.media_types["*"] = "application/octet-stream";
  const Decoder decoder(options);
  EXPECT_EQ(decoder.MediaTypeOf("a.exe"), "application/octet-stream");
  EXPECT_EQ(decoder.MediaTypeOf("README"), "application/octet-stream");
  EXPECT_EQ(decoder.MediaTypeOf("a.md"), "text/markdown");
}

TEST(Decoder, IgnoresByPattern) {
  const FolderOptions options;
  const Decoder decoder(options);
  for (const char* name : {".hidden.md", "a.md~", "#a.md#", "a.tmp", ".a.md.swp"}) {
    EXPECT_TRUE(decoder.IsIgnored(name)) << name;
  }
  EXPECT_FALSE(decoder.IsIgnored("a.md"));
  EXPECT_FALSE(decoder.IsIgnored(std::string(kAccessFile)));
}

TEST(Decoder, MakesAnUpsert) {
  FolderOptions options;
  options.uri_prefix = "https://x/";
  const Upsert upsert = Decoder(options).Decode("a/b c.md", "text");
  EXPECT_EQ(upsert.content, "text");
  EXPECT_EQ(upsert.title, "b c");
  EXPECT_EQ(upsert.uri, "https://x/a/b%20c.md");
  EXPECT_EQ(upsert.access_scope, ScopeId("/a"));
  EXPECT_EQ(upsert.native_id, "a/b c.md");
  EXPECT_EQ(upsert.refused, Code::kOk);
  const Upsert refused = Decoder(options).Refuse("a/b c.md", Code::kDocumentTooLarge);
  EXPECT_EQ(refused.refused, Code::kDocumentTooLarge);
  EXPECT_TRUE(refused.content.empty());
  EXPECT_EQ(refused.access_scope, ScopeId("/a"));
}

TEST(FolderOptions, ValidateSaysWhatTheTableCannot) {
  EXPECT_TRUE(Validate(FolderOptions()).ok());
  FolderOptions options;
  options.media_types = {{".md", "text/markdown"}};
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
  options.media_types = {{"md", "markdown"}};
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
  options = FolderOptions();
  options.ignore = {"a/*"};
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
  options = FolderOptions();
  options.settle_limit = options.settle / 2;
  EXPECT_EQ(Validate(options).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::folder
