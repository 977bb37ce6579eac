// /metrics and health of a process that answers no queries.
#include "services/freshet/status_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/freshet/http.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

class StatusServerTest : public testing::Test {
 protected:
  StatusServerTest() : metrics_(TenantName("t")), server_({"127.0.0.1", 0}, {&metrics_, [this] { return reasons_; }}) {}

  Result<std::string> Get(const std::string& path) { return HttpClient(url_, "").Get(path); }
  void SetUp() override {
    const Result<std::string> url = server_.Start();
    ASSERT_TRUE(url.ok());
    url_ = *url;
  }

  MetricRegistry metrics_;
  std::vector<std::string> reasons_;
  StatusServer server_;
  std::string url_;
};

TEST_F(StatusServerTest, TellsFiguresAndHealthToAnybody) {
  metrics_.CounterOf<Metric::kQueries>("search", "ok").Add(3);
  EXPECT_THAT(*Get("/metrics"), HasSubstr("# TYPE freshet_"));
  EXPECT_EQ(nlohmann::json::parse(*Get("/healthz"))["status"], "alive");
  EXPECT_EQ(nlohmann::json::parse(*Get("/readyz"))["status"], "ready");
}

TEST_F(StatusServerTest, IsNotReadyWithItsReasons) {
  reasons_ = {"halted: a worker needs an operator"};
  EXPECT_EQ(Get("/readyz").code(), Code::kUnavailable);
  EXPECT_TRUE(Get("/healthz").ok()) << "alive all the same";
}

TEST_F(StatusServerTest, AnswersNothingElse) {
  EXPECT_EQ(Get("/v1/freshness").code(), Code::kNotFound);
  EXPECT_EQ(HttpClient(url_, "").Post("/v1/search", "{}").code(), Code::kNotFound);
}

TEST_F(StatusServerTest, ATakenAddressIsAnError) {
  const size_t colon = url_.rfind(':');
  StatusServer second({"127.0.0.1", static_cast<uint16_t>(std::stoi(url_.substr(colon + 1)))},
                      {&metrics_, [] { return std::vector<std::string>(); }});
  EXPECT_EQ(second.Start().code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet
