#include "connectors/kit/invariants.h"

#include <set>

#include "connectors/source/source.h"

namespace freshet::kit {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr size_t kMostDocument = 16u << 20;

// What a document is after a change, to tell a repetition.
std::string StateOf(const ChangeEvent& event) {
  if (const auto* const upsert = std::get_if<Upsert>(&event.change)) {
    return "=" + std::string(NameOf(upsert->refused)) + upsert->title + upsert->content;
  }
  return std::holds_alternative<Delete>(event.change) ? "-" : "";
}

// One batch may stand for several commits to a document. Told again after a crash, the pieces may be other ones, and a
// state that the newest one overtook before is told for the first time.
bool IsToldAgain(const Published& one, const Published& newest) {
  return one.life > newest.life && one.event.origin.committed <= newest.event.origin.committed;
}

std::string BrokenVersions(const KitHost& host, bool order) {
  std::map<std::string, const Published*> newest;
  std::map<std::pair<std::string, Version>, std::string> states;
  for (const Published& one : host.published) {
    const Origin& origin = one.event.origin;
    const std::string state = StateOf(one.event);
    if (state.empty()) continue;
    const auto [known, is_new] = states.try_emplace({origin.document.value, origin.version}, state);
    if (known->second != state) return "version " + origin.version.ToString() + " stands for two contents";
    const Published*& last = newest.try_emplace(origin.document.value, &one).first->second;
    const Version before = last->event.origin.version;
    const bool rises = last == &one || origin.version > before;
    if (order && is_new && one.lane != Lane::kBackfill && !rises && !IsToldAgain(one, *last)) {
      return "version " + origin.version.ToString() + " follows " + before.ToString();
    }
    if (origin.version >= before) last = &one;
  }
  return "";
}

std::string BrokenAccess(const KitHost& host) {
  std::set<std::string> listed, used;
  for (const Published& one : host.published) {
    if (const auto* const upsert = std::get_if<Upsert>(&one.event.change)) used.insert(upsert->access_scope.value);
    if (const auto* const access = std::get_if<AccessChange>(&one.event.change)) {
      const bool late = used.contains(access->scope.value) && !listed.contains(access->scope.value);
      if (late) return "an access list came after the content that hangs on it";
      listed.insert(access->scope.value);
    }
  }
  return "";
}

// Of a group or an identity; "" of whatever else.
std::string KeptName(const Change& change) {
  if (const auto* const group = std::get_if<GroupChange>(&change)) return "g " + group->group.value;
  const auto* const identity = std::get_if<IdentityChange>(&change);
  return identity == nullptr ? "" : "i " + identity->patient.value + " " + identity->identity;
}

// After a crash what followed the stored position is told again, in its order.
std::string BrokenKept(const KitHost& host) {
  std::map<std::string, const Published*> newest;
  for (const Published& one : host.published) {
    const std::string name = KeptName(one.event.change);
    if (name.empty()) continue;
    const Published*& last = newest.try_emplace(name, &one).first->second;
    const bool older = one.event.origin.version < last->event.origin.version;
    if (older && one.life == last->life) return "a group or an identity came after a newer state of it";
    last = &one;
  }
  return "";
}

// The sink decides on the newest one, and takes no edges of one that began below.
std::string BrokenBegins(const KitHost& host) {
  std::set<Version> begins;
  for (const SnapshotEdge& edge : host.All<SnapshotEdge>()) {
    const bool is_new = begins.insert(edge.begin_version).second;
    if (is_new && edge.begin_version < *begins.rbegin()) return "a snapshot began below one before it";
  }
  return "";
}

bool Vouches(const Beat& beat, Lane lane) {
  return std::find(beat.lanes.begin(), beat.lanes.end(), lane) != beat.lanes.end();
}

// Each by itself, and against the snapshot that was open then.
std::string BrokenBeat(const KitHost& host) {
  const Time latest = host.clock().Now() + kTick;
  bool open = false;
  size_t told = 0;
  for (const Beat& beat : host.beats) {
    for (; told < beat.published; ++told) {
      const auto* const edge = std::get_if<SnapshotEdge>(&host.published[told].event.change);
      if (edge != nullptr) open = edge->side == SnapshotEdge::Side::kBegin;
    }
    if (beat.time > latest) return "a heartbeat vouches for the future";
    if (open && Vouches(beat, Lane::kBackfill)) return "a heartbeat vouches for an open snapshot";
  }
  return "";
}

std::string BrokenBeats(const KitHost& host) {
  std::map<std::string, std::string> last;  // of each document
  std::map<Lane, Time> vouched;
  size_t beat = 0;
  for (size_t i = 0; i < host.published.size(); ++i) {
    for (; beat < host.beats.size() && host.beats[beat].published <= i; ++beat) {
      for (const Lane lane : kLanes) {
        if (Vouches(host.beats[beat], lane)) vouched[lane] = std::max(vouched[lane], host.beats[beat].time);
      }
    }
    const Published& one = host.published[i];
    const std::string state = StateOf(one.event);
    if (state.empty()) continue;
    const bool again = std::exchange(last[one.event.origin.document.value], state) == state;
    if (!again && one.lane != Lane::kBackfill && one.event.origin.committed + kTick < vouched[one.lane]) {
      return "a change came after the heartbeat that vouched for it";
    }
  }
  return "";
}

}  // namespace

std::string BrokenInvariant(const KitHost& host, Judged judged) {
  if (!host.violations.empty()) return host.violations.front();
  if (host.most_bytes > kMostBatchBytes + kMostDocument) return "a batch over the limit";
  std::string wrong = BrokenVersions(host, judged.order);
  if (wrong.empty()) wrong = BrokenAccess(host);
  if (wrong.empty()) wrong = BrokenKept(host);
  if (wrong.empty()) wrong = BrokenBegins(host);
  if (wrong.empty() && judged.times) wrong = BrokenBeat(host);
  if (wrong.empty() && judged.times) wrong = BrokenBeats(host);
  return wrong;
}

}  // namespace freshet::kit
