// freshet embed batch
#include "services/embed/batch.h"
#include "services/freshet/command.h"
#include "services/freshet/site_model.h"
#include "services/freshet/site_table.h"

namespace freshet {

struct EmbedBatchCommandOptions {
  EmbedderKind embedder = EmbedderConfig{}.kind;
};

template <>
struct OptionTable<EmbedBatchCommandOptions> {
  static constexpr auto fields =
      std::tuple{Field("embedder", &EmbedBatchCommandOptions::embedder, "What makes the vectors.")};
};

namespace {

ExitStatus RunEmbedBatchCommand(const EmbedBatchCommandOptions& options, Terminal& terminal) {
  const Result<SiteModel> model = MakeSiteModel({.kind = options.embedder});
  if (!model.ok()) return Fail(model.status(), terminal);
  const Status done = embed::RunEmbedBatch(terminal.in, terminal.out, *model->embedder);
  return done.ok() ? ExitStatus::kDone : Fail(done, terminal);
}

}  // namespace

CommandBody EmbedBatchCommand() { return BodyOf<&RunEmbedBatchCommand>(); }

}  // namespace freshet
