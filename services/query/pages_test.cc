// The pages as they are served: complete, from this server alone, open to all, and bound by a policy.
#include "services/query/pages.h"

#include <gtest/gtest.h>

#include <regex>

#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

class PagesTest : public ::testing::Test {
 protected:
  httplib::Result Get(const std::string& path) { return server_.Get(path); }
  freshet::testing::TestServer server_;
};

TEST_F(PagesTest, FreshnessIsServedWithAllThatItNames) {
  const auto page = Get("/freshness");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page->body.find("<title>Freshness"), std::string::npos);
  const std::regex link(R"re((?:src|href)="([^"#]+)")re");
  int named = 0;
  for (std::sregex_iterator it(page->body.begin(), page->body.end(), link), end; it != end; ++it) {
    const std::string path = (*it)[1];
    if (path.starts_with("data:")) continue;
    ++named;
    ASSERT_TRUE(path.starts_with("/pages/")) << path << " is elsewhere";
    EXPECT_EQ(Get(path)->status, 200) << path;
  }
  EXPECT_GE(named, 2) << "a script and a style";
}

TEST_F(PagesTest, EveryFileIsServedAsItIs) {
  ASSERT_GE(PageFiles().size(), 3u);
  for (const PageFile& file : PageFiles()) {
    const auto answer = Get("/pages/" + std::string(file.name));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, file.bytes);
    EXPECT_EQ(answer->get_header_value("Content-Type"), file.type);
  }
}

TEST_F(PagesTest, APolicyKeepsThePageToThisServer) {
  const auto page = Get("/freshness");
  EXPECT_EQ(page->get_header_value("Content-Security-Policy"), kPagePolicy);
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer");
}

TEST_F(PagesTest, WhatIsNoPageIsAProblem) {
  for (const char* path : {"/pages/", "/pages/other.js", "/pages/../freshness", "/freshness/"}) {
    EXPECT_EQ(freshet::testing::TestServer::Problem(Get(path)), "404 not_found") << path;
  }
}

}  // namespace
}  // namespace freshet::query
