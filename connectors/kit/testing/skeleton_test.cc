// `freshet connector new`: what it writes is built here as it is, and passes the kit.
#include "connectors/kit/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "connectors/example_feed/connector.h"
#include "connectors/example_feed/rig.h"
#include "connectors/kit/conform.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

TEST(Skeleton, CompilesAndConforms) {
  const auto results = kit::Conform([] { return example_feed::MakeExampleFeedRig({}); }, {.histories = 20});
  EXPECT_TRUE(kit::AllHeld(results)) << kit::ConformTable(results);
}

TEST(Skeleton, ABrokenConnectorIsFoundOut) {
  // The same source, but for one fault: positions run ahead of what is published.
  class Ahead final : public Connector {
   public:
    explicit Ahead(std::unique_ptr<Connector> inner) : inner_(std::move(inner)) {}
    Status Check() override { return inner_->Check(); }
    Status Run(ConnectorHost& host) override { return inner_->Run(host); }
    Result<bool> Step(ConnectorHost& host) override {
      Forgetful forgetful(host);
      return inner_->Step(forgetful);
    }

   private:
    // Says that every third publication succeeded, and publishes nothing.
    struct Forgetful final : ConnectorHost {
      explicit Forgetful(ConnectorHost& host) : host(host) {}
      Status Publish(std::vector<ChangeEvent> events, Lane lane) override {
        static int count = 0;
        return ++count % 3 == 0 ? OkStatus() : host.Publish(std::move(events), lane);
      }
      Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
        return host.PublishHeartbeat(time, lanes);
      }
      Result<std::map<std::string, std::string>> LoadPositions() override { return host.LoadPositions(); }
      Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& rows) override {
        return host.SavePositions(rows);
      }
      const Clock& clock() const override { return host.clock(); }
      bool stopping() const override { return host.stopping(); }
      void Sleep(Duration limit) override { host.Sleep(limit); }
      ConnectorHost& host;
    };
    std::unique_ptr<Connector> inner_;
  };
  class AheadRig final : public kit::Rig {
   public:
    explicit AheadRig(std::unique_ptr<kit::Rig> inner) : inner_(std::move(inner)) {}
    bool Can(kit::Ability) const override { return false; }
    Result<std::unique_ptr<Connector>> Start() override {
      FRESHET_ASSIGN_OR_RETURN(auto connector, inner_->Start());
      return std::unique_ptr<Connector>(std::make_unique<Ahead>(std::move(connector)));
    }
    std::string DocumentOf(const std::string& name) const override { return name; }
    Status Put(const std::string& name, const std::string& text) override { return inner_->Put(name, text); }

   private:
    std::unique_ptr<kit::Rig> inner_;
  };
  const auto make = []() -> Result<std::unique_ptr<kit::Rig>> {
    FRESHET_ASSIGN_OR_RETURN(auto rig, example_feed::MakeExampleFeedRig({}));
    return std::unique_ptr<kit::Rig>(std::make_unique<AheadRig>(std::move(rig)));
  };
  const std::vector<std::string> only = {"crash", "restart"};
  const auto results = kit::Conform(make, {.patience = std::chrono::milliseconds(300)}, only);
  EXPECT_FALSE(kit::AllHeld(results)) << kit::ConformTable(results);
}

TEST(Skeleton, NamesThatAreNoneAreRefused) {
  for (const char* name : {"", "Feed", "feed-x", "_feed", "feed_", "a__b", "../feed"}) {
    EXPECT_EQ(kit::Skeleton(name).code(), Code::kConfiguration) << name;
  }
  EXPECT_THAT(kit::SkeletonRow("my_feed"), HasSubstr("&my_feed::MakeMyFeedConnector"));
}

TEST(Skeleton, EveryFileSpeaksOfItsConnector) {
  const auto files = kit::Skeleton("ward_list");
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 7u);
  for (const kit::SkeletonFile& file : *files) {
    EXPECT_EQ(file.text.find('@'), std::string::npos) << file.name;
    EXPECT_THAT(file.text, HasSubstr("ward_list")) << file.name;
    EXPECT_NE(file.text.front(), '\n') << file.name;
  }
}

}  // namespace
}  // namespace freshet
