#include "common/store/vector_list.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/model/dot.h"
#include "common/model/half.h"
#include "common/store/wire.h"

namespace freshet::store {
namespace {

static_assert(std::endian::native == std::endian::little, "lists are read as they lie in memory");

constexpr uint64_t kFormat = 1;

template <class Number>
void AppendRaw(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

class Appending final : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    size_t bytes = in.existing_value == nullptr ? 0 : in.existing_value->size();
    for (const rocksdb::Slice& operand : in.operand_list) bytes += operand.size();
    std::string& value = out->new_value;
    value.clear();
    value.reserve(bytes);
    if (in.existing_value != nullptr) value.append(in.existing_value->data(), in.existing_value->size());
    for (const rocksdb::Slice& operand : in.operand_list) value.append(operand.data(), operand.size());
    return true;
  }
  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands, std::string* value,
                         rocksdb::Logger*) const override {
    value->clear();
    for (const rocksdb::Slice& operand : operands) value->append(operand.data(), operand.size());
    return true;
  }
  const char* Name() const override { return "freshet.append"; }
};

}  // namespace

VectorCodes::VectorCodes(std::span<const uint16_t> half) : codes(half.size()) {
  std::vector<float> floats(half.size());
  model::HalvesToFloats(half, floats);
  const bool numbers = std::all_of(floats.begin(), floats.end(), [](float each) { return std::isfinite(each); });
  if (numbers) scale = model::Quantize(floats, codes);
}

void AppendListEntry(std::string& list, const ListEntry& entry, uint32_t dimensions) {
  AppendRaw(list, entry.chunk);
  AppendRaw(list, entry.document);
  AppendRaw(list, entry.scale);
  list.append(reinterpret_cast<const char*>(entry.codes), dimensions);
}

float HalfSquare(const Centroid& centroid) {
  const auto square = model::DotInt8(centroid.codes.data(), centroid.codes.data(), centroid.codes.size());
  return static_cast<float>(square) * centroid.scale * centroid.scale / 2;
}

std::string Encode(const Centroid& centroid) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(centroid.entries);
  AppendRaw(out, centroid.scale);
  AppendRaw(out, float{0});  // an earlier form had a number here
  out.append(reinterpret_cast<const char*>(centroid.codes.data()), centroid.codes.size());
  return out;
}

Result<Centroid> DecodeCentroid(std::string_view value, uint32_t dimensions) {
  ValueReader reader(value);
  Centroid centroid;
  const bool known = reader.Number() == kFormat;
  centroid.entries = reader.Number();
  const std::string_view numbers = reader.Raw(sizeof(float) * 2);
  const std::string_view codes = reader.Raw(dimensions);
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "a centroid");
  std::memcpy(&centroid.scale, numbers.data(), sizeof(float));
  centroid.codes.resize(dimensions);
  std::memcpy(centroid.codes.data(), codes.data(), dimensions);
  return centroid;
}

std::shared_ptr<rocksdb::MergeOperator> AppendingMerge() { return std::make_shared<Appending>(); }

}  // namespace freshet::store
