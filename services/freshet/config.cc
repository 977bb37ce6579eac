// freshet config check, freshet config schema
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "common/base/counted.h"
#include "common/config/render.h"
#include "services/freshet/command.h"
#include "services/freshet/site_table.h"

namespace freshet {

struct ConfigCheckOptions {
  std::filesystem::path config;
  bool effective = false;
  bool json = false;
};

template <>
struct OptionTable<ConfigCheckOptions> {
  using Options = ConfigCheckOptions;
  static constexpr auto fields = std::tuple{
      Field("config", &Options::config, "The file to check.").Required(),
      Field("effective", &Options::effective, "Print what is in force, defaults included, secrets masked."),
      Field("json", &Options::json, "One JSON value: ok, problems, and with --effective the configuration.")};
};

struct ConfigSchemaOptions {};

template <>
struct OptionTable<ConfigSchemaOptions> {
  static constexpr auto fields = std::tuple{};
};

namespace {

using Json = nlohmann::ordered_json;

Json ProblemsOf(const Status& status) {
  Json problems = Json::array();
  std::istringstream lines(status.message());
  for (std::string line; std::getline(lines, line);) problems.push_back(line);
  return problems;
}

void PrintJson(const ConfigCheckOptions& options, const Result<SiteConfig>& site, std::ostream& out) {
  Json answer = {{"ok", site.ok()}, {"problems", ProblemsOf(site.status())}};
  if (options.effective && site.ok()) answer["configuration"] = Json::parse(ToJson(EncodeOptions(*site)));
  out << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

ExitStatus RunConfigCheck(const ConfigCheckOptions& options, Terminal& terminal) {
  const Result<SiteConfig> site = LoadSite(options.config);
  if (options.json) PrintJson(options, site, terminal.out);
  if (!site.ok()) {
    if (!options.json) terminal.err << site.status().message() << "\n";
    return ExitStatus::kUsage;
  }
  if (options.json) return ExitStatus::kDone;
  if (options.effective) {
    terminal.out << ToYaml(EncodeOptions(*site));
  } else {
    terminal.out << options.config.string() << ": right. Tenant " << site->tenant.value << ", "
                 << Counted(site->sources.size(), "source") << ", " << Counted(site->collections.size(), "collection")
                 << ".\n";
  }
  return ExitStatus::kDone;
}

ExitStatus RunConfigSchema(const ConfigSchemaOptions&, Terminal& terminal) {
  terminal.out << OptionsSchema<SiteConfig>("freshet.yaml");
  return ExitStatus::kDone;
}

}  // namespace

CommandBody ConfigCheckCommand() { return BodyOf<&RunConfigCheck>(); }
CommandBody ConfigSchemaCommand() { return BodyOf<&RunConfigSchema>(); }

}  // namespace freshet
