#include "tests/simulation/source.h"

namespace freshet::test {
namespace {

constexpr size_t kDocuments = 10;
constexpr size_t kLaterDocuments = 8;
constexpr size_t kEventsADocument = 25;  // until the next one comes up
constexpr size_t kEventsAStraggler = 80;
constexpr size_t kFirstStraggler = 1000;
constexpr size_t kScopes = 4;
constexpr size_t kGroups = 3;

std::string Letters(uint64_t number) {
  std::string text;
  for (int i = 0; i < 5; ++i, number /= 26) text += static_cast<char>('a' + number % 26);
  return text;
}

ScopeId ScopeOf(uint64_t number) { return ScopeId("scope-" + Letters(number)); }
Principal GroupOf(uint64_t number) { return Principal("group:" + Letters(number)); }

// Of the mark alone: the same in every version that keeps it.
std::string Paragraph(const DocumentId& document, const std::string& mark) {
  std::string text = "Section " + SimulatedSource::WordOf(document) + " with " + mark + " stays for the night.";
  const size_t words = std::hash<std::string>()(mark) % 12;
  for (size_t i = 0; i < words; ++i) text += " Word " + Letters(i * 1009 + words) + " follows.";
  return text + "\n\n";
}

}  // namespace

SimulatedSource::SimulatedSource(uint64_t seed, ManualClock& clock, uint32_t partitions)
    : random_(seed), clock_(clock), partitions_(partitions) {
  for (uint64_t i = 0; i < kScopes; ++i) ChangeAccess();
}

const std::vector<std::string>& SimulatedSource::users() {
  static const std::vector<std::string> kUsers = {"ada", "bob", "cyd"};
  return kUsers;
}

std::string SimulatedSource::WordOf(const DocumentId& document) { return "zq" + document.value.substr(4); }

std::vector<std::string> SimulatedSource::MarksIn(std::string_view text, const DocumentId& document) {
  std::vector<std::string> marks;
  const std::string begin = WordOf(document) + "v";
  for (size_t at = 0; (at = text.find(begin, at)) != text.npos; at += begin.size()) {
    marks.emplace_back(text.substr(at, text.find(' ', at) - at));
  }
  return marks;
}

const std::set<std::string>* SimulatedSource::MarksOf(const DocumentId& id, const Version& version) const {
  const auto document = documents_.find(id);
  if (document == documents_.end()) return nullptr;
  const auto content = document->second.contents.find(version);
  return content == document->second.contents.end() ? nullptr : &content->second.marks;
}

std::set<DocumentId> SimulatedSource::documents() const {
  std::set<DocumentId> ids;
  for (const auto& [id, document] : documents_) ids.insert(id);
  return ids;
}

// Of those that are talked of now: in time new ones come up, and old ones are left as they are.
DocumentId SimulatedSource::AnyDocument() {
  return DocumentId("doc-" + Letters(Below(kDocuments) + std::min(events_ / kEventsADocument, kLaterDocuments)));
}

size_t SimulatedSource::count(const std::string& kind) const {
  const auto it = counts_.find(kind);
  return it == counts_.end() ? 0 : it->second;
}

ChangeEvent SimulatedSource::Event(const DocumentId& document, const Version& version, ::freshet::Change change) {
  Origin origin{.source = SourceName("sim"),
                .collection = CollectionName("notes"),
                .document = document,
                .version = version,
                .committed = clock_.Now()};
  return {std::move(origin), std::move(change)};
}

void SimulatedSource::Give(Delivery delivery, const char* kind) {
  ++counts_[kind];
  ++events_;
  pending_.push_back(std::move(delivery));
}

void SimulatedSource::Change() {
  if (events_ >= kEventsAStraggler * (count("straggler") + 1)) return Straggle();
  const uint64_t dice = Below(100);
  if (dice < 50)
    Write(AnyDocument(), Below(5) == 0 ? Lane::kBackfill : Lane::kLive, false);
  else if (dice < 64)
    Remove(AnyDocument(), Below(8) != 0);
  else if (dice < 82)
    ChangeAccess();
  else if (dice < 92)
    ChangeGroup();
  else
    ChangeHold();
}

void SimulatedSource::Write(const DocumentId& id, Lane lane, bool in_order) {
  const Version version = NextVersion();
  Document& document = documents_[id];
  // Were it unreadable, nobody could tell a document that came back from one that was never away.
  const bool back = !document.exists && document.silently_deleted != Version{};
  const std::set<std::string> marks = NewMarks(id, document, version);
  Content content{version, ScopeOf(Below(kScopes)), Below(10) != 0 || back, marks};
  std::string text;
  for (const std::string& mark : marks) text += Paragraph(id, mark);
  if (!content.good) text[text.size() / 2] = '\0';
  Upsert upsert{.content = std::move(text), .media_type = "text/plain", .title = "Note", .access_scope = content.scope};
  document.contents[version] = content;
  document.exists = true;
  told_.push_back({id, version, clock_.Now(), lane == Lane::kLive});
  Give({Event(id, version, std::move(upsert)), lane, in_order}, "upsert");
}

// Some of the version before, and at least one of its own.
std::set<std::string> SimulatedSource::NewMarks(const DocumentId& id, const Document& document,
                                                const Version& version) {
  std::set<std::string> marks;
  if (!document.contents.empty()) {
    for (const std::string& mark : document.contents.rbegin()->second.marks) {
      if (Below(2) == 0) marks.insert(mark);
    }
  }
  const std::string begin = WordOf(id) + "v" + Letters(version.epoch * 131071 + version.position);
  for (uint64_t i = 1 + Below(2); i > 0; --i) marks.insert(begin + static_cast<char>('a' + i));
  return marks;
}

// `told`: by a Delete; else only the next snapshot shows it.
void SimulatedSource::Remove(const DocumentId& id, bool told) {
  Document& document = documents_[id];
  const Version version = NextVersion();
  document.deleted = version;
  document.exists = false;
  if (told) return Give({Event(id, version, Delete{}), Lane::kUrgent}, "delete");
  document.silently_deleted = version;
  ++counts_["silent delete"];
  BeginSnapshot();
}

// The only record of a document that has come and gone is still on its way when a snapshot no longer mentions it.
void SimulatedSource::Straggle() {
  const DocumentId id("doc-" + Letters(kFirstStraggler + counts_["straggler"]++));
  Write(id, Lane::kLive, false);
  stragglers_.push_back(std::move(pending_.back()));
  pending_.pop_back();
  Remove(id, false);
}

Period SimulatedSource::ListedWhen(const Version& version, uint64_t name) const {
  const auto number = static_cast<int64_t>(version.position * 31 + name * 17);
  Period period;
  if (number % 4 == 0) period.until = clock_.Now() + std::chrono::milliseconds(number * 37 % 20'000);
  if (number % 7 == 0) period.from = clock_.Now() + std::chrono::milliseconds(number * 53 % 10'000);
  return period;
}

void SimulatedSource::ChangeAccess() {
  const Version version = NextVersion();
  AccessChange change{.scope = ScopeOf(Below(kScopes))};
  uint64_t name = 0;
  const auto listed = [&](Principal principal) { return Listed(std::move(principal), ListedWhen(version, ++name)); };
  for (const std::string& user : users()) {
    if (Below(3) == 0) change.allow.push_back(listed(Principal("user:" + user)));
    if (Below(8) == 0) change.deny.push_back(listed(Principal("user:" + user)));
  }
  for (uint64_t i = 0; i < kGroups; ++i) {
    if (Below(3) == 0) change.allow.push_back(listed(GroupOf(i)));
    if (Below(10) == 0) change.deny.push_back(listed(GroupOf(i)));
  }
  if (Below(4) == 0) change.allow.push_back(Principal("group:everyone"));
  change.removed = Below(12) == 0;
  lists_[change.scope] = {version, change};
  Give({Event(DocumentId(), version, change), Lane::kUrgent}, "access");
}

void SimulatedSource::ChangeGroup() {
  const Version version = NextVersion();
  GroupChange change{.group = GroupOf(Below(kGroups))};
  for (const std::string& user : users()) {
    if (Below(3) == 0) change.members.emplace_back(Principal("user:" + user), ListedWhen(version, user.front()));
  }
  for (uint64_t i = 0; i < kGroups; ++i) {
    if (Below(3) == 0) change.members.push_back(GroupOf(i));  // also of itself: cycles must not matter
  }
  groups_[change.group] = {version, change.members};
  Give({Event(DocumentId(), version, change), Lane::kUrgent, true}, "group");
}

void SimulatedSource::ChangeHold() {
  // The same again: what it was held and released by may come in any order.
  const DocumentId id = Below(2) == 0 && !held_.value.empty() ? held_ : AnyDocument();
  Document& document = documents_[id];
  if (!document.exists) return;
  held_ = id;
  document.hold = NextVersion();
  document.held = Below(2) == 0;
  if (document.held)
    Give({Event(id, document.hold, Withhold{}), Lane::kUrgent}, "withhold");
  else
    Give({Event(id, document.hold, Release{}), Lane::kUrgent}, "release");
}

void SimulatedSource::EdgeOnAllPartitions(SnapshotEdge::Side side, const Version& begin) {
  for (uint32_t i = 0; i < partitions_; ++i) {
    Give({Event(DocumentId(), begin, SnapshotEdge{side, begin}), Lane::kBackfill, true, Partition(i)}, "edge");
  }
}

void SimulatedSource::BeginSnapshot() {
  const Version begin = NextVersion();
  EdgeOnAllPartitions(SnapshotEdge::Side::kBegin, begin);
  for (auto& [id, document] : documents_) {
    if (!document.exists) continue;
    if (Below(3) == 0)
      Write(id, Lane::kBackfill, true);
    else
      Give({Event(id, NextVersion(), Present{}), Lane::kBackfill, true}, "present");
  }
  EdgeOnAllPartitions(SnapshotEdge::Side::kEnd, begin);
}

void SimulatedSource::GiveAgain(Delivery delivery) {
  ++counts_["duplicate"];
  delivery.again = true;
  pending_.push_back(std::move(delivery));
}

void SimulatedSource::TakeLate() {
  std::erase_if(late_, [this](auto& late) {
    const bool due = finishing_ || late.first <= events_;
    if (due) pending_.push_back(std::move(late.second));
    return due;
  });
}

std::vector<Delivery> SimulatedSource::Deliver() {
  std::vector<Delivery> batch;
  TakeLate();
  if (!finishing_ && pending_.size() < nap_) return batch;
  nap_ = 0;
  for (uint64_t count = 1 + Below(4); count > 0 && !pending_.empty(); --count) {
    size_t at = Below(std::min<size_t>(pending_.size(), 12));
    if (pending_[at].in_order) {
      for (size_t i = 0; i < at; ++i) {
        if (pending_[i].in_order) at = i;
      }
    }
    const bool late = !finishing_ && !pending_[at].in_order && Below(20) == 0;
    if (late) late_.emplace_back(events_ + Below(60), pending_[at]);
    if (!late) batch.push_back(pending_[at]);
    pending_.erase(pending_.begin() + at);
  }
  if (pending_.empty() && Below(3) == 0) nap_ = Below(30);
  return batch;
}

// Published for good. Some of it, and some that was published long ago, will be published again: the connector never
// knew that it was. The topic of groups is compacted, so what is said of a group last must be its newest
// (connectors/README.md).
void SimulatedSource::Done(const std::vector<Delivery>& batch) {
  for (const Delivery& delivery : batch) {
    const auto* group = std::get_if<GroupChange>(&delivery.event.change);
    const bool newest = group != nullptr && groups_[group->group].version == delivery.event.origin.version;
    if (!delivery.in_order && !delivery.again) published_.push_back(delivery);
    if (finishing_ || Below(6) != 0) continue;
    if (!delivery.in_order || newest) GiveAgain(delivery);
    if (!published_.empty()) GiveAgain(published_[Below(published_.size())]);
  }
}

void SimulatedSource::Finish() {
  finishing_ = true;
  for (const Delivery& delivery : published_) {
    if (Below(4) == 0) GiveAgain(delivery);
  }
  for (size_t i = pending_.size(); i > 1; --i) {
    const size_t other = Below(i);
    if (pending_[i - 1].again && pending_[other].again && !pending_[i - 1].in_order && !pending_[other].in_order) {
      std::swap(pending_[i - 1], pending_[other]);
    }
  }
}

Version SimulatedSource::SilentlyDeleted(const DocumentId& document) const {
  const auto it = documents_.find(document);
  return it == documents_.end() ? Version{} : it->second.silently_deleted;
}

std::vector<Delivery> SimulatedSource::Heartbeats() {
  Time until = clock_.Now() - Duration(1);  // more may happen in this very microsecond
  const auto wait_for = [&](const Delivery& delivery) {
    if (!delivery.again) until = std::min(until, delivery.event.origin.committed - Duration(1));
  };
  for (const Delivery& delivery : pending_) wait_for(delivery);
  for (const auto& [when, delivery] : late_) wait_for(delivery);
  std::vector<Delivery> beats;
  for (const Lane lane : kLanes) {
    for (uint32_t i = 0; i < partitions_; ++i) {
      beats.push_back({Event(DocumentId(), {}, Heartbeat{until}), lane, true, Partition(i)});
    }
  }
  return beats;
}

std::set<Principal> SimulatedSource::Closure(const std::string& user) const {
  std::set<Principal> closure = {Principal("user:" + user), Principal("group:everyone")};
  for (size_t before = 0; before != closure.size();) {
    before = closure.size();
    for (const auto& [group, row] : groups_) {
      for (const Listed& member : row.members) {
        if (closure.contains(member.principal) && member.period.Contains(clock_.Now())) closure.insert(group);
      }
    }
  }
  return closure;
}

bool SimulatedSource::MayRead(const ScopeId& scope, const std::string& user) const {
  const auto it = lists_.find(scope);
  if (it == lists_.end() || it->second.change.removed) return false;
  const std::set<Principal> who = Closure(user);
  const auto named = [&](const std::vector<Listed>& list) {
    return std::any_of(list.begin(), list.end(), [&](const Listed& one) {
      return who.contains(one.principal) && one.period.Contains(clock_.Now());
    });
  };
  return named(it->second.change.allow) && !named(it->second.change.deny);
}

std::set<Shown> SimulatedSource::Expected(const std::string& user) const {
  std::set<Shown> shown;
  for (const auto& [id, document] : documents_) {
    const Content* newest = nullptr;
    for (const auto& [version, content] : document.contents) {
      if (content.good && version > document.deleted) newest = &content;
    }
    if (newest == nullptr || !MayRead(newest->scope, user)) continue;
    if (document.held && newest->version <= document.hold) continue;
    for (const std::string& mark : newest->marks) shown.insert({id.value, newest->version, mark});
  }
  return shown;
}

}  // namespace freshet::test
