// A damaged or missing file of the lexical index: found when the index is opened, named in the log with its code, and
// made anew from the stored documents.
#include <fstream>

#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

const std::set<std::string> kAda = {"user:ada"};

class LexicalRepairTest : public ::testing::Test {
 protected:
  LexicalRepairTest() {
    store_.Show({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one", "heron two"}), Put("b", 2, {"heron"})});
    store_.Show({Delete("b", 3), Put("c", 1, {"heron"})});
    store_.Close();  // commits
  }
  std::filesystem::path directory() const { return store_.options.path + "/lexical/1-1"; }
  // One of the newest commit, of a kind.
  std::filesystem::path FileOf(const std::string& kind) const {
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      const std::string name = entry.path().filename().string();
      if (name.find(kind) != std::string::npos) return entry.path();
    }
    ADD_FAILURE() << "there is no " << kind;
    return {};
  }
  // What the log says while the store opens.
  std::string Open() {
    ::testing::internal::CaptureStderr();
    store_.Open();
    return ::testing::internal::GetCapturedStderr();
  }
  void ExpectWhole() {
    EXPECT_EQ(store_.Found("heron", kAda), "a@1 c@1");
    store_.Close();
    EXPECT_EQ(Open().find("corrupt_store"), std::string::npos) << "it is whole again";
    EXPECT_EQ(store_.Found("heron", kAda), "a@1 c@1");
    store_.Close();
  }
  static void Flip(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    const char byte = static_cast<char>(file.peek() ^ 0x20);
    file.seekp(file.tellg());
    file.put(byte);
  }

  TestStore store_{1};
};

TEST_F(LexicalRepairTest, AFlippedByteIsNamedAndMended) {
  for (const char* kind : {"segments_", ".cfs"}) {
    const std::filesystem::path path = FileOf(kind);
    SCOPED_TRACE(path.string());
    Flip(path);
    const std::string log = Open();
    EXPECT_NE(log.find("code=corrupt_store"), std::string::npos) << log;
    EXPECT_NE(log.find(path.filename().string()), std::string::npos) << log;
    ExpectWhole();
  }
}

TEST_F(LexicalRepairTest, AMissingFileIsNamedAndMended) {
  const std::filesystem::path path = FileOf(".cfs");
  std::filesystem::remove(path);
  const std::string log = Open();
  EXPECT_NE(log.find("code=corrupt_store"), std::string::npos) << log;
  EXPECT_NE(log.find(path.filename().string()), std::string::npos) << log;
  ExpectWhole();
}

TEST_F(LexicalRepairTest, AMissingIndexIsToldAndMade) {
  std::filesystem::remove_all(directory());
  const std::string log = Open();
  EXPECT_NE(log.find("is missing and is made anew"), std::string::npos) << log;
  EXPECT_NE(log.find("code=corrupt_store"), std::string::npos) << log;
  ExpectWhole();
}

}  // namespace
}  // namespace freshet::store
