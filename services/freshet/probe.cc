// freshet probe
#include <csignal>
#include <set>
#include <thread>

#include "common/telemetry/log.h"
#include "connectors/fhir/options.h"
#include "connectors/folder/options.h"
#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"
#include "services/freshet/site.h"
#include "services/freshet/status_server.h"
#include "services/probe/fhir_place.h"
#include "services/probe/folder_place.h"
#include "services/probe/push_place.h"
#include "services/probe/sql_place.h"

namespace freshet {

// Where the prober may write in sources of which only their owner knows how.
struct ProbePlaces {
  std::map<std::string, probe::SqlPlaceOptions> places;
  std::map<std::string, probe::PushPlaceOptions> pushes;
  std::map<std::string, probe::FhirPlaceOptions> fhir;
};

template <>
struct OptionTable<ProbePlaces> {
  static constexpr auto fields =
      std::tuple{Field("places", &ProbePlaces::places, "By the name of the source: statements for its database."),
                 Field("pushes", &ProbePlaces::pushes, "By the name of the source: where it takes events."),
                 Field("fhir", &ProbePlaces::fhir, "By the name of the source: who writes to its FHIR server.")};
};

struct ProbeCommandOptions {
  std::filesystem::path config;
  std::string source;
  std::string reader;
  std::optional<std::filesystem::path> places;
  Duration every = std::chrono::minutes(1);
  Duration target = probe::ProbeOptions{}.target;
  Duration limit = probe::ProbeOptions{}.limit;
  bool once = false;
  HostPort status{"127.0.0.1", 9465};
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<ProbeCommandOptions> {
  using Options = ProbeCommandOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{
          Field("config", &Options::config, "The site's configuration file: which sources there are, and where.")
              .Required(),
          Field("source", &Options::source, "Only this one; without it all that can be written to."),
          Field("reader", &Options::reader, "Whose the token is, as access lists name it: user:prober.").Required(),
          Field(
              "places", &Options::places,
              "File of `places`, `pushes` and `fhir`: how to write into databases, where to push events, who writes to "
              "FHIR servers."),
          Field("every", &Options::every, "From one round to the next.")
              .Range(std::chrono::seconds(1), std::chrono::hours(24)),
          Field("target", &Options::target, "What takes longer counts as late.")
              .Range(std::chrono::milliseconds(1), std::chrono::hours(1)),
          Field("limit", &Options::limit, "What is not seen by then has failed.")
              .Range(std::chrono::seconds(1), std::chrono::hours(1)),
          Field("once", &Options::once, "One round, printed; exit status 1 where it did not go well."),
          Field("status", &Options::status, "Where /metrics is, without --once.")},
      OperatorFields<Options>());
};

namespace {

using Json = nlohmann::json;

// What one source is probed with.
struct Target {
  SourceName source;
  CollectionName collection;
  std::unique_ptr<probe::ProbePlace> place;
};

Result<ProbePlaces> PlacesOf(const ProbeCommandOptions& options) {
  if (!options.places) return ProbePlaces();
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, LoadConfigFile(*options.places, ProcessEnvironment()));
  return ParseOptions<ProbePlaces>(node);
}

using Place = std::unique_ptr<probe::ProbePlace>;

// Null where nobody says how to write there.
Result<Place> PlaceIn(const SourceConfig& source, const ProbePlaces& places, const std::string& reader) {
  static const SystemClock clock;
  const auto statements = places.places.find(source.name.value);
  if (statements != places.places.end()) return Place(std::make_unique<probe::SqlPlace>(statements->second, reader));
  const auto push = places.pushes.find(source.name.value);
  if (push != places.pushes.end()) {
    FRESHET_ASSIGN_OR_RETURN(auto place, probe::PushPlace::Make(push->second, reader, clock));
    return Place(std::move(place));
  }
  const auto server = places.fhir.find(source.name.value);
  if (server != places.fhir.end()) {
    FRESHET_ASSIGN_OR_RETURN(const auto read, ParseOptions<fhir::FhirOptions>(source.options));
    FRESHET_ASSIGN_OR_RETURN(auto place, probe::FhirPlace::Make(server->second, read, reader));
    return Place(std::move(place));
  }
  if (source.connector != "folder") return Place();
  FRESHET_ASSIGN_OR_RETURN(const auto folder, ParseOptions<folder::FolderOptions>(source.options));
  return Place(std::make_unique<probe::FolderPlace>(folder.root, reader));
}

// Whom the file tells how to write to must be one of the sources.
Status CheckNames(const SiteConfig& site, const ProbePlaces& places) {
  std::set<std::string> names;
  for (const auto& [name, place] : places.places) names.insert(name);
  for (const auto& [name, place] : places.pushes) names.insert(name);
  for (const auto& [name, place] : places.fhir) names.insert(name);
  for (const SourceConfig& source : site.sources) names.erase(source.name.value);
  if (names.empty()) return OkStatus();
  return Status(Code::kConfiguration, "--places: there is no source " + *names.begin());
}

Result<std::vector<Target>> TargetsOf(const SiteConfig& site, const ProbeCommandOptions& options, Terminal& terminal) {
  FRESHET_ASSIGN_OR_RETURN(const ProbePlaces places, PlacesOf(options));
  FRESHET_RETURN_IF_ERROR(CheckNames(site, places));
  std::vector<Target> targets;
  for (const SourceConfig& source : site.sources) {
    if (!options.source.empty() && source.name.value != options.source) continue;
    FRESHET_ASSIGN_OR_RETURN(auto place, PlaceIn(source, places, options.reader));
    if (place == nullptr) {
      terminal.err << "freshet: " << source.name.value << ": a " << source.connector
                   << " source is probed where --places says how to write there\n";
      continue;
    }
    targets.push_back({source.name, source.collection, std::move(place)});
  }
  if (targets.empty()) return Status(Code::kConfiguration, "no source that can be probed");
  return targets;
}

// Whether a passage of the answer holds all the words.
bool Shows(const Json& answer, const std::string& words) {
  for (const Json& hit : PartAt(answer, "hits")) {
    if (TextAt(hit, "text").find(words) != std::string::npos) return true;
  }
  return false;
}

class Probing {
 public:
  Probing(const ProbeCommandOptions& options, Target target, MetricRegistry* metrics)
      : target_(std::move(target)),
        client_(options.url, options.token, std::chrono::seconds(10)),
        prober_({.source = target_.source,
                 .place = *target_.place,
                 .ask = [this](const std::string& words) { return Ask(words); },
                 .metrics = metrics,
                 .clock = clock_},
                {.target = options.target, .limit = options.limit}) {}

  const SourceName& source() const { return target_.source; }
  Result<probe::ProbeRound> Round() { return prober_.Round(); }

 private:
  Result<bool> Ask(const std::string& words) {
    const Json request = {{"query", "freshet probe " + words},
                          {"collections", {target_.collection.value}},
                          {"mode", "lexical"},
                          {"top_k", 10}};
    FRESHET_ASSIGN_OR_RETURN(const std::string body, client_.Post("/v1/search", Dump(request)));
    FRESHET_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(body));
    return Shows(answer, words);
  }

  const SystemClock clock_;
  Target target_;
  HttpClient client_;
  probe::Prober prober_;
};

using Probings = std::vector<std::unique_ptr<Probing>>;

ExitStatus ProbeOnce(const Probings& probings, const ProbeCommandOptions& options, Terminal& terminal) {
  Json rounds = Json::array();
  Table table{.headings = {"source", "change", "outcome", "took"}, .right = {false, false, false, true}, .rows = {}};
  bool well = true;
  for (const auto& probing : probings) {
    const Result<probe::ProbeRound> round = probing->Round();
    if (!round.ok()) return FailCall(round.status(), options.json, terminal);
    well = well && round->in_time();
    for (const probe::ProbeStep& step : round->steps) {
      const std::string outcome(NameOf(step.outcome)), operation(step.operation);
      rounds.push_back({{"source", probing->source().value},
                        {"operation", operation},
                        {"outcome", outcome},
                        {"took_ms", ToMillis(step.took)}});
      table.rows.push_back({probing->source().value, operation, outcome, SpokenMillis(ToMillis(step.took))});
    }
  }
  terminal.out << (options.json ? Json{{"probes", rounds}}.dump() + "\n" : Render(table, terminal.colour));
  return well ? ExitStatus::kDone : ExitStatus::kCheckFailed;
}

// Until SIGTERM or SIGINT, which come between two rounds.
ExitStatus ProbeOn(const Probings& probings, const ProbeCommandOptions& options, MetricRegistry& metrics,
                   Terminal& terminal) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  StatusServer server(options.status, {.metrics = &metrics, .unready = [] { return std::vector<std::string>(); }});
  const Result<std::string> url = server.Start();
  if (!url.ok()) return Fail(url.status(), terminal);
  terminal.out << "The prober serves " << *url << std::endl;
  // So that who never gets through is silent too, and not unknown.
  for (const auto& probing : probings) metrics.GaugeOf<Metric::kProbed>(probing->source().value).Set(0);
  while (true) {
    for (const auto& probing : probings) {
      const Result<probe::ProbeRound> round = probing->Round();
      if (round.ok()) continue;
      Log(LogLevel::kWarning, "Probe not made.", {{"source", probing->source()}, {"error", round.status()}});
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.every);
    const timespec wait{.tv_sec = seconds.count(), .tv_nsec = 0};
    if (sigtimedwait(&signals, nullptr, &wait) > 0) return ExitStatus::kDone;
  }
}

ExitStatus RunProbe(const ProbeCommandOptions& options, Terminal& terminal) {
  const Result<SiteConfig> site = LoadSite(options.config);
  if (!site.ok()) return Fail(site.status(), terminal);
  Result<std::vector<Target>> targets = TargetsOf(*site, options, terminal);
  if (!targets.ok()) return Fail(targets.status(), terminal);
  MetricRegistry metrics(site->tenant);
  Probings probings;
  for (Target& target : *targets) probings.push_back(std::make_unique<Probing>(options, std::move(target), &metrics));
  return options.once ? ProbeOnce(probings, options, terminal) : ProbeOn(probings, options, metrics, terminal);
}

}  // namespace

CommandBody ProbeCommand() { return BodyOf<&RunProbe>(); }

}  // namespace freshet
