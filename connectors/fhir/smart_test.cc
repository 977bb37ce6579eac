// Tokens by SMART Backend Services, against a server that checks what it is told.
#include <gmock/gmock.h>

#include "connectors/fhir/client_key_testing.h"
#include "connectors/fhir/download.h"
#include "connectors/fhir/silent_server_testing.h"
#include "connectors/fhir/source_testing.h"

namespace freshet::fhir {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class FhirSmartTest : public FhirSourceTest {
 protected:
  FhirSmartTest() { Use(key); }
  // The server knows the public key, the client has the private one.
  void Use(const TestKey& one) {
    server.authorization = std::make_shared<FakeAuthorization>("freshet", "key-1", one.public_pem);
    options.token.clear();
    options.smart = SmartOptions{.client_id = "freshet", .key = one.private_pem, .key_id = "key-1"};
  }
  Status Ask(Client& client) const {
    Answer answer;
    return client.Get({.url = *client.base().Resolve("metadata")}, answer, [](std::string_view) { return OkStatus(); });
  }
  Status AskOnce() const {
    Client client(options);
    return Ask(client);
  }
  const TestKey key{"P-384"};
};

TEST_F(FhirSmartTest, FollowsAServerWithOneToken) {
  for (const char* const kind : {"RSA", "P-384"}) {
    Use(TestKey(kind));
    PutNote(kind, "first");
    Restart();
    ASSERT_TRUE(Until([&] { return Holds(std::string("Composition/") + kind, "first"); })) << last_error.ToString();
    PutNote(kind, "second");
    ASSERT_TRUE(Until([&] { return Holds(std::string("Composition/") + kind, "second"); }));
    EXPECT_TRUE(source->Fetch(DocumentId(std::string("Composition/") + kind)).ok());
    EXPECT_EQ(server.authorization->given(), 1u) << kind;
  }
  EXPECT_EQ(server.CountRequests("/.well-known/smart-configuration"), 2u);
}

TEST_F(FhirSmartTest, AnExportAndItsFilesUseTheSameToken) {
  options.list = Lists::kExport;
  PutNote("a", "text");
  ASSERT_TRUE(Until([&] { return SnapshotEnded() && Holds("Composition/a", "text"); })) << last_error.ToString();
  EXPECT_EQ(server.authorization->given(), 1u);
}

TEST_F(FhirSmartTest, WhereTokensAreGivenMayBeSaid) {
  options.smart->token_url = server.url() + "/token";
  EXPECT_TRUE(AskOnce().ok()) << AskOnce().ToString();
  EXPECT_EQ(server.CountRequests("/.well-known/"), 0u);
  options.smart->token_url = server.url() + "/nowhere/";
  EXPECT_EQ(AskOnce().code(), Code::kPermissionDenied);
  EXPECT_EQ(server.CountRequests("/nowhere/"), 1u) << "to the letter";
}

TEST_F(FhirSmartTest, ATokenIsRenewedBeforeItExpires) {
  server.authorization->life = 1;
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return server.authorization->given() >= 3; })) << last_error.ToString();
  PutNote("a", "second");
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "second"); }));
}

TEST_F(FhirSmartTest, ARefusedTokenIsReplacedOnce) {
  Client client(options);
  ASSERT_TRUE(Ask(client).ok());
  server.authorization->Revoke();
  const size_t asked = server.CountRequests("/metadata");
  EXPECT_TRUE(Ask(client).ok());
  EXPECT_EQ(server.authorization->given(), 2u);
  EXPECT_EQ(server.CountRequests("/metadata"), asked + 2) << "the question was asked again";
  server.authorization->careless = true;
  server.authorization->Revoke();
  EXPECT_EQ(Ask(client).code(), Code::kPermissionDenied);
  EXPECT_EQ(server.authorization->given(), 3u) << "and no more than once";
  EXPECT_EQ(server.CountRequests("/metadata"), asked + 4);
  server.authorization->careless = false;
  EXPECT_TRUE(Ask(client).ok()) << "a token that was not taken is not kept";
}

TEST_F(FhirSmartTest, ARunSurvivesRevokedTokens) {
  PutNote("a", "first");
  ASSERT_TRUE(Until([&] { return SnapshotEnded(); }));
  server.authorization->Revoke();
  PutNote("a", "second");
  EXPECT_TRUE(Until([&] { return Holds("Composition/a", "second"); }));
  EXPECT_EQ(server.authorization->given(), 2u);
}

TEST_F(FhirSmartTest, ARefusalSaysOAuthsWordAndNoOther) {
  options.smart->key = TestKey("P-384").private_pem;
  const Status other_key = FhirSource(options).Check();
  EXPECT_EQ(other_key.code(), Code::kPermissionDenied);
  EXPECT_THAT(other_key.message(), HasSubstr("invalid_client"));
  EXPECT_THAT(other_key.message(), Not(HasSubstr("Jane")));
  options.smart->key = key.private_pem;
  EXPECT_TRUE(FhirSource(options).Check().ok());
  options.smart->scope = "system/*.*";
  EXPECT_THAT(FhirSource(options).Check().message(), HasSubstr("invalid_scope"));
  options.smart->scope = "system/*.read";
  options.smart->key_id = "key-2";
  EXPECT_EQ(AskOnce().code(), Code::kPermissionDenied);
  options.smart->key_id = "key-1";
  options.smart->client_id = "somebody";
  EXPECT_EQ(AskOnce().code(), Code::kPermissionDenied);
}

TEST_F(FhirSmartTest, AnAnswerThatHasNoTokenMayPass) {
  server.authorization->odd = true;
  EXPECT_EQ(AskOnce().code(), Code::kUnavailable);
  server.trouble.down = true;
  EXPECT_EQ(AskOnce().code(), Code::kUnavailable);
}

TEST_F(FhirSmartTest, AnAuthorizationServerThatAsksForPatienceGetsIt) {
  const auto begin = std::chrono::steady_clock::now();
  server.authorization->busy = 1;
  Client client(options);
  EXPECT_EQ(Ask(client).code(), Code::kUnavailable);
  const size_t asked = server.CountRequests("/");
  const Status again = Ask(client);
  if (std::chrono::steady_clock::now() - begin < 2s) {
    EXPECT_EQ(again.code(), Code::kUnavailable);
    EXPECT_EQ(server.CountRequests("/"), asked) << "for two seconds";
  }
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!Ask(client).ok() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(server.authorization->given(), 1u);
}

// The same of the server that says where tokens are given.
TEST_F(FhirSmartTest, ADiscoveryThatAsksForPatienceGetsIt) {
  const auto begin = std::chrono::steady_clock::now();
  server.authorization->untold = 1;
  Client client(options);
  EXPECT_EQ(Ask(client).code(), Code::kUnavailable);
  const size_t asked = server.CountRequests("/");
  const Status again = Ask(client);
  if (std::chrono::steady_clock::now() - begin < 2s) {
    EXPECT_EQ(again.code(), Code::kUnavailable);
    EXPECT_EQ(server.CountRequests("/"), asked) << "for two seconds";
  }
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!Ask(client).ok() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(server.authorization->given(), 1u);
}

TEST_F(FhirSmartTest, WhyADiscoveryFailsIsSaid) {
  for (const auto& [answer, code] : {std::pair{404, Code::kConfiguration},
                                     {403, Code::kPermissionDenied},
                                     {401, Code::kPermissionDenied},
                                     {408, Code::kUnavailable},
                                     {429, Code::kUnavailable},
                                     {500, Code::kUnavailable}}) {
    server.authorization->told_as = answer;
    EXPECT_EQ(AskOnce().code(), code) << answer;
  }
}

// An authorization server that takes the connection and never answers, whose wait would be an hour.
class FhirStopTest : public FhirSmartTest {
 protected:
  FhirStopTest() {
    options.timeout = 1h;
    options.smart->token_url = "http://127.0.0.1:" + std::to_string(silent.port()) + "/token";
  }
  SilentServer silent;
};

TEST_F(FhirStopTest, ADownloadEndsWithinItsWaitForAToken) {
  Client client(options);
  std::optional<Download> asks(std::in_place, client, Request{.url = *client.base().Resolve("a")});
  silent.AwaitRequest();
  std::optional<Download> waits(std::in_place, client, Request{.url = *client.base().Resolve("b")});
  waits.reset();
  asks.reset();
  EXPECT_EQ(server.CountRequests("/"), 0u);
}

TEST_F(FhirStopTest, ARunEndsWithinItsWaitForAToken) {
  Restart();
  std::thread run([&] { EXPECT_TRUE(connector->Run(host).ok()); });
  silent.AwaitRequest();
  host.stop = true;
  run.join();
  EXPECT_EQ(server.CountRequests("/"), 0u);
}

// A pause ends a run as a stop does; the next one asks again.
TEST_F(FhirStopTest, ARunEndsWithinAnAnswer) {
  options.smart.reset();
  options.url = "http://127.0.0.1:" + std::to_string(silent.port()) + "/fhir";
  Restart();
  for (int i = 1; i <= 2; ++i) {
    host.stop = false;
    std::thread run([&] { EXPECT_TRUE(connector->Run(host).ok()); });
    silent.AwaitRequest();
    host.stop = true;
    run.join();
  }
}

TEST_F(FhirSmartTest, OptionsThatCannotWorkAreRefused) {
  EXPECT_TRUE(Validate(options).ok()) << Validate(options).ToString();
  const auto with = [&](const auto& change) {
    FhirOptions changed = options;
    change(changed);
    return Validate(changed).code();
  };
  EXPECT_EQ(with([](FhirOptions& o) { o.token = "too"; }), Code::kConfiguration);
  EXPECT_EQ(with([](FhirOptions& o) { o.smart->key = "none"; }), Code::kConfiguration);
  EXPECT_EQ(with([](FhirOptions& o) { o.smart->token_url = "ftp://x"; }), Code::kConfiguration);
  EXPECT_EQ(with([](FhirOptions& o) { o.url = "https://x", o.smart->token_url = "http://x/token"; }),
            Code::kConfiguration);
  EXPECT_EQ(with([](FhirOptions& o) { o.url = "https://x", o.smart->token_url = "https://y/token"; }), Code::kOk);
}

}  // namespace
}  // namespace freshet::fhir
