// freshet pipeline describe
#include <ostream>

#include "services/freshet/command.h"
#include "services/freshet/site.h"
#include "services/pipeline.h"

namespace freshet {

struct PipelineDescribeOptions {
  std::filesystem::path config;
};

template <>
struct OptionTable<PipelineDescribeOptions> {
  static constexpr auto fields = std::tuple{
      Field("config", &PipelineDescribeOptions::config, "A site's configuration file; without it: as by default.")};
};

namespace {

ExitStatus RunPipelineDescribe(const PipelineDescribeOptions& options, Terminal& terminal) {
  PipelinePlan plan;
  if (!options.config.empty()) {
    const Result<SiteConfig> site = LoadSite(options.config);
    if (!site.ok()) return Fail(site.status(), terminal);
    plan = site->plan();
  }
  terminal.out << DescribePipeline(plan);
  return ExitStatus::kDone;
}

}  // namespace

CommandBody PipelineDescribeCommand() { return BodyOf<&RunPipelineDescribe>(); }

}  // namespace freshet
