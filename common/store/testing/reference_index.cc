#include "common/store/testing/reference_index.h"

#include <algorithm>

#include "common/base/overloaded.h"

namespace freshet::store {
namespace {

bool HasAny(const std::vector<Listed>& list, const ReferenceIndex::Names& names, Time now) {
  return std::any_of(list.begin(), list.end(), [&](const Listed& each) {
    return names.contains(each.principal.value) && each.period.from <= now && now < each.period.until;
  });
}

}  // namespace

void ReferenceIndex::Take(const Mutation& mutation) {
  const Version& version = mutation.origin.version;
  const Edition edition{version, mutation.origin.revision};
  const std::string& name = mutation.origin.document.value;
  std::visit(Overloaded{
                 [&](const PutDocument& put) {
                   if (IsGone(documents_[name], version)) return;
                   documents_[name].puts.push_back({edition, put.access_scope.value, put.chunks.size(), {}});
                 },
                 [&](const SkipDocument&) {
                   if (!IsGone(documents_[name], version)) documents_[name].skips.push_back(edition);
                 },
                 [&](const DeleteDocument&) { Delete(documents_[name], version); },
                 [&](const SetWithheld& hold) {
                   documents_[name].holds.emplace(version, edition.revision.deid_run, !hold.withheld);
                 },
                 [&](const MarkPresent&) { documents_[name].mentions.insert(version); },
                 [&](const EndSnapshot& end) { End(end.begin); },
                 [&](const SetAccess& access) {
                   auto& lists = scopes_[access.scope.value];
                   if (lists.empty() || lists.back().first < version) lists.emplace_back(version, access);
                 },
                 [&](const SetGroup& group) { groups_[group.group.value].emplace(version, group); },
                 [](const auto&) {},
             },
             mutation.change);
}

// The newest put that no delete covers.
std::optional<ReferenceIndex::Content> ReferenceIndex::ContentOf(const Document& document) const {
  std::optional<Content> newest;
  const Version deleted = document.deletes.empty() ? Version() : *document.deletes.rbegin();
  for (const Content& put : document.puts) {
    if (put.edition.version > deleted && (!newest || put.edition > newest->edition)) newest = put;
  }
  if (newest) newest->life = document.life;
  return newest;
}

bool ReferenceIndex::IsWithheld(const Document& document, const Edition& edition) const {
  if (document.holds.empty()) return false;
  const auto& [version, run, released] = *document.holds.rbegin();
  return !released && std::pair(edition.version, edition.revision.deid_run) <= std::pair(version, run);
}

// Back from the newest list to the first that was not made for newer content: all must allow.
bool ReferenceIndex::Allows(const Content& content, const Names& closure, Time now) const {
  const auto scope = scopes_.find(content.scope);
  if (scope == scopes_.end()) return false;
  for (auto list = scope->second.rbegin(); list != scope->second.rend(); ++list) {
    const SetAccess& access = list->second;
    if (access.removed || !HasAny(access.allow, closure, now) || HasAny(access.deny, closure, now)) return false;
    if (!access.content_version || *access.content_version <= content.edition.version) return true;
  }
  return false;
}

ReferenceIndex::Names ReferenceIndex::Closure(Names principals, Time now) const {
  principals.insert("group:everyone");
  for (size_t size = 0; size != principals.size();) {
    size = principals.size();
    for (const auto& [group, versions] : groups_) {
      if (HasAny(versions.rbegin()->second.members, principals, now)) principals.insert(group);
    }
  }
  return principals;
}

void ReferenceIndex::Delete(Document& document, const Version& version) {
  const bool had_content = ContentOf(document).has_value();
  document.deletes.insert(version);
  if (had_content && !ContentOf(document)) ++document.life;
}

Version ReferenceIndex::NewestOf(const Document& document) {
  Version newest;
  for (const Content& put : document.puts) newest = std::max(newest, put.edition.version);
  for (const Edition& skip : document.skips) newest = std::max(newest, skip.version);
  for (const std::set<Version>* versions : {&document.deletes, &document.mentions}) {
    if (!versions->empty()) newest = std::max(newest, *versions->rbegin());
  }
  return newest;
}

// A snapshot did not see the document, and what arrives now is older than it.
bool ReferenceIndex::IsGone(const Document& document, const Version& version) const {
  return version < floor_ && NewestOf(document) < floor_;
}

void ReferenceIndex::End(const Version& begin) {
  for (auto& [name, document] : documents_) {
    const std::string state = StateOf(name);
    if (NewestOf(document) < begin && state != "unknown" && state != "deleted") Delete(document, begin);
  }
  floor_ = begin;
}

std::string ReferenceIndex::StateOf(const std::string& name) const {
  const auto found = documents_.find(name);
  if (found == documents_.end()) return "unknown";
  const Document& document = found->second;
  const std::optional<Content> content = ContentOf(document);
  const Edition skip =
      document.skips.empty() ? Edition() : *std::max_element(document.skips.begin(), document.skips.end());
  if (content && IsWithheld(document, content->edition)) return "withheld";
  if (content) return skip > content->edition ? "outdated" : "searchable";
  const Version deleted = document.deletes.empty() ? Version() : *document.deletes.rbegin();
  if (skip.version > deleted) return "skipped";
  return document.deletes.empty() ? "unknown" : "deleted";
}

void ReferenceIndex::Refresh() {
  shown_.clear();
  for (const auto& [name, document] : documents_) {
    if (const auto content = ContentOf(document)) shown_[name] = *content;
  }
}

// What the view shows, where it is still there and both it and what came since may be seen.
std::map<std::string, Edition> ReferenceIndex::Visible(const Names& principals, Time now) const {
  const Names closure = Closure(principals, now);
  std::map<std::string, Edition> visible;
  for (const auto& [name, shown] : shown_) {
    const Document& document = documents_.at(name);
    const std::optional<Content> newest = ContentOf(document);
    if (!newest || newest->life != shown.life || IsWithheld(document, newest->edition)) continue;
    if (IsWithheld(document, shown.edition) || !Allows(*newest, closure, now) || !Allows(shown, closure, now)) continue;
    visible[name] = shown.edition;
  }
  return visible;
}

}  // namespace freshet::store
