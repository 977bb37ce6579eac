#include "services/freshet/quarantine_desk.h"

#include "common/base/utf8.h"

namespace freshet {
namespace {

query::HeldDocument RowOf(const deid::Held& held) {
  return {.document = KeyOf(held.origin),
          .version = held.origin.version,
          .reason = std::string(deid::RowOf(held.reason).name),
          .releasable = deid::RowOf(held.reason).releasable,
          .risk = held.risk,
          .policy = held.policy,
          .since = held.since,
          .released_by = held.released.name,
          .released_at = held.released.at};
}

// Decisions are in order and disjoint, so places are counted once.
query::ShownDocument ShownOf(const Review::Shown& shown) {
  query::ShownDocument out{.held = RowOf(shown.held), .text = shown.why.text};
  const std::string_view text = shown.why.text;
  size_t at = 0, place = 0;
  const auto place_of = [&](uint32_t byte) {
    place += CountCodePoints(text.substr(at, byte - at));
    at = byte;
    return place;
  };
  for (const deid::Decision& one : shown.why.decisions) {
    const size_t start = place_of(one.range.begin);
    const bool gone = one.verdict == deid::Verdict::kGone;
    out.decisions.push_back({.start = start,
                             .end = place_of(one.range.end),
                             .type = std::string(deid::LabelOf(one.by.type)),
                             .score = one.by.score,
                             .detector = std::string(one.by.detector),
                             .action = gone ? std::string(deid::NameOf(one.rule.action)) : "keep",
                             .replacement = one.replacement,
                             .why = deid::SentenceOf(one)});
  }
  return out;
}

Result<query::HeldDocument> RowOf(const Result<deid::Held>& held) {
  if (!held.ok()) return held.status();
  return RowOf(*held);
}

}  // namespace

query::QuarantineDesk DeskOf(Review& review, const Clock& clock) {
  return {
      .list =
          [&review] {
            std::vector<query::HeldDocument> rows;
            for (const deid::Held& held : review.List()) rows.push_back(RowOf(held));
            return rows;
          },
      .show = [&review](const CollectionName& collection, const DocumentId& document) -> Result<query::ShownDocument> {
        FRESHET_ASSIGN_OR_RETURN(const Review::Shown shown, review.Show(collection, document));
        return ShownOf(shown);
      },
      .release =
          [&review, &clock](const DocumentKey& document, const Version& version, const std::string& user) {
            return RowOf(review.Release(document, version, {user, clock.Now()}));
          },
      .rerun = [&review](const DocumentKey& document) { return RowOf(review.Rerun(document)); }};
}

}  // namespace freshet
