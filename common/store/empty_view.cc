#include "common/store/empty_view.h"

namespace freshet::store {
namespace {

class EmptyView final : public View {
 public:
  uint64_t commit() const override { return 0; }
  uint32_t Generation(const CollectionName&) const override { return 0; }
  std::vector<CollectionName> Collections() const override { return {}; }
  std::optional<Filter> FilterFor(const CollectionName&, const Access&, const Restriction&) const override {
    return std::nullopt;
  }
  std::vector<Hit> SearchLexical(const CollectionName&, std::string_view, size_t, const Filter&) const override {
    return {};
  }
  std::string VectorModel(const CollectionName&) const override { return ""; }
  std::vector<Hit> SearchVector(const CollectionName&, std::span<const float>, size_t, const Filter&) const override {
    return {};
  }
  Result<StoredDocument> Document(const CollectionName&, DocumentOrdinal) const override {
    return Status(Code::kNotFound);
  }
  Result<std::vector<ChunkOrdinal>> ChunksOf(const CollectionName&, DocumentOrdinal) const override {
    return Status(Code::kNotFound);
  }
  Result<StoredChunk> Chunk(const CollectionName&, ChunkOrdinal) const override { return Status(Code::kNotFound); }
  std::vector<StoredDocument> Lookup(const CollectionName&, const DocumentId&) const override { return {}; }
  std::vector<DocumentOrdinal> Sample(const CollectionName&, size_t) const override { return {}; }
  bool MayRead(const CollectionName&, DocumentOrdinal, const Access&) const override { return false; }
  std::map<SourceName, SourceTime> Times() const override { return {}; }
  std::map<Code, uint64_t> SkippedDocuments(const CollectionName&) const override { return {}; }
  uint64_t DocumentCount(const CollectionName&) const override { return 0; }
  uint64_t ChunkCount(const CollectionName&) const override { return 0; }
};

}  // namespace

std::shared_ptr<const View> NewEmptyView() { return std::make_shared<const EmptyView>(); }

}  // namespace freshet::store
