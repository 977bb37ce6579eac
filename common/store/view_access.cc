#include "common/store/view_access.h"

#include <limits>

namespace freshet::store {
namespace {

constexpr Duration kClockTolerance = std::chrono::minutes(1);

Principals NamesOf(const std::set<Principal>& principals) {
  Principals names;
  for (const Principal& principal : principals) names.insert(principal.value);
  return names;
}

}  // namespace

AccessCheck::AccessCheck(const Core& core, const Access& access)
    : core_(core), access_(access), principals_(core.state.graph.Closure(NamesOf(access.principals), access.now)) {}

bool AccessCheck::IsStale(SourceNumber source) const {
  const auto own = access_.max_staleness.find(core_.state.source_names.at(source));
  const Duration limit = own == access_.max_staleness.end() ? access_.default_max_staleness : own->second;
  if (limit == Duration::max()) return false;
  if (core_.options.access_streams.empty()) return true;  // unknown access is no access
  for (const Stream stream : core_.options.access_streams) {
    const Time known = core_.state.WatermarkOf(source, stream, core_.options.partitions);
    // A time that has not come yet vouches for nothing: the clock was set back since, or the source's is wrong.
    if (access_.now - known > limit || known - access_.now > kClockTolerance) return true;
  }
  return false;
}

bool AccessCheck::Allows(const SourceKey& scope, const Version& content, Moment& moment) const {
  const ScopeLists* lists = FindScope(core_.state.scopes, scope);
  return lists != nullptr && store::Allows({principals_, moment}, *lists, content);
}

bool AccessCheck::AllowsNow(const Space& space, DocumentOrdinal document, Moment& moment) const {
  const DocumentRow* row = space.RowOf(document);
  return row != nullptr && Allows(ScopeOf(*row), row->second.content.version, moment);
}

bool AccessCheck::AllowsAhead(const Space& space, const SourceKey& document, Moment& moment) const {
  if (!space.behind.contains(document)) return true;
  const Space* const ahead = core_.state.AheadOf(space, document);
  if (ahead == nullptr) return true;
  const DocumentRow& row = *ahead->documents.find(document);
  return Allows(ScopeOf(row), row.second.content.version, moment);
}

std::shared_ptr<const Filter::Bitmap> AccessCheck::Readable(const Space& space) const {
  std::string key;
  for (const std::string& principal : principals_) AppendText(key, principal);
  std::vector<const Roaring*> stale;
  for (const auto& [source, documents] : space.of_source) {
    const bool is_stale = IsStale(source);
    key.push_back(is_stale ? '-' : '+');
    if (is_stale) stale.push_back(&documents);
  }
  if (auto known = space.filters.Find({key, space.epoch}, access_.now)) return known;
  Moment moment(access_.now);
  Roaring documents = ReadableNow(space, moment);
  for (const Roaring* of_stale : stale) documents -= *of_stale;
  auto bitmap = std::make_shared<const Filter::Bitmap>(std::move(documents));
  space.filters.Keep({key, space.epoch}, moment.stays(), bitmap);
  return bitmap;
}

Roaring AccessCheck::ReadableNow(const Space& space, Moment& moment) const {
  const auto judge = [&](DocumentOrdinal document) { return AllowsNow(space, document, moment); };
  Roaring documents = space.access.Allowed({principals_, moment}, judge);
  documents &= space.visible;
  for (const auto& [document, since] : space.behind) {
    const auto row = space.documents.find(document);
    if (row == space.documents.end() || !row->second.has_content()) continue;
    if (!AllowsAhead(space, document, moment)) documents.remove(row->second.ordinal.value);
  }
  return documents;
}

std::shared_ptr<const Filter::Bitmap> AccessCheck::FilterFor(const Space& space, const Point& view,
                                                             const Restriction& restriction) const {
  std::shared_ptr<const Filter::Bitmap> readable = Readable(space);
  const auto changed = space.PastOfAll(view.commit);
  const bool newer = space.record.next_document > view.next_document;
  if (changed.empty() && !newer && !IsRestricted(restriction)) return readable;

  Roaring documents = readable->documents;
  if (newer) {
    Roaring after;
    after.addRange(view.next_document, uint64_t{1} << 32);
    documents -= after;
  }
  Roaring as_of_view;
  Moment moment(access_.now);
  for (const auto& [document, past] : changed) {
    if (!documents.removeChecked(document.value)) continue;
    const bool shown = space.IsVisibleAs(*past) && Allows(past->scope, past->content.version, moment);
    if (shown && Matches(*past->facets, past->effective, restriction)) as_of_view.add(document.value);
  }
  space.facets.Narrow(documents, restriction);
  documents |= as_of_view;
  return std::make_shared<const Filter::Bitmap>(std::move(documents));
}

bool AccessCheck::MayRead(const Space& space, const Point& view, DocumentOrdinal document) const {
  const DocumentRow* row = space.RowOf(document);
  if (row == nullptr || document.value >= view.next_document) return false;
  if (!space.IsVisible(document, view.commit) || IsStale(row->first.source)) return false;
  Moment moment(access_.now);
  if (!AllowsNow(space, document, moment) || !AllowsAhead(space, row->first, moment)) return false;
  const PastContent* shown = space.PastOf(document, view.commit);
  return shown == nullptr || Allows(shown->scope, shown->content.version, moment);
}

}  // namespace freshet::store
