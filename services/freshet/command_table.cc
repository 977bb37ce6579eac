// The one list of commands. A line here and a file services/freshet/<command>.cc: that is a command.
#include "services/freshet/command.h"

// X(Function prefix, name, summary)
#define FRESHET_COMMANDS(X)                                                                                         \
  X(Run, "run", "Runs a whole site in one process: connectors, stages, index, query service.")                      \
  X(Connector, "connector", "Runs the connectors of one site's sources, and nothing else.")                         \
  X(ConnectorList, "connector list", "Prints the connectors that there are.")                                       \
  X(ConnectorNew, "connector new", "Makes a new connector's folder, which compiles and passes the kit.")            \
  X(ConnectorCheck, "connector check", "Says of each source whether it can be read.")                               \
  X(ConnectorConform, "connector conform", "Judges a connector by the conformance kit; prints the table.")          \
  X(ConnectorPause, "connector pause", "Stops reading sources until resumed; what is indexed stays.")               \
  X(ConnectorResume, "connector resume", "Goes on reading paused sources where they were.")                         \
  X(ConnectorSnapshot, "connector snapshot", "Has running connectors take a new snapshot beside the stream.")       \
  X(Deid, "deid", "Runs de-identification, and the steps that are fused to it.")                                    \
  X(Chunk, "chunk", "Runs the chunker, and the steps that are fused to it.")                                        \
  X(Embed, "embed", "Runs the embedder, and the steps that are fused to it.")                                       \
  X(Index, "index", "Runs the index and answers queries from it.")                                                  \
  X(IndexDigest, "index digest", "Prints one number of all that the index holds, to compare two indexes.")          \
  X(Query, "query", "Answers queries from the index that another process on this machine writes.")                  \
  X(Search, "search", "Asks a question and prints the passages found.")                                             \
  X(Freshness, "freshness", "Prints how far behind its source each source's index is.")                             \
  X(Probe, "probe", "Measures freshness from outside: a document of its own, through source and API.")              \
  X(SourceList, "source list", "Lists the sources, and the deletes of each that wait for a person.")                \
  X(SourceConfirm, "source confirm", "Lets the deletes of one snapshot through that were held.")                    \
  X(SourcePause, "source pause", "Stops reading a source until it is resumed; what is indexed stays.")              \
  X(SourceResume, "source resume", "Goes on reading a paused source where it was.")                                 \
  X(SourceBackfill, "source backfill", "Publishes a source's documents again, all or some, behind live edits.")     \
  X(SourceReconcile, "source reconcile", "Compares a source with its index; with --mend, mends the difference.")    \
  X(DeadLettersList, "dead-letters list", "Lists the changes that were skipped for an error, newest first.")        \
  X(DeadLettersShow, "dead-letters show", "Shows one skipped change: where it lies, and what to do about it.")      \
  X(DeadLettersReplay, "dead-letters replay", "Publishes skipped changes again, once their cause is gone.")         \
  X(DeadLettersDrop, "dead-letters drop", "Takes skipped changes off the list; their documents stay skipped.")      \
  X(Plan, "plan", "Tells what another model, chunker or policy would embed again: time and disk.")                  \
  X(GenerationList, "generation list", "Lists the indexes of each collection: which is served, what made each.")    \
  X(GenerationPromote, "generation promote", "Serves another generation, if it finds as much and leaks nothing.")   \
  X(GenerationRollback, "generation rollback", "Serves the generation that was served before.")                     \
  X(GenerationDrop, "generation drop", "Removes a generation that is not served, with all that is stored of it.")   \
  X(Receipt, "receipt", "Proves that a deleted document is gone, place by place, or says when it will be.")         \
  X(Citation, "citation", "Resolves a place of a document's clean text to its original, for those entitled to it.") \
  X(DeidBatch, "deid batch", "De-identifies texts, a JSON object a line, by the very code of the pipeline.")        \
  X(DeidExplain, "deid explain", "Shows each decision that de-identification makes in a document, and why.")        \
  X(DeidPlan, "deid plan", "Tells what another policy would change, before it does.")                               \
  X(QuarantineList, "quarantine list", "Lists the documents that de-identification holds back, and why.")           \
  X(QuarantineShow, "quarantine show", "Shows a held document in clear, with every decision about it.")             \
  X(QuarantineRelease, "quarantine release", "Lets one version of a held document through in spite of doubt.")      \
  X(QuarantineRerun, "quarantine rerun", "Puts held documents through de-identification once more.")                \
  X(EvalDeid, "eval deid", "Judges de-identification on texts whose identifiers are known.")                        \
  X(EvalSearch, "eval search", "Judges search on questions whose answers are known, and what nobody may see.")      \
  X(ChunkBatch, "chunk batch", "Cuts texts, a JSON object a line, into chunks with their places.")                  \
  X(EmbedBatch, "embed batch", "Makes vectors of texts, a JSON object a line.")                                     \
  X(PipelineDescribe, "pipeline describe", "Draws what runs where and which hops are durable.")                     \
  X(ConfigCheck, "config check", "Says whether a configuration file is right, or all that is wrong.")               \
  X(ConfigSchema, "config schema", "Prints the JSON Schema of the configuration file.")                             \
  X(KeysNew, "keys new", "Makes a new tenant key.")                                                                 \
  X(Version, "version", "Prints the version.")

namespace freshet {

#define FRESHET_COMMAND_DECLARATION(prefix, name, summary) CommandBody prefix##Command();
FRESHET_COMMANDS(FRESHET_COMMAND_DECLARATION)
#undef FRESHET_COMMAND_DECLARATION

std::vector<Command> AllCommands() {
#define FRESHET_COMMAND_ROW(prefix, name, summary) Command{name, summary, prefix##Command()},
  return {FRESHET_COMMANDS(FRESHET_COMMAND_ROW)};
#undef FRESHET_COMMAND_ROW
}

}  // namespace freshet
