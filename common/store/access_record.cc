#include "common/store/access_record.h"

#include <algorithm>

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;

void WriteNames(ValueWriter& writer, const std::vector<std::string>& names) {
  writer.Number(names.size());
  for (const std::string& name : names) writer.Bytes(name);
}

std::vector<std::string> ReadNames(ValueReader& reader) {
  std::vector<std::string> names(reader.Count());
  for (std::string& name : names) name = reader.Bytes();
  return names;
}

void WriteList(ValueWriter& writer, const AccessList& list) {
  writer.Of(list.version);
  writer.Flag(list.content.has_value());
  if (list.content) writer.Of(*list.content);
  writer.Flag(list.removed);
  WriteNames(writer, list.allow);
  WriteNames(writer, list.deny);
}

AccessList ReadList(ValueReader& reader) {
  AccessList list;
  list.version = reader.ReadVersion();
  if (reader.Flag()) list.content = reader.ReadVersion();
  list.removed = reader.Flag();
  list.allow = ReadNames(reader);
  list.deny = ReadNames(reader);
  return list;
}

bool AnyOf(const std::vector<std::string>& names, const Principals& principals) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return principals.contains(name); });
}

}  // namespace

size_t FirstThatCounts(const ScopeLists& scope, const Version& content) {
  for (size_t i = scope.lists.size(); i > 0; --i) {
    const AccessList& list = scope.lists[i - 1];
    if (!list.content || *list.content <= content) return i - 1;
  }
  return scope.lists.size();
}

bool IsSettled(const ScopeLists& scope, const Version& content) {
  return !scope.lists.empty() && FirstThatCounts(scope, content) + 1 == scope.lists.size();
}

bool Allows(const AccessList& list, const Principals& principals) {
  return !list.removed && AnyOf(list.allow, principals) && !AnyOf(list.deny, principals);
}

bool Allows(const ScopeLists& scope, const Version& content, const Principals& principals) {
  const size_t first = FirstThatCounts(scope, content);
  if (first == scope.lists.size()) return false;
  return std::all_of(scope.lists.begin() + static_cast<ptrdiff_t>(first), scope.lists.end(),
                     [&](const AccessList& list) { return Allows(list, principals); });
}

void Push(ScopeLists& scope, AccessList list) {
  if (!list.content) scope.lists.clear();
  scope.lists.push_back(std::move(list));
  if (scope.lists.size() <= kMaxWaitingLists) return;
  scope.lists.erase(scope.lists.begin());
  AccessList& oldest = scope.lists.front();
  oldest = {.version = oldest.version, .removed = true};
}

std::string Encode(const ScopeLists& scope) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(scope.lists.size());
  for (const AccessList& list : scope.lists) WriteList(writer, list);
  return out;
}

std::string Encode(const GroupMembers& group) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Of(group.version);
  WriteNames(writer, group.members);
  return out;
}

std::string Encode(const Consent& consent) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Of(consent.version);
  writer.Bytes(consent.scope);
  return out;
}

Result<ScopeLists> DecodeScope(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  ScopeLists scope;
  scope.lists.resize(reader.Count(7));
  for (AccessList& list : scope.lists) list = ReadList(reader);
  if (!known || !reader.AtEnd() || scope.lists.empty()) return Status(Code::kCorruptStore, "an access list");
  return scope;
}

Result<GroupMembers> DecodeGroup(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  GroupMembers group{.version = reader.ReadVersion()};
  group.members = ReadNames(reader);
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "a group");
  return group;
}

Result<Consent> DecodeConsent(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  Consent consent{.version = reader.ReadVersion()};
  consent.scope = reader.Bytes();
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "a consent");
  return consent;
}

}  // namespace freshet::store
