#include "common/store/generations.h"

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;

}  // namespace

uint32_t GenerationTable::MadeBy(std::string_view recipe) const {
  for (const auto& [number, made_by] : recipes) {
    if (made_by == recipe) return number;
  }
  return 0;
}

std::string Encode(const GenerationTable& generations) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(generations.served);
  writer.Number(generations.previous);
  writer.Number(generations.next);
  writer.Number(generations.recipes.size());
  for (const auto& [number, recipe] : generations.recipes) {
    writer.Number(number);
    writer.Bytes(recipe);
  }
  return out;
}

Result<GenerationTable> DecodeGenerations(std::string_view value) {
  ValueReader reader(value);
  const uint64_t format = reader.Number();
  if (format > kFormat) return Status(Code::kConfiguration, "the index was written by a newer version of Freshet");
  GenerationTable generations;
  generations.served = reader.Number32();
  generations.previous = reader.Number32();
  generations.next = reader.Number32();
  for (size_t count = reader.Count(2); count > 0; --count) {
    const uint32_t number = reader.Number32();
    generations.recipes[number] = reader.Bytes();
  }
  if (format == 0 || !reader.AtEnd()) return Status(Code::kCorruptStore, "which generation is served");
  return generations;
}

}  // namespace freshet::store
