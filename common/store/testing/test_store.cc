#include "common/store/testing/test_store.h"

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <sstream>

namespace freshet::store {
namespace {

// Enough of binary16 for numbers in [-1, 1].
uint16_t HalfOf(float number) {
  uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof(bits));
  const uint32_t sign = (bits >> 16) & 0x8000;
  const int exponent = static_cast<int>((bits >> 23) & 0xFF) - 127 + 15;
  if (exponent <= 0) return static_cast<uint16_t>(sign);
  return static_cast<uint16_t>(sign | static_cast<uint32_t>(exponent) << 10 | ((bits >> 13) & 0x3FF));
}

std::vector<Listed> ListedOf(const Entries& entries) {
  std::vector<Listed> listed;
  for (const Entry& entry : entries) listed.emplace_back(Principal(entry.name), entry.period);
  return listed;
}

Mutation WithoutDocument(uint64_t version, decltype(Mutation::change) change) {
  return Of("", version, std::move(change));
}

}  // namespace

std::string SealedOf(const std::string& title, const std::vector<std::string>& texts) {
  std::string sealed = title;
  for (const std::string& text : texts) sealed += '\n' + text;
  return sealed;
}

Result<std::vector<LexicalText>> TextsOf(const Origin&, const std::string& sealed,
                                         std::span<const std::string> records) {
  std::vector<std::string> lines;
  std::istringstream in(sealed);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::vector<LexicalText> texts;
  for (const std::string& record : records) {
    const size_t line = std::stoul(record) + 1;
    if (line >= lines.size()) return Status(Code::kCorruptStore, "a record of no line");
    texts.push_back({.title = lines.front(), .section = "", .text = lines[line]});
  }
  return texts;
}

std::vector<float> VectorOf(const std::string& text) {
  const Hash128 hash = HashOf(text);
  std::vector<float> vector(kTestDimensions);
  float squares = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    vector[i] = static_cast<float>(hash[i]) - 127.5f;
    squares += vector[i] * vector[i];
  }
  for (float& number : vector) number /= std::sqrt(squares);
  return vector;
}

PutDocument Content(const std::vector<std::string>& texts, const PutOptions& options) {
  PutDocument put{.sealed = SealedOf("title", texts),
                  .title = "title",
                  .access_scope = ScopeId(options.scope),
                  .attributes = options.attributes,
                  .effective = options.effective};
  auto halves = std::make_shared<std::vector<uint16_t>>();
  std::map<std::string, uint32_t> occurrences;
  for (const std::string& text : texts) {
    put.chunks.push_back({.hash = HashOf(text),
                          .occurrence = occurrences[text]++,
                          .record = std::to_string(put.chunks.size()),
                          .text = text});
    for (const float number : VectorOf(text)) halves->push_back(HalfOf(number));
  }
  put.model = "test";
  put.dimensions = kTestDimensions;
  if (options.vectors) put.vectors = std::move(halves);
  return put;
}

Mutation Of(const std::string& document, uint64_t version, decltype(Mutation::change) change, uint64_t run) {
  Mutation mutation{.origin = {.source = kSource, .collection = kPolicies, .document = DocumentId(document)},
                    .position = {.stream = kLiveStream, .offset = Offset(UINT64_MAX)},
                    .change = std::move(change)};
  mutation.origin.version = V(version);
  mutation.origin.revision.deid_run = run;
  return mutation;
}

Mutation Put(const std::string& document, uint64_t version, const std::vector<std::string>& texts,
             const PutOptions& options) {
  return Of(document, version, Content(texts, options), options.run);
}

Mutation Skip(const std::string& document, uint64_t version, Code code) {
  return Of(document, version, SkipDocument{.code = code, .stage = Step::kDeid});
}

Mutation Delete(const std::string& document, uint64_t version) { return Of(document, version, DeleteDocument{}); }

Mutation Withhold(const std::string& document, uint64_t version, uint64_t run) {
  return Of(document, version, SetWithheld{.withheld = true}, run);
}

Mutation Release(const std::string& document, uint64_t version, uint64_t run) {
  return Of(document, version, SetWithheld{.withheld = false}, run);
}

Mutation Allow(const std::string& scope, uint64_t version, const Entries& allow, const Entries& deny,
               std::optional<uint64_t> content) {
  SetAccess change{.scope = ScopeId(scope), .allow = ListedOf(allow), .deny = ListedOf(deny)};
  if (content) change.content_version = V(*content);
  return WithoutDocument(version, std::move(change));
}

Mutation Group(const std::string& group, uint64_t version, const Entries& members) {
  return WithoutDocument(version, SetGroup{Principal(group), ListedOf(members)});
}

Mutation Present(const std::string& document, uint64_t version) { return Of(document, version, MarkPresent{}); }

TestStore::TestStore(uint64_t seed, IndexStoreOptions given) : options(std::move(given)), disk(seed) {
  directory_ = (std::filesystem::temp_directory_path() / ("freshet-store-" + std::to_string(::getpid()) + "-" +
                                                          std::to_string(reinterpret_cast<uintptr_t>(this))))
                   .string();
  std::filesystem::remove_all(directory_);
  options.path = directory_;
  options.partitions = kTestPartitions;
  options.access_streams = {kUrgentStream, kGroupStream};
  if (options.lexical_texts == nullptr) options.lexical_texts = TextsOf;
  options.block_cache_bytes = 1 << 20;
  options.lexical_buffer_mb = 1;
  Open();
}

TestStore::~TestStore() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TestStore::Open() {
  options.env = disk.env();
  Result<std::unique_ptr<IndexStore>> opened = IndexStore::Open(options);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  store_ = std::move(opened).value();
  next_offset.clear();
  for (const auto& [id, account] : store_->Accounts()) next_offset[id] = account.next.value;
}

void TestStore::Reopen() {
  Close();
  Open();
}

void TestStore::CrashAndReopen() {
  disk.Crash();
  Close();
  Open();
}

std::vector<Applied> TestStore::Apply(std::vector<Mutation> mutations) {
  for (Mutation& mutation : mutations) {
    uint64_t& next = next_offset[{mutation.position.stream, mutation.position.partition}];
    if (mutation.position.offset == Offset(UINT64_MAX)) mutation.position.offset = Offset(next);
    const auto* lost = std::get_if<LoseRecords>(&mutation.change);
    next = std::max(next, mutation.position.offset.value + (lost == nullptr ? 1 : lost->count));
  }
  Result<std::vector<Applied>> applied = store_->Apply(mutations, now);
  EXPECT_TRUE(applied.ok()) << applied.status().ToString();
  ExpectAccountsClose(*store_);
  return applied.ok() ? *applied : std::vector<Applied>(mutations.size());
}

std::vector<Applied> TestStore::Show(std::vector<Mutation> mutations) {
  std::vector<Applied> applied = Apply(std::move(mutations));
  const Status status = store_->Refresh();
  EXPECT_TRUE(status.ok()) << status.ToString();
  return applied;
}

void TestStore::ApplyOnEach(Stream stream, const decltype(Mutation::change)& change, const SourceName& source) {
  std::vector<Mutation> mutations;
  for (uint32_t partition = 0; partition < kTestPartitions; ++partition) {
    Mutation mutation = WithoutDocument(0, change);
    mutation.origin.source = source;
    mutation.position.stream = stream;
    mutation.position.partition = Partition(partition);
    mutations.push_back(std::move(mutation));
  }
  Apply(std::move(mutations));
}

Access TestStore::AccessOf(const std::set<std::string>& principals) const {
  Access access{.default_max_staleness = Duration::max(), .now = now};
  for (const std::string& principal : principals) access.principals.insert(Principal(principal));
  return access;
}

std::string TestStore::FoundIn(const View& view, const std::string& word, const std::set<std::string>& principals,
                               const Restriction& restriction) const {
  const std::optional<Filter> filter = view.FilterFor(kPolicies, AccessOf(principals), restriction);
  return filter ? Names(view, view.SearchLexical(kPolicies, word, 1000, *filter)) : "no collection";
}

std::string TestStore::Found(const std::string& word, const std::set<std::string>& principals,
                             const Restriction& restriction) const {
  return FoundIn(*store_->CurrentView(), word, principals, restriction);
}

std::string TestStore::FoundByVector(const std::string& text, const std::set<std::string>& principals) const {
  const std::shared_ptr<const View> view = store_->CurrentView();
  const std::optional<Filter> filter = view->FilterFor(kPolicies, AccessOf(principals), {});
  if (!filter) return "no collection";
  std::vector<Hit> hits = view->SearchVector(kPolicies, VectorOf(text), 1000, *filter);
  std::erase_if(hits, [](const Hit& hit) { return hit.score < 0.99f; });
  return Names(*view, hits);
}

std::string TestStore::StateOf(const std::string& document) const {
  const auto found = store_->CurrentView()->Lookup(kPolicies, DocumentId(document));
  if (found.empty()) return "unknown";
  const StoredDocument& stored = found.front();
  static constexpr const char* kNames[] = {"searchable", "outdated", "withheld", "deleted", "skipped"};
  std::string text = kNames[static_cast<size_t>(stored.state)];
  text += "@" + std::to_string(stored.origin.version.position);
  if (stored.newest != stored.origin.version) text += " of " + std::to_string(stored.newest.position);
  if (stored.skip_code != Code::kOk) text += " " + std::string(NameOf(stored.skip_code));
  return text;
}

std::string Names(const View& view, const std::vector<Hit>& hits) {
  std::set<std::string> names;
  for (const Hit& hit : hits) {
    const Result<StoredDocument> document = view.Document(kPolicies, hit.document);
    const Result<StoredChunk> chunk = view.Chunk(kPolicies, hit.chunk);
    EXPECT_TRUE(document.ok() && chunk.ok());
    if (!document.ok() || !chunk.ok()) continue;
    EXPECT_EQ(chunk->document, hit.document);
    names.insert(document->origin.document.value + "@" + std::to_string(document->origin.version.position));
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

void ExpectAccountsClose(const IndexStore& store) {
  for (const auto& [id, account] : store.Accounts()) {
    uint64_t counted = account.absent;
    uint64_t skipped = 0;
    for (const auto& [outcome, count] : account.outcomes) counted += count;
    for (const auto& [why, count] : account.skipped) skipped += count;
    EXPECT_EQ(account.next.value - account.first.value, counted);
    const auto of = [&](Outcome outcome) {
      const auto found = account.outcomes.find(outcome);
      return found == account.outcomes.end() ? 0 : found->second;
    };
    EXPECT_EQ(skipped, of(Outcome::kSkipped) + of(Outcome::kQuarantined));
  }
}

}  // namespace freshet::store
