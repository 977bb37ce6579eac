#include "common/model/factory.h"

#include "common/model/hashing_embedder.h"
#include "common/model/words_counter.h"

namespace freshet::model {
namespace {

struct KindRow {
  std::string_view kind;
  Result<std::unique_ptr<Embedder>> (*embedder)(const EmbedderOptions& options);
  Result<std::unique_ptr<TokenCounter>> (*counter)(const EmbedderOptions& options);
};

Result<std::unique_ptr<Embedder>> MakeEncoder(const EmbedderOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Embedder> encoder, EncoderEmbedder::Make(options.encoder));
  return encoder;
}

Result<std::unique_ptr<TokenCounter>> MakeCounterOfEncoder(const EmbedderOptions& options) {
  return MakeEncoderCounter(options.encoder);
}

Result<std::unique_ptr<Embedder>> MakeHttp(const EmbedderOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Embedder> http, HttpEmbedder::Make(options.http));
  return http;
}

Result<std::unique_ptr<Embedder>> MakeHashing(const EmbedderOptions&) {
  return std::unique_ptr<Embedder>(std::make_unique<HashingEmbedder>());
}

Result<std::unique_ptr<TokenCounter>> MakeWords(const EmbedderOptions&) {
  return std::unique_ptr<TokenCounter>(std::make_unique<WordsCounter>());
}

// The one list: a new kind is a row.
constexpr KindRow kKinds[] = {
    {"encoder", &MakeEncoder, &MakeCounterOfEncoder},
    {"http", &MakeHttp, &MakeWords},
    {"hashing", &MakeHashing, &MakeWords},
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
  return row->embedder(options);
}

Result<std::unique_ptr<TokenCounter>> MakeTokenCounter(const EmbedderOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const KindRow* row, Find(options));
  return row->counter(options);
}

}  // namespace freshet::model
