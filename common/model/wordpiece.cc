#include "common/model/wordpiece.h"

#include "common/model/bert_text.h"

namespace freshet::model {
namespace {

constexpr std::string_view kSpecialNames[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
constexpr size_t kLongestWord = 100;  // characters

}  // namespace

Result<std::unique_ptr<WordPiece>> WordPiece::Load(const std::string& vocabulary_path) {
  FRESHET_ASSIGN_OR_RETURN(Vocabulary vocabulary, Vocabulary::Load(vocabulary_path));
  return Make(std::move(vocabulary));
}

Result<std::unique_ptr<WordPiece>> WordPiece::Make(Vocabulary vocabulary) {
  std::unique_ptr<WordPiece> out(new WordPiece(std::move(vocabulary)));
  for (const std::string_view name : kSpecialNames) {
    if (const auto id = out->vocabulary_.IdOf(name)) out->specials_.push_back({name, *id});
  }
  out->unknown_ = *out->vocabulary_.IdOf("[UNK]");  // Vocabulary has made sure of these
  out->begin_ = *out->vocabulary_.IdOf("[CLS]");
  out->end_ = *out->vocabulary_.IdOf("[SEP]");
  return out;
}

const WordPiece::Special* WordPiece::SpecialAt(std::string_view text) const {
  for (const Special& special : specials_) {
    if (text.starts_with(special.name)) return &special;
  }
  return nullptr;
}

void WordPiece::AppendPlain(std::string_view text, uint32_t origin, size_t limit, std::vector<Token>& tokens) const {
  BertText words(text, origin);
  BertWord word;
  while (tokens.size() < limit && words.Next(word)) {
    const size_t first = tokens.size();
    size_t at = 0;
    while (at < word.text.size() && word.characters <= kLongestWord) {
      const auto place = at == 0 ? Vocabulary::Place::kWordStart : Vocabulary::Place::kInside;
      const auto match = vocabulary_.LongestPrefix(std::string_view(word.text).substr(at), place);
      if (match.bytes == 0) break;
      tokens.push_back({match.id, word.begin_of[at], word.end_of[at + match.bytes - 1]});
      at += match.bytes;
    }
    if (at == word.text.size()) continue;
    tokens.resize(first);
    tokens.push_back({unknown_, word.begin_of.front(), word.end_of.back()});
  }
}

// Stops soon after `limit` tokens.
void WordPiece::Append(std::string_view text, size_t limit, std::vector<Token>& tokens) const {
  size_t begin = 0, at = 0;
  while (tokens.size() < limit && (at = text.find('[', at)) != std::string_view::npos) {
    const Special* const special = SpecialAt(text.substr(at));
    if (special == nullptr) {
      ++at;
      continue;
    }
    AppendPlain(text.substr(begin, at - begin), static_cast<uint32_t>(begin), limit, tokens);
    begin = at + special->name.size();
    tokens.push_back({special->id, static_cast<uint32_t>(at), static_cast<uint32_t>(begin)});
    at = begin;
  }
  AppendPlain(text.substr(begin), static_cast<uint32_t>(begin), limit, tokens);
}

void WordPiece::Encode(std::string_view text, size_t max_tokens, std::vector<Token>& tokens) const {
  const size_t limit = max_tokens < 2 ? 1 : max_tokens - 1;  // with [CLS]
  tokens.assign(1, {begin_, 0, 0});
  Append(text, limit, tokens);
  if (tokens.size() > limit) tokens.resize(limit);
  tokens.push_back({end_, 0, 0});
}

void WordPiece::Tokenize(std::string_view text, std::vector<Token>& tokens) const {
  tokens.clear();
  Append(text, SIZE_MAX, tokens);
}

size_t WordPieceCounter::Count(std::string_view text) const {
  std::vector<WordPiece::Token> tokens;
  tokenizer_.Tokenize(text, tokens);
  return tokens.size();
}

void WordPieceCounter::TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const {
  std::vector<WordPiece::Token> tokens;
  tokenizer_.Tokenize(text, tokens);
  ends.clear();
  for (const WordPiece::Token& token : tokens) ends.push_back(token.end);
}

}  // namespace freshet::model
