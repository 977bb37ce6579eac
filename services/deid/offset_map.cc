#include "services/deid/offset_map.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "common/store/wire.h"

namespace freshet::deid {
namespace {

constexpr uint64_t kFormat = 1;
// No text is longer (parse/parser.h has the limit of bytes): sums of what is read cannot overflow.
constexpr uint64_t kMostCodePoints = uint64_t{1} << 32;

}  // namespace

OffsetMap OffsetMap::Of(std::string_view source, std::string_view clean, std::span<const Edit> edits) {
  OffsetMap map;
  map.clean_hash_ = HashOf(clean);
  size_t at = 0;
  for (const Edit& edit : edits) {
    const std::string label(LabelOf(edit.type));
    const auto name = std::find(map.names_.begin(), map.names_.end(), label) - map.names_.begin();
    if (static_cast<size_t>(name) == map.names_.size()) map.names_.push_back(label);
    map.steps_.push_back({.kept = CountCodePoints(source.substr(at, edit.begin - at)),
                          .clean = CountCodePoints(clean.substr(edit.clean_begin, edit.clean_end - edit.clean_begin)),
                          .source = CountCodePoints(source.substr(edit.begin, edit.end - edit.begin)),
                          .name = static_cast<size_t>(name)});
    at = edit.end;
  }
  map.tail_ = CountCodePoints(source.substr(at));
  map.Count();
  return map;
}

void OffsetMap::Count() {
  clean_size_ = source_size_ = tail_;
  for (const Step& step : steps_) {
    clean_size_ += step.kept + step.clean;
    source_size_ += step.kept + step.source;
  }
}

std::string OffsetMap::Encode() const {
  std::string out;
  store::ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Raw(AsBytes(clean_hash_));
  writer.Number(tail_);
  writer.Number(names_.size());
  for (const std::string& name : names_) writer.Bytes(name);
  writer.Number(steps_.size());
  for (const Step& step : steps_) {
    for (const size_t number : {step.kept, step.clean, step.source, step.name}) writer.Number(number);
  }
  return out;
}

Result<OffsetMap> OffsetMap::Decode(std::string_view bytes) {
  const Status corrupt(Code::kCorruptStore, "An offset map that cannot be read.");
  store::ValueReader reader(bytes);
  OffsetMap map;
  if (reader.Number() != kFormat) return corrupt;
  const std::string_view hash = reader.Raw(map.clean_hash_.size());
  if (reader.failed()) return corrupt;
  std::copy(hash.begin(), hash.end(), map.clean_hash_.begin());
  bool sane = true;
  const auto length = [&] {
    const uint64_t number = reader.Number();
    sane &= number <= kMostCodePoints;
    return static_cast<size_t>(number);
  };
  map.tail_ = length();
  for (size_t names = reader.Count(); names > 0; --names) map.names_.emplace_back(reader.Bytes());
  for (size_t steps = reader.Count(4); steps > 0; --steps) {
    Step step;
    step.kept = length();
    step.clean = length();
    step.source = length();
    step.name = length();
    if (!sane || step.name >= map.names_.size()) return corrupt;
    map.steps_.push_back(step);
  }
  if (!reader.AtEnd() || !sane) return corrupt;
  map.Count();
  return map;
}

std::vector<OffsetPiece> OffsetMap::Resolve(const Place& clean) const {
  std::vector<OffsetPiece> pieces;
  if (clean.begin >= clean.end) return pieces;
  size_t at = 0;  // of the clean text, and what it is in the source
  size_t source = 0;
  const auto keep = [&](size_t length) {
    const size_t begin = std::max(at, clean.begin), end = std::min(at + length, clean.end);
    if (begin < end) pieces.push_back({{begin, end}, {source + (begin - at), source + (end - at)}, {}});
    at += length;
    source += length;
  };
  for (const Step& step : steps_) {
    if (at >= clean.end) return pieces;
    keep(step.kept);
    const size_t end = at + step.clean;
    const bool touched = step.clean == 0 ? clean.begin <= at && at < clean.end : at < clean.end && clean.begin < end;
    if (touched) pieces.push_back({{at, end}, {source, source + step.source}, names_[step.name]});
    at = end;
    source += step.source;
  }
  if (at < clean.end) keep(tail_);
  return pieces;
}

}  // namespace freshet::deid
