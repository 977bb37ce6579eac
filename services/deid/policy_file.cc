#include "services/deid/policy_file.h"

#include <algorithm>
#include <map>
#include <optional>

#include "common/config/nearest.h"
#include "common/config/options.h"
#include "common/config/yaml.h"
#include "services/deid/place_words.h"

namespace freshet {

// As a file writes them.
struct PolicyRuleOptions {
  std::optional<deid::Action> action;
  std::optional<double> threshold;
};

struct PolicyOptions {
  std::string name;
  uint32_t version = 0;
  std::string meaning;
  bool cleans = true;
  deid::EffectiveTime effective_time = deid::EffectiveTime::kYear;
  bool keep_weekdays = false;
  double risk_limit = 0.9;
  deid::RosterScope roster_scope = deid::RosterScope::kSource;
  deid::UnknownPatient unknown_patient = deid::UnknownPatient::kProceed;
  PolicyRuleOptions default_rule;
  std::map<std::string, PolicyRuleOptions> identifiers;
};

template <>
struct EnumTable<deid::Action> {
  static constexpr std::array names = {EnumName{"keep", deid::Action::kKeep},
                                       EnumName{"remove", deid::Action::kRemove},
                                       EnumName{"placeholder", deid::Action::kPlaceholder},
                                       EnumName{"surrogate", deid::Action::kSurrogate},
                                       EnumName{"shift", deid::Action::kShift},
                                       EnumName{"generalise", deid::Action::kGeneralise}};
};
template <>
struct EnumTable<deid::EffectiveTime> {
  static constexpr std::array names = {EnumName{"keep", deid::EffectiveTime::kKeep},
                                       EnumName{"year", deid::EffectiveTime::kYear},
                                       EnumName{"shift", deid::EffectiveTime::kShift}};
};
template <>
struct EnumTable<deid::RosterScope> {
  static constexpr std::array names = {EnumName{"source", deid::RosterScope::kSource},
                                       EnumName{"document_patients", deid::RosterScope::kDocumentPatients}};
};
template <>
struct EnumTable<deid::UnknownPatient> {
  static constexpr std::array names = {EnumName{"proceed", deid::UnknownPatient::kProceed},
                                       EnumName{"quarantine", deid::UnknownPatient::kQuarantine}};
};
template <>
struct OptionTable<PolicyRuleOptions> {
  using Options = PolicyRuleOptions;
  static constexpr auto fields =
      std::tuple{Field("action", &Options::action, "What is done with what is found."),
                 Field("threshold", &Options::threshold, "0 to 1: what is less sure stays, and counts as doubt.")};
};
template <>
struct OptionTable<PolicyOptions> {
  using Options = PolicyOptions;
  static constexpr auto fields = std::tuple{
      Field("name", &Options::name, "Stands, with the version, on every document that it made.").Required().Name(),
      Field("version", &Options::version, "A changed rule is a new version.").Required().Range(1, 1'000'000),
      Field("meaning", &Options::meaning, "One sentence for people."),
      Field("cleans", &Options::cleans, "false: nothing is looked for; for documents about nobody."),
      Field("effective_time", &Options::effective_time, "What a document's own date becomes."),
      Field("keep_weekdays", &Options::keep_weekdays, "Dates are shifted by whole weeks."),
      Field("risk_limit", &Options::risk_limit, "A document of more risk goes to quarantine; 1: none does.")
          .Range(0.0, 1.0),
      Field("roster_scope", &Options::roster_scope, "Whose identities are searched for in a document."),
      Field("unknown_patient", &Options::unknown_patient, "A document of a patient whom the roster does not know."),
      Field("default", &Options::default_rule, "The rule of every kind that is not listed."),
      Field("identifiers", &Options::identifiers, "Rules by kind: name, staff_name, date, zip, ...")};
};

namespace deid {
namespace {

constexpr double kDefaultThreshold = 0.5;

std::string KeyOf(const IdentifierRow& row) {
  return row.type == IdentifierType::kStaffName ? "staff_name" : Lower(row.label);
}

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (const IdentifierRow& row : AllIdentifiers()) keys.push_back(KeyOf(row));
  return keys;
}

// A default of shift means that dates are shifted; what cannot be is replaced by a placeholder.
Rule RuleOf(const PolicyRuleOptions& general, const PolicyRuleOptions& own, IdentifierType type) {
  Rule rule;
  const Action wanted = own.action.value_or(general.action.value_or(Action::kPlaceholder));
  rule.action = CanDo(wanted, type) ? wanted : Action::kPlaceholder;
  rule.threshold = static_cast<float>(own.threshold.value_or(general.threshold.value_or(kDefaultThreshold)));
  return rule;
}

void CheckThreshold(const std::optional<double>& threshold, const ConfigNode& rule, Problems& problems) {
  if (threshold && !(*threshold >= 0 && *threshold <= 1)) {
    problems.Add(*rule.Find("threshold"), "must be between 0 and 1");
  }
}

void CheckKinds(const PolicyOptions& options, const ConfigNode& kinds, Problems& problems) {
  const std::vector<std::string> names = AllKeys();
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (size_t i = 0; i < kinds.keys.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), kinds.keys[i]);
    if (found == names.end()) {
      problems.AddUnknownKey(kinds, i, known);
      continue;
    }
    const PolicyRuleOptions& rule = options.identifiers.at(kinds.keys[i]);
    const IdentifierType type = AllIdentifiers()[static_cast<size_t>(found - names.begin())].type;
    CheckThreshold(rule.threshold, kinds.items[i], problems);
    if (!rule.action || CanDo(*rule.action, type)) continue;
    problems.Add(*kinds.items[i].Find("action"), "cannot be done with this kind");
  }
}

Policy PolicyOf(const PolicyOptions& options) {
  Policy policy;
  policy.name = options.name;
  policy.version = options.version;
  policy.meaning = options.meaning;
  policy.cleans = options.cleans;
  policy.effective_time = options.effective_time;
  policy.keep_weekdays = options.keep_weekdays;
  policy.risk_limit = static_cast<float>(options.risk_limit);
  policy.roster_scope = options.roster_scope;
  policy.unknown_patient = options.unknown_patient;
  for (const IdentifierRow& row : AllIdentifiers()) {
    const auto own = options.identifiers.find(KeyOf(row));
    policy.rules[static_cast<size_t>(row.type)] =
        RuleOf(options.default_rule, own == options.identifiers.end() ? PolicyRuleOptions{} : own->second, row.type);
  }
  return policy;
}

Result<Policy> FromNode(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(const PolicyOptions options, ParseOptions<PolicyOptions>(node));
  Problems problems;
  if (const ConfigNode* const kinds = node.Find("identifiers"); kinds != nullptr) {
    CheckKinds(options, *kinds, problems);
  }
  if (const ConfigNode* const general = node.Find("default"); general != nullptr) {
    CheckThreshold(options.default_rule.threshold, *general, problems);
  }
  FRESHET_RETURN_IF_ERROR(problems.ToStatus());
  return PolicyOf(options);
}

}  // namespace

Result<Policy> ParsePolicy(std::string_view yaml, const std::string& file) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(yaml, {.name = file}));
  return FromNode(node);
}

Result<Policy> LoadPolicy(const std::filesystem::path& file) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, LoadConfigFile(file));
  return FromNode(node);
}

std::string PolicyFileMarkdown() { return OptionsMarkdown<PolicyOptions>(); }

}  // namespace deid
}  // namespace freshet
