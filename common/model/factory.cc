#include "common/model/factory.h"

#include "common/model/hashing_embedder.h"
#include "common/model/words_counter.h"

namespace freshet::model {
namespace {

struct KindRow {
  std::string_view kind;
  std::unique_ptr<Embedder> (*embedder)();
  std::unique_ptr<TokenCounter> (*counter)();
};

// The one list: a new kind is a row.
constexpr KindRow kKinds[] = {
    {"hashing", []() -> std::unique_ptr<Embedder> { return std::make_unique<HashingEmbedder>(); },
     []() -> std::unique_ptr<TokenCounter> { return std::make_unique<WordsCounter>(); }},
};

Result<const KindRow*> Find(const EmbedderOptions& options) {
  std::string known;
  for (const KindRow& row : kKinds) {
    if (row.kind == options.kind) return &row;
    known += (known.empty() ? "" : ", ") + std::string(row.kind);
  }
  return Status(Code::kConfiguration, "embedder.kind '" + options.kind + "' is not known; known kinds: " + known);
}

}  // namespace

Result<std::unique_ptr<Embedder>> MakeEmbedder(const EmbedderOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const KindRow* row, Find(options));
  return row->embedder();
}

Result<std::unique_ptr<TokenCounter>> MakeTokenCounter(const EmbedderOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const KindRow* row, Find(options));
  return row->counter();
}

}  // namespace freshet::model
