// Files: nothing outside the root is opened, and nothing half-written passes for whole.
#include "connectors/folder/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "connectors/folder/testing.h"
#include "connectors/folder/tree.h"
#include "connectors/folder/watcher.h"

namespace freshet::folder {
namespace {

using ::testing::UnorderedElementsAre;

class FilesTest : public ::testing::Test {
 protected:
  Opened Open(const std::string& path) const {
    const Result<RootDirectory> root = RootDirectory::Open(playground.root());
    EXPECT_TRUE(root.ok());
    return root->OpenFolder(path);
  }
  Playground playground;
};

TEST_F(FilesTest, FoldersBelowTheRootOpen) {
  playground.Folder("a/b");
  EXPECT_TRUE(Open("").fd);
  const Opened opened = Open("a/b");
  EXPECT_TRUE(opened.fd);
  EXPECT_EQ(opened.identity, LookAt(Open("a").fd.get(), "b").identity);
}

TEST_F(FilesTest, NothingElseDoes) {
  playground.Write("a.md", "x");
  playground.Folder("a");
  fs::create_symlink(playground.outside(), playground.At("out"));
  fs::create_symlink("a", playground.At("in"));
  EXPECT_EQ(Open("nowhere").kind, EntryKind::kAbsent);
  EXPECT_EQ(Open("a.md").kind, EntryKind::kOther);
  EXPECT_EQ(Open("out").kind, EntryKind::kOther);
  EXPECT_EQ(Open("in").kind, EntryKind::kOther);
  EXPECT_EQ(Open("out/root").kind, EntryKind::kOther);
  EXPECT_FALSE(Open("..").fd);
  EXPECT_FALSE(Open("a/../../root").fd);
  EXPECT_FALSE(Open("/tmp").fd);
}

TEST_F(FilesTest, TheRootMayBeASymlinkAndMustStayInPlace) {
  const fs::path link = playground.outside() / "link";
  fs::create_directory_symlink(playground.root(), link);
  const Result<RootDirectory> root = RootDirectory::Open(link);
  ASSERT_TRUE(root.ok());
  EXPECT_TRUE(root->IsInPlace());
  fs::create_directory(playground.outside() / "next");
  fs::remove(link);
  EXPECT_FALSE(root->IsInPlace());
  fs::create_directory_symlink(playground.outside() / "next", link);
  EXPECT_FALSE(root->IsInPlace());
  EXPECT_EQ(RootDirectory::Open(playground.outside() / "none").code(), Code::kUnavailable);
}

TEST_F(FilesTest, ReadsWholeFilesWithTheirStamp) {
  playground.Write("a.md", "text");
  const Opened folder = Open("");
  const FileRead read = ReadFile(folder.fd.get(), "a.md", 100);
  EXPECT_EQ(read.state, FileRead::State::kRead);
  EXPECT_EQ(read.bytes, "text");
  EXPECT_EQ(read.stamp, LookAt(folder.fd.get(), "a.md").stamp);
  EXPECT_EQ(ReadFile(folder.fd.get(), "a.md", 4).state, FileRead::State::kRead);
  EXPECT_EQ(ReadFile(folder.fd.get(), "a.md", 3).state, FileRead::State::kTooLarge);
}

TEST_F(FilesTest, WhatIsNoFileIsAbsent) {
  playground.Folder("folder.md");
  fs::create_symlink("/etc/passwd", playground.At("link.md"));
  mkfifo(playground.At("pipe.md").c_str(), 0600);
  const Opened folder = Open("");
  for (const char* name : {"none.md", "folder.md", "link.md", "pipe.md"}) {
    EXPECT_EQ(ReadFile(folder.fd.get(), name, 100).state, FileRead::State::kAbsent) << name;
  }
  EXPECT_EQ(LookAt(folder.fd.get(), "link.md").kind, EntryKind::kOther);
  EXPECT_EQ(LookAt(folder.fd.get(), "pipe.md").kind, EntryKind::kOther);
}

TEST_F(FilesTest, KnowsWhetherSomebodyWrites) {
  playground.Write("a.md", "text");
  const Opened folder = Open("");
  EXPECT_FALSE(ReadFile(folder.fd.get(), "a.md", 100, AskForWriter::kYes).has_writer);
  const std::ofstream writer(playground.At("a.md"), std::ios::app);
  EXPECT_TRUE(ReadFile(folder.fd.get(), "a.md", 100, AskForWriter::kYes).has_writer);
}

TEST_F(FilesTest, ListsFilesAndFoldersOnly) {
  playground.Write("a.md", "x");
  playground.Folder("sub");
  fs::create_symlink("a.md", playground.At("link"));
  const Opened folder = Open("");
  for (int i = 0; i < 2; ++i) {  // a second time too: the position is the list's own
    const auto entries = ListFolder(folder.fd.get());
    ASSERT_TRUE(entries.ok());
    std::vector<std::string> names;
    for (const Entry& entry : *entries) names.push_back(entry.name + (entry.folder ? "/" : ""));
    EXPECT_THAT(names, UnorderedElementsAre("a.md", "sub/"));
  }
}

TEST_F(FilesTest, AWatchFollowsTheFolderAndItsNumberToo) {
  playground.Folder("a");
  Watcher watcher;
  ASSERT_TRUE(watcher.Open().ok());
  const Watcher::Added first = watcher.Add(Open("a").fd.get());
  ASSERT_FALSE(first.unwatched());
  playground.Rename("a", "b");
  EXPECT_EQ(watcher.Add(Open("b").fd.get()).watch, first.watch);
  playground.Write("b/x.md", "x");
  std::vector<Watcher::Event> events;
  bool more = false;
  ASSERT_TRUE(watcher.Read(events, more).ok());
  EXPECT_FALSE(more);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().name, "x.md");
  EXPECT_EQ(events.back().mask & IN_CLOSE_WRITE, static_cast<uint32_t>(IN_CLOSE_WRITE));
}

TEST(FolderTree, KnowsPathsAndWhoHasAWatch) {
  Tree tree;
  Folder& deep = tree.Ensure("a/b/c");
  EXPECT_EQ(deep.path, "a/b/c");
  EXPECT_EQ(tree.Find("a/b/c"), &deep);
  EXPECT_EQ(tree.Find("a/x"), nullptr);
  EXPECT_EQ(tree.Find(""), &tree.root());
  deep.files["f.md"] = {};
  EXPECT_NE(tree.FindFile("a/b/c/f.md"), nullptr);
  EXPECT_EQ(tree.FindFile("a/b/c/g.md"), nullptr);
  tree.SetWatch(deep, 3);
  Folder& other = tree.Ensure("other");
  tree.SetWatch(other, 3);  // the same folder under a new name
  EXPECT_EQ(deep.watch, -1);
  tree.Remove(*tree.Find("a"));
  EXPECT_EQ(tree.OfWatch(3), &other);
  tree.Remove(other);
  EXPECT_EQ(tree.OfWatch(3), nullptr);
}

}  // namespace
}  // namespace freshet::folder
