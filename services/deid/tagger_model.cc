#include "services/deid/tagger_model.h"

#include <algorithm>
#include <bit>
#include <cstring>

// The file becomes part of the program: a process needs nothing beside itself.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global freshet_name_model\n"
    "freshet_name_model:\n"
    ".incbin \"" FRESHET_NAME_MODEL
    "\"\n"
    ".global freshet_name_model_end\n"
    "freshet_name_model_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const char freshet_name_model[];      // NOLINT(readability-identifier-naming)
extern "C" const char freshet_name_model_end[];  // NOLINT(readability-identifier-naming)

namespace freshet::deid {
namespace {

static_assert(std::endian::native == std::endian::little, "The model's file is read as it lies.");

struct Header {
  char magic[4];
  uint8_t row_bits;
  uint8_t word_bits;
  uint8_t labels;
  uint8_t doubt;
  float scale;
};
static_assert(sizeof(Header) == 12);

Status Corrupt() { return Status(Code::kCorruptStore, "These bytes are no name model."); }

}  // namespace

Result<TaggerModel> TaggerModel::Parse(std::string_view file) {
  Header header{};
  if (file.size() < sizeof header) return Corrupt();
  std::memcpy(&header, file.data(), sizeof header);
  file.remove_prefix(sizeof header);
  const bool known = std::memcmp(header.magic, "FNM1", 4) == 0 && header.labels == kTags;
  if (!known || header.row_bits < 1 || header.row_bits > 20 || header.word_bits < 1 || header.word_bits > 22 ||
      !(header.scale > 0)) {
    return Corrupt();
  }
  const size_t rows = size_t{1} << header.row_bits;
  const size_t words = size_t{1} << header.word_bits;
  constexpr size_t kMoveBytes = kTags * kTags * sizeof(int16_t);
  if (file.size() != kMoveBytes + words * sizeof(uint16_t) + rows * kTags) return Corrupt();
  TaggerModel model;
  model.scale_ = header.scale;
  model.doubt_ = header.doubt;
  model.row_shift_ = 64 - header.row_bits;
  model.word_mask_ = words - 1;
  std::array<int16_t, kTags * kTags> moves{};
  std::memcpy(moves.data(), file.data(), kMoveBytes);
  for (size_t i = 0; i < moves.size(); ++i) model.moves_[i / kTags][i % kTags] = moves[i];
  model.words_.resize(words);
  std::memcpy(model.words_.data(), file.data() + kMoveBytes, words * sizeof(uint16_t));
  // A look-up ends at a free place.
  if (std::find(model.words_.begin(), model.words_.end(), 0) == model.words_.end()) return Corrupt();
  model.rows_.resize(rows);
  const char* cell = file.data() + kMoveBytes + words * sizeof(uint16_t);
  for (Lanes& row : model.rows_) {
    std::memcpy(row.data(), cell, kTags);
    cell += kTags;
  }
  return model;
}

Result<const TaggerModel*> TaggerModel::Get() {
  static const Result<TaggerModel> kModel =
      Parse({freshet_name_model, static_cast<size_t>(freshet_name_model_end - freshet_name_model)});
  if (!kModel.ok()) return kModel.status();
  return &*kModel;
}

}  // namespace freshet::deid
