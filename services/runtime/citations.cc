#include "services/runtime/citations.h"

#include "common/base/utf8.h"
#include "services/deid/parse/parser.h"
#include "services/runtime/recleaner.h"

namespace freshet {
namespace {

Status NotKept() { return Status(Code::kNotFound, "no original of what the index holds is kept here"); }

// Places are in order, so the text is walked once.
std::vector<std::string> WordsOf(std::string_view text, std::span<const deid::OffsetPiece> pieces) {
  std::vector<std::string> words;
  size_t place = 0;
  const auto cut = [&](size_t to) {
    const size_t bytes = ByteOfCodePoint(text, to - place);
    const std::string_view front = text.substr(0, bytes);
    text.remove_prefix(bytes);
    place = to;
    return front;
  };
  for (const deid::OffsetPiece& piece : pieces) {
    cut(piece.source.begin);
    words.emplace_back(cut(piece.source.end));
  }
  return words;
}

}  // namespace

Citations::Citations(const HopContext& context, Stores stores)
    : keys_(context.parts.keys), options_(context.options), stores_(stores) {}
Citations::~Citations() = default;

Result<Citations::Cited> Citations::Resolve(const Question& question) {
  FRESHET_ASSIGN_OR_RETURN(const auto original, stores_.originals.Load(KeyOf(question.origin)));
  if (!original || original->first.version != question.origin.version) return NotKept();
  const Upsert& upsert = original->second;
  FRESHET_ASSIGN_OR_RETURN(const deid::OffsetMap map, MapOf(question, upsert));
  const auto [begin, end] = question.range;
  if (begin >= end || end > map.clean_size()) {
    return Status(Code::kInvalidArgument,
                  "the range must lie in the text, which has " + std::to_string(map.clean_size()) + " characters");
  }
  Cited cited{.pieces = map.Resolve(question.range), .words = {}, .media_type = deid::MediaTypeOf(upsert.media_type)};
  if (question.words == Words::kHidden) return cited;
  FRESHET_ASSIGN_OR_RETURN(const deid::ParsedDocument parsed, deid::Parse(upsert.media_type, upsert.content));
  // Another release of a parser may read the original otherwise than when the map was made.
  if (CountCodePoints(parsed.text) != map.source_size()) return NotKept();
  cited.words = WordsOf(parsed.text, cited.pieces);
  return cited;
}

Result<deid::OffsetMap> Citations::MapOf(const Question& question, const Upsert& original) {
  FRESHET_ASSIGN_OR_RETURN(std::optional<deid::OffsetMap> kept, stores_.originals.LoadMap(KeyOf(question.origin)));
  if (kept && kept->IsOf(question.clean.text())) return std::move(*kept);
  return MakeMap(question, original);
}

// For documents that were indexed before maps were kept, whose map power loss took, or that are shown as another policy
// than the pipeline's made them.
Result<deid::OffsetMap> Citations::MakeMap(const Question& question, const Upsert& original) {
  std::vector<deid::MappedDocument> maps;
  const std::string_view stamp = question.clean.policy();
  const CollectionName& collection = question.origin.collection;
  const auto policy = PolicyNamed(options_, collection, stamp.substr(0, stamp.find('@')));
  if (policy == nullptr) return NotKept();
  const deid::DeidState state{.policies = {{collection, policy}},
                              .roster = stores_.roster.Get(),
                              .keys = keys_,
                              .releases = stores_.quarantine.releases(),
                              .maps = &maps};
  const std::lock_guard lock(stage_mutex_);
  if (stage_ == nullptr) {
    FRESHET_ASSIGN_OR_RETURN(stage_, deid::Deid::Make());
  }
  const deid::Deid::Input input{question.origin, original};
  (void)stage_->Process({&input, 1}, state);  // what matters of its outcome is the map
  if (maps.empty() || !maps[0].map.IsOf(question.clean.text())) return NotKept();
  FRESHET_RETURN_IF_ERROR(stores_.originals.KeepMaps(maps));
  return std::move(maps[0].map);
}

}  // namespace freshet
