// Access lists, groups and consents as the store keeps them, and who a list lets in.
//
//   Moment moment(now);
//   Allows({closure, moment}, scope, content_version)   // may anyone among these principals read that content?
//
//   scope   := format count list*
//   list    := version has_content [content:version] removed count allow:entry* count deny:entry*
//   group   := format version count member:entry*
//   entry   := name:bytes [limits [from:time] [until:time]]      limits: 1 there is a beginning, 2 there is an end
//   consent := 1 version scope:bytes
//
// Format 2 has limits in each entry; 1, which is written where nobody is listed for a time, in none.
//
// A scope's newest list decides. But a list may name the content version that it was made for: a document whose content
// is older than that is judged by the list before it *and* by the new one, so a narrowing shows at once and a widening
// waits for the content it was meant for (DESIGN §4.2). So a scope keeps the lists that older content still needs,
// oldest first; before the first of them nobody is allowed. Decoding: corrupt_store. Plain values.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/listed.h"
#include "common/base/status.h"
#include "common/base/version.h"

namespace freshet::store {

using Principals = std::set<std::string, std::less<>>;

// A name on a list, and when.
struct Entry {
  std::string name;
  Period period;

  Entry() = default;
  Entry(std::string listed, Period when = {}) : name(std::move(listed)), period(when) {}  // listed for good
  Entry(const char* listed) : name(listed) {}
  auto operator<=>(const Entry&) const = default;
};
using Entries = std::vector<Entry>;

// Who asks, closed over groups, and when.
struct Asking {
  const Principals& principals;
  Moment& moment;  // is told of every edge that the answer hangs on
};

struct AccessList {
  Version version;                 // of the access change
  std::optional<Version> content;  // the content version it was made for
  bool removed = false;            // the scope is gone: allows nobody
  Entries allow;                   // sorted, no doubles
  Entries deny;                    // sorted, no doubles; wins
};

struct ScopeLists {
  std::vector<AccessList> lists;  // oldest first, never empty once stored

  const AccessList& newest() const { return lists.back(); }
};

// The first list that still counts for content of this version; lists.size() where none does: nobody is allowed.
size_t FirstThatCounts(const ScopeLists& scope, const Version& content);
// True where the newest list alone decides over content of this version.
bool IsSettled(const ScopeLists& scope, const Version& content);
bool Allows(Asking asking, const AccessList& list);
bool Allows(Asking asking, const ScopeLists& scope, const Version& content);

// Adds a list as the newest. Where it was made for all content, those before it are dropped; where too many wait for
// their content, the oldest give way to nobody at all.
void Push(ScopeLists& scope, AccessList list);
inline constexpr size_t kMaxWaitingLists = 16;

struct GroupMembers {
  Version version;
  Entries members;  // sorted, no doubles
};

struct Consent {
  Version version;
  std::string scope;
};

std::string Encode(const ScopeLists& scope);
std::string Encode(const GroupMembers& group);
std::string Encode(const Consent& consent);
Result<ScopeLists> DecodeScope(std::string_view value);
Result<GroupMembers> DecodeGroup(std::string_view value);
Result<Consent> DecodeConsent(std::string_view value);

}  // namespace freshet::store
