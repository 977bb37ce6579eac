#include "connectors/fhir/listing.h"

#include "common/telemetry/log.h"
#include "connectors/fhir/export_pages.h"

namespace freshet::fhir {
namespace {

constexpr int kMostResumes = 3;                             // at a page that does not come
constexpr Duration kOldestPlace = std::chrono::minutes(5);  // at which it goes on
constexpr Duration kClockTick = std::chrono::seconds(2);    // less than so a time seems to go back by: a Date's parts

// A server that counts its pages afresh leaves a document out wherever one before it has gone since: the longer ago,
// the likelier. Of a clock that was set back nobody knows how long ago it was.
bool IsFresh(Time since, Time now) { return since <= now && since >= now - kOldestPlace; }

Time TimeAt(const Version& version) { return FromMicros(static_cast<int64_t>(version.position)); }

}  // namespace

std::unique_ptr<Pages> Listing::MakePages() {
  if (options_.list == Lists::kExport) return std::make_unique<ExportPages>(client_, options_, std::nullopt);
  LinkedRules rules{.paths = options_.types, .count = options_.page, .most_resource = options_.max_resource.bytes};
  rules.whole = true;
  return std::make_unique<LinkedPages>(client_, std::move(rules));
}

bool Listing::GoesOn(Time now) const {
  if (!reading_) return false;
  const bool asks = reading_->entries.empty() && !reading_->last && options_.list != Lists::kExport;
  return !asks || IsFresh(reading_->asked, now);
}

void Listing::Open(const std::string& cursor, const Now& now, SourceBatch& batch) {
  reading_.emplace();
  reading_->pages = MakePages();
  reading_->told = Told::kInListing;
  reading_->asked = now.here;
  resumed_ = GoOnAt(cursor);
  if (resumed_) return;
  if (!cursor.empty()) Log(LogLevel::kWarning, "A listing cannot go on where it was: it begins anew.");
  resumes_failed_ = 0;
  reading_->begin = begun_ = Begin(now.there);
  batch.first = true;
  batch.begin = reading_->begin;
}

Version Listing::Begin(Time there) {
  const Version begin{1, static_cast<uint64_t>(ToMicros(there - options_.settle)), 0};
  if (begun_.epoch != begin.epoch || begun_ < begin) return begin;
  if (TimeAt(begun_) - TimeAt(begin) <= kClockTick) return {begun_.epoch, begun_.position + 1, 0};
  Log(LogLevel::kWarning, "The server's clock was set back: until it is past the last listing none deletes.");
  return begin;
}

bool Listing::GoOnAt(const std::string& cursor) {
  if (resumes_failed_ >= kMostResumes) return false;
  ByteReader reader(cursor);
  std::string_view fingerprint;
  uint64_t micros = 0;
  std::string place;
  const bool good = reader.Bytes(16, fingerprint) && reader.ReadVersion(reading_->begin) && reader.Big64(micros) &&
                    reader.Text(place) && reader.rest().empty() && fingerprint == AsBytes(FingerprintOf(options_));
  const Time now = reading_->asked, since = FromMicros(static_cast<int64_t>(micros));
  if (!good || !IsFresh(since, now) || !reading_->pages->GoOnAt(place)) return false;
  reading_->asked = since;
  return true;
}

// A page that has not been handed out whole is asked for again.
std::string Listing::Cursor() const {
  const bool whole = reading_->entries.empty();
  std::string cursor(AsBytes(FingerprintOf(options_)));
  AppendVersion(cursor, reading_->begin);
  AppendBig64(cursor, static_cast<uint64_t>(ToMicros(whole ? reading_->asked : reading_->place_asked)));
  AppendText(cursor, whole ? reading_->pages->Place() : reading_->place);
  return cursor;
}

Result<bool> Listing::Read(Reader& reader, SourceBatch& batch) {
  const Result<bool> more = reader.Read(*reading_, batch);
  const bool resumed = std::exchange(resumed_, false);
  if (!more.ok()) {
    if (resumed) CountFailure(more.code());
    return more;
  }
  resumes_failed_ = 0;
  batch.position = Cursor();
  batch.done = !*more;
  if (batch.done) Close();
  return more;
}

// A server that asks for patience, or does not let us in, has not refused the link.
void Listing::CountFailure(Code code) {
  const bool let_in = code != Code::kPermissionDenied && code != Code::kUnauthenticated;
  if (!let_in || client_.pause() > Duration(0)) return;
  const bool refused = DispositionOf(code) != Disposition::kRetry;
  resumes_failed_ = refused ? kMostResumes : resumes_failed_ + 1;
}

}  // namespace freshet::fhir
