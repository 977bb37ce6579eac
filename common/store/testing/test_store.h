// What tests of the index store share: a store over a disk in memory, mutations in a line, searches as readable text.
//
//   TestStore store(1);
//   store.Apply({Put("a", 1, {"the text"})});    store->Refresh();
//   EXPECT_EQ(store.Found("text", {"user:ada"}), "a@1");
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "common/store/access_record.h"
#include "common/store/index_store.h"
#include "tests/support/crash_fs.h"

namespace freshet::store {

inline constexpr Stream kUrgentStream{0};
inline constexpr Stream kLiveStream{1};
inline constexpr Stream kBackfillStream{2};
inline constexpr Stream kGroupStream{3};
inline constexpr uint32_t kTestPartitions = 2;
inline constexpr uint32_t kTestDimensions = 16;

inline const SourceName kSource("files");
inline const CollectionName kPolicies("policies");

inline Version V(uint64_t position) { return {.epoch = 1, .position = position}; }

// A stored test document is its title and its chunks' texts, a line each; a chunk's record is its number.
std::string SealedOf(const std::string& title, const std::vector<std::string>& texts);
Result<std::vector<LexicalText>> TextsOf(const Origin& origin, const std::string& sealed,
                                         std::span<const std::string> records);
// A unit vector that only equal texts share for certain.
std::vector<float> VectorOf(const std::string& text);

struct PutOptions {
  uint64_t run = 0;  // de-identification run
  std::string scope = "open";
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  Time effective;
  bool vectors = true;
};
PutDocument Content(const std::vector<std::string>& texts, const PutOptions& options = {});

// Mutations of kSource in kPolicies; TestStore fills in the position.
Mutation Of(const std::string& document, uint64_t version, decltype(Mutation::change) change, uint64_t run = 0);
Mutation Put(const std::string& document, uint64_t version, const std::vector<std::string>& texts,
             const PutOptions& options = {});
Mutation Skip(const std::string& document, uint64_t version, Code code = Code::kMalformedDocument);
Mutation Delete(const std::string& document, uint64_t version);
Mutation Withhold(const std::string& document, uint64_t version, uint64_t run = 0);
Mutation Release(const std::string& document, uint64_t version, uint64_t run = 0);
Mutation Allow(const std::string& scope, uint64_t version, const Entries& allow, const Entries& deny = {},
               std::optional<uint64_t> content = {});
Mutation Group(const std::string& group, uint64_t version, const Entries& members);
Mutation Present(const std::string& document, uint64_t version);

class TestStore {
 public:
  explicit TestStore(uint64_t seed, IndexStoreOptions options = {});
  ~TestStore();

  IndexStore* operator->() { return store_.get(); }
  IndexStore& operator*() { return *store_; }

  // Closes, then opens again what is on disk; with power loss: what had not been synced may be gone.
  void Reopen();
  void CrashAndReopen();
  void Close() { store_.reset(); }
  void Open();

  // In one batch, each at the next offset of (live, partition 0), unless it has a position of its own.
  std::vector<Applied> Apply(std::vector<Mutation> mutations);
  // The same, then Refresh.
  std::vector<Applied> Show(std::vector<Mutation> mutations);
  Applied Apply(const Mutation& mutation) { return Apply(std::vector{mutation}).front(); }
  // On every partition: each says so for itself.
  void ApplyOnEach(Stream stream, const decltype(Mutation::change)& change, const SourceName& source = kSource);

  Access AccessOf(const std::set<std::string>& principals) const;
  // Documents as "id@version", in order, that a search for `word` finds; also through the vectors, where `by_vector`.
  std::string Found(const std::string& word, const std::set<std::string>& principals,
                    const Restriction& restriction = {}) const;
  std::string FoundByVector(const std::string& text, const std::set<std::string>& principals) const;
  std::string FoundIn(const View& view, const std::string& word, const std::set<std::string>& principals,
                      const Restriction& restriction = {}) const;
  // "searchable@3", "outdated@3 of 5 malformed_document", "deleted@4", "unknown"
  std::string StateOf(const std::string& document) const;

  Time now{std::chrono::hours(1000)};
  IndexStoreOptions options;
  test::CrashDisk disk;
  std::map<std::pair<Stream, Partition>, uint64_t> next_offset;

 private:
  std::string directory_;
  std::unique_ptr<IndexStore> store_;
};

// "a@1 b@2" of these hits.
std::string Names(const View& view, const std::vector<Hit>& hits);
// Asserts that every account adds up.
void ExpectAccountsClose(const IndexStore& store);

}  // namespace freshet::store
