// The prober's place in a source of pushed events, against a server of ours that keeps what it is sent. The real source
// is probed by tests/e2e/push_test.py.
#include "services/probe/push_place.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

namespace freshet::probe {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using ::testing::ElementsAre;

class PushPlaceTest : public testing::Test {
 protected:
  PushPlaceTest() {
    server_.Post("/v1/events", [this](const httplib::Request& request, httplib::Response& response) {
      EXPECT_EQ(request.get_header_value("Content-Type"), "application/cloudevents+json");
      EXPECT_EQ(request.get_header_value("Authorization"), "Bearer s3cret");
      events_.push_back(Json::parse(request.body));
      response.status = status_;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    place_ = Make("/v1/events");
  }
  ~PushPlaceTest() override {
    server_.stop();
    thread_.join();
  }

  std::unique_ptr<PushPlace> Make(const std::string& path) {
    auto made = PushPlace::Make({.url = "http://127.0.0.1:" + std::to_string(port_) + path, .token = "s3cret"},
                                "user:prober", clock_);
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    return std::move(*made);
  }
  // "access.changed {…}" of each event.
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Json& event : events_) {
      const std::string type = event["type"];
      EXPECT_TRUE(type.starts_with("org.freshet.") && type.ends_with(".v1")) << type;
      told.push_back(type.substr(12, type.size() - 15) + (event.contains("data") ? " " + event["data"].dump() : ""));
    }
    return told;
  }

  ManualClock clock_{Time(1'000'000s)};
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0, status_ = 202;
  std::vector<Json> events_;  // of one request after the other
  std::unique_ptr<PushPlace> place_;
};

TEST_F(PushPlaceTest, PushesADocumentAndTheListItHangsOn) {
  ASSERT_TRUE(place_->Permit(true).ok());
  ASSERT_TRUE(place_->Write("words").ok());
  ASSERT_TRUE(place_->Permit(false).ok());
  ASSERT_TRUE(place_->Remove().ok());
  EXPECT_THAT(Told(), ElementsAre(R"(access.changed {"allow":["user:prober"],"deny":[]})",
                                  R"(document.upserted "words")", R"(access.changed {"allow":[],"deny":[]})",
                                  "document.deleted", R"(access.changed {"allow":[],"deny":[]})"));
  EXPECT_EQ(events_[1]["scope"], events_[0]["subject"]) << "its own list, nobody else's";
  EXPECT_EQ(events_[1]["datacontenttype"], "text/plain");
  EXPECT_EQ(events_[1]["subject"], events_[3]["subject"]);
}

// The source orders events by their times, and knows one again by its id.
TEST_F(PushPlaceTest, WhatIsPushedLaterIsLaterWhateverTheClockSays) {
  std::set<std::string> ids;
  std::string before;
  for (int i = 0; i < 20; ++i) {
    if (i == 10) clock_.Set(Time(999'000s));
    if (i == 15) place_ = Make("/v1/events");
    if (i == 15) before.clear(), clock_.Set(Time(2'000'000s));
    ASSERT_TRUE(place_->Write("words").ok());
    const std::string time = events_.back()["time"];
    EXPECT_LT(before, time);
    before = time;
    ids.insert(events_.back()["id"].get<std::string>());
  }
  EXPECT_EQ(ids.size(), 20u) << "also of two probers";
}

TEST_F(PushPlaceTest, SaysWhyTheSourceDoesNotTakeIt) {
  for (const auto& [status, code] : {std::pair{503, Code::kUnavailable},
                                     {429, Code::kUnavailable},
                                     {401, Code::kUnauthenticated},
                                     {400, Code::kConfiguration},
                                     {200, Code::kConfiguration}}) {
    status_ = status;
    EXPECT_EQ(place_->Write("words").code(), code) << status;
    EXPECT_EQ(place_->Remove().code(), code) << status;
  }
  EXPECT_EQ(Make("/elsewhere")->Write("words").code(), Code::kConfiguration) << "404";
  server_.stop();
  EXPECT_EQ(place_->Write("words").code(), Code::kUnavailable);
}

TEST_F(PushPlaceTest, RefusesWhatIsNoPlace) {
  for (const char* url : {"", "127.0.0.1:8090/v1/events", "ftp://x/y", "http://", "http://127.0.0.1:8090"}) {
    EXPECT_EQ(PushPlace::Make({.url = url, .token = "t"}, "user:prober", clock_).code(), Code::kConfiguration) << url;
  }
  EXPECT_EQ(PushPlace::Make({.url = "http://x/y", .token = "a\r\nX: y"}, "user:prober", clock_).code(),
            Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::probe
