#include "common/model/encoder.h"

#include <algorithm>
#include <future>

#include "common/base/bytes.h"
#include "common/model/bert_config.h"
#include "common/model/bert_graph.h"
#include "common/model/model_dir.h"

namespace freshet::model {
namespace {

constexpr size_t kNameDigits = 16;

// Counts by a tokenizer of its own.
class EncoderCounter final : public TokenCounter {
 public:
  EncoderCounter(ModelTokenizer tokenizer, uint32_t limit)
      : limit_(limit),
        tokenizer_(std::move(tokenizer.wordpiece)),
        counter_(*tokenizer_),
        name_("wordpiece-" + tokenizer.fingerprint) {}

  std::string_view name() const override { return name_; }
  size_t Count(std::string_view text) const override { return counter_.Count(text); }
  void TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const override { counter_.TokenEnds(text, ends); }
  size_t specials() const override { return counter_.specials(); }
  size_t limit() const override { return limit_; }

 private:
  const uint32_t limit_;
  std::unique_ptr<WordPiece> tokenizer_;
  WordPieceCounter counter_;
  std::string name_;
};

std::string NameOf(const BertConfig& config, const std::string& vocabulary, const Hash128& weights) {
  const std::string all = config.Fingerprint() + " " + vocabulary + " " + ToHex(AsBytes(weights));
  return config.label + "-" + ToHex(AsBytes(HashOf(all))).substr(0, kNameDigits);
}

}  // namespace

Result<std::unique_ptr<EncoderEmbedder>> EncoderEmbedder::Make(const EncoderOptions& options) {
  const std::filesystem::path directory = FindModelDir(options.model_dir);
  FRESHET_ASSIGN_OR_RETURN(BertConfig config, ReadBertConfig(directory));
  FRESHET_ASSIGN_OR_RETURN(const auto path, ModelFile(directory, "model.safetensors"));
  std::unique_ptr<EncoderEmbedder> out(new EncoderEmbedder());
  FRESHET_ASSIGN_OR_RETURN(out->weights_, SafetensorsFile::Open(path));
  auto weights_hash = std::async(std::launch::async, [bytes = out->weights_->contents()] { return HashOf(bytes); });
  FRESHET_ASSIGN_OR_RETURN(ModelTokenizer tokenizer, LoadTokenizer(directory));
  if (tokenizer.vocabulary > config.vocabulary) {
    return Status(Code::kModelMissing, directory.string() + ": the vocabulary has " +
                                           std::to_string(tokenizer.vocabulary) + " sub-words, the model knows " +
                                           std::to_string(config.vocabulary));
  }
  config.max_tokens = std::min(config.max_tokens, options.max_tokens);
  out->max_tokens_ = config.max_tokens;
  out->tokenizer_ = std::move(tokenizer.wordpiece);
  FRESHET_ASSIGN_OR_RETURN(const auto graph, BuildBertGraph(config, *out->weights_));
  const EngineOptions engine{.threads = options.threads, .precision = options.precision};
  FRESHET_ASSIGN_OR_RETURN(out->engine_, EncoderEngine::Make(graph, engine));
  out->name_ = NameOf(config, tokenizer.fingerprint, weights_hash.get());
  return out;
}

TokenRow EncoderEmbedder::RowOf(std::string_view text) const {
  std::vector<WordPiece::Token> tokens;
  tokenizer_->Encode(text, max_tokens_, tokens);
  TokenRow row;
  row.reserve(tokens.size());
  for (const WordPiece::Token& token : tokens) row.push_back(static_cast<int32_t>(token.id));
  return row;
}

std::vector<uint32_t> EncoderEmbedder::TokenIds(std::string_view text) const {
  const TokenRow row = RowOf(text);
  return {row.begin(), row.end()};
}

Result<EmbeddingBatch> EncoderEmbedder::Compute(std::span<const std::string_view> texts, Priority priority) const {
  EmbeddingBatch out{.dimensions = dimensions(), .values = std::vector<float>(texts.size() * dimensions())};
  std::vector<TokenRow> rows;
  rows.reserve(texts.size());
  for (const std::string_view text : texts) rows.push_back(RowOf(text));
  FRESHET_RETURN_IF_ERROR(
      engine_->Run(MakeBatches(rows, {.dimensions = out.dimensions, .values = out.values}), priority));
  return out;
}

Result<std::unique_ptr<TokenCounter>> MakeEncoderCounter(const EncoderOptions& options) {
  const std::filesystem::path directory = FindModelDir(options.model_dir);
  FRESHET_ASSIGN_OR_RETURN(const BertConfig config, ReadBertConfig(directory));
  FRESHET_ASSIGN_OR_RETURN(ModelTokenizer tokenizer, LoadTokenizer(directory));
  const uint32_t limit = std::min(config.max_tokens, options.max_tokens);
  return std::unique_ptr<TokenCounter>(std::make_unique<EncoderCounter>(std::move(tokenizer), limit));
}

}  // namespace freshet::model
