// What the store keeps of a document: its head (registers, chunk list, what filters need; also in memory) and its body
// (the sealed text, on disk only).
//
//   std::string value;  EncodeHead(head, value);    Result<DocumentHead> head = DecodeHead(value, pool);
//
//   head     := 1 flags [content] [deletion] [skip] [hold] present:version    flags: 1 content 2 deletion 4 skip 8 hold
//   content  := ordinal edition effective:time facets:bytes count chunk*
//   chunk    := hash(16) (occurrence * 2 + has vector) ordinal
//   edition  := version revision
//   facets   := scope count (name count value*)*
//   deletion := version time
//   skip     := edition code step
//   hold     := version deid_run withheld code
//   body     := 1 origin model:bytes chunk_count sealed                       sealed: to the end
//
// Numbers are varints (wire.h).
//
// Decoding: corrupt_store. Heads are plain values; a FacetPool is used by one thread at a time.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/origin.h"
#include "common/base/status.h"

namespace freshet::store {

// One content of a document: the newest edition wins.
struct Edition {
  Version version;
  Revision revision;
  auto operator<=>(const Edition&) const = default;
};

// What filters look at beside time. Documents with equal facets share one.
struct Facets {
  ScopeId scope;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  bool operator==(const Facets&) const = default;
};

struct ChunkRef {
  Hash128 hash{};
  uint32_t occurrence = 0;
  ChunkOrdinal ordinal;
  bool vector = false;  // has one
};

struct Deletion {
  Version version;
  Time at;  // by the sink's clock: the tombstone goes some time after
};

struct Skip {
  Edition edition;
  Code code = Code::kInternalError;
  Step stage = Step::kDeid;
};

// The newest withhold or release. Content up to (version, deid_run) is hidden while `withheld`.
struct Hold {
  Version version;
  uint64_t deid_run = 0;
  bool withheld = true;
  Code reason = Code::kQuarantined;
};

inline constexpr DocumentOrdinal kNoDocument{std::numeric_limits<uint32_t>::max()};

struct DocumentHead {
  DocumentOrdinal ordinal = kNoDocument;  // kNoDocument: no version is in, the five fields below are empty
  Edition content;
  Time effective;
  std::shared_ptr<const Facets> facets;
  std::vector<ChunkRef> chunks;
  // Rare, hence apart.
  std::shared_ptr<const Deletion> deletion;
  std::shared_ptr<const Skip> skip;
  std::shared_ptr<const Hold> hold;
  Version present;  // the newest snapshot that saw it unchanged

  bool has_content() const { return ordinal != kNoDocument; }
  void ClearContent();
};

// Makes documents with equal facets share one object.
class FacetPool {
 public:
  std::shared_ptr<const Facets> Share(Facets facets);
  std::shared_ptr<const Facets> Read(std::string_view encoded);  // null where it cannot be read
  void Sweep();                                                  // forgets what no document has any more
  void SweepIfGrown();  // the same, now and then: its cost is spread over what was shared since
  size_t size() const { return shared_.size(); }

 private:
  std::unordered_map<std::string, std::weak_ptr<const Facets>> shared_;
  size_t swept_size_ = 0;
};

void EncodeHead(const DocumentHead& head, std::string& out);
Result<DocumentHead> DecodeHead(std::string_view value, FacetPool& pool);

struct DocumentBody {
  Origin origin;
  std::string model;
  uint32_t chunk_count = 0;
  std::string sealed;
};
std::string EncodeBody(const Origin& origin, std::string_view model, uint32_t chunk_count, std::string_view sealed);
Result<DocumentBody> DecodeBody(std::string_view value);

}  // namespace freshet::store
