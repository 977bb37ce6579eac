#include "connectors/folder/access.h"

#include <algorithm>

#include "common/config/options.h"
#include "common/config/yaml.h"
#include "connectors/folder/options.h"

namespace freshet {

template <>
struct OptionTable<folder::AccessRule> {
  using R = folder::AccessRule;
  static constexpr auto fields = std::tuple{Field("inherit", &R::inherit, "Add to the list of the folder above."),
                                            Field("allow", &R::allow, "Who may read."),
                                            Field("deny", &R::deny, "Who may not, whatever else allows it.")};
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

Status CheckPrincipals(const ConfigNode& root, std::string_view key) {
  const ConfigNode* const list = root.Find(key);
  if (list == nullptr) return OkStatus();
  for (const ConfigNode& item : list->items) {
    if (!IsPrincipal(item.text)) return item.Error("must be user:<name> or group:<name>");
  }
  return OkStatus();
}

void Normalize(std::vector<Principal>& principals) {
  std::sort(principals.begin(), principals.end());
  principals.erase(std::unique(principals.begin(), principals.end()), principals.end());
}

std::vector<Principal> Union(const std::vector<Principal>& a, const std::vector<Principal>& b) {
  std::vector<Principal> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

}  // namespace

Result<AccessRule> ParseAccessFile(std::string_view yaml) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode root, ParseYaml(yaml, {.name = std::string(kAccessFile), .directory = {}}));
  FRESHET_ASSIGN_OR_RETURN(AccessRule rule, ParseOptions<AccessRule>(root));
  FRESHET_RETURN_IF_ERROR(CheckPrincipals(root, "allow"));
  FRESHET_RETURN_IF_ERROR(CheckPrincipals(root, "deny"));
  Normalize(rule.allow);
  Normalize(rule.deny);
  return rule;
}

AccessList Resolve(const AccessRule& rule, const AccessList& parent) {
  if (!rule.inherit) return {.allow = rule.allow, .deny = rule.deny};
  return {.allow = Union(rule.allow, parent.allow), .deny = Union(rule.deny, parent.deny)};
}

bool OnlyNarrows(const AccessList& from, const AccessList& to) {
  return std::includes(from.allow.begin(), from.allow.end(), to.allow.begin(), to.allow.end()) &&
         std::includes(to.deny.begin(), to.deny.end(), from.deny.begin(), from.deny.end());
}

AccessList Intersect(const AccessList& a, const AccessList& b) {
  AccessList both{.allow = {}, .deny = Union(a.deny, b.deny)};
  std::set_intersection(a.allow.begin(), a.allow.end(), b.allow.begin(), b.allow.end(), std::back_inserter(both.allow));
  return both;
}

}  // namespace freshet::folder
