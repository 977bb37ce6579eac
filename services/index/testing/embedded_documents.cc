#include "services/index/testing/embedded_documents.h"

#include "common/model/half.h"
#include "common/model/hashing_embedder.h"
#include "common/model/words_counter.h"
#include "schemas/opaque_patient.h"
#include "services/chunk/chunk.h"

namespace freshet::testing {
namespace {

std::shared_ptr<const std::vector<uint16_t>> VectorsOf(const ChunkedDocument& document) {
  std::vector<std::string> texts;
  for (const Chunk& chunk : *document.chunks) texts.push_back(EmbeddedText(document.clean, chunk));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const model::EmbeddingBatch batch = model::HashingEmbedder().Embed(views).value();
  auto halves = std::make_shared<std::vector<uint16_t>>(batch.values.size());
  model::FloatsToHalves(batch.values, *halves);
  return halves;
}

}  // namespace

Origin SourceOrigin(std::string_view source, std::string_view collection, uint64_t version) {
  return {.source = SourceName(source),
          .collection = CollectionName(collection),
          .version = {.epoch = 1, .position = version}};
}

Envelope<EmbeddedDocument> EmbeddedOf(const TestDocument& document) {
  Origin origin = SourceOrigin(document.source, document.collection, document.version);
  origin.document = DocumentId(document.id);
  origin.committed = document.committed;
  origin.traceparent = document.traceparent;
  origin.revision.deid_run = document.deid_run;
  CleanFields fields = Outline(document.text);
  fields.title = document.title;
  fields.uri = document.uri;
  fields.attributes = document.attributes;
  for (const PatientId& patient : document.patients) fields.patients.push_back(OpaquePatient(TestKeys(), patient));
  fields.access_scope = ScopeId(document.scope);
  fields.effective = document.effective;
  const model::WordsCounter counter;
  ChunkedDocument chunked = chunk::Chunker::Make({}, counter).value()->Chunked(MakeClean(fields, origin)).value();
  EmbeddedDocument embedded{.chunked = std::move(chunked),
                            .model = std::string(model::HashingEmbedder().name()),
                            .dimensions = model::HashingEmbedder::kDimensions};
  if (document.vectors) embedded.vectors = VectorsOf(embedded.chunked);
  return {.origin = std::move(origin), .payload = std::move(embedded)};
}

}  // namespace freshet::testing
