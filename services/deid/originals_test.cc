#include "services/deid/originals.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "services/deid/rocks_originals.h"

namespace freshet::deid {
namespace {

class OriginalsTest : public testing::Test {
 protected:
  OriginalsTest() : path_(testing::TempDir() + "originals") {
    std::filesystem::remove_all(path_);
    keys_ = std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'b'))));
    Open();
  }
  ~OriginalsTest() override {
    originals_.reset();
    std::filesystem::remove_all(path_);
  }

  void Open() {
    originals_.reset();
    auto opened = OpenOriginals({.path = path_, .keys = keys_});
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    originals_ = std::move(*opened);
  }

  static Origin OriginOf(std::string_view document, uint64_t position, std::string_view collection = "notes") {
    return {.source = SourceName("ehr"),
            .collection = CollectionName(collection),
            .document = DocumentId(document),
            .version = {.epoch = 1, .position = position}};
  }
  static Upsert UpsertOf(std::string_view content, std::vector<PatientId> patients = {}) {
    return {.content = std::string(content), .media_type = "text/plain", .patients = std::move(patients)};
  }
  void Keep(std::string_view document, uint64_t position, std::string_view content,
            std::vector<PatientId> patients = {}) {
    const Status status = originals_->Keep(OriginOf(document, position), UpsertOf(content, std::move(patients)));
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Destroy(std::string_view document, uint64_t position) {
    ASSERT_TRUE(originals_->Destroy(KeyOf(OriginOf(document, position)), {.epoch = 1, .position = position}).ok());
  }
  std::string Load(std::string_view document) {
    const auto original = originals_->Load(KeyOf(OriginOf(document, 0)));
    if (!original.ok()) return original.status().ToString();
    return *original ? (*original)->second.content + "@" + std::to_string((*original)->first.version.position) : "none";
  }
  std::string All(std::string_view collection) {
    std::string out;
    const Status status =
        originals_->ForEach(CollectionName(collection), [&](const Origin& origin, const Upsert& upsert) {
          out += origin.document.value + "=" + upsert.content + " ";
          return OkStatus();
        });
    return status.ok() ? out : status.ToString();
  }
  std::string Of(std::string_view patient) {
    std::string out;
    const auto visit = [&](const Origin& origin, const Upsert&) {
      out += origin.document.value + " ";
      return OkStatus();
    };
    EXPECT_TRUE(originals_->ForEachOf(SourceName("ehr"), PatientId(patient), visit).ok());
    return out;
  }
  bool DiskHolds(std::string_view bytes) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(path_)) {
      std::ifstream in(file.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(in), {});
      if (content.find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  const std::string path_;
  std::shared_ptr<const KeyRing> keys_;
  std::unique_ptr<Originals> originals_;
};

TEST_F(OriginalsTest, TheNewestWinsWhateverTheOrder) {
  Keep("d", 5, "five");
  Keep("d", 3, "three");
  EXPECT_EQ(Load("d"), "five@5");
  Keep("d", 5, "five again");
  EXPECT_EQ(Load("d"), "five@5") << "a replay changes nothing";
  Keep("d", 7, "seven");
  EXPECT_EQ(Load("d"), "seven@7");
}

TEST_F(OriginalsTest, ABatchMayHoldADocumentTwice) {
  const Origin old_origin = OriginOf("d", 1), new_origin = OriginOf("d", 2);
  const Upsert old_upsert = UpsertOf("old"), new_upsert = UpsertOf("new");
  const Original batch[] = {{new_origin, new_upsert}, {old_origin, old_upsert}};
  ASSERT_TRUE(originals_->Keep(batch).ok());
  EXPECT_EQ(Load("d"), "new@2");
}

TEST_F(OriginalsTest, ADeleteRemembersItsVersion) {
  Keep("d", 5, "five");
  Destroy("d", 4);
  EXPECT_EQ(Load("d"), "five@5") << "an older delete";
  Destroy("d", 6);
  EXPECT_EQ(Load("d"), "none");
  Keep("d", 5, "five");
  EXPECT_EQ(Load("d"), "none") << "a late upsert";
  Keep("d", 6, "six");
  EXPECT_EQ(Load("d"), "none") << "of the delete's own version";
  Keep("d", 7, "seven");
  EXPECT_EQ(Load("d"), "seven@7");
  Destroy("unknown", 3);
  Keep("unknown", 2, "late");
  EXPECT_EQ(Load("unknown"), "none");
}

TEST_F(OriginalsTest, LastsOverReopening) {
  Keep("d", 5, "five", {PatientId("p1")});
  Destroy("e", 9);
  ASSERT_TRUE(originals_->Sync().ok());
  Open();
  EXPECT_EQ(Load("d"), "five@5");
  EXPECT_EQ(Of("p1"), "d ");
  Keep("e", 8, "late");
  EXPECT_EQ(Load("e"), "none");
}

TEST_F(OriginalsTest, ByCollectionAndByPatient) {
  Keep("a", 1, "A", {PatientId("p1")});
  Keep("b", 1, "B", {PatientId("p1"), PatientId("p2")});
  ASSERT_TRUE(originals_->Keep(OriginOf("c", 1, "letters"), UpsertOf("C", {PatientId("p2")})).ok());
  EXPECT_EQ(All("notes"), "a=A b=B ");
  EXPECT_EQ(All("letters"), "c=C ");
  EXPECT_EQ(All("note"), "") << "no collection is another's prefix";
  EXPECT_EQ(Of("p1"), "a b ");
  EXPECT_EQ(Of("p2"), "c b ") << "by collection, then document";
  EXPECT_EQ(Of("p"), "");
  Keep("b", 2, "B2", {PatientId("p2")});
  EXPECT_EQ(Of("p1"), "a ") << "a newer version names other patients";
  Destroy("a", 2);
  EXPECT_EQ(Of("p1"), "");
}

TEST_F(OriginalsTest, AVisitorMayStopTheVisit) {
  Keep("a", 1, "A");
  Keep("b", 1, "B");
  int visits = 0;
  const Status status = originals_->ForEach(CollectionName("notes"), [&](const Origin&, const Upsert&) {
    ++visits;
    return Status(Code::kUnavailable);
  });
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(visits, 1);
}

TEST_F(OriginalsTest, NothingOfADocumentIsReadableOnDisk) {
  Keep("d", 5, "Quillfeather-canary", {PatientId("patient-canary")});
  ASSERT_TRUE(originals_->Sync().ok());
  ASSERT_TRUE(originals_->Purge().ok());
  EXPECT_TRUE(DiskHolds("notes")) << "the search itself works";
  EXPECT_FALSE(DiskHolds("Quillfeather-canary"));
  EXPECT_FALSE(DiskHolds("patient-canary"));
}

TEST_F(OriginalsTest, AnotherTenantsKeyOpensNothing) {
  Keep("d", 5, "five");
  keys_ = std::make_shared<const KeyRing>(std::move(*KeyRing::Parse("k1 " + std::string(64, 'c'))));
  Open();
  EXPECT_EQ(originals_->Load(KeyOf(OriginOf("d", 0))).code(), Code::kSealMismatch);
}

TEST_F(OriginalsTest, PurgeLeavesNoDestroyedKeyOnDisk) {
  Keep("d", 5, "five");
  Keep("e", 5, "other");
  ASSERT_TRUE(originals_->Purge().ok());
  originals_.reset();
  auto database = store::Database::Open({.path = path_, .families = {"originals", "keys", "patients", "maps"}});
  ASSERT_TRUE(database.ok());
  std::string wrapped;
  std::unique_ptr<rocksdb::Iterator> at((*database)->db().NewIterator({}, (*database)->family(1)));
  at->SeekToFirst();
  ASSERT_TRUE(at->Valid());
  wrapped = at->value().ToString();
  const std::string tail = wrapped.substr(wrapped.size() - 24);  // of the sealed key of document d
  at.reset();
  database->reset();
  Open();
  EXPECT_TRUE(DiskHolds(tail)) << "the search itself works";
  Destroy("d", 6);
  ASSERT_TRUE(originals_->Purge().ok());
  EXPECT_FALSE(DiskHolds(tail));
  EXPECT_EQ(Load("e"), "other@5");
}

TEST_F(OriginalsTest, AMapIsKeptWithItsVersionAndTheNewestRunWins) {
  const auto keep = [&](std::string_view document, uint64_t position, uint64_t run, std::string_view clean) {
    MappedDocument mapped{OriginOf(document, position), OffsetMap::Of(clean, clean, {})};
    mapped.origin.revision.deid_run = run;
    ASSERT_TRUE(originals_->KeepMaps({&mapped, 1}).ok());
  };
  const auto is_of = [&](std::string_view clean) {
    const auto map = originals_->LoadMap(KeyOf(OriginOf("d", 0)));
    EXPECT_TRUE(map.ok()) << map.status().ToString();
    return map.ok() && map->has_value() && (*map)->IsOf(clean);
  };
  keep("d", 5, 0, "nothing kept");
  EXPECT_FALSE(is_of("nothing kept")) << "no original, no map";
  Keep("d", 5, "five");
  keep("d", 5, 7, "run 7");
  EXPECT_TRUE(is_of("run 7"));
  keep("d", 5, 3, "run 3");
  keep("d", 4, 9, "of an older version");
  keep("d", 6, 9, "of one that is not kept");
  EXPECT_TRUE(is_of("run 7"));
  keep("d", 5, 8, "run 8");
  Keep("d", 5, "five again");
  Open();
  EXPECT_TRUE(is_of("run 8")) << "over a replay and reopening";
  Keep("d", 6, "six");
  EXPECT_FALSE(is_of("run 8")) << "a newer original";
  keep("d", 6, 0, "six");
  Destroy("d", 7);
  EXPECT_FALSE(is_of("six"));
  keep("d", 6, 1, "late");
  EXPECT_FALSE(is_of("late")) << "nothing comes back";
}

TEST_F(OriginalsTest, AMapIsSealedByItsDocumentsKeyAlone) {
  Keep("d", 5, "five");
  const MappedDocument mapped{OriginOf("d", 5), OffsetMap::Of("five", "five", {})};
  ASSERT_TRUE(originals_->KeepMaps({&mapped, 1}).ok());
  originals_.reset();
  auto database = store::Database::Open({.path = path_, .families = {"originals", "keys", "patients", "maps"}});
  ASSERT_TRUE(database.ok());
  std::unique_ptr<rocksdb::Iterator> at((*database)->db().NewIterator({}, (*database)->family(3)));
  at->SeekToFirst();
  ASSERT_TRUE(at->Valid());
  const std::string stored = at->value().ToString();
  at.reset();
  database->reset();
  EXPECT_EQ(stored.find(mapped.map.Encode()), std::string::npos);
  EXPECT_EQ(keys_->OpenPayload(stored.substr(32), stored.substr(0, 32)).code(), Code::kKeyMissing);
}

TEST_F(OriginalsTest, NeedsAKey) { EXPECT_EQ(OpenOriginals({.path = path_ + "2"}).code(), Code::kKeyMissing); }

TEST_F(OriginalsTest, GoesThroughAllSomeAtATime) {
  std::string cursor, seen;
  const auto next = [&](size_t limit) {
    const Status status =
        originals_->ForEachNameFrom(cursor, limit, [&](const DocumentKey& document, const Version& version) {
          EXPECT_EQ(version, Version({1, 1}));
          seen += document.document.value;
          return OkStatus();
        });
    ASSERT_TRUE(status.ok()) << status.ToString();
  };
  next(3);
  EXPECT_EQ(seen + cursor, "");
  for (const char* document : {"a", "b", "c", "d", "e"}) Keep(document, 1, "text");
  next(2);
  EXPECT_EQ(seen, "ab");
  EXPECT_NE(cursor, "");
  Destroy("b", 2);
  Destroy("c", 2);
  next(3);
  EXPECT_EQ(seen, "abde") << "goes on behind a document that is gone, and visits none that is";
  EXPECT_EQ(cursor, "");
}

}  // namespace
}  // namespace freshet::deid
