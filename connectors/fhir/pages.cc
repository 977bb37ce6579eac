#include "connectors/fhir/pages.h"

#include "common/base/bytes.h"
#include "connectors/fhir/json.h"

namespace freshet::fhir {
namespace {

constexpr uint64_t kNoTotal = ~uint64_t{0};
constexpr size_t kMostLink = 8192;  // a longer one is not kept

const Status kTooLarge(Code::kBackpressure, "A page over the limit");  // of this file: ask for less

}  // namespace

struct LinkedPages::Got {
  Answer answer;
  std::vector<Piece> entries;
  size_t bytes = 0;
  Duration took{};
  std::string next;
  std::optional<uint64_t> total;
};

std::string LinkedPages::Place() const {
  if (next_.size() > kMostLink) return "";
  std::string place;
  AppendBig32(place, static_cast<uint32_t>(path_));
  AppendBig64(place, seen_);
  AppendBig64(place, total_.value_or(kNoTotal));
  AppendBig64(place, static_cast<uint64_t>(ToMicros(as_of_.value_or(Time()))));
  AppendText(place, next_);
  return place;
}

bool LinkedPages::GoOnAt(std::string_view place) {
  ByteReader reader(place);
  uint32_t path = 0;
  uint64_t seen = 0, total = 0, as_of = 0;
  std::string next;
  const bool good = reader.Big32(path) && reader.Big64(seen) && reader.Big64(total) && reader.Big64(as_of) &&
                    reader.Text(next) && reader.rest().empty() && path <= rules_.paths.size();
  if (!good) return false;
  path_ = path;
  seen_ = seen;
  next_ = std::move(next);
  if (total != kNoTotal) total_ = total;
  if (as_of != 0) as_of_ = FromMicros(static_cast<int64_t>(as_of));
  return true;
}

Result<Url> LinkedPages::UrlOfPage() const {
  if (!next_.empty()) return client_.ResolveHere(next_);
  const std::string& path = rules_.paths[path_];
  const char* const sign = path.find('?') == path.npos ? "?" : "&";
  const char* const total = rules_.whole ? "&_total=accurate" : "";
  return client_.base().Resolve(path + sign + "_count=" + std::to_string(rules_.count) + total);
}

Status LinkedPages::Ask(const Url& url, Got& got) {
  BundleSplitter splitter(rules_.most_resource, [&](Piece piece) {
    got.bytes += piece.text.size();
    got.entries.push_back(std::move(piece));
    return got.bytes > rules_.most_page && rules_.count > 1 ? kTooLarge : OkStatus();
  });
  const auto take = [&](std::string_view bytes) { return splitter.Push(bytes); };
  const auto begin = std::chrono::steady_clock::now();
  Status asked = client_.Get({.url = url}, got.answer, take);
  got.took = std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - begin);
  if (asked.ok()) asked = splitter.Finish();
  if (asked.code() == Code::kMalformedDocument) return Status(Code::kUnavailable, "The server's answer is no bundle");
  FRESHET_RETURN_IF_ERROR(asked);
  simdjson::dom::parser parser;
  Element bundle;
  if (splitter.rest().type != "Bundle" ||
      parser.parse(std::string(splitter.rest().resource())).get(bundle) != simdjson::SUCCESS) {
    return Status(Code::kUnavailable, "The server's answer is no bundle");
  }
  for (const Element link : ListAt(bundle, "link")) {
    if (TextAt(link, "relation") == "next") got.next = TextAt(link, "url");
  }
  uint64_t total = 0;
  if (bundle["total"].get(total) == simdjson::SUCCESS) got.total = total;
  return OkStatus();
}

Status LinkedPages::Follow(Got& got) {
  if (next_.empty()) total_ = got.total;
  // The answer's date is that of its end.
  if (!as_of_ && got.answer.date) as_of_ = *got.answer.date - got.took;
  seen_ += got.entries.size();
  if (!got.next.empty()) {
    if (got.next == next_) return Status(Code::kUnavailable, "The server's next page is the same again");
    next_ = std::move(got.next);
    return OkStatus();
  }
  if (rules_.whole && total_ && seen_ < *total_) {
    return Status(Code::kUnavailable, "A listing is shorter than the server says");
  }
  ++path_;
  next_.clear();
  seen_ = 0;
  return OkStatus();
}

Result<Page> LinkedPages::Next() {
  if (path_ == rules_.paths.size()) return Page{.entries = {}, .last = true};
  while (true) {
    FRESHET_ASSIGN_OR_RETURN(const Url url, UrlOfPage());
    Got got;
    const Status asked = Ask(url, got);
    if (asked.code() == Code::kBackpressure) {
      rules_.count = (rules_.count + 1) / 2;
      next_.clear();
      seen_ = 0;
      continue;
    }
    FRESHET_RETURN_IF_ERROR(asked);
    FRESHET_RETURN_IF_ERROR(Follow(got));
    return Page{.entries = std::move(got.entries), .last = path_ == rules_.paths.size()};
  }
}

}  // namespace freshet::fhir
