#include "connectors/postgres/spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace freshet::postgres {
namespace {

std::vector<std::string> All(Spool& spool) {
  std::vector<std::string> all;
  std::string_view message;
  while (true) {
    const Result<bool> more = spool.Next(message);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !*more) return all;
    all.emplace_back(message);
  }
}

TEST(Spool, GivesBackWhatWasNotUndoneInOrderWhateverFitsIntoMemory) {
  for (const size_t memory : {size_t{1}, size_t{100}, size_t{1} << 20}) {
    std::mt19937 random(17);
    Spool spool(memory);
    std::vector<std::pair<uint32_t, std::string>> meant;
    for (int i = 0; i < 500; ++i) {
      const uint32_t sub = random() % 5;
      std::string message(random() % 60, static_cast<char>(random()));
      ASSERT_TRUE(spool.Append(sub, message).ok());
      meant.emplace_back(sub, std::move(message));
    }
    spool.Undo(3);
    std::vector<std::string> expected;
    for (const auto& [sub, message] : meant) {
      if (sub != 3) expected.push_back(message);
    }
    EXPECT_EQ(All(spool), expected);
    EXPECT_EQ(spool.bytes_on_disk() > 0, memory < 1000);
    EXPECT_TRUE(All(spool).empty());
  }
}

TEST(Spool, LeavesNoFileBehindThatHasAName) {
  const auto count = [] {
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
      files += entry.exists() ? 1 : 0;
    }
    return files;
  };
  const size_t before = count();
  Spool spool(10);
  ASSERT_TRUE(spool.Append(1, "a patient's name that nobody may find").ok());
  EXPECT_GT(spool.bytes_on_disk(), 0u);
  EXPECT_EQ(count(), before);
}

TEST(Spool, OfNothingIsNothing) {
  Spool spool(10);
  EXPECT_TRUE(All(spool).empty());
}

}  // namespace
}  // namespace freshet::postgres
