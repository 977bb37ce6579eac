// Vocabulary: the sub-words of a WordPiece model, in a trie that finds the longest one a text begins with.
//
//   FRESHET_ASSIGN_OR_RETURN(Vocabulary vocabulary, Vocabulary::Load("model/vocab.txt"));
//   Vocabulary::Match match = vocabulary.LongestPrefix("hydranencephaly", Vocabulary::Place::kWordStart);
//
// Immutable after Load: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::model {

class Vocabulary {
 public:
  enum class Place : uint8_t { kWordStart, kInside };  // "gram", "##gram"
  struct Match {
    uint32_t id = 0;
    uint32_t bytes = 0;  // 0: nothing matches
  };

  // A line a sub-word, its number from 0 the id. model_missing where the file is absent or no vocabulary.
  static Result<Vocabulary> Load(const std::string& path);
  // model_missing where [UNK], [CLS] or [SEP] are not among the lines.
  static Result<Vocabulary> Parse(std::string_view lines);

  Match LongestPrefix(std::string_view text, Place place) const;
  // The id of exactly this line ("[SEP]", "##gram").
  std::optional<uint32_t> IdOf(std::string_view line) const;
  size_t size() const { return size_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kRoots = 2;  // nodes 0 and 1, by Place

  // Edges of the trie by open addressing: one probe a byte in most cases.
  struct Edge {
    uint32_t key = kNone;  // node << 8 | byte
    uint32_t child = 0;
  };

  Vocabulary() = default;
  uint32_t Child(uint32_t node, uint8_t byte) const;
  uint32_t AddChild(uint32_t node, uint8_t byte);
  void Add(std::string_view line, uint32_t id);
  void Grow();

  std::vector<Edge> edges_;
  std::vector<uint32_t> id_of_node_;
  size_t edge_count_ = 0;
  size_t size_ = 0;
};

}  // namespace freshet::model
