// freshet chunk batch
#include "services/chunk/batch.h"
#include "services/deid/deid.h"
#include "services/freshet/command.h"
#include "services/freshet/site_model.h"
#include "services/freshet/site_table.h"

namespace freshet {

struct ChunkBatchCommandOptions {
  EmbedderKind embedder = EmbedderConfig{}.kind;
  std::optional<std::filesystem::path> model_dir;
};

template <>
struct OptionTable<ChunkBatchCommandOptions> {
  using Options = ChunkBatchCommandOptions;
  static constexpr auto fields =
      std::tuple{Field("embedder", &Options::embedder, "Whose tokens a chunk's size is counted in."),
                 Field("model_dir", &Options::model_dir, "Of the encoder. Not given: the one from set-up.")};
};

namespace {

const CollectionName kCollection("batch");

// What the stage would make of the text in a collection of policy documents, where nothing is removed.
class NothingRemoved {
 public:
  static Result<NothingRemoved> Make() {
    NothingRemoved made;
    FRESHET_ASSIGN_OR_RETURN(made.deid_, deid::Deid::Make());
    FRESHET_ASSIGN_OR_RETURN(made.state_.policies[kCollection], deid::FindPolicy("none"));
    FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(KeyRing::NewKeyLine()));  // nothing made by it leaves
    made.state_.keys = std::make_shared<const KeyRing>(std::move(keys));
    return made;
  }

  Result<CleanDocument> Parse(std::string_view text, std::string_view media_type) {
    const Origin origin{.source = SourceName("batch"), .collection = kCollection, .document = DocumentId("text")};
    const Upsert upsert{.content = std::string(text), .media_type = std::string(media_type)};
    const deid::Deid::Input input{origin, upsert};
    auto outcomes = deid_->Process({&input, 1}, state_);
    FRESHET_ASSIGN_OR_RETURN(deid::Deid::Outcome outcome, std::move(outcomes.front()));
    if (const Skipped* skipped = std::get_if<Skipped>(&outcome)) return Status(skipped->code);
    return std::move(std::get<Forward<CleanDocument>>(outcome).body);
  }

 private:
  std::unique_ptr<deid::Deid> deid_;
  deid::DeidState state_;
};

ExitStatus RunChunkBatchCommand(const ChunkBatchCommandOptions& options, Terminal& terminal) {
  const auto tokens = MakeSiteTokens({.kind = options.embedder, .model_dir = options.model_dir});
  if (!tokens.ok()) return Fail(tokens.status(), terminal);
  auto chunker = chunk::Chunker::Make({}, **tokens);
  if (!chunker.ok()) return Fail(chunker.status(), terminal);
  Result<NothingRemoved> parser = NothingRemoved::Make();
  if (!parser.ok()) return Fail(parser.status(), terminal);
  const auto parse = [&](std::string_view text, std::string_view type) { return parser->Parse(text, type); };
  const Status done = chunk::RunChunkBatch(terminal.in, terminal.out, **chunker, parse);
  return done.ok() ? ExitStatus::kDone : Fail(done, terminal);
}

}  // namespace

CommandBody ChunkBatchCommand() { return BodyOf<&RunChunkBatchCommand>(); }

}  // namespace freshet
