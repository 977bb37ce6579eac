// freshet connector list, check, conform, pause, resume, snapshot
#include <ostream>

#include "connectors/kit/conform.h"
#include "connectors/registry.h"
#include "connectors/signals.h"
#include "services/freshet/command.h"
#include "services/freshet/connector_preview.h"
#include "services/freshet/site.h"

namespace freshet {

struct ConnectorListOptions {};
template <>
struct OptionTable<ConnectorListOptions> {
  static constexpr auto fields = std::tuple{};
};

struct ConnectorSourceOptions {
  std::filesystem::path config;
  std::string source;
};
template <>
struct OptionTable<ConnectorSourceOptions> {
  using Options = ConnectorSourceOptions;
  static constexpr auto fields =
      std::tuple{Field("config", &Options::config, "The site's configuration file.").Required(),
                 Field("source", &Options::source, "Only this source; without it: all.")};
};

struct ConformCommandOptions {
  std::string name;
  std::filesystem::path config;
  bool dry_run = false;
  uint32_t histories = kit::ConformOptions{}.histories;
  uint64_t seed = kit::ConformOptions{}.seed;
  std::vector<std::string> only;
};
template <>
struct OptionTable<ConformCommandOptions> {
  using Options = ConformCommandOptions;
  static constexpr auto fields = std::tuple{
      Field("name", &Options::name, "The connector, as `freshet connector list` has it.").Required().Positional(),
      Field("config", &Options::config,
            "A site's file: the options of its first source with this connector. Without it: the defaults."),
      Field("dry_run", &Options::dry_run,
            "No cases: read that source as it is, and print what that would do to the index. Publishes nothing."),
      Field("histories", &Options::histories, "How many random histories."),
      Field("seed", &Options::seed, "Of the first history; a failure names its own."),
      Field("only", &Options::only, "Only these cases.")};
};

namespace {

ExitStatus RunConnectorList(const ConnectorListOptions&, Terminal& terminal) {
  for (const ConnectorRow& row : AllConnectors()) {
    terminal.out << std::string(row.name) << std::string(14 - std::min<size_t>(row.name.size(), 12), ' ') << row.summary
                 << "\n";
  }
  return ExitStatus::kDone;
}

// The sources that the options name; configuration where none does.
Result<std::vector<SourceConfig>> SourcesOf(const ConnectorSourceOptions& options, const SiteConfig& site) {
  std::vector<SourceConfig> sources;
  for (const SourceConfig& source : site.sources) {
    if (options.source.empty() || source.name.value == options.source) sources.push_back(source);
  }
  if (sources.empty()) return Status(Code::kConfiguration, "The site has no such source");
  return sources;
}

ExitStatus RunConnectorCheck(const ConnectorSourceOptions& options, Terminal& terminal) {
  const Result<SiteConfig> site = LoadSite(options.config);
  if (!site.ok()) return Fail(site.status(), terminal);
  const auto sources = SourcesOf(options, *site);
  if (!sources.ok()) return Fail(sources.status(), terminal);
  ExitStatus exit = ExitStatus::kDone;
  for (const SourceConfig& source : *sources) {
    const auto connector = MakeConnector(source.connector, source.options);
    const Status works = connector.ok() ? (*connector)->Check() : connector.status();
    terminal.out << source.name.value << "  " << (works.ok() ? "ok" : works.ToString()) << "\n";
    if (!works.ok()) exit = ExitStatus::kCheckFailed;
  }
  return exit;
}

enum class Wish { kPause, kResume, kSnapshot };

template <Wish kWish>
ExitStatus RunConnectorSignal(const ConnectorSourceOptions& options, Terminal& terminal) {
  const Result<SiteConfig> site = LoadSite(options.config);
  if (!site.ok()) return Fail(site.status(), terminal);
  const auto sources = SourcesOf(options, *site);
  if (!sources.ok()) return Fail(sources.status(), terminal);
  for (const SourceConfig& source : *sources) {
    const std::filesystem::path file = SignalFileOf(site->data_dir, source.name);
    Result<SignalState> state = ReadSignals(file);
    if (!state.ok()) return Fail(state.status(), terminal);
    if (kWish == Wish::kSnapshot) ++state->snapshots;
    if (kWish != Wish::kSnapshot) state->paused = kWish == Wish::kPause;
    const Status written = WriteSignals(file, *state);
    if (!written.ok()) return Fail(written, terminal);
    terminal.out << source.name.value << "  paused=" << (state->paused ? "true" : "false")
                 << " snapshots=" << state->snapshots << "\n";
  }
  return ExitStatus::kDone;
}

// The source whose options are meant; null where no file is given.
Result<std::optional<SourceConfig>> SourceWith(const ConformCommandOptions& options, std::optional<SiteConfig>& site) {
  if (options.config.empty()) return std::optional<SourceConfig>();
  FRESHET_ASSIGN_OR_RETURN(site, LoadSite(options.config));
  for (const SourceConfig& source : site->sources) {
    if (source.connector == options.name) return std::optional(source);
  }
  return Status(Code::kConfiguration, "No source of the file has this connector");
}

ExitStatus RunConnectorConform(const ConformCommandOptions& options, Terminal& terminal) {
  const auto row = FindConnector(options.name);
  if (!row.ok()) return Fail(row.status(), terminal);
  std::optional<SiteConfig> site;
  const auto source = SourceWith(options, site);
  if (!source.ok()) return Fail(source.status(), terminal);
  if (options.dry_run) {
    if (!*source) return Fail(Status(Code::kInvalidArgument, "--dry-run needs --config"), terminal);
    const Status previewed = PreviewSource(*site, **source, terminal.out);
    return previewed.ok() ? ExitStatus::kDone : Fail(previewed, terminal);
  }
  const ConfigNode node = *source ? (*source)->options : ConfigNode();
  const kit::MakeRig make = [&] { return (*row)->rig(node); };
  const auto results = kit::Conform(make, {.histories = options.histories, .seed = options.seed}, options.only);
  terminal.out << kit::ConformTable(results);
  return kit::AllHeld(results) ? ExitStatus::kDone : ExitStatus::kCheckFailed;
}

}  // namespace

CommandBody ConnectorListCommand() { return BodyOf<&RunConnectorList>(); }
CommandBody ConnectorCheckCommand() { return BodyOf<&RunConnectorCheck>(); }
CommandBody ConnectorConformCommand() { return BodyOf<&RunConnectorConform>(); }
CommandBody ConnectorPauseCommand() { return BodyOf<&RunConnectorSignal<Wish::kPause>>(); }
CommandBody ConnectorResumeCommand() { return BodyOf<&RunConnectorSignal<Wish::kResume>>(); }
CommandBody ConnectorSnapshotCommand() { return BodyOf<&RunConnectorSignal<Wish::kSnapshot>>(); }

}  // namespace freshet
