#include "common/store/lexical_shelf.h"

#include <functional>

#include "common/store/lexical_buffer.h"
#include "common/store/lexical_directory.h"
#include "common/store/testing/lexical_test_index.h"

namespace freshet::store {
namespace {

// Files of a crash disk; before the directory is listed, something happens beside it.
class BusyFiles final : public LexicalFiles {
 public:
  BusyFiles(std::unique_ptr<LexicalFiles> files, std::function<void()>& beside)
      : files_(std::move(files)), beside_(beside) {}

  Result<std::vector<std::string>> List() override {
    if (beside_) std::exchange(beside_, {})();
    return files_->List();
  }
  Result<std::unique_ptr<LexicalOutput>> Create(const std::string& name) override { return files_->Create(name); }
  Result<std::shared_ptr<LexicalInput>> Open(const std::string& name) override { return files_->Open(name); }
  Status Remove(const std::string& name) override { return files_->Remove(name); }
  Status Sync(const std::string& name) override { return files_->Sync(name); }

 private:
  const std::unique_ptr<LexicalFiles> files_;
  std::function<void()>& beside_;
};

BuiltSegment SegmentOf(uint32_t chunk) {
  LexicalBuffer buffer;
  buffer.Add(EntryOf(chunk));
  return buffer.Flush();
}

TEST(LexicalShelf, WhatAMergeWritesWhileACommitTidiesUpStays) {
  test::CrashDisk disk(1);
  std::function<void()> beside;
  const auto directory = [&] {
    auto files = std::make_unique<BusyFiles>(test::NewCrashFiles(disk.volume(), "/l"), beside);
    return HideDirectory(NewLexicalDirectory(std::move(files)));
  };
  LexicalShelf shelf(directory());
  ASSERT_TRUE(shelf.Load(1).ok());
  std::vector<ShelvedSegment> segments = {*shelf.Write(SegmentOf(0))};
  beside = [&] { segments.push_back(*shelf.Write(SegmentOf(1))); };
  std::vector<ShelvedSegment> first = segments;
  ASSERT_TRUE(shelf.Commit(first, 1).ok());
  ASSERT_EQ(segments.size(), 2u) << "nothing was listed";
  ASSERT_TRUE(shelf.Commit(segments, 2).ok());

  LexicalShelf again(directory());
  const Result<LexicalContents> contents = again.Load(2);
  ASSERT_TRUE(contents.ok());
  EXPECT_EQ(contents->damaged, "");
  EXPECT_EQ(contents->segments.size(), 2u);
}

}  // namespace
}  // namespace freshet::store
