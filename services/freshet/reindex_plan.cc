#include "services/freshet/reindex_plan.h"

#include <chrono>
#include <cmath>
#include <set>

#include "schemas/chunk_record.h"
#include "schemas/codec.h"
#include "services/deid/deid.h"

namespace freshet {
namespace {

constexpr uint64_t kCodeOverhead = 12;  // of an entry in a list: chunk, document, scale

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// What the sample came to.
struct Sampled {
  size_t documents = 0;
  size_t unreadable = 0;
  size_t other_policy = 0;
  size_t embedded = 0;  // documents
  size_t chunks = 0;
  size_t chunks_embedded = 0;
  double deid_seconds = 0;
  double chunk_seconds = 0;
  std::vector<std::string> texts;  // some of those to embed
};

class Sampler {
 public:
  Sampler(const PlanParts& parts, const CollectionName& collection, PlanLimits limits)
      : parts_(parts),
        collection_(collection),
        limits_(limits),
        other_model_(parts.view.VectorModel(collection) != parts.embedder.name()) {}

  Result<Sampled> Run() {
    for (const DocumentOrdinal document : parts_.view.Sample(collection_, limits_.documents)) {
      const Status taken = Take(document);
      if (taken.code() == Code::kCorruptStore || taken.code() == Code::kIoError) return taken;
      found_.unreadable += taken.ok() || taken.code() == Code::kNotFound ? 0 : 1;  // not_found: gone since
    }
    return std::move(found_);
  }

 private:
  Status Take(DocumentOrdinal ordinal) {
    FRESHET_ASSIGN_OR_RETURN(const store::StoredDocument stored, parts_.view.Document(collection_, ordinal));
    FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(stored.sealed));
    FRESHET_ASSIGN_OR_RETURN(const CleanDocument clean, DecodeSealed(sealed, stored.origin, parts_.keys));
    FRESHET_ASSIGN_OR_RETURN(const std::set<Hash128> before, HashesOf(ordinal, clean));
    const auto begin = std::chrono::steady_clock::now();
    FRESHET_ASSIGN_OR_RETURN(const ChunkedDocument after, parts_.chunker.Chunked(clean));
    found_.chunk_seconds += SecondsSince(begin);
    // The policy's name stands before the '@' of its stamp.
    const bool other_policy = clean.policy().substr(0, clean.policy().find('@')) != parts_.policy.name;
    if (other_policy) FRESHET_RETURN_IF_ERROR(Deidentify(stored.origin, clean));
    const size_t embedded = found_.chunks_embedded;
    std::set<Hash128> seen;
    for (const Chunk& chunk : *after.chunks) {
      const bool wanted = other_model_ || other_policy || !before.contains(chunk.hash);
      if (!wanted || !seen.insert(chunk.hash).second) continue;
      ++found_.chunks_embedded;
      if (found_.texts.size() < limits_.texts) found_.texts.push_back(EmbeddedText(clean, chunk));
    }
    ++found_.documents;
    found_.chunks += after.chunks->size();
    found_.other_policy += other_policy ? 1 : 0;
    found_.embedded += found_.chunks_embedded > embedded ? 1 : 0;
    return OkStatus();
  }

  // For the time that it takes.
  Status Deidentify(const Origin& origin, const CleanDocument& clean) {
    if (stage_ == nullptr) {
      FRESHET_ASSIGN_OR_RETURN(stage_, deid::Deid::Make());
    }
    const std::shared_ptr<const deid::Policy> policy(std::shared_ptr<void>(), &parts_.policy);  // lent
    const deid::DeidState state{.policies = {{origin.collection, policy}},
                                .keys = std::shared_ptr<const KeyRing>(std::shared_ptr<void>(), &parts_.keys)};
    const deid::Deid::Input input{origin, Upsert{.content = clean.text(), .media_type = "text/plain"}};
    const auto begin = std::chrono::steady_clock::now();
    FRESHET_RETURN_IF_ERROR(stage_->Process({&input, 1}, state)[0].status());
    found_.deid_seconds += SecondsSince(begin);
    return OkStatus();
  }

  Result<std::set<Hash128>> HashesOf(DocumentOrdinal document, const CleanDocument& clean) const {
    std::set<Hash128> hashes;
    FRESHET_ASSIGN_OR_RETURN(const auto chunks, parts_.view.ChunksOf(collection_, document));
    for (const ChunkOrdinal number : chunks) {
      FRESHET_ASSIGN_OR_RETURN(const store::StoredChunk stored, parts_.view.Chunk(collection_, number));
      FRESHET_ASSIGN_OR_RETURN(const Chunk chunk, DecodeChunkRecord(stored.record, clean));
      hashes.insert(chunk.hash);
    }
    return hashes;
  }

  const PlanParts& parts_;
  const CollectionName& collection_;
  const PlanLimits limits_;
  const bool other_model_;
  std::unique_ptr<deid::Deid> stage_;  // made when first needed
  Sampled found_;
};

// Chunks a second; once more than once where that was too quick to be measured.
Result<double> EmbeddingRate(const model::Embedder& embedder, const std::vector<std::string>& texts) {
  if (texts.empty()) return 0.0;
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  FRESHET_RETURN_IF_ERROR(embedder.Embed(std::span(views).first(1)).status());  // what the first call alone does
  const auto begin = std::chrono::steady_clock::now();
  size_t embedded = 0;
  do {
    FRESHET_RETURN_IF_ERROR(embedder.Embed(views).status());
    embedded += views.size();
  } while (SecondsSince(begin) < 0.05);
  return static_cast<double>(embedded) / SecondsSince(begin);
}

}  // namespace

Result<CollectionPlan> PlanCollection(const PlanParts& parts, const CollectionName& collection, PlanLimits limits) {
  CollectionPlan plan{.documents = parts.view.DocumentCount(collection),
                      .chunks = parts.view.ChunkCount(collection),
                      .model = parts.view.VectorModel(collection)};
  FRESHET_ASSIGN_OR_RETURN(const Sampled sampled, Sampler(parts, collection, limits).Run());
  plan.sampled = sampled.documents;
  plan.unreadable = sampled.unreadable;
  if (sampled.documents == 0) return plan;
  const double scale = static_cast<double>(plan.documents) / static_cast<double>(sampled.documents);
  const auto whole = [&](size_t part) {
    return static_cast<uint64_t>(std::llround(scale * static_cast<double>(part)));
  };
  plan.other_policy = whole(sampled.other_policy);
  plan.documents_embedded = whole(sampled.embedded);
  plan.chunks_then = whole(sampled.chunks);
  plan.chunks_embedded = whole(sampled.chunks_embedded);
  plan.deid_seconds = scale * sampled.deid_seconds;
  plan.chunk_seconds = scale * sampled.chunk_seconds;
  FRESHET_ASSIGN_OR_RETURN(plan.chunks_a_second, EmbeddingRate(parts.embedder, sampled.texts));
  if (plan.chunks_a_second > 0) plan.embed_seconds = static_cast<double>(plan.chunks_embedded) / plan.chunks_a_second;
  plan.vector_bytes = plan.chunks_then * (3ull * parts.embedder.dimensions() + kCodeOverhead);
  return plan;
}

}  // namespace freshet
