// Access lists of folders: what `_access.yaml` says, and what that means for a folder below others.
//
//   Result<AccessRule> rule = ParseAccessFile("inherit: true\nallow: [\"group:nurses\"]\n");
//   AccessList list = Resolve(*rule, *parent);              // flat: what is published
//
//   access file := YAML map of: inherit (true | false, default false), allow and deny (lists of entries)
//   entry       := principal | {principal: principal, from: time, until: time}     either limit or both
//   principal   := "user:" name | "group:" name
//   time        := RFC 3339 with its zone, or a date: its first instant in UTC
//
// Without `inherit: true` a folder's list stands alone: who is not named in it is not let in. An empty file lets nobody
// in. What is listed for a time is published with its period; the index goes by that. Pure functions and plain values:
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/listed.h"
#include "common/base/status.h"

namespace freshet::folder {

// One access file.
struct AccessRule {
  bool inherit = false;
  std::vector<Listed> allow;
  std::vector<Listed> deny;
  bool operator==(const AccessRule&) const = default;
};

// Who may read what lies in a folder. Sorted, no doubles; deny wins.
struct AccessList {
  std::vector<Listed> allow;
  std::vector<Listed> deny;
  bool operator==(const AccessList&) const = default;
};

inline constexpr size_t kMaxAccessFileBytes = 1u << 20;

// configuration, with the line: no YAML, an unknown key, a principal that is none, a limit that is no time, or no
// period.
Result<AccessRule> ParseAccessFile(std::string_view yaml);

AccessList Resolve(const AccessRule& rule, const AccessList& parent);

// True where at no time anybody is let in by `to` who is not by `from`, whatever the groups hold. May be false where
// two periods together cover a third.
bool OnlyNarrows(const AccessList& from, const AccessList& to);
// Lets in only those whom both let in, and only while both do.
AccessList Intersect(const AccessList& a, const AccessList& b);

}  // namespace freshet::folder
