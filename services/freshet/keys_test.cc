// freshet keys new: what it writes opens what older keys sealed, and nobody else can read it.
#include "common/crypto/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "services/freshet/command.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

class KeysTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(testing::TempDir()) / "keys_test";
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    file_ = (directory_ / "tenant.key").string();
  }
  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"keys", "new"});
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }
  std::string Contents() {
    std::stringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }

  std::filesystem::path directory_;
  std::string file_;
  std::ostringstream out_, err_;
};

TEST_F(KeysTest, PrintsAKeyFile) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_TRUE(KeyRing::Parse(out_.str()).ok()) << "what is printed is a key file";
  const std::string first = out_.str();
  EXPECT_EQ(Run({}), 0);
  EXPECT_NE(out_.str(), first);
}

TEST_F(KeysTest, WritesAFileForItsOwnerOnly) {
  EXPECT_EQ(Run({"--out", file_}), 0);
  EXPECT_EQ(out_.str(), "") << "the key is in the file and nowhere else";
  EXPECT_TRUE(KeyRing::Parse(Contents()).ok());
  struct stat status {};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(file_ + ".new"));
}

TEST_F(KeysTest, NeverReplacesAKey) {
  ASSERT_EQ(Run({"--out", file_}), 0);
  const std::string before = Contents();
  EXPECT_EQ(Run({"--out", file_}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("exists; --rotate"));
  EXPECT_EQ(Contents(), before);
}

TEST_F(KeysTest, RotationKeepsWhatOpensOlderPayloads) {
  ASSERT_EQ(Run({"--out", file_}), 0);
  const std::string before = Contents();
  const std::string sealed = KeyRing::Parse(before)->SealPayload("plain", "context");
  ASSERT_EQ(Run({"--out", file_, "--rotate"}), 0) << err_.str();
  EXPECT_TRUE(Contents().ends_with(before));
  const Result<KeyRing> ring = KeyRing::Parse(Contents());
  ASSERT_TRUE(ring.ok());
  EXPECT_EQ(*ring->OpenPayload(sealed, "context"), "plain");
  EXPECT_FALSE(KeyRing::Parse(before)->OpenPayload(ring->SealPayload("new", "context"), "context").ok())
      << "the new key seals";
}

TEST_F(KeysTest, WhatCannotBeRotatedIsLeftAlone) {
  EXPECT_EQ(Run({"--out", file_, "--rotate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("nothing to rotate"));
  std::ofstream(file_) << "not a key file";
  EXPECT_EQ(Run({"--out", file_, "--rotate"}), 2);
  EXPECT_EQ(Contents(), "not a key file");
  EXPECT_EQ(Run({"--rotate"}), 2);
}

TEST_F(KeysTest, AFolderThatIsNotThereIsAnError) {
  EXPECT_EQ(Run({"--out", (directory_ / "missing" / "tenant.key").string()}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace freshet
