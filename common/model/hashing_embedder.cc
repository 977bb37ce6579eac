#include "common/model/hashing_embedder.h"

#include <unicode/uchar.h>

#include <cmath>

#include "common/base/utf8.h"
#include "common/model/characters.h"
#include "common/model/dot.h"

namespace freshet::model {
namespace {

constexpr uint32_t kDimensions = HashingEmbedder::kDimensions;
constexpr uint64_t kSeed = 0xCBF29CE484222325;
constexpr uint64_t kPrime = 0x100000001B3;
constexpr float kWordWeight = 1.0f;
constexpr float kPairWeight = 0.5f;

uint64_t Add(uint64_t hash, char32_t code_point) { return (hash ^ code_point) * kPrime; }

// Makes every bit depend on every other (the finaliser of MurmurHash3).
uint64_t Mix(uint64_t hash) {
  hash = (hash ^ hash >> 33) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ hash >> 33) * 0xC4CEB9FE1A85EC53;
  return hash ^ hash >> 33;
}

// Sixteen bits of the hash make a slot: one the sign, fifteen the place.
void AddSlots(uint64_t hash, int slots, float weight, float* vector) {
  for (int i = 0; i < slots; ++i, hash >>= 16) {
    const uint32_t place = static_cast<uint32_t>(hash & 0x7FFF) * kDimensions >> 15;
    vector[place] += hash & 0x8000 ? weight : -weight;
  }
}

class Features {
 public:
  explicit Features(float* vector) : vector_(vector) {}

  void AddWord(uint64_t raw) {
    const uint64_t word = Mix(raw);
    AddSlots(word, 4, kWordWeight, vector_);
    if (any_) AddSlots(Mix(previous_ * kPrime + word), 2, kPairWeight, vector_);
    previous_ = word;
    any_ = true;
  }

 private:
  float* vector_;
  uint64_t previous_ = 0;
  bool any_ = false;
};

// Words are runs of letters, marks and digits, case-folded; in scripts without spaces each letter is one.
void AddText(std::string_view text, Features& features) {
  uint64_t word = kSeed;
  bool in_word = false;
  const auto end_word = [&] {
    if (in_word) features.AddWord(word);
    word = kSeed;
    in_word = false;
  };
  for (size_t at = 0; at < text.size();) {
    char32_t c = static_cast<uint8_t>(text[at]);
    CharacterClass kind;
    if (c < 0x80) {
      kind = kAsciiClasses[c];
      if (c >= 'A' && c <= 'Z') c |= 0x20;
      ++at;
    } else {
      c = NextCodePoint(text, at);
      kind = ClassOfNonAscii(c);
      c = static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
    }
    if (kind == CharacterClass::kWord) {
      word = Add(word, c);
      in_word = true;
      continue;
    }
    end_word();
    if (kind == CharacterClass::kSingle && c >= 0x80 && u_isalpha(static_cast<UChar32>(c))) {
      features.AddWord(Add(kSeed, c));
    }
  }
  end_word();
}

void Normalise(float* vector) {
  const float squares = DotFloat(vector, vector, kDimensions);
  if (squares <= 0) {
    vector[0] = 1;
    return;
  }
  const float inverse = 1 / std::sqrt(squares);
  for (uint32_t i = 0; i < kDimensions; ++i) vector[i] *= inverse;
}

}  // namespace

Result<EmbeddingBatch> HashingEmbedder::Compute(std::span<const std::string_view> texts, Priority) const {
  EmbeddingBatch batch{.dimensions = kDimensions, .values = std::vector<float>(texts.size() * kDimensions)};
  for (size_t row = 0; row < texts.size(); ++row) {
    float* const vector = &batch.values[row * kDimensions];
    Features features(vector);
    AddText(texts[row], features);
    Normalise(vector);
  }
  return batch;
}

}  // namespace freshet::model
