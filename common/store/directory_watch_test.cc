#include "common/store/directory_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace freshet::store {
namespace {

using std::chrono::milliseconds;

class DirectoryWatchTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(path_); }
  void Write() { std::ofstream(path_ / "000004.log", std::ios::app) << "a record" << std::flush; }

  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "watched";
};

TEST_F(DirectoryWatchTest, NoticesAWrite) {
  DirectoryWatch watch(path_);
  EXPECT_FALSE(watch.Wait(milliseconds(1)));
  Write();
  EXPECT_TRUE(watch.Wait(milliseconds(1000)));
  EXPECT_FALSE(watch.Wait(milliseconds(1))) << "told once";
}

TEST_F(DirectoryWatchTest, WakesUpWhoWaits) {
  DirectoryWatch watch(path_);
  std::thread writer([this] {
    std::this_thread::sleep_for(milliseconds(30));
    Write();
  });
  EXPECT_TRUE(watch.Wait(std::chrono::seconds(30)));
  writer.join();
}

TEST_F(DirectoryWatchTest, WaitsWhereThereIsNothingToWatch) {
  DirectoryWatch watch(path_ / "nowhere");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(watch.Wait(milliseconds(20)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(19));
}

}  // namespace
}  // namespace freshet::store
