// What a search asks and what it answers: the types behind POST /v1/search (API.md has the JSON).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/store/view.h"

namespace freshet::query {

enum class Mode : uint8_t { kHybrid, kLexical, kVector };
enum class OnStale : uint8_t { kWarn, kRefuse };

inline constexpr size_t kMaxTopK = 100;
inline constexpr size_t kMaxQueryBytes = 16 << 10;
inline constexpr size_t kMinSnippet = 20;
inline constexpr size_t kMaxSnippet = 2000;
inline constexpr size_t kMaxNeighbours = 5;

// A version that must be searchable before the answer is given: read your writes.
struct VersionToken {
  DocumentKey document;
  Version version;

  // Hexadecimal of source, collection, document and version; opaque to callers.
  std::string Encode() const;
  static Result<VersionToken> Decode(std::string_view token);  // invalid_argument
};

struct SearchRequest {
  std::string query;
  std::vector<CollectionName> collections;  // empty: all
  size_t top_k = 10;
  Mode mode = Mode::kHybrid;
  store::Restriction filters;
  std::optional<Duration> max_staleness;
  OnStale on_stale = OnStale::kWarn;
  std::optional<VersionToken> after;
  bool one_per_document = false;  // of several passages of a document only the best
  size_t snippet = 0;             // code points of each hit's snippet; 0: none
  size_t neighbours = 0;          // so many blocks before each hit and after it
  std::optional<bool> rerank;     // nothing: where the site has a reranker
};

// invalid_argument, with the key that is wrong. Unknown keys are refused: a filter misspelt must not mean no filter.
Result<SearchRequest> ParseSearchRequest(std::string_view json);

// A chunk as text. Places count code points of the document's clean text.
struct Passage {
  std::vector<std::string> section;
  uint32_t block = 0;
  uint32_t place_begin = 0;
  uint32_t place_end = 0;
  std::string text;
};

struct HitSnippet {
  uint32_t place_begin = 0;
  uint32_t place_end = 0;
  std::string text;
  std::vector<std::pair<uint32_t, uint32_t>> matches;  // places of words that were asked for, in order
};

struct SearchHit {
  DocumentId document;
  CollectionName collection;
  std::string title;
  std::string uri;
  Passage passage;
  float score = 0;
  std::optional<float> lexical;
  std::optional<float> vector;
  std::optional<float> reranked;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  Version version;
  Time committed;
  Time searchable;
  std::string traceparent;  // of the change that made it searchable
  bool outdated = false;    // a newer version of the document was skipped
  std::optional<HitSnippet> snippet;
  std::vector<Passage> before, after;  // neighbours, in the order of the document
};

struct CollectionFreshness {
  CollectionName name;
  std::optional<Time> as_of;  // nothing: no heartbeat has arrived yet
  uint32_t generation = 1;
};

// A newer version that is not in: the hits may be behind it.
struct Incomplete {
  CollectionName collection;
  Code code = Code::kOk;
  uint64_t documents = 0;
};

struct SearchResponse {
  std::vector<SearchHit> hits;
  Time now;
  std::optional<Time> as_of;
  std::optional<Time> access_as_of;
  std::vector<Incomplete> incomplete;
  std::vector<CollectionFreshness> collections;
  std::vector<std::string> warnings;  // "code: sentence"
  std::string trace_id;
  std::vector<std::pair<std::string, double>> took_ms;  // in order: embed, vector, lexical, resolve, total
};

std::string ToJson(const SearchResponse& response);

}  // namespace freshet::query
