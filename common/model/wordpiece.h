// WordPiece: the tokenizer of BERT's uncased models (all-MiniLM-L6-v2 among them), with places in the source.
//
//   FRESHET_ASSIGN_OR_RETURN(auto tokenizer, WordPiece::Load("model/vocab.txt"));
//   std::vector<WordPiece::Token> tokens;
//   tokenizer->Encode("Sjögren's syndrome", 256, tokens);   // [CLS] s ##jo ##gren ' s syndrome [SEP]
//
// Words as in bert_text.h, each into the longest sub-words from the left (Schuster and Nakajima, 2012; Wu et al.,
// arXiv:1609.08144); a word of more than 100 characters or that cannot be made of sub-words is [UNK]. The names of
// special tokens in a text ("[SEP]") are those tokens, as in the reference implementation, with which ids and byte
// offsets agree exactly. Immutable after Load: any thread. Codes: model_missing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model/token_counter.h"
#include "common/model/vocabulary.h"

namespace freshet::model {

class WordPiece {
 public:
  struct Token {
    uint32_t id = 0;
    uint32_t begin = 0;  // bytes of the text; 0 and 0 for the [CLS] and [SEP] that are added
    uint32_t end = 0;
    bool operator==(const Token&) const = default;
  };

  static Result<std::unique_ptr<WordPiece>> Load(const std::string& vocabulary_path);
  static Result<std::unique_ptr<WordPiece>> Make(Vocabulary vocabulary);

  // Replaces `tokens`: [CLS], at most max_tokens - 2 tokens of the text, [SEP].
  void Encode(std::string_view text, size_t max_tokens, std::vector<Token>& tokens) const;
  // Replaces `tokens` by all of the text's own.
  void Tokenize(std::string_view text, std::vector<Token>& tokens) const;

 private:
  struct Special {
    std::string_view name;
    uint32_t id;
  };

  explicit WordPiece(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}
  void Append(std::string_view text, size_t limit, std::vector<Token>& tokens) const;
  void AppendPlain(std::string_view text, uint32_t origin, size_t limit, std::vector<Token>& tokens) const;
  const Special* SpecialAt(std::string_view text) const;

  Vocabulary vocabulary_;
  std::vector<Special> specials_;
  uint32_t unknown_ = 0;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

// Counts in those tokens.
class WordPieceCounter final : public TokenCounter {
 public:
  // `tokenizer` outlives the counter.
  explicit WordPieceCounter(const WordPiece& tokenizer) : tokenizer_(tokenizer) {}
  std::string_view name() const override { return "wordpiece"; }
  size_t Count(std::string_view text) const override;
  void TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const override;
  size_t specials() const override { return 2; }

 private:
  const WordPiece& tokenizer_;
};

}  // namespace freshet::model
