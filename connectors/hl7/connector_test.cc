// The source over real sockets and a host that fails: what is acknowledged, in which order it counts, who may read it.
#include "connectors/hl7/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "connectors/hl7/client_testing.h"
#include "connectors/kit/kit_host.h"
#include "connectors/source/certificates_testing.h"
#include "connectors/source/source_connector.h"

namespace freshet::hl7 {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Hl7SourceTest : public ::testing::Test {
 protected:
  Hl7SourceTest() {
    options.listen = {"127.0.0.1", 0};
    options.readers = {"group:staff"};
    Restart();
  }
  ~Hl7SourceTest() override { connector.reset(); }

  void Restart() {
    connector.reset();
    auto made = std::make_unique<Hl7Source>(options);
    source = made.get();
    connector = std::make_unique<SourceConnector>(std::move(made));
    while (source->port() == 0) ASSERT_TRUE(connector->Step(host).ok());
    for (int i = 0; i < 3; ++i) (void)connector->Step(host).ok();
  }
  // The answer, with the connector at work until it comes.
  std::string Send(const std::string& message) {
    auto answer = std::async(std::launch::async, [&] { return TestSender(source->port()).Exchange(message); });
    while (answer.wait_for(1ms) != std::future_status::ready) (void)connector->Step(host).ok();
    return answer.get();
  }

  Hl7Options options;
  kit::KitHost host;
  Hl7Source* source = nullptr;
  std::unique_ptr<SourceConnector> connector;
};

std::string Note(const std::string& control, const std::string& text, const std::string& second = "00") {
  return "MSH|^~\\&|EHR|WARD|||202601310930" + second + "||MDM^T02|" + control +
         "|P|2.5\rPID|1||4711^^^HOSP||QUILL^ADA\rTXA|1|DS||||||||||D-1\rOBX|1|TX|||" + text + "\r";
}

TEST_F(Hl7SourceTest, AcknowledgesWhatIsDurableAndKnowsItAgain) {
  EXPECT_THAT(Send(Note("1", "one")), HasSubstr("MSA|AA|1\r"));
  EXPECT_EQ(host.All<Upsert>().size(), 1u);
  EXPECT_EQ(host.All<IdentityChange>().size(), 1u);
  EXPECT_THAT(Send(Note("1", "one")), HasSubstr("MSA|AA|1\r"));
  EXPECT_EQ(host.All<Upsert>().size(), 1u) << "the same once more";
  EXPECT_THAT(Send(Note("1", "two")), HasSubstr("MSA|AA|1\r"));
  EXPECT_EQ(host.All<Upsert>().size(), 2u) << "the control id again, of another message";
}

TEST_F(Hl7SourceTest, NothingIsAcknowledgedThatTheLogDoesNotHave) {
  host.CrashAt(1, kit::KitHost::Crash::kBefore);
  EXPECT_THAT(Send(Note("1", "one")), HasSubstr("MSA|AE|1|"));
  host.Revive();
  Restart();
  EXPECT_TRUE(host.All<Upsert>().empty());
  EXPECT_THAT(Send(Note("1", "one")), HasSubstr("MSA|AA|1\r"));
  EXPECT_EQ(host.All<Upsert>().size(), 1u);
}

// A log that takes nothing: answers come when ack_timeout is over.
TEST_F(Hl7SourceTest, ASlowLogIsToldToTheSender) {
  options.ack_timeout = 20ms;
  Restart();
  EXPECT_THAT(TestSender(source->port()).Exchange(Note("1", "one")), HasSubstr("MSA|AE|1|timeout\rERR|"));
}

TEST_F(Hl7SourceTest, WhatIsNoMessageIsRejectedAndTheConnectionGoesOn) {
  options.max_message = ByteSize{2000};
  Restart();
  TestSender sender(source->port());
  EXPECT_THAT(sender.Exchange("Dear colleague"), HasSubstr("MSA|AR||malformed_document"));
  EXPECT_THAT(sender.Exchange("MSH|"), HasSubstr("MSA|AR||malformed_document"));
  EXPECT_THAT(sender.Exchange(Note("1", std::string(5000, 'x'))), HasSubstr("MSA|AR||document_too_large"));
  EXPECT_THAT(sender.Exchange("MSH|^~\\&|EHR||||||MDM^T11|9|P|2.5\rTXA|1\r"), HasSubstr("MSA|AR|9|malformed_document"));
  EXPECT_THAT(sender.Exchange("MSH|^~\\&|EHR||||||SIU^S12|9|P|2.5\r"), HasSubstr("MSA|AA|9")) << "nothing to change";
}

TEST_F(Hl7SourceTest, ABatchIsAnsweredByABatch) {
  const std::string bad = "MSH|^~\\&|EHR||||||MDM^T11|3|P|2.5\rTXA|1\r";
  const std::string batch =
      "FHS|^~\\&|X\rBHS|^~\\&|X\r" + Note("1", "one", "01") + Note("2", "two", "02") + bad + "BTS|3\rFTS|1\r";
  const std::string answer = Send(batch);
  EXPECT_THAT(answer, HasSubstr("MSA|AA|1\r"));
  EXPECT_THAT(answer, HasSubstr("MSA|AA|2\r"));
  EXPECT_THAT(answer, HasSubstr("MSA|AR|3|malformed_document"));
  EXPECT_TRUE(answer.find("BHS|") < answer.find("MSH|") && answer.find("BTS|3") > answer.rfind("MSA|"));
  EXPECT_EQ(host.All<Upsert>().size(), 2u);
}

TEST_F(Hl7SourceTest, LateMessagesDoNotWin) {
  (void)Send(Note("2", "newer", "20"));
  (void)Send(Note("1", "older", "10"));
  std::map<Version, std::string> versions;
  for (const kit::Published& one : host.published) {
    const auto* const upsert = std::get_if<Upsert>(&one.event.change);
    if (upsert != nullptr) versions.emplace(one.event.origin.version, upsert->content);
  }
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_THAT(versions.rbegin()->second, HasSubstr("newer"));
  EXPECT_EQ(host.All<IdentityChange>().size(), 1u) << "the topic of identities keeps the last record";
}

TEST_F(Hl7SourceTest, ManySendersAtOnce) {
  std::vector<std::future<int>> senders;
  for (int i = 0; i < 8; ++i) {
    senders.push_back(std::async(std::launch::async, [this, i] {
      TestSender sender(source->port());
      int accepted = 0;
      for (int j = 0; j < 20; ++j) {
        const std::string control = std::to_string(i) + "-" + std::to_string(j);
        accepted += sender.Exchange(Note(control, control)).find("MSA|AA|" + control + "\r") != std::string::npos;
      }
      return accepted;
    }));
  }
  for (auto& sender : senders) {
    while (sender.wait_for(0ms) != std::future_status::ready) (void)connector->Step(host).ok();
    EXPECT_EQ(sender.get(), 20);
  }
  EXPECT_EQ(host.All<Upsert>().size(), 160u);
}

TEST_F(Hl7SourceTest, MoreSendersThanAllowedAreTurnedAway) {
  options.connections = 1;
  Restart();
  const std::string harmless = "MSH|^~\\&|EHR||||||SIU^S12|9|P|2.5\r";
  {
    TestSender first(source->port());
    EXPECT_THAT(first.Exchange(harmless), HasSubstr("MSA|AA|9"));
    EXPECT_EQ(TestSender(source->port()).Exchange(harmless), "");
    EXPECT_THAT(first.Exchange(harmless), HasSubstr("MSA|AA|9"));
  }
  std::string answer;
  while (answer.empty()) answer = TestSender(source->port()).Exchange(harmless);  // once its thread has seen the end
  EXPECT_THAT(answer, HasSubstr("MSA|AA|9"));
}

TEST_F(Hl7SourceTest, OverTlsAndOnlyForThoseWithACertificate) {
  const TestCertificate made;
  options.tls_certificate = options.tls_client_ca = made.certificate;
  options.tls_key = made.key;
  Restart();
  const std::string harmless = "MSH|^~\\&|EHR||||||SIU^S12|9|P|2.5\r";
  const std::string large = "MSH|^~\\&|EHR||||||SIU^S12|9|P|2.5\rNTE|1||" + std::string(200'000, 'x') + "\r";
  {
    TestSender known(source->port(), {.certificate = made.certificate, .key = made.key});
    EXPECT_THAT(known.Exchange(harmless), HasSubstr("MSA|AA|9"));
    EXPECT_THAT(known.Exchange(large), HasSubstr("MSA|AA|9"));
  }
  EXPECT_EQ(TestSender(source->port(), {.client_ca = made.certificate}).Exchange(harmless), "") << "no certificate";
  EXPECT_EQ(TestSender(source->port()).Exchange(harmless), "") << "unencrypted";
}

TEST_F(Hl7SourceTest, AccessIsWhatTheOptionsSayAndIsTakenBack) {
  options.restricted = {{"R", {"user:ada"}}};
  Restart();
  options.restricted.clear();
  Restart();
  std::vector<std::string> lists;
  for (const AccessChange& one : host.All<AccessChange>()) {
    lists.push_back(one.scope.value + (one.removed ? " gone" : " " + one.allow.at(0).principal.value));
  }
  EXPECT_THAT(lists, ElementsAre("/ group:staff", "/ group:staff", "/R user:ada", "/ group:staff", "/R gone"));
}

TEST_F(Hl7SourceTest, CheckChangesNothingAndTellsWhatIsWrong) {
  EXPECT_TRUE(connector->Check().ok()) << "running";
  EXPECT_TRUE(Hl7Source(options).Check().ok());
  Hl7Options wrong = options;
  wrong.listen.port = static_cast<uint16_t>(source->port());
  EXPECT_EQ(Hl7Source(wrong).Check().code(), Code::kUnavailable);
  wrong = options;
  wrong.readers = {"staff"};
  EXPECT_EQ(Hl7Source(wrong).Check().code(), Code::kConfiguration);
  wrong = options;
  wrong.tls_certificate = wrong.tls_key = "nowhere";
  EXPECT_EQ(Hl7Source(wrong).Check().code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::hl7
