// FolderConnector under random histories: whatever is done to the files, whenever the connector looks, and however
// often it dies, what it published makes a sink equal to the directory.
#include <gmock/gmock.h>

#include <random>

#include "connectors/folder/access.h"
#include "connectors/folder/files.h"
#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

constexpr int kSeeds = 300;
constexpr int kSteps = 60;

class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    options_.root = playground_.root();
    options_.default_access = DefaultAccess::kEveryone;
    options_.watch = Chance(10) ? WatchMode::kPoll : WatchMode::kInotify;
  }

  void Play() {
    for (int i = 0; i < kSteps; ++i) {
      Act();
      if (Chance(60)) StepOnce();
      if (Chance(20)) host_.manual.Advance(std::chrono::milliseconds(Pick(700)));
      if (Chance(4)) connector_.reset();
    }
    open_files_.clear();
    ComeToRest();
  }

  void Compare() const {
    Sink sink;
    sink.ApplyAll(host_.published);
    EXPECT_EQ(sink.Contents(), Documents());
    for (const auto& [scope, list] : Lists()) EXPECT_EQ(sink.Access(scope), list) << scope;
    const std::map<std::string, std::string> lists = Lists();
    for (const auto& [scope, change] : sink.scopes) {
      if (lists.contains(scope)) continue;
      EXPECT_EQ(sink.Access(scope), "") << scope << " is gone";
    }
    // The lanes overtake one another: the end is the same.
    for (const Lane first : kLanes) {
      Sink other;
      std::vector<Published> reordered = host_.published;
      std::stable_partition(reordered.begin(), reordered.end(),
                            [&](const Published& one) { return one.lane == first; });
      other.ApplyAll(reordered);
      EXPECT_EQ(other.Contents(), Documents()) << NameOf(first) << " first";
    }
  }

  // Of each document, content versions grow in every lane; no list lets in whom no file ever did.
  void CheckOrder() const {
    std::map<std::pair<Lane, std::string>, Version> last;
    std::set<std::string> lists;
    for (const Published& one : host_.published) {
      if (const auto* access = std::get_if<AccessChange>(&one.event.change)) lists.insert(access->scope.value);
      const auto* const upsert = std::get_if<Upsert>(&one.event.change);
      if (upsert == nullptr) continue;
      EXPECT_TRUE(lists.contains(upsert->access_scope.value)) << "content before its list";
      Version& before = last[{one.lane, one.event.origin.document.value}];
      EXPECT_GT(one.event.origin.version, before);
      before = one.event.origin.version;
    }
  }

  std::string Story() const {
    std::string story;
    for (const std::string& line : story_) story += line + "\n";
    for (const Published& one : host_.published) {
      story += "   " + FolderStory(one) + "\n";
    }
    return story;
  }

 private:
  static std::string FolderStory(const Published& one) {
    struct Access : FolderTest {
      void TestBody() override {}
      static std::string Tell(const Published& p) { return Describe(p); }
    };
    return Access::Tell(one) + " @" + one.event.origin.version.ToString();
  }

  uint64_t Pick(uint64_t count) { return random_() % count; }
  bool Chance(uint64_t percent) { return Pick(100) < percent; }
  template <class T>
  T Any(std::initializer_list<T> of) {
    return *(of.begin() + Pick(of.size()));
  }

  std::string FolderName() { return Any<std::string>({"", "a", "b", "a/x", "a/y", "b/x", "a/x/z"}); }
  std::string FileName() { return JoinNames(FolderName(), Any<std::string>({"1.md", "2.md", "3.txt", "no.bin", "x"})); }

  void Act() {
    std::error_code error;
    const fs::path& root = playground_.root();
    const std::string file = FileName();
    const std::string folder = FolderName();
    const uint64_t kind = Pick(14);
    story_.push_back(std::to_string(kind) + " " + file + " " + folder);
    if (kind <= 2) return WriteFile(root / file);
    if (kind == 3) return ReplaceFile(root / file);
    if (kind == 4) return fs::rename(root / file, root / FileName(), error);
    if (kind == 5) return void(fs::remove(root / file, error));
    if (kind == 6) return void(fs::create_directories(root / folder, error));
    if (kind == 7 && !folder.empty())
      return fs::rename(root / folder, root / Any<std::string>({"a", "b", "a/y"}), error);
    if (kind == 8 && !folder.empty() && Chance(40)) return void(fs::remove_all(root / folder, error));
    if (kind == 9) return PlaySymlink(root / file);
    if (kind == 10) return WriteAccess(root / folder);
    if (kind == 11) return void(fs::remove(root / folder / kAccessFile, error));
    if (kind == 12 && !folder.empty()) return MoveOutOrIn(root / folder);
    if (kind == 13) return WriteOpen(root / file);
  }

  std::string Text() { return std::string(1 + Pick(3), static_cast<char>('a' + Pick(26))); }
  void WriteFile(const fs::path& path) {
    if (fs::is_symlink(path)) return;
    std::ofstream(path, std::ios::trunc) << Text();
    std::error_code error;
    if (Chance(10)) fs::permissions(path, fs::perms::owner_read, error);
  }
  void ReplaceFile(const fs::path& path) {
    const fs::path temporary = path.parent_path() / ".temporary";
    if (!(std::ofstream(temporary) << Text())) return;
    std::error_code error;
    fs::rename(temporary, path, error);
    if (error) fs::remove(temporary, error);
  }
  void PlaySymlink(const fs::path& path) {
    std::error_code error;
    fs::create_directories(playground_.outside() / "secret", error);
    std::ofstream(playground_.outside() / "secret/1.md") << "SECRET";
    if (Chance(50)) fs::remove(path, error);
    fs::create_symlink(playground_.outside() / (Chance(50) ? "secret" : "secret/1.md"), path, error);
  }
  void WriteAccess(const fs::path& folder) {
    if (fs::is_symlink(folder)) return;
    const std::string yaml = Any<std::string>(
        {"allow: [\"group:a\"]\n", "inherit: true\nallow: [\"user:u\"]\n", "inherit: true\ndeny: [\"user:u\"]\n",
         "allow: [\"group:a\", \"group:b\"]\n", "", "allow: [broken\n", "inherit: true\n",
         "allow: [\"group:a\", {principal: \"user:u\", until: 2026-12-31}]\n",
         "inherit: true\nallow: [{principal: \"user:u\", from: 2026-06-01, until: 2027-06-01}]\n"});
    std::ofstream(folder / kAccessFile, std::ios::trunc) << yaml;
  }
  void MoveOutOrIn(const fs::path& folder) {
    std::error_code error;
    const fs::path away = playground_.outside() / ("away" + std::to_string(Pick(2)));
    if (fs::exists(away)) {
      fs::rename(away, folder, error);
    } else {
      fs::rename(folder, away, error);
    }
  }
  void WriteOpen(const fs::path& path) {
    if (fs::is_symlink(path)) return;
    if (open_files_.size() > 2) open_files_.erase(open_files_.begin());
    open_files_.emplace_back(path) << Text() << std::flush;
  }

  void StepOnce() {
    if (connector_ == nullptr) connector_ = std::make_unique<FolderConnector>(options_);
    const int steps = 1 + static_cast<int>(Pick(4));
    for (int i = 0; i < steps; ++i) ASSERT_EQ(connector_->Step(host_).status().ToString(), "ok");
  }
  void ComeToRest() {
    if (connector_ == nullptr) connector_ = std::make_unique<FolderConnector>(options_);
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 1000; ++i) {
        const Result<bool> did = connector_->Step(host_);
        ASSERT_EQ(did.status().ToString(), "ok");
        if (!*did) break;
      }
      host_.manual.Advance(std::chrono::seconds(1));
    }
  }

  // What is there, by the file system alone.
  std::map<std::string, std::string> Documents() const {
    std::map<std::string, std::string> documents;
    for (auto it = fs::recursive_directory_iterator(playground_.root()); it != fs::recursive_directory_iterator();
         ++it) {
      const std::string name = it->path().filename();
      const std::string extension = it->path().extension();
      if (it->is_symlink() || !it->is_regular_file() || name[0] == '.') continue;
      if (extension != ".md" && extension != ".txt") continue;
      std::ifstream file(it->path());
      documents[fs::relative(it->path(), playground_.root())] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return documents;
  }
  std::map<std::string, std::string> Lists() const {
    std::map<std::string, std::string> lists;
    AddLists("", {.allow = {Principal("group:everyone")}, .deny = {}}, lists);
    return lists;
  }
  void AddLists(const std::string& folder, AccessList list, std::map<std::string, std::string>& lists) const {
    const fs::path path = playground_.root() / folder;
    std::ifstream file(path / kAccessFile);
    if (file) {
      const std::string yaml(std::istreambuf_iterator<char>(file), {});
      const Result<AccessRule> rule = ParseAccessFile(yaml);
      const AccessList above = folder.empty() ? AccessList() : list;
      list = rule.ok() ? Resolve(*rule, above) : AccessList();
    }
    std::string text = list.allow.empty() ? "" : "allow";
    for (const Listed& listed : list.allow) text += " " + TextOf(listed);
    if (!text.empty() && !list.deny.empty()) text += " deny";
    for (const Listed& listed : list.deny) text += text.empty() ? "" : " " + TextOf(listed);
    lists["/" + folder] = text;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      if (entry.is_symlink() || !entry.is_directory()) continue;
      AddLists(JoinNames(folder, entry.path().filename().string()), list, lists);
    }
  }

  std::mt19937_64 random_;
  Playground playground_;
  FolderOptions options_;
  RecordingHost host_;
  std::unique_ptr<FolderConnector> connector_;
  std::vector<std::ofstream> open_files_;
  std::vector<std::string> story_;
};

TEST(FolderProperty, ASinkEndsEqualToTheDirectory) {
  const char* const only = getenv("FRESHET_SEED");
  const uint64_t first = only != nullptr ? strtoull(only, nullptr, 10) : 1;
  for (uint64_t seed = first; seed < first + (only != nullptr ? 1 : kSeeds); ++seed) {
    History history(seed);
    history.Play();
    history.Compare();
    history.CheckOrder();
    if (HasFailure()) FAIL() << "FRESHET_SEED=" << seed << "\n" << history.Story();
  }
}

}  // namespace
}  // namespace freshet::folder
