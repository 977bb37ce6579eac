#include "connectors/rows/assemble.h"

#include "common/base/utf8.h"
#include "schemas/codec.h"

namespace freshet::rows {
namespace {

// Content that leaves no room for its coordinates is refused here, as building the record would take memory twice.
constexpr size_t kMostContentBytes = kMaxMessageBytes - (1u << 20);

std::string TextOf(const Template& from, const Row& row) {
  std::string text = from.Render(row).text;
  return IsValidUtf8(text) ? text : std::string();
}

bool IsPrincipal(std::string_view text) {
  return (text.starts_with("user:") || text.starts_with("group:")) && text.size() > text.find(':') + 1 &&
         IsValidUtf8(text);
}

// When a row of a list counts. What cannot be read, or ends before it begins, narrows: nobody is let in by it, or kept
// out for any shorter.
struct RowPeriod {
  Period period;
  bool readable = true;
};

RowPeriod PeriodOf(const ListRule& rule, const Row& row) {
  RowPeriod out;
  const auto read = [&row, &out](const Template& from, std::string_view no_limit, Time& edge) {
    const Template::Rendered text = from.Render(row);
    if (from.empty() || text.state == Cell::State::kNull || text.text == no_limit) return;
    const Result<Time> time = ParseTime(text.text);
    out.readable = out.readable && time.ok();
    if (time.ok()) edge = *time;
  };
  read(rule.from, "-infinity", out.period.from);
  read(rule.until, "infinity", out.period.until);
  out.readable = out.readable && out.period.from < out.period.until;
  return out;
}

void AddListed(const std::vector<Template>& templates, const Row& row, const Period& period, std::set<Listed>& all) {
  for (const Template& one : templates) {
    for (std::string& text : one.RenderEach(row)) {
      if (IsPrincipal(text)) all.emplace(Principal(std::move(text)), period);
    }
  }
}

// Sorted, without doubles; what is no principal lets nobody in.
std::vector<Listed> ListedIn(const std::vector<Template>& templates, const Row& row) {
  std::set<Listed> all;
  AddListed(templates, row, {}, all);
  return {all.begin(), all.end()};
}

std::vector<Listed> AllowedIn(const ListRule& rule, std::span<const Row> rows) {
  std::set<Listed> all;
  for (const Row& row : rows) {
    const RowPeriod when = PeriodOf(rule, row);
    if (when.readable) AddListed(rule.allow, row, when.period, all);
  }
  return {all.begin(), all.end()};
}

std::vector<Listed> DeniedIn(const ListRule& rule, std::span<const Row> rows) {
  std::set<Listed> all;
  for (const Row& row : rows) {
    const RowPeriod when = PeriodOf(rule, row);
    AddListed(rule.deny, row, when.readable ? when.period : Period(), all);
  }
  return {all.begin(), all.end()};
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

void AddAttributes(const DocumentRule& rule, const Row& row, Upsert& upsert) {
  for (const auto& [name, from] : rule.attributes) {
    Attribute attribute{.name = name};
    for (std::string& value : from.RenderEach(row)) {
      if (!value.empty() && IsValidUtf8(value)) attribute.values.push_back(std::move(value));
    }
    if (!attribute.values.empty()) upsert.attributes.push_back(std::move(attribute));
  }
}

void AddPatients(const DocumentRule& rule, const Row& row, Upsert& upsert) {
  for (const Template& from : rule.patients) {
    for (std::string& patient : from.RenderEach(row)) {
      if (!patient.empty()) upsert.patients.emplace_back(std::move(patient));
    }
  }
}

// A table whose values are text is text, whatever it is called; one column alone may hold anything.
Code Refusal(const DocumentRule& rule, const Upsert& upsert) {
  if (upsert.content.size() > kMostContentBytes) return Code::kDocumentTooLarge;
  const bool text = !rule.content.is_column() || upsert.media_type.starts_with("text/");
  return text && !IsValidUtf8(upsert.content) ? Code::kInvalidUtf8 : Code::kOk;
}

}  // namespace

std::string ScopeOf(const DocumentRule& rule, const Row& row) {
  if (rule.own_list()) return "document/" + rule.id.Render(row).text;
  return rule.scope.empty() ? std::string(kDefaultScope) : rule.scope.Render(row).text;
}

std::string Assembler::NativeId(const EntityKey& document) const {
  return mapping_.documents()[document.rule].id.RenderKey(document.values);
}

Upsert Assembler::Document(const DocumentRule& rule, const Row& row, std::span<const ChildRows> children) const {
  Upsert upsert{.content = rule.content.Render(row).text,
                .media_type = TextOf(rule.media_type, row),
                .title = TextOf(rule.title, row),
                .uri = TextOf(rule.uri, row),
                .access_scope = ScopeId(ScopeOf(rule, row))};
  for (size_t i = 0; i < children.size(); ++i) {
    for (const Row& child : children[i]) upsert.content += rule.children[i].content.Render(child).text;
  }
  AddAttributes(rule, row, upsert);
  AddPatients(rule, row, upsert);
  const Result<Time> effective = ParseTime(rule.effective.Render(row).text);
  if (effective.ok()) upsert.effective = *effective;
  upsert.refused = Refusal(rule, upsert);
  if (upsert.refused != Code::kOk) upsert.content.clear();
  return upsert;
}

AccessChange Assembler::OwnList(const DocumentRule& rule, const Row& row, const Version& content) const {
  return {.scope = ScopeId(ScopeOf(rule, row)),
          .allow = ListedIn(rule.allow, row),
          .deny = ListedIn(rule.deny, row),
          .content_version = content};
}

AccessChange Assembler::ScopeList(const EntityKey& scope, std::span<const Row> rows) const {
  const ListRule& rule = mapping_.access()[scope.rule];
  return {.scope = ScopeId(rule.name.RenderKey(scope.values)),
          .allow = AllowedIn(rule, rows),
          .deny = DeniedIn(rule, rows),
          .removed = rows.empty()};
}

AccessChange Assembler::UnruledList(std::string_view scope) const {
  AccessChange change{.scope = ScopeId(scope)};
  if (scope == kDefaultScope) change.allow = ForGood(mapping_.default_access());
  change.removed = change.allow.empty();
  return change;
}

Result<GroupChange> Assembler::Group(const EntityKey& group, std::span<const Row> rows) const {
  const ListRule& rule = mapping_.groups()[group.rule];
  // Of a group one cannot tell what narrows: some lists let it in, others keep it out.
  if (!std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return PeriodOf(rule, row).readable; })) {
    return Status(Code::kConfiguration, "groups of " + rule.table + ": `from` and `until` of a row are no period");
  }
  return GroupChange{.group = Principal(rule.name.RenderKey(group.values)), .members = AllowedIn(rule, rows)};
}

IdentityChange Assembler::Identity(const IdentityRule& rule, const Row& row) const {
  IdentityChange change{.patient = PatientId(rule.patient.Render(row).text), .identity = TextOf(rule.identity, row)};
  HumanName name{.given = WordsOf(TextOf(rule.given, row)),
                 .family = TextOf(rule.family, row),
                 .prefix = TextOf(rule.prefix, row),
                 .suffix = TextOf(rule.suffix, row)};
  if (!name.given.empty() || !name.family.empty()) change.names.push_back(std::move(name));
  for (const auto& [kind, from] : rule.identifiers) {
    for (std::string& value : from.RenderEach(row)) {
      if (!value.empty() && IsValidUtf8(value)) change.identifiers.push_back({kind, std::move(value)});
    }
  }
  change.birth_date = TextOf(rule.birth_date, row).substr(0, 10);
  const auto add = [&row](const std::vector<Template>& from, std::vector<std::string>& to) {
    for (const Template& one : from) {
      for (std::string& value : one.RenderEach(row)) {
        if (!value.empty() && IsValidUtf8(value)) to.push_back(std::move(value));
      }
    }
  };
  add(rule.addresses, change.addresses);
  add(rule.telecoms, change.telecoms);
  // A template of a null column names nobody, whatever text stands around it.
  const Template::Rendered merged = rule.merged_into.Render(row);
  if (merged.state == Cell::State::kText) change.merged_into = PatientId(merged.text);
  return change;
}

IdentityChange Assembler::RetractedIdentity(const EntityKey& identity) const {
  const IdentityRule& rule = mapping_.identities()[identity.rule];
  Table table{.columns = rule.key};
  Row row{std::make_shared<const Table>(table), {}};
  for (const std::string& value : identity.values) row.cells.push_back(Cell::Text(value));
  return {
      .patient = PatientId(rule.patient.Render(row).text), .identity = TextOf(rule.identity, row), .retracted = true};
}

}  // namespace freshet::rows
