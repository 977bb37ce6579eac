// The audit log: what it says, that it says nothing else, and that no line of it can be touched unseen.
#include "services/query/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace freshet::query {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

class AuditTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& each : std::filesystem::directory_iterator(file_.parent_path())) {
      if (each.path().filename().string().starts_with(file_.filename().string())) std::filesystem::remove(each.path());
    }
  }

  static AuditEntry Entry(int number) {
    return {.at = Time(std::chrono::seconds(number)),
            .user = "ada",
            .action = "search",
            .outcome = "ok",
            .trace_id = "trace-" + std::to_string(number),
            .documents = {"a.md", "b.md"}};
  }
  std::unique_ptr<FileAuditLog> Open() {
    auto log = FileAuditLog::Open(file_);
    EXPECT_TRUE(log.ok()) << log.status().ToString();
    return log.ok() ? std::move(*log) : nullptr;
  }
  void Append(int first, int last) {
    const auto log = Open();
    for (int i = first; i <= last; ++i) EXPECT_TRUE(log->Append(Entry(i)).ok());
  }
  std::string Text() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::istringstream in(Text());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  void Rewrite(const std::vector<std::string>& lines) {
    std::ofstream out(file_, std::ios::binary);
    for (const std::string& line : lines) out << line << '\n';
  }
  std::string Verdict() const {
    const Result<AuditChain> chain = FileAuditLog::Verify(file_);
    return chain.ok() ? std::to_string(chain->lines) : chain.status().message();
  }

  const std::filesystem::path file_ = std::filesystem::path(::testing::TempDir()) / "audit.jsonl";
};

TEST_F(AuditTest, ALineSaysWhoWhatWhenAndWhichDocuments) {
  Append(1, 2);
  const auto lines = Lines();
  ASSERT_EQ(lines.size(), 2u);
  const Json first = Json::parse(lines[0]);
  EXPECT_EQ(first, Json::parse(R"({"at": "1970-01-01T00:00:01.000Z", "user": "ada", "action": "search", "outcome": "ok",
      "trace_id": "trace-1", "documents": ["a.md", "b.md"],
      "previous": "0000000000000000000000000000000000000000000000000000000000000000"})"));
  EXPECT_EQ(Json::parse(lines[1])["previous"].get<std::string>().size(), 64u);
  EXPECT_NE(Json::parse(lines[1])["previous"], first["previous"]);
  EXPECT_EQ(Verdict(), "2");
}

TEST_F(AuditTest, AnEmptyLogIsAChainOfNoLines) {
  Open();
  const auto chain = FileAuditLog::Verify(file_);
  ASSERT_TRUE(chain.ok());
  EXPECT_EQ(chain->lines, 0u);
  EXPECT_EQ(chain->head, std::string(64, '0'));
  EXPECT_EQ(FileAuditLog::Verify(file_.string() + ".absent").status().code(), Code::kIoError);
}

TEST_F(AuditTest, AnyAlteredByteOfAnyLineButTheLastBreaksTheChain) {
  Append(1, 4);
  const auto lines = Lines();
  for (size_t line = 0; line + 1 < lines.size(); ++line) {
    for (size_t at = 0; at < lines[line].size(); at += 7) {
      auto changed = lines;
      changed[line][at] = changed[line][at] == 'x' ? 'y' : 'x';
      Rewrite(changed);
      EXPECT_NE(Verdict(), "4") << "line " << line << " byte " << at;
    }
  }
  auto changed = lines;
  changed[1].replace(changed[1].find("ada"), 3, "bob");
  Rewrite(changed);
  EXPECT_EQ(Verdict(), "audit log line 3 does not follow the one before");
}

// Its own line cannot vouch for the last; a head that was noted elsewhere can, and so does the next line.
TEST_F(AuditTest, AnAlteredOrMissingLastLineShowsAgainstTheHead) {
  Append(1, 3);
  const std::string head = FileAuditLog::Verify(file_)->head;
  auto lines = Lines();
  lines[2].replace(lines[2].find("ada"), 3, "bob");
  Rewrite(lines);
  EXPECT_NE(FileAuditLog::Verify(file_)->head, head);
  lines.pop_back();
  Rewrite(lines);
  EXPECT_NE(FileAuditLog::Verify(file_)->head, head);
  EXPECT_EQ(FileAuditLog::Verify(file_)->lines, 2u);
}

TEST_F(AuditTest, ADroppedLineBreaksTheChain) {
  Append(1, 4);
  const auto lines = Lines();
  for (size_t line = 0; line + 1 < lines.size(); ++line) {
    auto changed = lines;
    changed.erase(changed.begin() + static_cast<long>(line));
    Rewrite(changed);
    EXPECT_EQ(Verdict(), "audit log line " + std::to_string(line + 1) + " does not follow the one before");
  }
}

TEST_F(AuditTest, ReorderedRepeatedAndForeignLinesBreakTheChain) {
  Append(1, 4);
  const auto lines = Lines();
  Rewrite({lines[0], lines[2], lines[1], lines[3]});
  EXPECT_EQ(Verdict(), "audit log line 2 does not follow the one before");
  Rewrite({lines[0], lines[1], lines[1], lines[2], lines[3]});
  EXPECT_EQ(Verdict(), "audit log line 3 does not follow the one before");
  for (const char* foreign : {"", "{}", "[]", "7", R"({"previous": 7})", R"({"previous": "0000"})"}) {
    Rewrite({lines[0], foreign, lines[1]});
    EXPECT_EQ(Verdict(), "audit log line 2 does not follow the one before") << foreign;
  }
}

TEST_F(AuditTest, AChainGoesOnAfterARestart) {
  Append(1, 2);
  Append(3, 5);
  EXPECT_EQ(Verdict(), "5");
}

TEST_F(AuditTest, ALineLongerThanABlockIsReadBackWhole) {
  AuditEntry large = Entry(1);
  large.documents.assign(20'000, "a-document-with-a-name.md");
  ASSERT_TRUE(Open()->Append(large).ok());
  ASSERT_TRUE(Open()->Append(large).ok());
  Append(3, 3);
  EXPECT_EQ(Verdict(), "3");
}

TEST_F(AuditTest, ATornLastLineIsNoLineAndIsCutOff) {
  Append(1, 3);
  const std::string whole = Text();
  for (const size_t left : {size_t{1}, size_t{10}, whole.size() - 1}) {
    std::filesystem::resize_file(file_, left);
    const auto log = Open();
    ASSERT_NE(log, nullptr) << left;
    EXPECT_TRUE(log->Append(Entry(9)).ok());
    EXPECT_EQ(Verdict(), left == whole.size() - 1 ? "3" : "1") << left;
    std::ofstream(file_, std::ios::binary) << whole;
  }
}

TEST_F(AuditTest, AFileThatIsNoAuditLogIsNotContinued) {
  for (const char* text : {"hello\n", "{}\n", "\n",
                           R"({"previous": "short"})"
                           "\n"}) {
    std::ofstream(file_, std::ios::binary) << text;
    EXPECT_EQ(FileAuditLog::Open(file_).status().code(), Code::kCorruptStore) << text;
  }
  EXPECT_EQ(FileAuditLog::Open("/no/such/directory/audit.jsonl").status().code(), Code::kIoError);
}

// A chain that lost its beginning: its first line names a line that is not there.
TEST_F(AuditTest, AFirstLineThatFollowsSomethingIsNotContinued) {
  Append(1, 2);
  Rewrite({Lines()[1]});
  EXPECT_EQ(FileAuditLog::Open(file_).status().code(), Code::kCorruptStore);
}

TEST_F(AuditTest, NamesOfAnyBytesStayOneLineEach) {
  AuditEntry entry = Entry(1);
  entry.user = "ada\n\"},{\"\xff\x01";
  entry.documents = {"a\nb", std::string("c\0d", 3)};
  const auto log = Open();
  EXPECT_TRUE(log->Append(entry).ok());
  EXPECT_TRUE(log->Append(Entry(2)).ok());
  EXPECT_EQ(Lines().size(), 2u);
  EXPECT_EQ(Verdict(), "2");
}

TEST_F(AuditTest, ManyThreadsMakeOneChain) {
  const auto log = Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) EXPECT_TRUE(log->Append(Entry(j)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Verdict(), "200");
}

TEST_F(AuditTest, ADeviceThatIsFullTakesNoLine) {
  const auto log = FileAuditLog::Open("/dev/full");
  ASSERT_TRUE(log.ok()) << log.status().ToString();
  EXPECT_EQ((*log)->Append(Entry(1)).code(), Code::kDiskFull);
}

// In a child, whose files may not grow beyond a limit: the line that passes it is half written, and taken back.
TEST_F(AuditTest, ALineThatDoesNotFitLeavesNoHalf) {
  Append(1, 2);
  const auto size = std::filesystem::file_size(file_);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{size + 40, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &tight);
    auto log = FileAuditLog::Open(file_);
    const bool refused = log.ok() && (*log)->Append(Entry(3)).code() == Code::kDiskFull;
    const rlimit wide{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &wide);
    _exit(refused && (*log)->Append(Entry(4)).ok() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Verdict(), "3");
  EXPECT_THAT(Text(), HasSubstr("trace-4"));
  EXPECT_THAT(Text(), ::testing::Not(HasSubstr("trace-3")));
}

class AuditRotationTest : public AuditTest {
 protected:
  void Append(int first, int last, AuditLimits limits = {.file_bytes = 1000, .old_files = 3}) {
    const auto log = FileAuditLog::Open(file_, limits);
    ASSERT_TRUE(log.ok()) << log.status().ToString();
    for (int i = first; i <= last; ++i) EXPECT_TRUE((*log)->Append(Entry(i)).ok());
  }
  std::filesystem::path Old(int number) const { return file_.string() + "." + std::to_string(number); }
  size_t Files() const {
    size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(file_.parent_path())) {
      files += each.path().filename().string().starts_with(file_.filename().string()) ? 1 : 0;
    }
    return files;
  }
};

TEST_F(AuditRotationTest, AFullFileIsFollowedByTheNextOnOneChain) {
  Append(1, 12);
  EXPECT_EQ(Files(), 3u);
  const auto chain = FileAuditLog::Verify(file_);
  ASSERT_TRUE(chain.ok()) << chain.status().ToString();
  EXPECT_EQ(chain->lines, 12u);
  EXPECT_TRUE(chain->from_the_first);
}

TEST_F(AuditRotationTest, OnlySoManyOldFilesStay) {
  for (int i = 0; i < 20; ++i) Append(10 * i, 10 * i + 9);  // opened anew between
  EXPECT_EQ(Files(), 4u) << "three old ones and the one that takes lines";
  const auto chain = FileAuditLog::Verify(file_);
  ASSERT_TRUE(chain.ok()) << chain.status().ToString();
  EXPECT_FALSE(chain->from_the_first);
  EXPECT_GE(chain->lines, 9u);
  EXPECT_LE(std::filesystem::file_size(file_) + std::filesystem::file_size(Old(1)), 3000u);
}

TEST_F(AuditRotationTest, ALineChangedInAnOldFileShows) {
  Append(1, 8);
  std::ifstream in(Old(1), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text.replace(text.find("ada"), 3, "bob");
  std::ofstream(Old(1), std::ios::binary) << text;
  EXPECT_EQ(FileAuditLog::Verify(file_).status().code(), Code::kCorruptStore);
}

TEST_F(AuditRotationTest, AMissingFileInTheMiddleShows) {
  Append(1, 20);
  ASSERT_EQ(Files(), 4u);
  std::filesystem::rename(Old(3), Old(2));
  EXPECT_EQ(FileAuditLog::Verify(file_).status().code(), Code::kCorruptStore);
}

// A crash between the renames: the file that takes lines is not there, and the chain goes on from the one before.
TEST_F(AuditRotationTest, GoesOnWhereARotationWasCutOff) {
  Append(1, 2);
  std::filesystem::rename(file_, Old(1));
  std::ofstream(file_.string() + ".new");
  Append(3, 3);
  const auto chain = FileAuditLog::Verify(file_);
  ASSERT_TRUE(chain.ok()) << chain.status().ToString();
  EXPECT_EQ(chain->lines, 3u);
}

}  // namespace
}  // namespace freshet::query
