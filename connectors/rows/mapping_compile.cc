#include "common/config/render.h"
#include "connectors/rows/mapping.h"

namespace freshet::rows {
namespace {

// Parses the templates of one rule, and gathers the columns that it needs.
class RuleCompiler {
 public:
  explicit RuleCompiler(std::string where) : where_(std::move(where)) {}

  Template Text(std::string_view field, const std::string& text) {
    Result<Template> parsed = Template::Parse(text);
    if (!parsed.ok()) {
      Fail(std::string(field) + ": " + parsed.status().message());
      return {};
    }
    Need(parsed->columns());
    return std::move(*parsed);
  }
  // A template, or the bare name of a column.
  Template Column(std::string_view field, const std::string& text) {
    const bool bare = !text.empty() && text.find('{') == std::string::npos;
    return Text(field, bare ? "{" + text + "}" : text);
  }
  std::vector<Template> Texts(std::string_view field, const std::vector<std::string>& texts) {
    std::vector<Template> all;
    for (const std::string& text : texts) all.push_back(Text(field, text));
    return all;
  }
  std::vector<std::pair<std::string, Template>> Named(std::string_view field,
                                                      const std::map<std::string, std::string>& texts) {
    std::vector<std::pair<std::string, Template>> all;
    for (const auto& [name, text] : texts) all.emplace_back(name, Text(field, text));
    return all;
  }
  void Need(const std::vector<std::string>& columns) { columns_.insert(columns.begin(), columns.end()); }
  void Fail(const std::string& what) {
    if (status_.ok()) status_ = Status(Code::kConfiguration, where_ + ": " + what);
  }
  std::vector<std::string> columns() const { return {columns_.begin(), columns_.end()}; }
  const Status& status() const { return status_; }

 private:
  const std::string where_;
  std::set<std::string> columns_;
  Status status_;
};

Result<ChildRule> CompileChild(const ChildOptions& options, const DocumentRule& parent) {
  RuleCompiler compiler("children of " + parent.table + ": " + options.table);
  ChildRule rule{.table = options.table, .parent = options.parent, .order = options.order};
  rule.content = compiler.Text("content", options.content);
  compiler.Need(options.parent);
  compiler.Need(options.order);
  if (options.parent.size() != parent.id.columns().size()) {
    compiler.Fail("parent: as many columns as the document's id has");
  }
  rule.columns = compiler.columns();
  FRESHET_RETURN_IF_ERROR(compiler.status());
  return rule;
}

Result<DocumentRule> CompileDocument(const DocumentOptions& options) {
  RuleCompiler compiler("documents of " + options.table);
  DocumentRule rule{.table = options.table, .where = options.where, .entered_in_error = options.entered_in_error};
  rule.id = compiler.Text("id", options.id);
  rule.content = compiler.Text("content", options.content);
  rule.media_type = compiler.Text("media_type", options.media_type);
  rule.title = compiler.Text("title", options.title);
  rule.uri = compiler.Text("uri", options.uri);
  rule.effective = compiler.Column("effective", options.effective);
  rule.scope = compiler.Text("scope", options.scope);
  rule.attributes = compiler.Named("attributes", options.attributes);
  rule.patients = compiler.Texts("patients", options.patients);
  rule.allow = compiler.Texts("allow", options.allow);
  rule.deny = compiler.Texts("deny", options.deny);
  for (const auto& [column, values] : options.where) compiler.Need({column});
  for (const auto& [column, values] : options.entered_in_error) compiler.Need({column});
  if (rule.id.columns().empty()) compiler.Fail("id: names no column");
  if (rule.own_list() && !rule.scope.empty()) compiler.Fail("scope: not beside allow and deny");
  rule.columns = compiler.columns();
  for (const ChildOptions& child : options.children) {
    FRESHET_ASSIGN_OR_RETURN(rule.children.emplace_back(), CompileChild(child, rule));
  }
  FRESHET_RETURN_IF_ERROR(compiler.status());
  return rule;
}

struct ListTexts {
  std::string what;
  const std::string& table;
  const std::string& name;
  const std::vector<std::string>& allow;
  const std::vector<std::string>& deny;
  const std::string& from;
  const std::string& until;
};

Result<ListRule> CompileList(const ListTexts& texts) {
  RuleCompiler compiler(texts.what + " of " + texts.table);
  ListRule rule{.table = texts.table};
  rule.name = compiler.Text(texts.what, texts.name);
  rule.allow = compiler.Texts("allow", texts.allow);
  rule.deny = compiler.Texts("deny", texts.deny);
  rule.from = compiler.Column("from", texts.from);
  rule.until = compiler.Column("until", texts.until);
  if (rule.name.columns().empty()) compiler.Fail("names no column");
  rule.columns = compiler.columns();
  FRESHET_RETURN_IF_ERROR(compiler.status());
  return rule;
}

Result<IdentityRule> CompileIdentity(const PatientOptions& options) {
  RuleCompiler compiler("patients of " + options.table);
  IdentityRule rule{.table = options.table};
  rule.patient = compiler.Text("patient", options.patient);
  rule.identity = compiler.Text("identity", options.identity);
  rule.key = compiler.columns();
  rule.given = compiler.Text("given", options.given);
  rule.family = compiler.Text("family", options.family);
  rule.prefix = compiler.Text("prefix", options.prefix);
  rule.suffix = compiler.Text("suffix", options.suffix);
  rule.birth_date = compiler.Column("birth_date", options.birth_date);
  rule.merged_into = compiler.Text("merged_into", options.merged_into);
  rule.identifiers = compiler.Named("identifiers", options.identifiers);
  rule.addresses = compiler.Texts("addresses", options.addresses);
  rule.telecoms = compiler.Texts("telecoms", options.telecoms);
  if (rule.patient.columns().empty()) compiler.Fail("patient: names no column");
  rule.columns = compiler.columns();
  FRESHET_RETURN_IF_ERROR(compiler.status());
  return rule;
}

}  // namespace

Result<Mapping> Mapping::Compile(const MappingOptions& options) {
  Mapping mapping;
  static const std::vector<std::string> kNone;
  for (const DocumentOptions& one : options.documents) {
    FRESHET_ASSIGN_OR_RETURN(mapping.documents_.emplace_back(), CompileDocument(one));
  }
  for (const AccessOptions& one : options.access) {
    FRESHET_ASSIGN_OR_RETURN(mapping.access_.emplace_back(),
                             CompileList({"scope", one.table, one.scope, one.allow, one.deny, one.from, one.until}));
  }
  for (const GroupOptions& one : options.groups) {
    FRESHET_ASSIGN_OR_RETURN(mapping.groups_.emplace_back(),
                             CompileList({"group", one.table, one.group, one.members, kNone, one.from, one.until}));
  }
  for (const PatientOptions& one : options.patients) {
    FRESHET_ASSIGN_OR_RETURN(mapping.identities_.emplace_back(), CompileIdentity(one));
  }
  mapping.default_access_ = options.default_access;
  if (mapping.tables().empty()) return Status(Code::kConfiguration, "mapping: names no table");
  mapping.fingerprint_ = HashOf(ToYaml(EncodeOptions(options)));
  return mapping;
}

}  // namespace freshet::rows
