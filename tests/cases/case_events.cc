// What the lines of a case mean to a source: events.
#include "schemas/codec.h"
#include "tests/cases/case_world.h"

namespace freshet::test {
namespace {

Status Wrong(const CaseLine& line, const std::string& what) {
  return Status(Code::kInvalidArgument, line.verb + ": " + what);
}

std::string WordAt(const CaseLine& line, size_t at) { return at < line.words.size() ? line.words[at] : ""; }

// "@7": position 7 in epoch 1.
Version VersionOf(std::string_view word) {
  return {.epoch = 1, .position = word.starts_with('@') ? std::strtoull(word.data() + 1, nullptr, 10) : 0};
}
Version VersionOf(const CaseLine& line) {
  for (const std::string& word : line.words) {
    if (word.starts_with('@')) return VersionOf(word);
  }
  return {};
}

// "ada,group:nurses": users need no prefix.
std::vector<Listed> ListedIn(std::string names) {
  std::vector<Listed> principals;
  for (size_t at = 0; at < names.size();) {
    const size_t end = std::min(names.find(',', at), names.size());
    const std::string name = names.substr(at, end - at);
    principals.emplace_back(Principal(name.starts_with("group:") ? name : "user:" + name));
    at = end + 1;
  }
  return principals;
}

HumanName NameOf(const CaseLine& line) {
  HumanName name{.family = line.Option("family")};
  if (const std::string given = line.Option("given"); !given.empty()) name.given.push_back(given);
  return name;
}

AccessChange AccessOf(const CaseLine& line) {
  AccessChange change{
      .scope = ScopeId(WordAt(line, 0)), .allow = ListedIn(line.Option("to")), .deny = ListedIn(line.Option("deny"))};
  if (const std::string version = line.Option("for"); !version.empty()) change.content_version = VersionOf(version);
  return change;
}

}  // namespace

ChangeEvent CaseWorld::Event(const CaseLine& line, Change change) const {
  return {{.source = SourceName("source"),
           .collection = CollectionName("notes"),
           .version = VersionOf(line),
           .committed = now_},
          std::move(change)};
}

Upsert CaseWorld::UpsertOf(const CaseLine& line) const {
  Upsert upsert{.content = line.text,
                .media_type = line.Option("type").empty() ? "text/markdown" : line.Option("type"),
                .title = line.Option("title"),
                .access_scope = ScopeId(line.Option("in").empty() ? "open" : line.Option("in"))};
  if (const std::string patient = line.Option("patient"); !patient.empty()) upsert.patients = {PatientId(patient)};
  upsert.refused = CodeOf(line.Option("refused")).value_or(Code::kOk);
  return upsert;
}

Status CaseWorld::Tell(const CaseLine& line) {
  if (line.verb == "policy") return OkStatus();  // read before the world is made
  if (line.verb == "advance") {
    FRESHET_ASSIGN_OR_RETURN(const Duration by, ParseDuration(WordAt(line, 0)));
    now_ += by;
    clock_.Advance(by);
    return OkStatus();
  }
  if (line.verb == "again") {
    for (const Told& told : std::vector(told_)) FRESHET_RETURN_IF_ERROR(Publish(told));
    return OkStatus();
  }
  if (line.verb == "heartbeat") {
    const ChangeEvent beat = Event(line, Heartbeat{now_});
    const std::string lane = WordAt(line, 0);
    if (lane == "urgent") return PublishOnAll(beat, {Lane::kUrgent});
    if (lane == "live") return PublishOnAll(beat, {Lane::kLive});
    if (lane == "backfill") return PublishOnAll(beat, {Lane::kBackfill});
    return lane.empty() ? PublishOnAll(beat, {Lane::kUrgent, Lane::kLive, Lane::kBackfill})
                        : Wrong(line, "which lane?");
  }
  if (line.verb == "snapshot") {
    const auto side = WordAt(line, 0) == "begin" ? SnapshotEdge::Side::kBegin : SnapshotEdge::Side::kEnd;
    return PublishOnAll(Event(line, SnapshotEdge{side, VersionOf(line)}), {Lane::kBackfill});
  }
  return TellOfSource(line);
}

// One event; the first word names what it is about.
Status CaseWorld::TellOfSource(const CaseLine& line) {
  Told told{Event(line, Delete{}), line.Option("lane") == "backfill" ? Lane::kBackfill : Lane::kLive};
  Origin& origin = told.event.origin;
  Change& change = told.event.change;
  const std::string subject = WordAt(line, 0);
  const bool of_document = line.verb != "allow" && line.verb != "group" && line.verb != "identity" &&
                           line.verb != "confirm" && line.verb != "drop-scope";
  if (of_document) origin.document = DocumentId(subject);
  if (line.verb == "put") {
    change = UpsertOf(line);
  } else if (line.verb == "delete") {
    change = Delete{};
  } else if (line.verb == "present") {
    change = Present{};
    told.lane = Lane::kBackfill;
  } else if (line.verb == "withhold") {
    change = Withhold{};
  } else if (line.verb == "release") {
    change = Release{};
  } else if (line.verb == "allow") {
    change = AccessOf(line);
  } else if (line.verb == "drop-scope") {
    change = AccessChange{.scope = ScopeId(subject), .removed = true};
  } else if (line.verb == "group") {
    change = GroupChange{Principal("group:" + subject), ListedIn(line.Option("of"))};
  } else if (line.verb == "confirm") {
    change = Confirm{};
  } else if (line.verb == "identity") {
    IdentityChange identity{.patient = PatientId(subject), .identity = "1", .names = {NameOf(line)}};
    if (const std::string mrn = line.Option("mrn"); !mrn.empty()) identity.identifiers = {{"mrn", mrn}};
    identity.merged_into = PatientId(line.Option("merged-into"));
    change = std::move(identity);
  } else {
    return Wrong(line, "no verb of a case");
  }
  told_.push_back(told);
  return Publish(told);
}

}  // namespace freshet::test
