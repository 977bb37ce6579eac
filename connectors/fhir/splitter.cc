#include "connectors/fhir/splitter.h"

namespace freshet::fhir {
namespace {

constexpr size_t kBundleDepth = 2;  // of the bundle's own bracket, as the rest is read as a resource alone
const Status kBroken(Code::kMalformedDocument, "JSON whose brackets do not match");

}  // namespace

PieceBuilder::PieceBuilder(size_t most_bytes)
    : most_bytes_(most_bytes),
      scanner_({"fullUrl", "resource.resourceType", "resource.id", "resource.meta.versionId",
                "resource.meta.lastUpdated", "request.method", "request.url", "response.etag",
                "response.lastModified"}) {}

void PieceBuilder::Begin(bool resource_alone) {
  scanner_.Reset();
  piece_ = {};
  alone_ = resource_alone;
  if (alone_) {
    for (const char c : std::string_view("{\"resource\":")) (void)Add(c);
  }
  any_ = false;
}

JsonScanner::Event PieceBuilder::Add(char c) {
  const bool in_string = scanner_.in_string();
  const JsonScanner::Event event = scanner_.Step(c);
  any_ = any_ || (c != ' ' && c != '\n' && c != '\r' && c != '\t');
  if (!piece_.too_large) piece_.text.push_back(c);
  if (piece_.text.size() > most_bytes_) {
    piece_.too_large = true;
    piece_.text = std::string();
  }
  if (in_string || piece_.too_large) return event;
  const size_t depth = scanner_.depth();
  if (event == JsonScanner::Event::kOpen && depth == 2 && scanner_.name(2) == "resource") {
    piece_.begin = piece_.text.size() - 1;
  } else if (event == JsonScanner::Event::kClose && depth == 1 && piece_.begin > 0 && piece_.end == 0) {
    piece_.end = piece_.text.size();
  }
  return event;
}

Piece PieceBuilder::Take() {
  if (alone_) (void)Add('}');
  const auto found = [&](std::string_view place) { return std::string(scanner_.found(place)); };
  piece_.full_url = found("fullUrl");
  piece_.type = found("resource.resourceType");
  piece_.id = found("resource.id");
  piece_.version_id = found("resource.meta.versionId");
  piece_.last_updated = found("resource.meta.lastUpdated");
  piece_.method = found("request.method");
  piece_.request_url = found("request.url");
  piece_.etag = found("response.etag");
  piece_.last_modified = found("response.lastModified");
  if (piece_.too_large) piece_.begin = piece_.end = 0;
  any_ = false;
  return std::exchange(piece_, {});
}

BundleSplitter::BundleSplitter(size_t most_bytes, Taker take)
    : take_(std::move(take)), outer_(most_bytes), entry_(most_bytes) {
  outer_.Begin(true);
}

Status BundleSplitter::Step(char c) {
  if (in_entry_) {
    const JsonScanner::Event event = entry_.Add(c);
    if (event == JsonScanner::Event::kBroken) return kBroken;
    if (event != JsonScanner::Event::kClose || entry_.scanner().depth() > 0) return OkStatus();
    in_entry_ = false;
    return take_(entry_.Take());
  }
  const JsonScanner& scanner = outer_.scanner();
  const bool between =
      !scanner.in_string() && scanner.depth() == kBundleDepth + 1 && scanner.name(kBundleDepth + 1) == "entry";
  if (between && c == ',') return OkStatus();  // the rest is JSON too
  if (between && c == '{') {
    in_entry_ = true;
    entry_.Begin(false);
    (void)entry_.Add(c);
    return OkStatus();
  }
  return outer_.Add(c) == JsonScanner::Event::kBroken ? kBroken : OkStatus();
}

Status BundleSplitter::Push(std::string_view bytes) {
  for (const char c : bytes) FRESHET_RETURN_IF_ERROR(Step(c));
  return OkStatus();
}

Status BundleSplitter::Finish() {
  const bool whole = !in_entry_ && outer_.any() && outer_.scanner().depth() == 1 && !outer_.scanner().in_string();
  if (!whole) return Status(Code::kMalformedDocument, "JSON that breaks off");
  rest_ = outer_.Take();
  return OkStatus();
}

LineSplitter::LineSplitter(size_t most_bytes, Taker take) : take_(std::move(take)), line_(most_bytes) {
  line_.Begin(true);
}

Status LineSplitter::EndLine() {
  const bool any = line_.any();
  Piece piece = line_.Take();
  line_.Begin(true);
  return any ? take_(std::move(piece)) : OkStatus();
}

Status LineSplitter::Push(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      FRESHET_RETURN_IF_ERROR(EndLine());
    } else {
      (void)line_.Add(c);
    }
  }
  return OkStatus();
}

Status LineSplitter::Finish() { return EndLine(); }

}  // namespace freshet::fhir
