// What every vector cache must do, over both; then what only the one on disk can.
#include "services/embed/cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace freshet::embed {
namespace {

namespace fs = std::filesystem;

Hash128 HashFor(uint64_t number) { return HashOf("text " + std::to_string(number)); }

std::vector<uint16_t> RowFor(uint64_t number, size_t dimensions) {
  std::mt19937 random(static_cast<uint32_t>(number));
  std::vector<uint16_t> row(dimensions);
  for (uint16_t& half : row) half = static_cast<uint16_t>(random());
  return row;
}

std::vector<uint16_t> RowsFor(uint64_t first, uint64_t count, size_t dimensions) {
  std::vector<uint16_t> rows;
  for (uint64_t i = first; i < first + count; ++i) {
    const auto row = RowFor(i, dimensions);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

std::vector<Hash128> HashesFor(uint64_t first, uint64_t count) {
  std::vector<Hash128> hashes;
  for (uint64_t i = first; i < first + count; ++i) hashes.push_back(HashFor(i));
  return hashes;
}

// A directory of its own for each test, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (fs::temp_directory_path() / "freshet_cache_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  std::string path() const { return path_; }
  uintmax_t Bytes() const {
    uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      bytes += entry.is_regular_file() ? entry.file_size() : 0;
    return bytes;
  }

 private:
  std::string path_;
};

enum class Kind { kMemory, kRocks };

class VectorCacheTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) {
      cache_ = std::make_unique<MemoryVectorCache>();
    } else {
      auto opened = OpenVectorCache({.path = directory_.path() + "/cache", .max_bytes = 64 << 20});
      ASSERT_TRUE(opened.ok()) << opened.status().ToString();
      cache_ = std::move(opened).value();
    }
  }

  TemporaryDirectory directory_;
  std::unique_ptr<VectorCache> cache_;
};

TEST_P(VectorCacheTest, GivesBackWhatWasPutAndNothingElse) {
  ASSERT_TRUE(cache_->Put("model", HashesFor(0, 3), RowsFor(0, 3, 384)).ok());
  const std::vector<Hash128> question = {HashFor(2), HashFor(9), HashFor(0), HashFor(2)};
  const auto answer = cache_->Get("model", question, 384);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->found, (std::vector<bool>{true, false, true, true}));
  const auto row = [&](size_t i) {
    return std::vector<uint16_t>(answer->halves.begin() + i * 384, answer->halves.begin() + (i + 1) * 384);
  };
  EXPECT_EQ(row(0), RowFor(2, 384));
  EXPECT_EQ(row(2), RowFor(0, 384));
  EXPECT_EQ(row(3), RowFor(2, 384));
}

TEST_P(VectorCacheTest, ModelsDoNotSeeEachOthersVectors) {
  ASSERT_TRUE(cache_->Put("a", HashesFor(0, 1), RowFor(1, 8)).ok());
  ASSERT_TRUE(cache_->Put("ab", HashesFor(0, 1), RowFor(2, 8)).ok());
  const auto hashes = HashesFor(0, 1);
  EXPECT_EQ(cache_->Get("a", hashes, 8)->halves, RowFor(1, 8));
  EXPECT_EQ(cache_->Get("ab", hashes, 8)->halves, RowFor(2, 8));
  EXPECT_FALSE(cache_->Get("abc", hashes, 8)->found[0]);
}

TEST_P(VectorCacheTest, AVectorOfOtherDimensionsIsNotFound) {
  ASSERT_TRUE(cache_->Put("model", HashesFor(0, 1), RowFor(1, 8)).ok());
  EXPECT_FALSE(cache_->Get("model", HashesFor(0, 1), 16)->found[0]);
  ASSERT_TRUE(cache_->Put("model", HashesFor(0, 1), RowFor(2, 16)).ok());  // the last put wins
  EXPECT_TRUE(cache_->Get("model", HashesFor(0, 1), 16)->found[0]);
}

TEST_P(VectorCacheTest, NothingAskedOrPutIsNothingDone) {
  EXPECT_TRUE(cache_->Put("model", {}, {}).ok());
  const auto answer = cache_->Get("model", {}, 384);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->found.empty());
}

TEST_P(VectorCacheTest, ManyThreadsMayAskAndPut) {
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < 50; ++i) {
        ASSERT_TRUE(cache_->Put("model", HashesFor(t * 1000 + i * 4, 4), RowsFor(t * 1000 + i * 4, 4, 32)).ok());
        const auto answer = cache_->Get("model", HashesFor(t * 1000 + i * 4, 4), 32);
        ASSERT_TRUE(answer.ok());
        ASSERT_EQ(answer->halves, RowsFor(t * 1000 + i * 4, 4, 32));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Both, VectorCacheTest, ::testing::Values(Kind::kMemory, Kind::kRocks),
                         [](const auto& info) { return info.param == Kind::kMemory ? "Memory" : "Rocks"; });

TEST(RocksVectorCacheTest, RemembersAcrossARestart) {
  const TemporaryDirectory directory;
  for (int run = 0; run < 2; ++run) {
    auto cache = OpenVectorCache({.path = directory.path()});
    ASSERT_TRUE(cache.ok()) << cache.status().ToString();
    const auto answer = (*cache)->Get("model", HashesFor(0, 5), 384);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->found, std::vector<bool>(5, run == 1));
    ASSERT_TRUE((*cache)->Put("model", HashesFor(0, 5), RowsFor(0, 5, 384)).ok());
  }
}

TEST(RocksVectorCacheTest, StaysWithinItsBytesAndForgetsTheOldest) {
  const TemporaryDirectory directory;
  constexpr uint64_t kMax = 4 << 20;
  auto cache = OpenVectorCache({.path = directory.path(), .max_bytes = kMax});
  ASSERT_TRUE(cache.ok());
  constexpr uint64_t kVectors = 32'768;  // of 784 bytes: 25 MB
  for (uint64_t i = 0; i < kVectors; i += 64) {
    ASSERT_TRUE((*cache)->Put("model", HashesFor(i, 64), RowsFor(i, 64, 384)).ok());
  }
  EXPECT_LT(directory.Bytes(), 3 * kMax);
  const auto oldest = (*cache)->Get("model", HashesFor(0, 64), 384);
  const auto newest = (*cache)->Get("model", HashesFor(kVectors - 64, 64), 384);
  ASSERT_TRUE(oldest.ok() && newest.ok());
  EXPECT_EQ(newest->found, std::vector<bool>(64, true));
  EXPECT_EQ(newest->halves, RowsFor(kVectors - 64, 64, 384));
  EXPECT_EQ(oldest->found, std::vector<bool>(64, false));
}

TEST(RocksVectorCacheTest, ALimitTooSmallAndASecondOpeningAreConfigurationErrors) {
  const TemporaryDirectory directory;
  EXPECT_EQ(OpenVectorCache({.path = directory.path(), .max_bytes = 1000}).code(), Code::kConfiguration);
  const auto first = OpenVectorCache({.path = directory.path()});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(OpenVectorCache({.path = directory.path()}).code(), Code::kConfiguration);
}

TEST(CacheKeyTest, NoModelsKeyIsAnothersPrefix) {
  EXPECT_EQ(CacheKey("m", HashFor(1)).size(), 1 + 2 + 16u);
  EXPECT_NE(CacheKey("m", HashFor(1)), CacheKey("n", HashFor(1)));
  EXPECT_FALSE(CacheKey("mm", HashFor(1)).starts_with(CacheKey("m", HashFor(1)).substr(0, 3)));
}

}  // namespace
}  // namespace freshet::embed
