#include "connectors/kit/kit_host.h"

#include <algorithm>
#include <thread>

#include "common/base/utf8.h"
#include "schemas/topics.h"

namespace freshet::kit {
namespace {

const Status kDead(Code::kUnavailable, "The process is gone");

bool IsPrincipal(const Principal& principal) {
  return IsValidUtf8(principal.value) &&
         (principal.value.starts_with("user:") || principal.value.starts_with("group:"));
}

bool ArePrincipals(const std::vector<Listed>& list) {
  return std::all_of(list.begin(), list.end(), [](const Listed& listed) { return IsPrincipal(listed.principal); });
}

bool ArePrincipals(const Change& change) {
  if (const auto* const access = std::get_if<AccessChange>(&change)) {
    return ArePrincipals(access->allow) && ArePrincipals(access->deny);
  }
  const auto* const group = std::get_if<GroupChange>(&change);
  return group == nullptr || (group->group.value.starts_with("group:") && ArePrincipals(group->members));
}

}  // namespace

void KitHost::CrashAt(size_t write, Crash crash) {
  crash_at_ = write;
  crash_ = crash;
  writes_ = 0;
}

void KitHost::Revive() {
  alive_ = true;
  ++life_;
  writes_ = 0;
  crash_at_ = 0;
}

Status KitHost::Before() {
  if (!alive_) return kDead;
  if (!failure.ok()) return failure;
  if (++writes_ == crash_at_ && crash_ == Crash::kBefore) {
    alive_ = false;
    return kDead;
  }
  return OkStatus();
}

Status KitHost::After() {
  if (writes_ != crash_at_) return OkStatus();
  alive_ = false;
  return kDead;
}

void KitHost::Check(const ChangeEvent& event, Lane lane) {
  const bool urgent = TopicOf(event.change, Lane::kLive) == Topic::kChangesUrgent;
  if (urgent != (lane == Lane::kUrgent)) violations.push_back("a change on a lane that is not its own");
  if (!IsValidUtf8(event.origin.document.value)) violations.push_back("a document id that is not UTF-8");
  if (event.origin.version == Version{}) violations.push_back("a change without a version");
  if (event.origin.committed == Time()) violations.push_back("a change without a commit time");
  if (std::holds_alternative<SnapshotEdge>(event.change) && lane != Lane::kBackfill) {
    violations.push_back("an edge of a snapshot beside the lane of its content");
  }
  if (const auto* const upsert = std::get_if<Upsert>(&event.change)) {
    if (!IsValidUtf8(upsert->title)) violations.push_back("a title that is not UTF-8");
  }
  if (!ArePrincipals(event.change)) violations.push_back("a principal that is neither user: nor group:");
}

Status KitHost::Publish(std::vector<ChangeEvent> events, Lane lane) {
  FRESHET_RETURN_IF_ERROR(Before());
  size_t bytes = 0;
  for (ChangeEvent& event : events) {
    if (const auto* const upsert = std::get_if<Upsert>(&event.change)) bytes += upsert->content.size();
    Check(event, lane);
    published.push_back({lane, std::move(event), life_});
  }
  most_bytes = std::max(most_bytes, bytes);
  return After();
}

Status KitHost::PublishHeartbeat(Time time, std::span<const Lane> lanes) {
  FRESHET_RETURN_IF_ERROR(Before());
  beats.push_back({time, {lanes.begin(), lanes.end()}, published.size()});
  return After();
}

Result<std::map<std::string, std::string>> KitHost::LoadPositions() {
  if (!alive_) return kDead;
  if (!failure.ok()) return failure;
  return positions;
}

Status KitHost::SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) {
  FRESHET_RETURN_IF_ERROR(Before());
  for (const auto& [key, value] : changes) {
    if (value) {
      positions[key] = *value;
    } else {
      positions.erase(key);
    }
  }
  ++saves;
  return After();
}

void KitHost::Sleep(Duration limit) {
  if (!stopping()) std::this_thread::sleep_for(std::min<Duration>(limit, std::chrono::milliseconds(20)));
}

}  // namespace freshet::kit
