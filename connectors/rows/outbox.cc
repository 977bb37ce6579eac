#include "connectors/rows/outbox.h"

#include "connectors/rows/fetch.h"

namespace freshet::rows {
namespace {

// A source's clock may be ahead, and what is asked for is as it is a moment after the run began.
constexpr Duration kSkew = std::chrono::minutes(1);

Hash128 HashOfList(const AccessChange& list) {
  std::string text(list.removed ? "r" : "l");
  for (const std::vector<Listed>* const all : {&list.allow, &list.deny}) {
    for (const Listed& listed : *all) {
      AppendText(text, listed.principal.value);
      AppendText(text,
                 std::to_string(ToMicros(listed.period.from)) + " " + std::to_string(ToMicros(listed.period.until)));
    }
    AppendText(text, "");
  }
  if (list.content_version) AppendVersion(text, *list.content_version);
  return HashOf(text);
}

Hash128 NameIn(const ChangeEvent& event) {
  std::string name;
  if (const auto* const group = std::get_if<GroupChange>(&event.change)) {
    AppendText(name, group->group.value);
  } else if (const auto* const identity = std::get_if<IdentityChange>(&event.change)) {
    AppendText(name, identity->patient.value);
    AppendText(name, identity->identity);
  }
  return HashOf(name);
}

const std::string& ScopeIn(const ChangeEvent& event) { return std::get<Upsert>(event.change).access_scope.value; }

}  // namespace

Status Outbox::AddMissingLists(Resolved& events, RowSource* source) {
  std::map<std::string, const ChangeEvent*> missing;
  for (const ChangeEvent& event : events.contents) {
    const std::string& scope = ScopeIn(event);
    if (scope.empty()) continue;
    const auto known = scopes_.find(scope);
    if (known == scopes_.end() || !known->second.told) missing.emplace(scope, &event);
  }
  for (const ChangeEvent& list : events.lists) missing.erase(std::get<AccessChange>(list.change).scope.value);
  std::map<uint32_t, std::vector<std::pair<EntityKey, const ChangeEvent*>>> ruled;
  const auto add = [&events](const ChangeEvent& content, AccessChange change) {
    ChangeEvent event{.origin = {.version = content.origin.version, .committed = content.origin.committed},
                      .change = std::move(change)};
    --event.origin.version.ordinal;  // SubPlace::kList of the same change
    events.lists.push_back(std::move(event));
  };
  for (const auto& [scope, content] : missing) {
    auto key = mapping_.ScopeKey(scope);
    // Without a source lists arrive by themselves: theirs is not ours to empty.
    if (key && source == nullptr) continue;
    if (key) {
      ruled[key->rule].emplace_back(std::move(*key), content);
    } else {
      add(*content, assembler_.UnruledList(scope));
    }
  }
  for (const auto& [rule, list] : ruled) {
    std::vector<Key> keys;
    for (const auto& [key, content] : list) keys.push_back(key.values);
    FRESHET_ASSIGN_OR_RETURN(const auto found, FetchLists(mapping_.access()[rule], keys, *source));
    for (const auto& [key, content] : list) add(*content, assembler_.ScopeList(key, found.at(key.values)));
  }
  return OkStatus();
}

std::set<std::string> Outbox::DropKnownLists(std::vector<ChangeEvent>& lists) {
  if (scopes_.size() + lists.size() > kMostScopes) scopes_.clear();
  std::set<std::string> changed;
  std::erase_if(lists, [&](const ChangeEvent& event) {
    const AccessChange& list = std::get<AccessChange>(event.change);
    KnownList now{.version = event.origin.version, .hash = HashOfList(list), .first = true};
    const auto [at, added] = scopes_.try_emplace(list.scope.value, now);
    KnownList& known = at->second;
    const bool told = std::exchange(known.told, true);
    // A snapshot tells what was: the newer list, which the stream brought, stands.
    if (!added && now.version < known.version) return true;
    const bool same = !added && known.hash == now.hash;
    const bool again = same && known.version == now.version && told;
    const bool before_us = event.origin.committed < opened_ + kSkew;
    const bool may_differ = !again && (!same || known.first || before_us);
    // A list that belongs to its content waits for that by itself; one that is empty lets nobody in.
    if (may_differ && !list.content_version && !list.allow.empty()) changed.insert(list.scope.value);
    now.first = added || (known.first && known.version == now.version);
    known = now;
    return again;
  });
  return changed;
}

void Outbox::DropOvertaken(std::vector<ChangeEvent>& changes, Told told) {
  std::erase_if(changes, [&](const ChangeEvent& event) {
    const Hash128 name = NameIn(event);
    const auto known = names_.find(name);
    if (known != names_.end() && event.origin.version < known->second.newest) return true;
    if (told == Told::kByStream) Keep(name, event.origin.version);
    return false;
  });
}

void Outbox::Keep(const Hash128& name, const Version& version) {
  const auto [at, added] = names_.try_emplace(name, Name{.newest = version, .place = named_.end()});
  at->second.newest = version;
  if (!added) return named_.splice(named_.end(), named_, at->second.place);
  at->second.place = named_.insert(named_.end(), name);
  if (names_.size() <= kMostNames) return;
  names_.erase(named_.front());
  named_.pop_front();
}

std::vector<ChangeEvent> Outbox::Withholds(const Resolved& events, const std::set<std::string>& changed) const {
  std::vector<ChangeEvent> out;
  const auto withhold = [&out](const DocumentId& document, const Version& content, Time committed) {
    ChangeEvent event{.origin = {.version = WithholdVersion(content), .committed = committed}, .change = Withhold{}};
    event.origin.document = document;
    out.push_back(std::move(event));
  };
  if (changed.empty()) return out;
  for (const ChangeEvent& event : events.contents) {
    withhold(event.origin.document, event.origin.version, event.origin.committed);
  }
  const bool any =
      std::any_of(changed.begin(), changed.end(), [this](const auto& s) { return recent_of_.contains(s); });
  if (!any) return out;
  for (const Recent& recent : recent_) {
    if (changed.contains(recent.scope)) withhold(recent.document, recent.content, recent.committed);
  }
  return out;
}

void Outbox::Remember(const std::vector<ChangeEvent>& contents) {
  for (const ChangeEvent& event : contents) {
    recent_.push_back({ScopeIn(event), event.origin.document, event.origin.version, event.origin.committed});
    ++recent_of_[ScopeIn(event)];
    if (recent_.size() <= kMostRecent) continue;
    const auto at = recent_of_.find(recent_.front().scope);
    if (--at->second == 0) recent_of_.erase(at);
    recent_.pop_front();
  }
}

Result<std::vector<ChangeEvent>> Outbox::Arrange(Resolved events, RowSource* source, Told told) {
  FRESHET_RETURN_IF_ERROR(AddMissingLists(events, source));
  DropOvertaken(events.groups, told);
  DropOvertaken(events.identities, told);
  const std::set<std::string> changed = DropKnownLists(events.lists);
  std::vector<ChangeEvent> withholds = Withholds(events, changed);
  Remember(events.contents);
  std::vector<ChangeEvent> out = std::move(events.deletes);
  for (std::vector<ChangeEvent>* const more :
       {&withholds, &events.lists, &events.groups, &events.identities, &events.contents}) {
    std::move(more->begin(), more->end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace freshet::rows
