#include "services/query/passages.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "schemas/chunk_record.h"
#include "schemas/codec.h"
#include "services/query/snippet.h"

namespace freshet::query {

Result<const Passages::Opened*> Passages::Open(const Candidate& candidate) {
  const std::pair key(candidate.collection, candidate.document);
  const auto known = opened_.find(key);
  if (known != opened_.end()) return &known->second;
  const CollectionName& collection = parts_.collections[candidate.collection];
  FRESHET_ASSIGN_OR_RETURN(store::StoredDocument document, parts_.view.Document(collection, candidate.document));
  FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(document.sealed));
  FRESHET_ASSIGN_OR_RETURN(CleanDocument clean, DecodeSealed(sealed, document.origin, parts_.keys));
  return &opened_.emplace(key, Opened{std::move(document), std::move(clean)}).first->second;
}

// The policy's name stands before the '@' of its stamp.
bool Passages::IsOfPolicy(const CleanDocument& clean, const CollectionName& collection) const {
  const auto policy = parts_.policies.find(collection);
  return policy == parts_.policies.end() || clean.policy().substr(0, clean.policy().find('@')) == policy->second;
}

Result<Passage> Passages::PassageOf(const CollectionName& collection, ChunkOrdinal number,
                                    const CleanDocument& clean) const {
  FRESHET_ASSIGN_OR_RETURN(const store::StoredChunk stored, parts_.view.Chunk(collection, number));
  FRESHET_ASSIGN_OR_RETURN(const Chunk chunk, DecodeChunkRecord(stored.record, clean));
  Passage passage{.block = chunk.block,
                  .place_begin = chunk.place_begin,
                  .place_end = chunk.place_end,
                  .text = std::string(TextOf(clean, chunk))};
  for (const std::string_view section : SectionOf(clean, chunk)) passage.section.emplace_back(section);
  return passage;
}

Result<std::vector<std::string_view>> Passages::PartsOf(const Candidate& candidate) {
  FRESHET_ASSIGN_OR_RETURN(const Opened* const opened, Open(candidate));
  const CollectionName& collection = parts_.collections[candidate.collection];
  FRESHET_ASSIGN_OR_RETURN(const store::StoredChunk stored, parts_.view.Chunk(collection, candidate.chunk));
  FRESHET_ASSIGN_OR_RETURN(const Chunk chunk, DecodeChunkRecord(stored.record, opened->clean));
  std::vector<std::string_view> parts = {opened->clean.title(), TextOf(opened->clean, chunk)};
  for (const std::string_view section : SectionOf(opened->clean, chunk)) parts.push_back(section);
  return parts;
}

Result<SearchHit> Passages::HitOf(const Candidate& candidate) {
  const CollectionName& collection = parts_.collections[candidate.collection];
  FRESHET_ASSIGN_OR_RETURN(const Opened* const opened, Open(candidate));
  const auto& [document, clean] = *opened;
  FRESHET_ASSIGN_OR_RETURN(Passage passage, PassageOf(collection, candidate.chunk, clean));
  if (!parts_.view.MayRead(collection, candidate.document, parts_.access)) return Status(Code::kNotFound);
  if (!IsOfPolicy(clean, collection)) return Status(Code::kQuarantined);
  SearchHit hit{.document = document.origin.document,
                .collection = collection,
                .title = clean.title(),
                .uri = clean.uri(),
                .passage = std::move(passage),
                .score = candidate.score,
                .lexical = candidate.lexical,
                .vector = candidate.vector,
                .version = document.origin.version,
                .committed = document.origin.committed,
                .searchable = document.origin.StampOf(Step::kIndex),
                .traceparent = document.origin.traceparent,
                .outdated = document.state == store::DocumentState::kOutdated};
  for (const Attribute& attribute : clean.attributes()) hit.attributes.emplace_back(attribute.name, attribute.values);
  return hit;
}

namespace {

// Reads a document's blocks as passages: where each lies, under which headings.
class BlockReader {
 public:
  explicit BlockReader(const CleanDocument& clean) : clean_(clean) {}

  // Of a part of a block; nothing where the part is blank or the block a heading, which is its section's name.
  std::optional<Passage> Read(uint32_t number, uint32_t begin, uint32_t end) const {
    const Block& block = clean_.blocks()[number];
    std::string_view text = std::string_view(clean_.text()).substr(begin, end - begin);
    const size_t first = text.find_first_not_of(" \n\t\r");
    if (block.kind == Block::Kind::kHeading || first == text.npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \n\t\r") + 1 - first);
    const auto byte = static_cast<size_t>(text.data() - clean_.text().data());
    const auto place = static_cast<uint32_t>(CountCodePoints(std::string_view(clean_.text()).substr(0, byte)));
    return Passage{.section = SectionAt(number),
                   .block = number,
                   .place_begin = place,
                   .place_end = place + static_cast<uint32_t>(CountCodePoints(text)),
                   .text = std::string(text)};
  }

 private:
  std::vector<std::string> SectionAt(uint32_t number) const {
    std::vector<std::string> section;
    uint32_t level = UINT32_MAX;
    for (uint32_t i = number; i > 0 && level > 1; --i) {
      const Block& block = clean_.blocks()[i - 1];
      if (block.kind != Block::Kind::kHeading || block.level >= level) continue;
      level = block.level;
      section.emplace_back(clean_.TextOf(block));
    }
    std::reverse(section.begin(), section.end());
    return section;
  }

  const CleanDocument& clean_;
};

}  // namespace

// What is left of the hit's own first and last block counts as a neighbour, too.
void Passages::AddNeighbours(const Candidate& candidate, size_t count, SearchHit& hit) {
  const Result<const Opened*> opened = Open(candidate);
  if (!opened.ok()) return;
  const CleanDocument& clean = (*opened)->clean;
  const std::vector<Block>& blocks = clean.blocks();
  const BlockReader reader(clean);
  const std::string_view text = clean.text();
  const auto begin = static_cast<uint32_t>(ByteOfCodePoint(text, hit.passage.place_begin));
  const auto end = begin + static_cast<uint32_t>(hit.passage.text.size());
  for (uint32_t i = std::min(hit.passage.block + 1, static_cast<uint32_t>(blocks.size())); i > 0; --i) {
    if (hit.before.size() == count) break;
    const Block& block = blocks[i - 1];
    if (block.begin >= begin) continue;
    if (auto passage = reader.Read(i - 1, block.begin, std::min(block.end, begin))) hit.before.push_back(*passage);
  }
  std::reverse(hit.before.begin(), hit.before.end());
  for (uint32_t i = hit.passage.block; i < blocks.size() && hit.after.size() < count; ++i) {
    const Block& block = blocks[i];
    if (block.end <= end) continue;
    if (auto passage = reader.Read(i, std::max(block.begin, end), block.end)) hit.after.push_back(*passage);
  }
}

HitSnippet SnippetOf(const SearchHit& hit, const Highlighter& highlighter, size_t code_points) {
  const std::string_view text = hit.passage.text;
  const Snippet snippet = highlighter.Cut(text, code_points);
  uint32_t read = 0, place = hit.passage.place_begin;
  const auto place_of = [&](uint32_t byte) {  // ascending
    place += static_cast<uint32_t>(CountCodePoints(text.substr(read, byte - read)));
    read = byte;
    return place;
  };
  HitSnippet out{.place_begin = place_of(snippet.begin),
                 .text = std::string(text.substr(snippet.begin, snippet.end - snippet.begin))};
  for (const ByteRange& match : snippet.matches) {
    const uint32_t begin = place_of(match.begin);
    out.matches.emplace_back(begin, place_of(match.end));
  }
  out.place_end = place_of(snippet.end);
  return out;
}

}  // namespace freshet::query
