// SafetensorsFile: the tensors of a .safetensors file, where they lie in the file's memory map.
//
//   FRESHET_ASSIGN_OR_RETURN(auto file, SafetensorsFile::Open("model/model.safetensors"));
//   const Tensor* words = file->Find("embeddings.word_embeddings.weight");   // null: there is none
//
// file   := size (8, little-endian) header (size) data
// header := {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {...}}
//
// Everything is checked when it is opened: sizes against the file, shapes against bytes, and that the tensors cover the
// data once, without overlap or gap, as the format demands. Codes: model_missing, with the path and what is wrong.
// Immutable: any thread. The file must not be written to while it is open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::model {

enum class TensorType : uint8_t { kFloat32, kFloat16, kBfloat16, kOther };

struct Tensor {
  TensorType type = TensorType::kOther;
  std::vector<uint64_t> shape;
  std::span<const std::byte> bytes;  // no alignment is promised

  std::string ShapeText() const;  // "[30522, 384]"
};

class SafetensorsFile {
 public:
  static Result<std::unique_ptr<SafetensorsFile>> Open(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const Tensor* Find(std::string_view name) const;
  const std::map<std::string, Tensor, std::less<>>& tensors() const { return tensors_; }
  const std::filesystem::path& path() const { return path_; }
  // The whole file, as for a checksum.
  std::string_view contents() const { return {static_cast<const char*>(map_), size_}; }

 private:
  explicit SafetensorsFile(std::filesystem::path path) : path_(std::move(path)) {}
  Status Map();
  Status ReadHeader();
  Status CheckCover(std::span<const std::byte> data) const;

  std::filesystem::path path_;
  void* map_ = nullptr;
  size_t size_ = 0;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace freshet::model
