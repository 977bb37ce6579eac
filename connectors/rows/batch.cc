#include "connectors/rows/batch.h"

#include "connectors/rows/fetch.h"

namespace freshet::rows {
namespace {

ChangeEvent EventOf(const Stamp& stamp, SubPlace sub, Change change) {
  return {.origin = {.version = VersionAt(stamp, sub), .committed = stamp.committed}, .change = std::move(change)};
}

Status NeedsSource(const std::string& table) {
  return Status(Code::kConfiguration,
                "mapping: several rows of " + table + " make one list, which this source cannot be asked for");
}

}  // namespace

Version VersionAt(const Stamp& stamp, SubPlace sub) {
  Version version = stamp.version;
  version.ordinal = version.ordinal * kSubPlaces + static_cast<uint64_t>(sub);
  return version;
}

Version WithholdVersion(const Version& content) {
  Version version = content;
  version.ordinal -= static_cast<uint64_t>(SubPlace::kContent) - static_cast<uint64_t>(SubPlace::kWithhold);
  return version;
}

void Batch::Add(RowChange change, const Stamp& stamp) {
  std::shared_ptr<const Row> row;
  std::vector<Touch> touches = mapping_.TouchedBy(change);
  for (Touch& touch : touches) {
    Pending pending{.what = touch.what, .stamp = stamp};
    if (touch.what == Touch::What::kUpsert) {
      if (row == nullptr) {
        row = std::make_shared<const Row>(std::move(*change.after));
        bytes_ += row->Bytes();
      }
      pending.row = row;
    } else if (touch.what == Touch::What::kFetch) {
      bytes_ += limits_.fetched;
    }
    pending_.insert_or_assign(std::move(touch.key), std::move(pending));
  }
}

void Batch::AddDelete(const EntityKey& key, const Pending& pending, Resolved& out) {
  const bool error = pending.what == Touch::What::kEnteredInError;
  const Delete change{.reason = error ? Delete::Reason::kEnteredInError : Delete::Reason::kDeleted};
  ChangeEvent event = EventOf(pending.stamp, SubPlace::kDelete, change);
  event.origin.document = DocumentId(assembler_.NativeId(key));
  out.deletes.push_back(std::move(event));
}

void AddDocument(const Mapping& mapping, const WholeRow& whole, const Stamp& stamp, Resolved& out) {
  const DocumentRule& rule = mapping.documents()[whole.rule];
  const Assembler assembler(mapping);
  ChangeEvent event = EventOf(stamp, SubPlace::kContent, assembler.Document(rule, whole.row, whole.children));
  event.origin.document = DocumentId(rule.id.Render(whole.row).text);
  if (rule.own_list()) {
    out.lists.push_back(EventOf(stamp, SubPlace::kList, assembler.OwnList(rule, whole.row, event.origin.version)));
  }
  out.contents.push_back(std::move(event));
}

Status AddList(const Mapping& mapping, const EntityKey& key, std::span<const Row> rows, const Stamp& stamp,
               Resolved& out) {
  const Assembler assembler(mapping);
  if (key.kind == EntityKind::kScope) {
    out.lists.push_back(EventOf(stamp, SubPlace::kList, assembler.ScopeList(key, rows)));
  } else {
    FRESHET_ASSIGN_OR_RETURN(GroupChange group, assembler.Group(key, rows));
    out.groups.push_back(EventOf(stamp, SubPlace::kList, std::move(group)));
  }
  return OkStatus();
}

void AddIdentity(const Mapping& mapping, const IdentityRule& rule, const Row& row, const Stamp& stamp, Resolved& out) {
  out.identities.push_back(EventOf(stamp, SubPlace::kContent, Assembler(mapping).Identity(rule, row)));
}

Status Batch::ResolveLists(RowSource* source, const Items& items, Resolved& out) {
  std::map<std::pair<EntityKind, uint32_t>, std::vector<const std::pair<EntityKey, Pending>*>> asked;
  for (const auto& item : items) {
    const auto& [key, pending] = item;
    if (key.kind != EntityKind::kScope && key.kind != EntityKind::kGroup) continue;
    if (pending.what == Touch::What::kFetch) {
      asked[{key.kind, key.rule}].push_back(&item);
    } else {
      const bool gone = pending.what == Touch::What::kDelete;
      const auto rows = gone ? std::span<const Row>() : std::span<const Row>(pending.row.get(), 1);
      FRESHET_RETURN_IF_ERROR(AddList(mapping_, key, rows, pending.stamp, out));
    }
  }
  for (const auto& [rule_key, list] : asked) {
    const auto& rules = rule_key.first == EntityKind::kScope ? mapping_.access() : mapping_.groups();
    const ListRule& rule = rules[rule_key.second];
    if (source == nullptr) return NeedsSource(rule.table);
    std::vector<Key> keys;
    for (const auto* item : list) keys.push_back(item->first.values);
    FRESHET_ASSIGN_OR_RETURN(const auto found, FetchLists(rule, keys, *source));
    for (const auto* item : list) {
      const auto& rows = found.at(item->first.values);
      FRESHET_RETURN_IF_ERROR(AddList(mapping_, item->first, rows, item->second.stamp, out));
    }
  }
  return OkStatus();
}

Status Batch::ResolveIdentities(RowSource* source, const Items& items, Resolved& out) {
  for (const auto& [key, pending] : items) {
    if (key.kind != EntityKind::kIdentity) continue;
    const IdentityRule& rule = mapping_.identities()[key.rule];
    std::map<Key, Row> found;
    const Row* row = pending.row.get();
    if (pending.what == Touch::What::kFetch) {
      if (source == nullptr) return NeedsSource(rule.table);
      FRESHET_ASSIGN_OR_RETURN(found, FetchIdentities(rule, {key.values}, *source));
      row = found.empty() ? nullptr : &found.begin()->second;
    }
    out.identities.push_back(
        EventOf(pending.stamp, SubPlace::kContent,
                row == nullptr ? assembler_.RetractedIdentity(key) : assembler_.Identity(rule, *row)));
  }
  return OkStatus();
}

}  // namespace freshet::rows
