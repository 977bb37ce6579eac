#include "connectors/folder/access.h"

#include <algorithm>
#include <set>
#include <span>

#include "common/config/options.h"
#include "common/config/yaml.h"
#include "connectors/folder/options.h"

namespace freshet {
namespace folder {
namespace {

// One end of a period, as it stands in a file.
struct Edge {
  Time time;
};
// An entry that is no name alone.
struct Limited {
  Principal principal;
  Edge from{Period().from};
  Edge until{Period().until};
};
// Either.
struct Entry {
  Limited limited;
};
struct AccessFileText {
  bool inherit = false;
  std::vector<Entry> allow;
  std::vector<Entry> deny;
};

}  // namespace
}  // namespace folder

template <>
struct OptionTable<folder::Limited> {
  using L = folder::Limited;
  static constexpr auto fields =
      std::tuple{Field("principal", &L::principal, "Who.").Required(), Field("from", &L::from, "From when on."),
                 Field("until", &L::until, "From when on no more.")};
};

template <>
struct OptionTable<folder::AccessFileText> {
  using R = folder::AccessFileText;
  static constexpr auto fields = std::tuple{Field("inherit", &R::inherit, "Add to the list of the folder above."),
                                            Field("allow", &R::allow, "Who may read."),
                                            Field("deny", &R::deny, "Who may not, whatever else allows it.")};
};

// What cannot be read is never without a limit.
template <>
struct OptionType<folder::Edge> {
  static bool Decode(const ConfigNode& node, folder::Edge& out, Problems& problems) {
    const Result<Time> time = node.is_scalar() ? ParseTime(node.text) : Result<Time>(Status(Code::kInvalidArgument));
    if (!time.ok()) {
      problems.Add(node, "must be a time as 2026-12-31T18:00:00Z, or a date");
      return false;
    }
    out.time = *time;
    return true;
  }
  static ConfigNode Encode(const folder::Edge& value) { return ConfigNode::Text(FormatTime(value.time)); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kText}; }
};

template <>
struct OptionType<folder::Entry> {
  static bool Decode(const ConfigNode& node, folder::Entry& out, Problems& problems) {
    folder::Limited& limited = out.limited;
    if (!node.is_map()) return OptionType<Principal>::Decode(node, limited.principal, problems);
    if (!OptionType<folder::Limited>::Decode(node, limited, problems)) return false;
    const bool period = limited.from.time < limited.until.time;
    if (!period) problems.Add(node, "is never: until is not after from");
    return period;
  }
  static ConfigNode Encode(const folder::Entry& value) { return ConfigNode::Text(value.limited.principal.value); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kText}; }
};

}  // namespace freshet

namespace freshet::folder {
namespace {

bool IsPrincipal(std::string_view text) {
  for (const std::string_view kind : {"user:", "group:"}) {
    if (text.starts_with(kind) && text.size() > kind.size()) return true;
  }
  return false;
}

// Sorted, no doubles.
Result<std::vector<Listed>> ListOf(const std::vector<Entry>& entries, const ConfigNode& root, std::string_view key) {
  std::vector<Listed> list;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Limited& entry = entries[i].limited;
    if (!IsPrincipal(entry.principal.value)) {
      return root.Find(key)->items[i].Error("must be user:<name> or group:<name>");
    }
    list.emplace_back(entry.principal, Period{.until = entry.until.time, .from = entry.from.time});
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

std::vector<Listed> Union(const std::vector<Listed>& a, const std::vector<Listed>& b) {
  std::vector<Listed> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

// All periods of a name.
std::span<const Listed> EntriesOf(const std::vector<Listed>& list, const Principal& principal) {
  const auto named = [](const Listed& listed) -> const Principal& { return listed.principal; };
  const auto range = std::ranges::equal_range(list, principal, {}, named);
  return {range.begin(), range.end()};
}

// Each of `narrow` is within one of `wide`.
bool Covers(const std::vector<Listed>& wide, const std::vector<Listed>& narrow) {
  return std::ranges::all_of(narrow, [&](const Listed& one) {
    return std::ranges::any_of(EntriesOf(wide, one.principal), [&](const Listed& other) {
      return other.period.from <= one.period.from && one.period.until <= other.period.until;
    });
  });
}

}  // namespace

Result<AccessRule> ParseAccessFile(std::string_view yaml) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode root, ParseYaml(yaml, {.name = std::string(kAccessFile), .directory = {}}));
  FRESHET_ASSIGN_OR_RETURN(const AccessFileText text, ParseOptions<AccessFileText>(root));
  AccessRule rule{.inherit = text.inherit};
  FRESHET_ASSIGN_OR_RETURN(rule.allow, ListOf(text.allow, root, "allow"));
  FRESHET_ASSIGN_OR_RETURN(rule.deny, ListOf(text.deny, root, "deny"));
  return rule;
}

AccessList Resolve(const AccessRule& rule, const AccessList& parent) {
  if (!rule.inherit) return {.allow = rule.allow, .deny = rule.deny};
  return {.allow = Union(rule.allow, parent.allow), .deny = Union(rule.deny, parent.deny)};
}

bool OnlyNarrows(const AccessList& from, const AccessList& to) {
  return Covers(from.allow, to.allow) && Covers(to.deny, from.deny);
}

AccessList Intersect(const AccessList& a, const AccessList& b) {
  AccessList both{.allow = {}, .deny = Union(a.deny, b.deny)};
  std::set<Listed> allow;
  for (const Listed& one : a.allow) {
    for (const Listed& other : EntriesOf(b.allow, one.principal)) {
      const Period period{.until = std::min(one.period.until, other.period.until),
                          .from = std::max(one.period.from, other.period.from)};
      if (period.from < period.until) allow.emplace(one.principal, period);
    }
  }
  both.allow = {allow.begin(), allow.end()};
  return both;
}

}  // namespace freshet::folder
