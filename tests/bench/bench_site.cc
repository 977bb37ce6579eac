#include "tests/bench/bench_site.h"

#include <algorithm>

#include "common/model/half.h"
#include "common/store/vector_audit.h"
#include "tests/support/clean_documents.h"

namespace freshet::bench {
namespace {

using testing::TestKeys;

constexpr Stream kUrgent{0}, kLive{1}, kBackfill{2}, kGroups{3};
constexpr size_t kBatch = 500;
constexpr char kModel[] = "bench";
const SourceName kSource("bench");
const TenantName kTenant("bench");
const Time kNow{std::chrono::hours(24 * 365 * 56)};

std::string NameOf(uint32_t permille) { return "p" + std::to_string(permille); }

// Knows the corpus's questions by heart.
class KnownQuestions final : public model::Embedder {
 public:
  explicit KnownQuestions(const Corpus& corpus) {
    for (size_t i = 0; i < corpus.questions.size(); ++i) rows_.emplace(corpus.questions[i], corpus.question_vectors[i]);
  }
  std::string_view name() const override { return kModel; }
  uint32_t dimensions() const override { return kDimensions; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    model::EmbeddingBatch batch{.dimensions = kDimensions};
    for (const std::string_view text : texts) {
      const auto row = rows_.find(text);
      if (row == rows_.end()) return Status(Code::kInternalError);
      batch.values.insert(batch.values.end(), row->second.begin(), row->second.end());
    }
    return batch;
  }

 private:
  std::map<std::string_view, std::span<const float>> rows_;
};

EmbeddedDocument DocumentOf(const Origin& origin, std::string text, std::span<const float> vector, uint32_t permille) {
  const auto size = static_cast<uint32_t>(text.size());
  Chunk chunk{.byte_end = size, .place_end = size, .hash = HashOf(text)};
  const CleanFields fields{.text = std::move(text),
                           .blocks = {{.kind = Block::Kind::kParagraph, .end = size}},
                           .access_scope = ScopeId(NameOf(permille)),
                           .policy = "none@1"};
  auto halves = std::make_shared<std::vector<uint16_t>>(vector.size());
  model::FloatsToHalves(vector, *halves);
  return {.chunked = {.clean = testing::MakeClean(fields, origin),
                      .chunks = std::make_shared<const std::vector<Chunk>>(std::vector<Chunk>{std::move(chunk)}),
                      .chunker = kModel},
          .model = kModel,
          .dimensions = kDimensions,
          .vectors = std::move(halves)};
}

}  // namespace

// Versions by the clock: what is written later is newer, also after a restart.
BenchSite::BenchSite(const Corpus& corpus, const std::string& folder)
    : corpus_(corpus), clock_(kNow), version_(static_cast<uint64_t>(ToMicros(SystemClock().Now()))) {
  store::IndexStoreOptions options{.path = folder + "/index", .partitions = 1, .access_streams = {kUrgent, kGroups}};
  index_ = Must(index::Index::Open({.store = std::move(options)}, TestKeys()));
  engine_ = std::make_unique<query::QueryEngine>(
      query::QueryEngineOptions{.tenant = kTenant,
                                .sources = {{kSource, kCollection}},
                                .urgent = kUrgent,
                                .groups = kGroups,
                                .live = kLive,
                                .backfill = kBackfill},
      [this] { return store().CurrentView(); }, TestKeys(), std::make_shared<KnownQuestions>(corpus), clock_);
}

BenchSite::~BenchSite() = default;

query::Caller BenchSite::Reader(uint32_t permille) { return {.user = NameOf(permille), .tenant = kTenant}; }

size_t BenchSite::written() { return store().NextOffset(kBackfill, Partition(0)).value; }

void BenchSite::Open() {
  for (const uint32_t permille : kPermille) {
    AccessChange change{.scope = ScopeId(NameOf(permille))};
    for (const uint32_t reader : kPermille) {
      if (reader >= permille) change.allow.push_back(Principal("user:" + NameOf(reader)));
    }
    Apply({Arrive<UrgentChange>(UrgentChange(std::move(change)), kUrgent, OriginOf(""))});
  }
  for (const Stream stream : {kUrgent, kGroups}) Apply({Arrive<UrgentChange>(Heartbeat{kNow}, stream, OriginOf(""))});
  Apply({Arrive<EmbeddedDocument>(Heartbeat{kNow}, kLive, OriginOf(""))});
}

void BenchSite::WriteBatch() {
  const size_t first = written();
  std::vector<index::SinkInput> batch;
  for (size_t row = first; row < std::min(first + kBatch, corpus_.texts.size()); ++row) {
    batch.push_back(ArrivalOf(row, std::string(corpus_.texts[row]), kBackfill));
  }
  Apply(std::move(batch));
}

void BenchSite::Change(std::span<const size_t> rows) {
  std::vector<index::SinkInput> batch;
  for (const size_t row : rows) {
    batch.push_back(ArrivalOf(row, std::string(corpus_.texts[row]) + " r" + std::to_string(version_), kLive));
  }
  Apply(std::move(batch));
  Must(store().Refresh());
}

void BenchSite::Keep() {
  Must(store().Maintain(kNow));
  Must(store().Refresh());
}

bool BenchSite::is_settled() {
  const auto long_lists = store::LongLists(store());
  return std::all_of(long_lists.begin(), long_lists.end(), [](const auto& each) { return each.second == 0; });
}

template <class Body>
index::SinkInput BenchSite::Arrive(decltype(Envelope<Body>::payload) payload, Stream stream, Origin origin) {
  std::optional<uint64_t>& next = next_[stream];
  if (!next) next = store().NextOffset(stream, Partition(0)).value;
  return Arrival<Body>{{std::move(origin), std::move(payload)}, {stream, Partition(0), Offset((*next)++)}};
}

Origin BenchSite::OriginOf(const std::string& document) {
  return {.source = kSource,
          .collection = kCollection,
          .document = DocumentId(document),
          .version = {.epoch = 1, .position = ++version_},
          .committed = kNow};
}

index::SinkInput BenchSite::ArrivalOf(size_t row, std::string text, Stream stream) {
  Origin origin = OriginOf("d" + std::to_string(row));
  EmbeddedDocument document = DocumentOf(origin, std::move(text), corpus_.vectors[row], PermilleOf(row));
  return Arrive<EmbeddedDocument>(std::move(document), stream, std::move(origin));
}

void BenchSite::Apply(std::vector<index::SinkInput> batch) { Must(index_->Apply(batch, kNow)); }

}  // namespace freshet::bench
