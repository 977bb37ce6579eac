// freshet embed batch
#include "services/embed/batch.h"
#include "services/freshet/command.h"
#include "services/freshet/site_model.h"
#include "services/freshet/site_table.h"

namespace freshet {

struct EmbedBatchCommandOptions {
  EmbedderKind embedder = EmbedderConfig{}.kind;
  std::optional<std::filesystem::path> model_dir;
  model::Precision precision = model::Precision::kAuto;
};

template <>
struct OptionTable<EmbedBatchCommandOptions> {
  using Options = EmbedBatchCommandOptions;
  static constexpr auto fields =
      std::tuple{Field("embedder", &Options::embedder, "What makes the vectors."),
                 Field("model_dir", &Options::model_dir, "Of the encoder. Not given: the one from set-up."),
                 Field("precision", &Options::precision, "Of the encoder; auto: the faster one here.")};
};

namespace {

ExitStatus RunEmbedBatchCommand(const EmbedBatchCommandOptions& options, Terminal& terminal) {
  const Result<SiteModel> model =
      MakeSiteModel({.kind = options.embedder, .model_dir = options.model_dir, .precision = options.precision});
  if (!model.ok()) return Fail(model.status(), terminal);
  const Status done = embed::RunEmbedBatch(terminal.in, terminal.out, *model->embedder);
  return done.ok() ? ExitStatus::kDone : Fail(done, terminal);
}

}  // namespace

CommandBody EmbedBatchCommand() { return BodyOf<&RunEmbedBatchCommand>(); }

}  // namespace freshet
