#include "common/store/document_record.h"

#include <algorithm>

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;
enum Flag : uint64_t { kNone = 0, kHasContent = 1, kHasDeletion = 2, kHasSkip = 4, kHasHold = 8 };
constexpr size_t kLeastChunkBytes = 18;

void WriteEdition(ValueWriter& writer, const Edition& edition) {
  writer.Of(edition.version);
  writer.Of(edition.revision);
}

Edition ReadEdition(ValueReader& reader) {
  Edition edition;
  edition.version = reader.ReadVersion();
  edition.revision = reader.ReadRevision();
  return edition;
}

std::string EncodeFacets(const Facets& facets) {
  std::string out;
  ValueWriter writer(out);
  writer.Bytes(facets.scope.value);
  writer.Number(facets.attributes.size());
  for (const auto& [name, values] : facets.attributes) {
    writer.Bytes(name);
    writer.Number(values.size());
    for (const std::string& value : values) writer.Bytes(value);
  }
  return out;
}

bool DecodeFacets(std::string_view encoded, Facets& facets) {
  ValueReader reader(encoded);
  facets.scope = ScopeId(reader.Bytes());
  facets.attributes.resize(reader.Count(2));
  for (auto& [name, values] : facets.attributes) {
    name = reader.Bytes();
    values.resize(reader.Count());
    for (std::string& value : values) value = reader.Bytes();
  }
  return reader.AtEnd();
}

void WriteContent(ValueWriter& writer, const DocumentHead& head) {
  writer.Number(head.ordinal.value);
  WriteEdition(writer, head.content);
  writer.At(head.effective);
  writer.Bytes(EncodeFacets(*head.facets));
  writer.Number(head.chunks.size());
  for (const ChunkRef& chunk : head.chunks) {
    writer.Raw(AsBytes(chunk.hash));
    writer.Number(uint64_t{chunk.occurrence} * 2 + (chunk.vector ? 1 : 0));
    writer.Number(chunk.ordinal.value);
  }
}

bool ReadContent(ValueReader& reader, FacetPool& pool, DocumentHead& head) {
  head.ordinal = DocumentOrdinal(reader.Number32());
  head.content = ReadEdition(reader);
  head.effective = reader.At();
  head.facets = pool.Read(reader.Bytes());
  head.chunks.resize(reader.Count(kLeastChunkBytes));
  for (ChunkRef& chunk : head.chunks) {
    const std::string_view hash = reader.Raw(chunk.hash.size());
    std::copy(hash.begin(), hash.end(), chunk.hash.begin());
    const uint64_t packed = reader.Number();
    chunk.occurrence = static_cast<uint32_t>(packed / 2);
    chunk.vector = packed % 2 == 1;
    chunk.ordinal = ChunkOrdinal(reader.Number32());
  }
  return head.facets != nullptr;
}

void WriteRare(ValueWriter& writer, const DocumentHead& head) {
  if (head.deletion) {
    writer.Of(head.deletion->version);
    writer.At(head.deletion->at);
  }
  if (head.skip) {
    WriteEdition(writer, head.skip->edition);
    writer.Number(static_cast<uint64_t>(head.skip->code));
    writer.Number(static_cast<uint64_t>(head.skip->stage));
  }
  if (head.hold) {
    writer.Of(head.hold->version);
    writer.Number(head.hold->deid_run);
    writer.Flag(head.hold->withheld);
    writer.Number(static_cast<uint64_t>(head.hold->reason));
  }
}

void ReadRare(ValueReader& reader, uint64_t flags, DocumentHead& head) {
  if ((flags & kHasDeletion) != 0) {
    Deletion deletion{.version = reader.ReadVersion()};
    deletion.at = reader.At();
    head.deletion = std::make_shared<const Deletion>(deletion);
  }
  if ((flags & kHasSkip) != 0) {
    Skip skip{.edition = ReadEdition(reader)};
    skip.code = reader.ReadCode();
    skip.stage = reader.ReadStep();
    head.skip = std::make_shared<const Skip>(skip);
  }
  if ((flags & kHasHold) != 0) {
    Hold hold{.version = reader.ReadVersion()};
    hold.deid_run = reader.Number();
    hold.withheld = reader.Flag();
    hold.reason = reader.ReadCode();
    head.hold = std::make_shared<const Hold>(hold);
  }
}

void WriteOrigin(ValueWriter& writer, const Origin& origin) {
  writer.Bytes(origin.source.value);
  writer.Bytes(origin.collection.value);
  writer.Bytes(origin.document.value);
  WriteEdition(writer, {origin.version, origin.revision});
  writer.At(origin.committed);
  writer.Number(origin.stamps.size());
  for (const Time stamp : origin.stamps) writer.At(stamp);
  writer.Bytes(origin.traceparent);
  writer.Number(origin.generation);
}

Origin ReadOrigin(ValueReader& reader) {
  Origin origin;
  origin.source = SourceName(reader.Bytes());
  origin.collection = CollectionName(reader.Bytes());
  origin.document = DocumentId(reader.Bytes());
  const Edition edition = ReadEdition(reader);
  origin.version = edition.version;
  origin.revision = edition.revision;
  origin.committed = reader.At();
  const size_t stamps = reader.Count();
  for (size_t i = 0; i < stamps; ++i) {
    const Time stamp = reader.At();
    if (i < origin.stamps.size()) origin.stamps[i] = stamp;
  }
  origin.traceparent = reader.Bytes();
  origin.generation = reader.Number32();
  return origin;
}

}  // namespace

void DocumentHead::ClearContent() {
  ordinal = kNoDocument;
  content = {};
  effective = {};
  facets.reset();
  chunks = {};
}

std::shared_ptr<const Facets> FacetPool::Share(Facets facets) {
  std::weak_ptr<const Facets>& slot = shared_[EncodeFacets(facets)];
  std::shared_ptr<const Facets> shared = slot.lock();
  if (shared == nullptr) {
    shared = std::make_shared<const Facets>(std::move(facets));
    slot = shared;
  }
  return shared;
}

std::shared_ptr<const Facets> FacetPool::Read(std::string_view encoded) {
  const auto found = shared_.find(std::string(encoded));
  if (found != shared_.end()) {
    if (auto shared = found->second.lock()) return shared;
  }
  Facets facets;
  if (!DecodeFacets(encoded, facets)) return nullptr;
  return Share(std::move(facets));
}

void FacetPool::Sweep() {
  std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
  swept_size_ = shared_.size();
}

void FacetPool::SweepIfGrown() {
  if (shared_.size() > 2 * swept_size_ + 1000) Sweep();
}

void EncodeHead(const DocumentHead& head, std::string& out) {
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number((head.has_content() ? kHasContent : kNone) | (head.deletion ? kHasDeletion : kNone) |
                (head.skip ? kHasSkip : kNone) | (head.hold ? kHasHold : kNone));
  if (head.has_content()) WriteContent(writer, head);
  WriteRare(writer, head);
  writer.Of(head.present);
}

Result<DocumentHead> DecodeHead(std::string_view value, FacetPool& pool) {
  ValueReader reader(value);
  DocumentHead head;
  const bool known = reader.Number() == kFormat;
  const uint64_t flags = reader.Number();
  const bool read = (flags & kHasContent) == 0 || ReadContent(reader, pool, head);
  ReadRare(reader, flags, head);
  head.present = reader.ReadVersion();
  if (!known || !read || !reader.AtEnd()) return Status(Code::kCorruptStore, "the head of a document");
  return head;
}

std::string EncodeBody(const Origin& origin, std::string_view model, uint32_t chunk_count, std::string_view sealed) {
  std::string out;
  out.reserve(sealed.size() + 256);
  ValueWriter writer(out);
  writer.Number(kFormat);
  WriteOrigin(writer, origin);
  writer.Bytes(model);
  writer.Number(chunk_count);
  writer.Raw(sealed);
  return out;
}

Result<DocumentBody> DecodeBody(std::string_view value) {
  ValueReader reader(value);
  DocumentBody body;
  const bool known = reader.Number() == kFormat;
  body.origin = ReadOrigin(reader);
  body.model = reader.Bytes();
  body.chunk_count = reader.Number32();
  body.sealed = reader.rest();
  if (!known || reader.failed()) return Status(Code::kCorruptStore, "the body of a document");
  return body;
}

}  // namespace freshet::store
