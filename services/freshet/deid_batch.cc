// freshet deid batch
#include "services/deid/batch.h"
#include "services/freshet/command.h"

namespace freshet {

struct DeidBatchCommandOptions {
  std::string policy = "safe_harbor";
  std::filesystem::path roster;
  std::filesystem::path keys;
};

template <>
struct OptionTable<DeidBatchCommandOptions> {
  using Options = DeidBatchCommandOptions;
  static constexpr auto fields = std::tuple{
      Field("policy", &Options::policy, "safe_harbor, limited_data_set, staff_visible, none, or a policy file."),
      Field("roster", &Options::roster, "Known patients, a JSON object a line; a text names its own in `patients`."),
      Field("keys", &Options::keys, "Key file, for policies that make up surrogates or shift dates.")};
};

namespace {

ExitStatus RunDeidBatchCommand(const DeidBatchCommandOptions& options, Terminal& terminal) {
  const deid::DeidBatchOptions batch{
      .policy = options.policy, .roster_path = options.roster.string(), .keys_path = options.keys.string()};
  const Status done = deid::RunDeidBatch(terminal.in, terminal.out, batch);
  return done.ok() ? ExitStatus::kDone : Fail(done, terminal);
}

}  // namespace

CommandBody DeidBatchCommand() { return BodyOf<&RunDeidBatchCommand>(); }

}  // namespace freshet
