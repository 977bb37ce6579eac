#include "connectors/fhir/export_pages.h"

#include "common/telemetry/log.h"
#include "connectors/fhir/json.h"
#include "connectors/source/source.h"

namespace freshet::fhir {
namespace {

constexpr size_t kMostManifest = 16u << 20;
constexpr Duration kUnasked = std::chrono::seconds(2);  // between two questions where the server names no time
constexpr Duration kMostWait = std::chrono::minutes(5);
constexpr Duration kPieceWait = std::chrono::milliseconds(100);

}  // namespace

ExportPages::~ExportPages() {
  download_.reset();
  if (state_ != State::kToAsk) client_.Delete(status_);
}

Status ExportPages::Ask() {
  std::string path = options_.export_path + "?_outputFormat=" + PercentEncoded("application/fhir+ndjson") + "&_type=";
  for (const std::string& type : options_.types) path += (path.ends_with('=') ? "" : "%2C") + type;
  if (since_) path += "&_since=" + PercentEncoded(FormatTime(*since_));
  FRESHET_ASSIGN_OR_RETURN(const Url url, client_.base().Resolve(path));
  Answer answer;
  FRESHET_RETURN_IF_ERROR(
      client_.Get({.url = url, .asynchronous = true}, answer, [](std::string_view) { return OkStatus(); }));
  if (answer.status != 202 || answer.location.empty()) {
    return Status(Code::kUnavailable, "The server does not begin an export");
  }
  FRESHET_ASSIGN_OR_RETURN(status_, client_.ResolveHere(answer.location));
  state_ = State::kAsked;
  return OkStatus();
}

Status ExportPages::Wait() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ask_ || client_.pause() > Duration(0)) return OkStatus();
  Answer answer;
  const Result<std::string> text =
      client_.GetText({.url = status_, .accept = "application/json"}, answer, kMostManifest);
  const bool patience = answer.status == 202 || ((answer.status == 429 || answer.status == 503) && answer.retry_after);
  if (patience) {
    next_ask_ = now + std::min(answer.retry_after.value_or(kUnasked), kMostWait);
    return OkStatus();
  }
  if (!text.ok()) return Status(Code::kUnavailable, "The export failed: " + text.status().message());
  return ReadManifest(*text);
}

Status ExportPages::ReadManifest(const std::string& text) {
  simdjson::dom::parser parser;
  Element manifest;
  if (parser.parse(text).get(manifest) != simdjson::SUCCESS)
    return Status(Code::kUnavailable, "A manifest that is no JSON");
  const Result<Time> as_of = ParseTime(TextAt(manifest, "transactionTime"));
  if (!as_of.ok()) return Status(Code::kUnavailable, "A manifest without transactionTime");
  as_of_ = *as_of;
  if (manifest["requiresAccessToken"].get(token_) != simdjson::SUCCESS) token_ = false;
  for (const bool deleted : {false, true}) {
    for (const Element file : ListAt(manifest, deleted ? "deleted" : "output")) {
      const std::string_view type = TextAt(file, "type");
      if (!deleted && !options_.Reads(type)) continue;
      files_.push_back({.url = std::string(TextAt(file, "url")), .deleted = deleted});
    }
  }
  const size_t errors = ListAt(manifest, "error").size();
  if (errors > 0) Log(LogLevel::kWarning, "The export names errors of the server.", {{"files", errors}});
  state_ = State::kFiles;
  return OkStatus();
}

Status ExportPages::OpenFile() {
  Request request{.url = {}, .accept = "application/fhir+ndjson", .asynchronous = false, .token = token_};
  FRESHET_ASSIGN_OR_RETURN(request.url, client_.Resolve(files_.front().url));
  const size_t most = options_.max_resource.bytes;
  lines_ = std::make_unique<LineSplitter>(most, [this](Piece piece) { return TakeLine(std::move(piece)); });
  download_ = std::make_unique<Download>(client_, std::move(request));
  return OkStatus();
}

// A line of a file of deletes is a bundle of them.
Status ExportPages::TakeLine(Piece piece) {
  if (!files_.front().deleted) {
    bytes_ += piece.text.size();
    entries_.push_back(std::move(piece));
    return OkStatus();
  }
  BundleSplitter bundle(options_.max_resource.bytes, [this](Piece entry) {
    entries_.push_back(std::move(entry));
    return OkStatus();
  });
  FRESHET_RETURN_IF_ERROR(bundle.Push(piece.resource()));
  return bundle.Finish();
}

Result<Page> ExportPages::ReadFiles() {
  while (!files_.empty() && bytes_ < kMostBatchBytes && entries_.size() < kMostBatchEvents) {
    if (download_ == nullptr) FRESHET_RETURN_IF_ERROR(OpenFile());
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, download_->Next(kPieceWait));
    if (!bytes) break;
    const Status taken = bytes->empty() ? lines_->Finish() : lines_->Push(*bytes);
    if (!taken.ok()) return Status(Code::kUnavailable, "A file of the export that is no NDJSON");
    if (!bytes->empty()) continue;
    download_.reset();
    files_.pop_front();
  }
  bytes_ = 0;
  if (files_.empty()) state_ = State::kEnded;
  const bool waits = entries_.empty() && !files_.empty();
  return Page{.entries = std::exchange(entries_, {}), .last = files_.empty(), .waits = waits};
}

Result<Page> ExportPages::Next() {
  if (state_ == State::kToAsk) FRESHET_RETURN_IF_ERROR(Ask());
  if (state_ == State::kAsked) FRESHET_RETURN_IF_ERROR(Wait());
  if (state_ == State::kAsked) return Page{.entries = {}, .last = false, .waits = true};
  return ReadFiles();
}

}  // namespace freshet::fhir
