// Who is known by which token, and which token files are refused without telling what stands in them.
#include "services/query/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::query {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTokens = R"(
- {token: "t0ken-ada", user: ada, groups: [nurses, ward-3], tenant: general-hospital}
- {token: "t0ken-bob", user: bob, tenant: general-hospital}
- {token: "t0ken-eve", user: ada, groups: [], tenant: other-clinic}
)";

TEST(Caller, PrincipalsAreTheUserAndItsGroups) {
  const Caller caller{.user = "ada", .groups = {"nurses", "ward-3"}};
  EXPECT_EQ(caller.principals(),
            (std::vector{Principal("user:ada"), Principal("group:nurses"), Principal("group:ward-3")}));
  EXPECT_EQ(Caller{.user = "bob"}.principals(), std::vector{Principal("user:bob")});
}

TEST(TokenFile, KnowsCallersByTheirTokens) {
  const Result<TokenFile> file = TokenFile::Parse(kTokens);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->size(), 3u);
  const Result<Caller> ada = file->Authenticate("t0ken-ada");
  ASSERT_TRUE(ada.ok());
  EXPECT_EQ(ada->user, "ada");
  EXPECT_EQ(ada->groups, (std::vector<std::string>{"nurses", "ward-3"}));
  EXPECT_EQ(ada->tenant, TenantName("general-hospital"));
  EXPECT_EQ(file->Authenticate("t0ken-bob")->groups, std::vector<std::string>());
  // The same name at another tenant is another caller.
  EXPECT_EQ(file->Authenticate("t0ken-eve")->tenant, TenantName("other-clinic"));
}

TEST(TokenFile, KnowsNobodyByAnythingElse) {
  const Result<TokenFile> file = TokenFile::Parse(kTokens);
  ASSERT_TRUE(file.ok());
  for (const std::string token : {"", " ", "t0ken-ad", "t0ken-ada ", " t0ken-ada", "T0KEN-ADA", "ada", "t0ken-ada\n"}) {
    const Result<Caller> caller = file->Authenticate(token);
    EXPECT_EQ(caller.code(), Code::kUnauthenticated) << token;
    EXPECT_THAT(caller.status().message(), Not(HasSubstr("t0ken"))) << "no error repeats a token";
  }
  EXPECT_EQ(file->Authenticate(std::string("t0ken-ada\0", 10)).code(), Code::kUnauthenticated);
  EXPECT_EQ(TokenFile::Parse("")->Authenticate("").code(), Code::kUnauthenticated);
}

TEST(TokenFile, AnEmptyFileKnowsNobody) {
  for (const char* text : {"", "[]", "# none yet\n"}) {
    const Result<TokenFile> file = TokenFile::Parse(text);
    ASSERT_TRUE(file.ok()) << text;
    EXPECT_EQ(file->size(), 0u);
  }
}

struct BadFile {
  const char* text;
  const char* says;
};

TEST(TokenFile, ABadFileIsRefusedWithItsLineAndWithoutItsValues) {
  const BadFile files[] = {
      {"- {token: s3cret, user: ada, tenant: t}\n- {token: s3cret, user: bob, tenant: t}\n", "tokens:2"},
      {"- {user: ada, tenant: t}\n", "\"token\""},
      {"- {token: s3cret, tenant: t}\n", "\"user\""},
      {"- {token: s3cret, user: ada}\n", "\"tenant\""},
      {"- {token: \"\", user: ada, tenant: t}\n", "must not be empty"},
      {"- {token: s3cret, user: \"\", tenant: t}\n", "must not be empty"},
      {"- {token: s3cret, user: ada, tenant: \"\"}\n", "must not be empty"},
      {"- {token: s3cret, usr: ada, tenant: t}\n", "usr"},
      {"- {token: s3cret, user: ada, groups: {a: b}, tenant: t}\n", "tokens:1"},
      {"- {token: [s3cret], user: ada, tenant: t}\n", "tokens:1"},
      {"- {token: \"s3cret s3cret\", user: ada, tenant: t}\n", "no header carries"},
      {"- {token: \"s3cret\\n\", user: ada, tenant: t}\n", "no header carries"},
      {"- {token: \"s3crét\", user: ada, tenant: t}\n", "no header carries"},
      {"token: s3cret\nuser: ada\ntenant: t\n", "tokens"},
      {"- {token: s3cret, user: ada, tenant: t", "tokens"},
      {"- s3cret\n", "tokens:1"},
      {"- {token: s3cret, token: s3cret, user: ada, tenant: t}\n", "tokens"},
  };
  for (const BadFile& file : files) {
    const Result<TokenFile> parsed = TokenFile::Parse(file.text);
    EXPECT_EQ(parsed.code(), Code::kConfiguration) << file.text;
    EXPECT_THAT(parsed.status().message(), HasSubstr(file.says)) << file.text;
    EXPECT_THAT(parsed.status().message(), Not(HasSubstr("s3cr"))) << "errors go to logs";
  }
}

}  // namespace
}  // namespace freshet::query
