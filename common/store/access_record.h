// Access lists, groups and consents as the store keeps them, and who a list lets in.
//
//   Allows(scope, content_version, closure)      // may anyone among these principals read that content?
//
//   scope   := 1 count list*
//   list    := version has_content [content:version] removed count allow* count deny*
//   group   := 1 version count member*
//   consent := 1 version scope:bytes
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

#include "common/base/status.h"
#include "common/base/version.h"

namespace freshet::store {

using Principals = std::set<std::string, std::less<>>;

struct AccessList {
  Version version;                 // of the access change
  std::optional<Version> content;  // the content version it was made for
  bool removed = false;            // the scope is gone: allows nobody
  std::vector<std::string> allow;  // sorted, no doubles
  std::vector<std::string> deny;   // sorted, no doubles; wins
};

struct ScopeLists {
  std::vector<AccessList> lists;  // oldest first, never empty once stored

  const AccessList& newest() const { return lists.back(); }
};

// The first list that still counts for content of this version; lists.size() where none does: nobody is allowed.
size_t FirstThatCounts(const ScopeLists& scope, const Version& content);
// True where the newest list alone decides over content of this version.
bool IsSettled(const ScopeLists& scope, const Version& content);
bool Allows(const AccessList& list, const Principals& principals);
bool Allows(const ScopeLists& scope, const Version& content, const Principals& principals);

// Adds a list as the newest. Where it was made for all content, those before it are dropped; where too many wait for
// their content, the oldest give way to nobody at all.
void Push(ScopeLists& scope, AccessList list);
inline constexpr size_t kMaxWaitingLists = 16;

struct GroupMembers {
  Version version;
  std::vector<std::string> members;  // sorted, no doubles
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
