// Files as people and accidents write them: places are kept, and nothing that is not YAML does harm.
#include "common/config/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "common/config/render.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string ErrorOf(std::string_view yaml) {
  const Result<ConfigNode> parsed = ParseYaml(yaml, {"f.yaml", ""});
  EXPECT_FALSE(parsed.ok()) << yaml.substr(0, 80);
  EXPECT_EQ(parsed.code(), Code::kConfiguration);
  return parsed.status().message();
}

TEST(YamlTest, KeepsKindLineAndPath) {
  const Result<ConfigNode> root = ParseYaml("a: 1\nb:\n  - x\n  - {c: \"2\", d: ~}\ne: ''\n", {"f.yaml", ""});
  ASSERT_TRUE(root.ok()) << root.status().message();
  EXPECT_EQ(root->Find("a")->Where(), "f.yaml:1");
  EXPECT_FALSE(root->Find("a")->quoted);
  const ConfigNode& c = *root->Find("b")->items[1].Find("c");
  EXPECT_EQ(c.path, "b[1].c");
  EXPECT_EQ(c.Where(), "f.yaml:4");
  EXPECT_TRUE(c.quoted);
  EXPECT_TRUE(root->Find("b")->items[1].Find("d")->is_null());
  EXPECT_TRUE(root->Find("e")->is_scalar());
  EXPECT_EQ(root->Find("zz"), nullptr);
  EXPECT_EQ(c.Error("is odd").message(), "f.yaml:4: b[1].c is odd");
}

TEST(YamlTest, BlockTextKeepsItsLines) {
  const Result<ConfigNode> root = ParseYaml("a: |\n  one\n  two\nb: >\n  one\n  two\n", {"f.yaml", ""});
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->Find("a")->text, "one\ntwo\n");
  EXPECT_EQ(root->Find("b")->text, "one two\n");
}

TEST(YamlTest, AnEmptyFileIsANullNode) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const Result<ConfigNode> root = ParseYaml(text, {"f.yaml", ""});
    ASSERT_TRUE(root.ok()) << text;
    EXPECT_TRUE(root->is_null()) << text;
  }
}

TEST(YamlTest, AliasesStandForWhatTheyName) {
  const Result<ConfigNode> root = ParseYaml("a: &x {b: 1}\nc: *x\n", {"f.yaml", ""});
  ASSERT_TRUE(root.ok()) << root.status().message();
  EXPECT_EQ(root->Find("c")->Find("b")->text, "1");
  EXPECT_EQ(root->Find("c")->Find("b")->path, "c.b");
}

TEST(YamlTest, ErrorsHaveALineAndNoValue) {
  EXPECT_THAT(ErrorOf("a: 1\nb: [s3cret\n"), testing::StartsWith("f.yaml:"));
  EXPECT_THAT(ErrorOf("a: 1\n  b: s3cret\n"), testing::AllOf(HasSubstr("f.yaml:2"), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(ErrorOf("a: 1\nb: 2\na: 3\n"), "f.yaml:3: not YAML: a key stands twice in one map");
  EXPECT_EQ(ErrorOf("a: 1\n[b]: 2\n"), "f.yaml:2: not YAML: a key must be text");
  EXPECT_EQ(ErrorOf("a: &x [*x]\n"), "f.yaml:1: not YAML: an alias stands within what it names");
  EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2\n"), "f.yaml: more than one document in the file");
}

TEST(YamlTest, ABombOfAliasesStopsAtTheLimit) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorOf(bomb), HasSubstr("more than 50000 values"));
}

TEST(YamlTest, DepthAndSizeAreBounded) {
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), HasSubstr("f.yaml"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '{')), HasSubstr("f.yaml"));
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(ErrorOf(nested), HasSubstr("more than 64 levels"));
  std::string dashes;
  for (int i = 0; i < 5'000; ++i) dashes += "- ";
  EXPECT_THAT(ErrorOf(dashes), HasSubstr("f.yaml"));
  EXPECT_EQ(ErrorOf(std::string((1u << 20) + 1, 'a')), "f.yaml: larger than 1 MiB");
}

TEST(YamlTest, BytesThatAreNoTextAreRefused) {
  EXPECT_EQ(ErrorOf("a: \xff\xfe"), "f.yaml: not UTF-8 text");
  EXPECT_EQ(ErrorOf(std::string_view("a: b\0c", 6)), "f.yaml: not UTF-8 text");
  EXPECT_EQ(ErrorOf("\x7f"
                    "ELF\x02\x01\x80\x90"),
            "f.yaml: not UTF-8 text");
}

// Nonsense made of what YAML is made of: parsed or refused, in bounded time, never a crash or an exception.
TEST(YamlTest, NonsenseNeverCrashes) {
  static constexpr std::string_view kPieces[] = {
      "a",  ":", " ",   "\n",  "- ", "? ",   "[",     "]",  "{", "}",  ",", "&x", "*x", "|", ">", "'",  "\"",
      "\\", "#", "---", "...", "!!", "!<a>", "%YAML", "\t", "~", "${", "}", "\r", "ü",  "`", "@", "  ", "\n  "};
  std::mt19937_64 random(20240117);
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t length = random() % 24; length > 0; --length) text += kPieces[random() % std::size(kPieces)];
    const Result<ConfigNode> root = ParseYaml(text, {"f.yaml", ""});
    if (!root.ok()) {
      ASSERT_EQ(root.code(), Code::kConfiguration);
      continue;
    }
    ++parsed;
    ASSERT_TRUE(ParseYaml(ToYaml(*root), {"again.yaml", ""}).ok()) << text << "\n-->\n" << ToYaml(*root);
  }
  EXPECT_GT(parsed, 500) << "the pieces no longer make YAML now and then";
}

TEST(YamlTest, RandomBytesNeverCrash) {
  std::mt19937_64 random(99);
  for (int i = 0; i < 5'000; ++i) {
    std::string text(random() % 64, '\0');
    for (char& c : text) c = static_cast<char>(1 + random() % 127);
    (void)ParseYaml(text, {"f.yaml", ""});
  }
}

TEST(YamlTest, AFileThatIsNotThereOrIsAFolderIsAnError) {
  EXPECT_EQ(LoadConfigFile("/nowhere/freshet.yaml").status().message(), "/nowhere/freshet.yaml: cannot be read");
  EXPECT_EQ(LoadConfigFile("/").code(), Code::kConfiguration);
}

TEST(YamlTest, AFileIsReadWithItsReferences) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "yaml_test";
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "site.yaml") << "token: ${FILE:token.txt}\n";
  std::ofstream(directory / "token.txt") << "s3cret\n";
  const Result<ConfigNode> root = LoadConfigFile(directory / "site.yaml");
  ASSERT_TRUE(root.ok()) << root.status().message();
  EXPECT_EQ(root->Find("token")->text, "s3cret");
  EXPECT_EQ(root->origin->directory, directory);
}

TEST(YamlTest, ParsingAloneReadsNoReference) {
  const Result<ConfigNode> root = ParseYaml("token: ${FILE:/etc/hostname}\n", {"_access.yaml", ""});
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->Find("token")->text, "${FILE:/etc/hostname}");
}

}  // namespace
}  // namespace freshet
