#include "services/freshet/citation_desk.h"

namespace freshet {
namespace {

query::TextRange RangeOf(const deid::Place& place) { return {place.begin, place.end}; }

}  // namespace

query::CitationDesk DeskOf(Citations& citations) {
  return {.resolve = [&citations](const query::CitationQuestion& question) -> Result<query::CitedPlace> {
    const auto words = question.text ? Citations::Words::kShown : Citations::Words::kHidden;
    FRESHET_ASSIGN_OR_RETURN(
        Citations::Cited cited,
        citations.Resolve({question.origin, question.clean, {question.range.start, question.range.end}, words}));
    query::CitedPlace out{.media_type = std::move(cited.media_type)};
    for (size_t i = 0; i < cited.pieces.size(); ++i) {
      deid::OffsetPiece& piece = cited.pieces[i];
      out.pieces.push_back({RangeOf(piece.clean), RangeOf(piece.source), std::move(piece.label),
                            i < cited.words.size() ? std::move(cited.words[i]) : ""});
    }
    return out;
  }};
}

}  // namespace freshet
