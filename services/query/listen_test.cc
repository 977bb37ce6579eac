#include "services/query/listen.h"

#include <gtest/gtest.h>
#include <httplib.h>

namespace freshet::query {
namespace {

TEST(ServeOnThread, ServesWhenItReturns) {
  httplib::Server http;
  http.Get("/",
           [](const httplib::Request&, httplib::Response& response) { response.set_content("here", "text/plain"); });
  const int port = http.bind_to_any_port("127.0.0.1");
  std::thread thread;
  ASSERT_TRUE(ServeOnThread(http, thread).ok());
  const auto answer = httplib::Client("127.0.0.1", port).Get("/");
  http.stop();
  thread.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "here");
}

// A server without an address ends at once: the caller is told, and does not wait for ever.
TEST(ServeOnThread, TellsOfAServerThatEnds) {
  for (int i = 0; i < 20; ++i) {
    httplib::Server http;
    std::thread thread;
    const Status status = ServeOnThread(http, thread);
    thread.join();
    EXPECT_TRUE(status.ok() || status.code() == Code::kUnavailable);
  }
}

}  // namespace
}  // namespace freshet::query
