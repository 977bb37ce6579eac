// What an assertion says is checked here, its signature by fake_authorization.cc (smart_test.cc).
#include "connectors/fhir/assertion.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/base/base64.h"
#include "connectors/fhir/client_key_testing.h"

namespace freshet::fhir {
namespace {

using Json = nlohmann::json;

std::vector<std::string> PartsOf(const std::string& assertion) {
  std::vector<std::string> parts{""};
  for (const char c : assertion) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c == '-' ? '+' : c == '_' ? '/' : c;
    }
  }
  for (std::string& part : parts) {
    while (part.size() % 4 != 0) part += '=';
    part = FromBase64(part).value_or("?");
  }
  return parts;
}

TEST(Assertion, SaysWhoAsksWhomForAFewMinutes) {
  const Claims claims{.client = "freshet",
                      .audience = "https://auth.example.org/token/",
                      .key_id = "2026 \"a\"",
                      .now = Time(std::chrono::seconds(1'700'000'000)),
                      .id = "one"};
  for (const char* const kind : {"RSA", "P-384"}) {
    const Result<ClientKey> key = ClientKey::Read(TestKey(kind).private_pem);
    ASSERT_TRUE(key.ok()) << key.status().ToString();
    const Result<std::string> assertion = key->Sign(claims);
    ASSERT_TRUE(assertion.ok()) << assertion.status().ToString();
    EXPECT_EQ(assertion->find_first_of("+/="), std::string::npos);
    const std::vector<std::string> parts = PartsOf(*assertion);
    ASSERT_EQ(parts.size(), 3u);
    const bool rsa = std::string(kind) == "RSA";
    EXPECT_EQ(Json::parse(parts[0]), Json({{"alg", rsa ? "RS384" : "ES384"}, {"kid", "2026 \"a\""}, {"typ", "JWT"}}));
    EXPECT_EQ(Json::parse(parts[1]), Json({{"iss", "freshet"},
                                           {"sub", "freshet"},
                                           {"aud", "https://auth.example.org/token/"},
                                           {"iat", 1'700'000'000},
                                           {"exp", 1'700'000'240},
                                           {"jti", "one"}}));
    EXPECT_EQ(parts[2].size(), rsa ? 256u : 96u);
  }
}

TEST(Assertion, Base64UrlHasNoPaddingAndAnAlphabetForAddresses) {
  EXPECT_EQ(ToBase64Url(""), "");
  EXPECT_EQ(ToBase64Url("\xFB\xEF\xFF"), "--__");
  EXPECT_EQ(ToBase64Url("a"), "YQ");
  EXPECT_EQ(ToBase64Url("ab"), "YWI");
}

TEST(Assertion, RefusesKeysThatSmartDoesNotKnow) {
  EXPECT_EQ(ClientKey::Read("").code(), Code::kConfiguration);
  EXPECT_EQ(ClientKey::Read("-----BEGIN PRIVATE KEY-----\nAAAA\n").code(), Code::kConfiguration);
  EXPECT_EQ(ClientKey::Read(TestKey("RSA").public_pem).code(), Code::kConfiguration);
  EXPECT_EQ(ClientKey::Read(TestKey("RSA", 1024).private_pem).code(), Code::kConfiguration);
  EXPECT_EQ(ClientKey::Read(TestKey("P-256").private_pem).code(), Code::kConfiguration);
  for (const char* const of_384_bits : {"brainpoolP384r1", "brainpoolP384t1"}) {
    const TestKey key(of_384_bits);
    ASSERT_NE(key.private_pem, "");
    EXPECT_EQ(ClientKey::Read(key.private_pem).code(), Code::kConfiguration) << of_384_bits;
  }
}

}  // namespace
}  // namespace freshet::fhir
