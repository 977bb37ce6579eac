#include "common/store/access_record.h"

#include <algorithm>

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;
constexpr uint64_t kLimitedFormat = 2;
constexpr uint64_t kBegins = 1;
constexpr uint64_t kEnds = 2;

bool AnyLimited(const Entries& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const Entry& entry) { return entry.period.is_limited(); });
}

uint64_t FormatOf(const ScopeLists& scope) {
  const auto limited = [](const AccessList& list) { return AnyLimited(list.allow) || AnyLimited(list.deny); };
  return std::any_of(scope.lists.begin(), scope.lists.end(), limited) ? kLimitedFormat : kFormat;
}

bool IsKnown(uint64_t format) { return format == kFormat || format == kLimitedFormat; }

void WritePeriod(ValueWriter& writer, const Period& period) {
  const bool begins = period.from != Period().from, ends = period.until != Period().until;
  writer.Number((begins ? kBegins : 0) + (ends ? kEnds : 0));
  if (begins) writer.At(period.from);
  if (ends) writer.At(period.until);
}

Period ReadPeriod(ValueReader& reader) {
  const uint64_t limits = reader.Number();
  if (limits > kBegins + kEnds) reader.Raw(reader.rest().size() + 1);  // fails: whatever else is meant is not known
  Period period;
  if ((limits & kBegins) != 0) period.from = reader.At();
  if ((limits & kEnds) != 0) period.until = reader.At();
  return period;
}

void WriteEntries(ValueWriter& writer, const Entries& entries, uint64_t format) {
  writer.Number(entries.size());
  for (const Entry& entry : entries) {
    writer.Bytes(entry.name);
    if (format == kLimitedFormat) WritePeriod(writer, entry.period);
  }
}

Entries ReadEntries(ValueReader& reader, uint64_t format) {
  Entries entries(reader.Count());
  for (Entry& entry : entries) {
    entry.name = reader.Bytes();
    if (format == kLimitedFormat) entry.period = ReadPeriod(reader);
  }
  return entries;
}

void WriteList(ValueWriter& writer, const AccessList& list, uint64_t format) {
  writer.Of(list.version);
  writer.Flag(list.content.has_value());
  if (list.content) writer.Of(*list.content);
  writer.Flag(list.removed);
  WriteEntries(writer, list.allow, format);
  WriteEntries(writer, list.deny, format);
}

AccessList ReadList(ValueReader& reader, uint64_t format) {
  AccessList list;
  list.version = reader.ReadVersion();
  if (reader.Flag()) list.content = reader.ReadVersion();
  list.removed = reader.Flag();
  list.allow = ReadEntries(reader, format);
  list.deny = ReadEntries(reader, format);
  return list;
}

bool IsOn(const Entries& entries, Asking asking) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return asking.principals.contains(entry.name) && asking.moment.IsIn(entry.period);
  });
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

bool Allows(Asking asking, const AccessList& list) {
  return !list.removed && IsOn(list.allow, asking) && !IsOn(list.deny, asking);
}

bool Allows(Asking asking, const ScopeLists& scope, const Version& content) {
  const size_t first = FirstThatCounts(scope, content);
  if (first == scope.lists.size()) return false;
  return std::all_of(scope.lists.begin() + static_cast<ptrdiff_t>(first), scope.lists.end(),
                     [&](const AccessList& list) { return Allows(asking, list); });
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
  const uint64_t format = FormatOf(scope);
  writer.Number(format);
  writer.Number(scope.lists.size());
  for (const AccessList& list : scope.lists) WriteList(writer, list, format);
  return out;
}

std::string Encode(const GroupMembers& group) {
  std::string out;
  ValueWriter writer(out);
  const uint64_t format = AnyLimited(group.members) ? kLimitedFormat : kFormat;
  writer.Number(format);
  writer.Of(group.version);
  WriteEntries(writer, group.members, format);
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
  const uint64_t format = reader.Number();
  ScopeLists scope;
  scope.lists.resize(reader.Count(7));
  for (AccessList& list : scope.lists) list = ReadList(reader, format);
  if (!IsKnown(format) || !reader.AtEnd() || scope.lists.empty()) return Status(Code::kCorruptStore, "an access list");
  return scope;
}

Result<GroupMembers> DecodeGroup(std::string_view value) {
  ValueReader reader(value);
  const uint64_t format = reader.Number();
  GroupMembers group{.version = reader.ReadVersion()};
  group.members = ReadEntries(reader, format);
  if (!IsKnown(format) || !reader.AtEnd()) return Status(Code::kCorruptStore, "a group");
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
