#include "common/model/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

namespace freshet::model {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kSizeBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

struct TypeRow {
  std::string_view name;
  uint32_t bytes;
  TensorType type;
};
constexpr TypeRow kTypes[] = {
    {"F32", 4, TensorType::kFloat32}, {"F16", 2, TensorType::kFloat16}, {"BF16", 2, TensorType::kBfloat16},
    {"F64", 8, TensorType::kOther},   {"I64", 8, TensorType::kOther},   {"I32", 4, TensorType::kOther},
    {"I16", 2, TensorType::kOther},   {"I8", 1, TensorType::kOther},    {"U64", 8, TensorType::kOther},
    {"U32", 4, TensorType::kOther},   {"U16", 2, TensorType::kOther},   {"U8", 1, TensorType::kOther},
    {"BOOL", 1, TensorType::kOther}};

const TypeRow* FindType(const Json& name) {
  if (!name.is_string()) return nullptr;
  const auto* const row = std::ranges::find(kTypes, name.get_ref<const std::string&>(), &TypeRow::name);
  return row == std::end(kTypes) ? nullptr : row;
}

bool ReadNumbers(const Json& list, std::vector<uint64_t>& out) {
  if (!list.is_array()) return false;
  for (const Json& item : list) {
    if (!item.is_number_unsigned()) return false;
    out.push_back(item.get<uint64_t>());
  }
  return true;
}

// Empty where the tensor is right; `data` is what offsets count in.
std::string ReadTensor(const Json& entry, std::span<const std::byte> data, Tensor& out) {
  if (!entry.is_object()) return "is no object";
  const TypeRow* const type = FindType(entry.value("dtype", Json()));
  if (type == nullptr) return "has no dtype that is known";
  std::vector<uint64_t> offsets;
  if (!ReadNumbers(entry.value("shape", Json()), out.shape)) return "has no shape";
  if (!ReadNumbers(entry.value("data_offsets", Json()), offsets) || offsets.size() != 2) return "has no data_offsets";
  if (offsets[0] > offsets[1] || offsets[1] > data.size()) return "lies outside of the file";
  uint64_t bytes = type->bytes;
  for (const uint64_t size : out.shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return "has a shape of more bytes than there are";
  }
  if (bytes != offsets[1] - offsets[0]) {
    return "has the shape " + out.ShapeText() + ", which is not of " + std::to_string(offsets[1] - offsets[0]) +
           " bytes";
  }
  out.type = type->type;
  out.bytes = data.subspan(offsets[0], bytes);
  return {};
}

Status Wrong(const std::filesystem::path& path, const std::string& what) {
  return Status(Code::kModelMissing, path.string() + ": " + what);
}

}  // namespace

std::string Tensor::ShapeText() const {
  std::string text = "[";
  for (const uint64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Result<std::unique_ptr<SafetensorsFile>> SafetensorsFile::Open(const std::filesystem::path& path) {
  std::unique_ptr<SafetensorsFile> file(new SafetensorsFile(path));
  FRESHET_RETURN_IF_ERROR(file->Map());
  FRESHET_RETURN_IF_ERROR(file->ReadHeader());
  return file;
}

SafetensorsFile::~SafetensorsFile() {
  if (map_ != nullptr) munmap(map_, size_);
}

Status SafetensorsFile::Map() {
  const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Wrong(path_, std::strerror(errno));
  struct stat about {};
  const bool regular = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  size_ = regular ? static_cast<size_t>(about.st_size) : 0;
  void* const map = size_ > kSizeBytes ? mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  close(file);
  if (!regular) return Wrong(path_, "is no file");
  if (size_ <= kSizeBytes) return Wrong(path_, "is too short for a safetensors file");
  if (map == MAP_FAILED) return Wrong(path_, "cannot be mapped into memory");
  map_ = map;
  return OkStatus();
}

Status SafetensorsFile::ReadHeader() {
  static_assert(std::endian::native == std::endian::little);
  uint64_t size = 0;
  std::memcpy(&size, map_, kSizeBytes);
  if (size > kLongestHeader || size > size_ - kSizeBytes) {
    return Wrong(path_,
                 "says that its header has " + std::to_string(size) + " bytes; it is no safetensors file or cut");
  }
  const std::string_view text = contents().substr(kSizeBytes, size);
  const Json header = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) return Wrong(path_, "has a header that is no JSON object");
  const auto data = std::as_bytes(std::span(contents())).subspan(kSizeBytes + size);
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) continue;
    Tensor tensor;
    const std::string wrong = ReadTensor(entry, data, tensor);
    if (!wrong.empty()) return Wrong(path_, "tensor " + name.substr(0, 200) + " " + wrong);
    tensors_.emplace(name, std::move(tensor));
  }
  return CheckCover(data);
}

Status SafetensorsFile::CheckCover(std::span<const std::byte> data) const {
  std::vector<std::span<const std::byte>> parts;
  for (const auto& [name, tensor] : tensors_) parts.push_back(tensor.bytes);
  std::ranges::sort(parts, [](const auto& a, const auto& b) {
    return a.data() != b.data() ? a.data() < b.data() : a.size() < b.size();
  });
  const std::byte* covered = data.data();
  for (const auto& part : parts) {
    if (part.data() < covered) return Wrong(path_, "has tensors that overlap");
    if (part.data() > covered) return Wrong(path_, "has bytes that are of no tensor");
    covered += part.size();
  }
  if (covered != data.data() + data.size()) return Wrong(path_, "has bytes that are of no tensor");
  return OkStatus();
}

const Tensor* SafetensorsFile::Find(std::string_view name) const {
  const auto at = tensors_.find(name);
  return at == tensors_.end() ? nullptr : &at->second;
}

}  // namespace freshet::model
