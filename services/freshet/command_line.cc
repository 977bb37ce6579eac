// From a table of commands to CLI11 and from its answers to a ConfigNode, which the options' table then decodes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <ostream>

#include "common/config/nearest.h"
#include "common/config/reference.h"
#include "services/freshet/command.h"

namespace freshet {
namespace {

constexpr const char* kFooter = "Exit status: 0 done, 1 a check did not hold, 2 usage or configuration.";

// Where CLI11 puts what was given for one field.
struct Given {
  const FieldInfo* field;
  std::vector<std::string> texts;
  bool flag = false;
};

struct Bound {
  const Command* command;
  CLI::App* app;
  TypeInfo type;
  std::deque<Given> given;  // CLI11 keeps pointers to them
};

std::string FlagOf(const std::string& name) {
  std::string flag = name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string Hint(const FieldInfo& field) {
  std::string hint = NameOfType(field.type);
  std::transform(hint.begin(), hint.end(), hint.begin(), [](unsigned char c) { return std::toupper(c); });
  if (field.type.kind == TypeInfo::Kind::kEnum) hint = NameOfType(field.type);
  if (field.required) return hint + ", required";
  const ConfigNode& value = field.default_value;
  return value.is_scalar() && !value.text.empty() ? hint + " [" + value.text + "]" : hint;
}

void Bind(const FieldInfo& field, Bound& bound) {
  Given& given = bound.given.emplace_back(Given{&field, {}, false});
  const std::string name = FlagOf(field.name);
  if (field.type.kind == TypeInfo::Kind::kBool) {
    bound.app->add_flag("--" + name, given.flag, field.help);
    return;
  }
  CLI::Option* const option = bound.app->add_option((field.positional ? "" : "--") + name, given.texts, field.help);
  // Where the command has commands of its own, they do not need its options: the table says what is missing.
  const bool required = field.required && bound.app->get_subcommands({}).empty();
  option->option_text(Hint(field))->required(required)->allow_extra_args(false)->type_size(1);
  if (field.type.kind == TypeInfo::Kind::kList) {
    option->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  } else {
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
}

// What a group like `keys` says of itself: the commands in it.
void AddToDescription(CLI::App& group, const std::string& word) {
  if (group.get_parent() == nullptr) return;
  const std::string words = group.get_description();
  group.description(words.empty() ? "Commands: " + word + "." : words.substr(0, words.size() - 1) + ", " + word + ".");
}

bool IsCommand(const std::vector<Command>& commands, std::string_view name) {
  return std::any_of(commands.begin(), commands.end(), [&](const Command& command) { return command.name == name; });
}

// "keys new" becomes the subcommand new of the subcommand keys; "deid" is a command and has "deid batch" below it.
CLI::App* AppFor(CLI::App& root, const std::vector<Command>& commands, const Command& command) {
  CLI::App* app = &root;
  for (size_t begin = 0, end = 0; begin < command.name.size(); begin = end + 1) {
    end = std::min(command.name.find(' ', begin), command.name.size());
    const std::string word(command.name.substr(begin, end - begin));
    const auto same = app->get_subcommands([&](CLI::App* candidate) { return candidate->get_name() == word; });
    const bool group = begin == 0 || !IsCommand(commands, command.name.substr(0, begin - 1));
    if (group) app->require_subcommand(1);
    if (group && same.empty()) AddToDescription(*app, word);
    app = same.empty() ? app->add_subcommand(word) : same.front();
  }
  app->description(std::string(command.summary));
  return app;
}

ConfigNode NodeOf(const Bound& bound) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::kMap;
  node.origin = std::make_shared<const ConfigOrigin>(ConfigOrigin{.name = "command line", .literal_secrets = true});
  for (const Given& given : bound.given) {
    if (given.flag) node.Add(given.field->name, ConfigNode::Plain("true"));
    if (given.texts.empty()) continue;
    const bool is_list = given.field->type.kind == TypeInfo::Kind::kList;
    ConfigNode& value = node.Add(given.field->name, is_list ? ConfigNode() : ConfigNode::Plain(given.texts.back()));
    value.path = (given.field->positional ? "" : "--") + FlagOf(given.field->name);  // as the user wrote it
    if (!is_list) continue;
    value.kind = ConfigNode::Kind::kList;
    for (const std::string& text : given.texts) {
      ConfigNode& item = value.items.emplace_back(ConfigNode::Plain(text));
      item.origin = node.origin;
      item.path = value.path;
    }
  }
  return node;
}

// A secret may be given as a reference, so that it need not stand in the list of processes.
Status ResolveSecrets(const Bound& bound, ConfigNode& node) {
  for (const FieldInfo& field : bound.type.fields) {
    const auto at = std::find(node.keys.begin(), node.keys.end(), field.name);
    if (!field.secret || at == node.keys.end()) continue;
    FRESHET_RETURN_IF_ERROR(
        ResolveReferences(node.items[static_cast<size_t>(at - node.keys.begin())], ProcessEnvironment()));
  }
  return OkStatus();
}

// CLI11 only says that a subcommand is required; here is which one may have been meant.
bool IsUnknownCommand(const std::vector<Command>& commands, std::span<const std::string> arguments,
                      Terminal& terminal) {
  if (arguments.empty() || arguments[0].starts_with('-')) return false;
  std::vector<std::string_view> known;
  for (const Command& command : commands) {
    const std::string_view first = command.name.substr(0, command.name.find(' '));
    if (first == arguments[0]) return false;
    if (known.empty() || known.back() != first) known.push_back(first);
  }
  terminal.err << "freshet: unknown command \"" << arguments[0] << "\"" << Suggestion(arguments[0], known) << "\n";
  return true;
}

ExitStatus RunBound(const Bound& bound, Terminal& terminal) {
  ConfigNode arguments = NodeOf(bound);
  const Status resolved = ResolveSecrets(bound, arguments);
  return resolved.ok() ? bound.command->body.run(arguments, terminal) : Fail(resolved, terminal);
}

}  // namespace

ExitStatus RunCommandLine(const std::vector<Command>& commands, std::span<const std::string> arguments,
                          Terminal& terminal) {
  if (IsUnknownCommand(commands, arguments, terminal)) return ExitStatus::kUsage;
  CLI::App root("Keeps a clinical search index true to its sources.", "freshet");
  root.footer(kFooter);
  std::deque<Bound> all;
  for (const Command& command : commands) {
    all.emplace_back(Bound{&command, AppFor(root, commands, command), command.body.describe(), {}});
  }
  for (Bound& bound : all) {
    for (const FieldInfo& field : bound.type.fields) Bind(field, bound);
  }
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // --help
    root.exit(error, terminal.out, terminal.err);
    return asked ? ExitStatus::kDone : ExitStatus::kUsage;
  }
  const Bound* called = nullptr;
  for (const Bound& bound : all) {
    if (!bound.app->parsed()) continue;
    if (called == nullptr || bound.command->name.size() > called->command->name.size()) called = &bound;
  }
  return called == nullptr ? ExitStatus::kUsage : RunBound(*called, terminal);
}

namespace {

// What a person has to mend, and the message does not say how.
bool NeedsItsPage(Code code) {
  return code == Code::kDiskFull || (DispositionOf(code) == Disposition::kHalt && code != Code::kConfiguration);
}

}  // namespace

ExitStatus Fail(const Status& status, Terminal& terminal) {
  terminal.err << "freshet: " << status.ToString() << "\n";
  if (NeedsItsPage(status.code())) {
    terminal.err << "freshet: what to do: runbooks/codes/" << NameOf(status.code()) << ".md\n";
  }
  switch (status.code()) {
    case Code::kConfiguration:
    case Code::kInvalidArgument:
    case Code::kUnauthenticated:
    case Code::kKeyMissing:
    case Code::kModelMissing:
      return ExitStatus::kUsage;
    default:
      return ExitStatus::kCheckFailed;
  }
}

}  // namespace freshet
