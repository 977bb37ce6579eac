// freshet config, and commands whose server is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/crypto/keys.h"
#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class OfflineTest : public testing::Test {
 protected:
  int Run(const std::vector<std::string>& arguments) {
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }
  std::ostringstream out_, err_;
};

TEST_F(OfflineTest, NobodyThereIsStatusOne) {
  EXPECT_EQ(Run({"freshness", "--url", "http://127.0.0.1:1", "--token", "t"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("unavailable: no answer"));
}

TEST_F(OfflineTest, AUrlThatIsNoneIsUsage) {
  EXPECT_EQ(Run({"freshness", "--url", "ftp://x", "--token", "t"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("the URL is not http://host:port"));
}

class ConfigCommandTest : public OfflineTest {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(testing::TempDir()) / "config_command_test";
    std::filesystem::create_directories(directory_);
    file_ = (directory_ / "freshet.yaml").string();
    key_ = KeyRing::NewKeyLine();
    std::ofstream(directory_ / "tenant.key") << key_;
    Write("embedder: {kind: hashing}\n");
  }
  void Write(const std::string& rest) {
    std::ofstream(file_) << "tenant: a\ndata_dir: data\nkeys: {tenant: \"${FILE:tenant.key}\"}\n" << rest;
  }

  std::filesystem::path directory_;
  std::string file_, key_;
};

TEST_F(ConfigCommandTest, ARightFileIsStatusZero) {
  EXPECT_EQ(Run({"config", "check", "--config", file_}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("right. Tenant a, 0 sources"));
  EXPECT_EQ(Run({"config", "check", "--config", file_, "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(R"({"ok": true, "problems": []})"));
}

TEST_F(ConfigCommandTest, AWrongFileIsStatusTwoWithAllProblems) {
  Write("embeder: {}\nquery: {listen: x}\n");
  EXPECT_EQ(Run({"config", "check", "--config", file_}), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr(file_ + ":4: unknown key \"embeder\"; did you mean \"embedder\"?\n"));
  EXPECT_EQ(Run({"config", "check", "--config", file_, "--json"}), 2);
  const Json answer = Json::parse(out_.str());
  EXPECT_EQ(answer["ok"], false);
  EXPECT_EQ(answer["problems"].size(), 3u);
}

TEST_F(ConfigCommandTest, WhatIsInForceIsShownWithoutSecrets) {
  EXPECT_EQ(Run({"config", "check", "--config", file_, "--effective"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("  partitions: 8\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  tenant: \"***\"\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr(key_.substr(0, 12))));
  EXPECT_EQ(Run({"config", "check", "--config", file_, "--effective", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str())["configuration"]["log"]["partitions"], 8);
}

TEST_F(ConfigCommandTest, TheSchemaIsJsonSchema) {
  EXPECT_EQ(Run({"config", "schema"}), 0);
  const Json schema = Json::parse(out_.str());
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["properties"]["sources"]["items"]["required"], Json::parse(R"(["name","connector","collection"])"));
}

}  // namespace
}  // namespace freshet
