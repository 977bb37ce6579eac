#include "connectors/fhir/reader.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/telemetry/log.h"
#include "connectors/fhir/json.h"
#include "connectors/fhir/labels.h"

namespace freshet::fhir {
namespace {

constexpr size_t kRemembered = 65536;
constexpr std::string_view kListNote = "a/";

bool IsAboutPeople(const Entry& entry) { return entry.id.type == "Patient" || entry.id.type == "RelatedPerson"; }

size_t BytesOf(const ChangeEvent& event) {
  const auto* const upsert = std::get_if<Upsert>(&event.change);
  return upsert == nullptr ? 0 : upsert->content.size();
}

}  // namespace

Reader::Reader(const FhirOptions& options, Client& client, const SourceStart& start)
    : options_(options),
      client_(client),
      clock_(start.clock),
      decoder_(options, [this](const std::string& url, const std::string& type,
                               size_t most) { return ReadAttachment(url, type, most); }),
      seen_(kRemembered) {
  for (const auto& [note, nothing] : start.notes) {
    if (note.starts_with(kListNote)) earlier_.insert(note.substr(kListNote.size()));
  }
}

void Reader::AddKnownLists(SourceBatch& batch) {
  AddList("/", batch);
  AddList("/!", batch);
  for (const std::string& scope : earlier_) AddList(scope, batch);
}

void Reader::AddList(const std::string& scope, SourceBatch& batch) {
  if (!listed_.insert(scope).second) return;
  batch.events.push_back({.origin = {}, .change = ListOf(scope, options_)});
  if (!earlier_.contains(scope)) batch.notes.emplace_back(std::string(kListNote) + scope, "");
}

// A page's people first: de-identification looks for them in its documents.
Status Reader::NextPage(Reading& reading) {
  reading.place = reading.pages->Place();
  reading.place_asked = std::exchange(reading.asked, clock_->Now());
  FRESHET_ASSIGN_OR_RETURN(Page page, reading.pages->Next());
  reading.waits = page.waits;
  reading.last = page.last;
  if (page.waits) return OkStatus();
  if (reading.hint == Time()) reading.hint = reading.pages->as_of().value_or(clock_->Now());
  size_t unnamed = 0;
  for (Piece& piece : page.entries) {
    std::optional<Entry> entry = EntryOf(std::move(piece), reading.hint);
    if (!entry) {
      ++unnamed;
      continue;
    }
    if (reading.pages->newest_first()) reading.hint = entry->updated;
    reading.newest = std::max(reading.newest, entry->updated);
    reading.entries.push_back(std::move(*entry));
  }
  if (unnamed > 0) Log(LogLevel::kWarning, "Entries without a resource's name are skipped.", {{"entries", unnamed}});
  std::stable_partition(reading.entries.begin(), reading.entries.end(), IsAboutPeople);
  return OkStatus();
}

Status Reader::Add(Reading& reading, Entry entry, SourceBatch& batch) {
  const bool listing = reading.told == Told::kInListing;
  const std::string name = entry.id.ToString();
  // A listing's lane is another one: what it brings first the stream brings all the same.
  const bool is_new =
      listing && reading.own_versions ? seen_.IsNew(name, entry.version) : seen_.Advance(name, entry.version);
  if (!is_new && !listing) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(DecodedEntry decoded, decoder_.Decode(std::move(entry), reading.told));
  Origin origin{.version = decoded.entry.version};
  origin.committed =
      std::max(std::min(decoded.entry.updated, clock_->Now()), listing ? Time() : vouched_ + Duration(1));
  if (decoded.document) origin.document = DocumentId(name);
  const bool mentioned = listing && reading.own_versions && decoded.document && !decoded.changes.empty() &&
                         origin.version < reading.begin && std::holds_alternative<Upsert>(decoded.changes.front());
  if (mentioned) {
    Origin now = origin;
    now.version = reading.begin;
    batch.events.push_back({.origin = std::move(now), .change = Present{}});
  }
  if (!reading.own_versions) origin.version = {};
  if (decoded.entry.code != Code::kOk) {
    Log(LogLevel::kWarning, "Resource cannot be read.", {{"code", decoded.entry.code}});
  }
  for (Change& change : decoded.changes) {
    if (!is_new) break;  // a newer one has been published already
    const auto* const upsert = std::get_if<Upsert>(&change);
    if (upsert != nullptr) AddList(upsert->access_scope.value, batch);
    batch.events.push_back({.origin = origin, .change = std::move(change)});
  }
  return OkStatus();
}

Result<bool> Reader::Read(Reading& reading, SourceBatch& batch) {
  if (reading.entries.empty() && !reading.last) FRESHET_RETURN_IF_ERROR(NextPage(reading));
  size_t bytes = 0;
  while (!reading.entries.empty() && bytes < kMostBatchBytes && batch.events.size() < kMostBatchEvents) {
    const size_t before = batch.events.size();
    Entry entry = std::move(reading.entries.front());
    reading.entries.pop_front();
    FRESHET_RETURN_IF_ERROR(Add(reading, std::move(entry), batch));
    for (size_t i = before; i < batch.events.size(); ++i) bytes += BytesOf(batch.events[i]);
  }
  return !(reading.entries.empty() && reading.last);
}

Result<Upsert> Reader::ReadAlone(const ResourceId& id) {
  FRESHET_ASSIGN_OR_RETURN(const Url url, client_.ResolveHere(id.ToString()));
  Answer answer;
  BundleSplitter splitter(options_.max_resource.bytes, [](Piece) { return OkStatus(); });
  FRESHET_RETURN_IF_ERROR(
      client_.Get({.url = url}, answer, [&](std::string_view bytes) { return splitter.Push(bytes); }));
  FRESHET_RETURN_IF_ERROR(splitter.Finish());
  std::optional<Entry> entry = EntryOf(std::move(splitter.rest()), clock_->Now());
  if (!entry || entry->id != id) return Status(Code::kNotFound, "The server answers with something else");
  return decoder_.DecodeAlone(std::move(*entry));
}

// A server that does not know of Accept answers with the Binary as a resource.
Result<std::string> Reader::ReadAttachment(const std::string& url, const std::string& type, size_t most) {
  const Result<Url> from = client_.Resolve(url);
  if (!from.ok() || from->origin != client_.base().origin) return Status(Code::kNotFound, "An attachment elsewhere");
  Answer answer;
  const std::string accept = type.empty() ? "*/*" : type;
  Result<std::string> bytes = client_.GetText({.url = *from, .accept = accept}, answer, most);
  if (bytes.code() == Code::kInvalidArgument) return Status(Code::kNotFound, bytes.status().message());
  if (!bytes.ok() || answer.type.find("fhir+json") == answer.type.npos || type.find("fhir+json") != type.npos)
    return bytes;
  simdjson::dom::parser parser;
  Element binary;
  if (parser.parse(*bytes).get(binary) != simdjson::SUCCESS) return Status(Code::kNotFound, "A Binary that is no JSON");
  const std::optional<std::string> data = FromBase64(TextAt(binary, "data"));
  if (!data) return Status(Code::kNotFound, "A Binary that is no base64");
  return *data;
}

}  // namespace freshet::fhir
