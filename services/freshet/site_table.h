// The tables of freshet.yaml: the whole of what may stand in it. Parser, README and `freshet config schema` are made
// from them; services/freshet/site.h has the structs.
#pragma once

#include "services/freshet/site.h"

namespace freshet {

template <>
struct EnumTable<LogKind> {
  static constexpr std::array names = {EnumName{"embedded", LogKind::kEmbedded}, EnumName{"kafka", LogKind::kKafka}};
};
template <>
struct EnumTable<PrincipalSpace> {
  static constexpr std::array names = {EnumName{"tenant", PrincipalSpace::kTenant},
                                       EnumName{"own", PrincipalSpace::kOwn}};
};
// The steps that a hop follows; the index is the last.
template <>
struct EnumTable<Step> {
  static constexpr std::array names = {EnumName{"deid", Step::kDeid}, EnumName{"chunk", Step::kChunk},
                                       EnumName{"embed", Step::kEmbed}};
};
template <>
struct EnumTable<EmbedderKind> {
  static constexpr std::array names = {EnumName{"encoder", EmbedderKind::kEncoder},
                                       EnumName{"http", EmbedderKind::kHttp},
                                       EnumName{"hashing", EmbedderKind::kHashing}};
};
template <>
struct EnumTable<model::Precision> {
  static constexpr std::array names = {EnumName{"auto", model::Precision::kAuto},
                                       EnumName{"f32", model::Precision::kFloat32},
                                       EnumName{"bf16", model::Precision::kBfloat16}};
};

template <>
struct OptionTable<KeyOptions> {
  static constexpr auto fields =
      std::tuple{Field("tenant", &KeyOptions::tenant,
                       "Key file that seals payloads and names what may be PHI; `freshet keys new` makes one.")
                     .Required()
                     .Secret()};
};

template <>
struct OptionTable<LogOptionsOfSite> {
  using Options = LogOptionsOfSite;
  static constexpr auto own = std::tuple{
      Field("kind", &Options::kind,
            "Where changes are kept: in this process's own store, synced to disk, or on a Kafka cluster."),
      Field("partitions", &Options::partitions,
            "Of each topic, fixed for ever: how far one site's work can be spread. More cost memory and small files.")
          .Range(1, 1024),
      Field("retention_time", &Options::retention_time,
            "Records that everybody has read are kept so long, for replays. Longer costs disk.")
          .Range(std::chrono::hours(1), std::chrono::days(365)),
      Field("retention_bytes", &Options::retention_bytes, "Of each topic; the older limit of the two wins.")
          .Range(ByteSize{64ull << 20}, ByteSize{64ull << 40})};
  static constexpr auto fields = std::tuple_cat(own, log::KafkaFields<Options>());
};

template <>
struct OptionTable<PipelineOptions> {
  using Options = PipelineOptions;
  static constexpr auto fields = std::tuple{
      Field("fuse", &Options::fuse,
            "Stages hand on in memory; false: every hop is a topic, each stage can run as a process of its own."),
      Field("durable_after", &Options::durable_after,
            "The hop behind these steps is a topic all the same, so that the next one can run elsewhere."),
      Field("queue_bytes", &Options::queue_bytes,
            "A queue in memory holds at most so much; then it holds back whoever fills it, up to the connector.")
          .Range(ByteSize{16ull << 20}, ByteSize{64ull << 30})};
};

template <>
struct OptionTable<SourceAccess> {
  static constexpr auto fields = std::tuple{
      Field("max_staleness", &SourceAccess::max_staleness,
            "Access that was last known to be true longer ago is no access: the source's documents are hidden.")
          .Range(std::chrono::seconds(1), std::chrono::days(7))};
};

template <>
struct OptionTable<SloOptions> {
  static constexpr auto fields =
      std::tuple{Field("target", &SloOptions::target, "A change should take effect within this time.")
                     .Range(std::chrono::milliseconds(1), std::chrono::days(1)),
                 Field("objective", &SloOptions::objective, "The share of changes that do.").Range(0.5, 0.99999),
                 Field("window", &SloOptions::window, "Counted over this time.")
                     .Range(std::chrono::hours(1), std::chrono::days(90))};
};

template <>
struct OptionTable<SourceSlos> {
  static constexpr auto fields = std::tuple{
      Field("searchable", &SourceSlos::searchable, "From a commit in the source to a query that finds it."),
      Field("revoked", &SourceSlos::revoked, "From a delete or a narrowed access to no query that finds it.")};
};

template <>
struct OptionTable<MassDeleteOptions> {
  static constexpr auto fields = std::tuple{
      Field("documents", &MassDeleteOptions::documents,
            "More deletes than this, and than the share, wait for `freshet source confirm`.")
          .Range(0, 1'000'000'000),
      Field("share", &MassDeleteOptions::share, "Of the source's documents. Lower: fewer deletes by mistake.")
          .Range(0.0, 1.0)};
};

template <>
struct OptionTable<SourceConfig> {
  using Options = SourceConfig;
  static constexpr auto fields = std::tuple{
      Field("name", &Options::name, "Appears in metrics, SLOs and lineage; never change it.").Required().Name(),
      Field("connector", &Options::connector, "What reads the source, as `folder`.").Required().Name(),
      Field("collection", &Options::collection, "Where its documents are searched.").Required().Name(),
      Field("options", &Options::options, "The connector's own: see its README."),
      Field("access", &Options::access, "Who may see what."),
      Field("principals", &Options::principals, "Names in access lists are the tenant's (as in tokens) or its own."),
      Field("slo", &Options::slo, "What is promised."),
      Field("mass_delete", &Options::mass_delete, "What a snapshot may delete before a person is asked."),
      Field("rate", &Options::rate, "How fast the source may fill the pipeline.")};
};

template <>
struct OptionTable<CollectionConfig> {
  static constexpr auto fields =
      std::tuple{Field("name", &CollectionConfig::name, "A data domain of the tenant.").Required().Name(),
                 Field("deidentify", &CollectionConfig::deidentify,
                       "Policy: safe_harbor, limited_data_set, staff_visible, none, or a .yaml file.")
                     .Required(),
                 Field("withhold_outdated", &CollectionConfig::withhold_outdated,
                       "A document whose newer version was skipped is not shown at all, instead of marked outdated.")};
};

template <>
struct OptionTable<EmbedderConfig> {
  using Options = EmbedderConfig;
  static constexpr auto fields = std::tuple{
      Field("kind", &Options::kind,
            "What makes vectors: a sentence encoder in this process; a server with `/v1/embeddings`; `hashing` knows "
            "words, not meaning: for tests.")
          .Required(),
      Field("model_dir", &Options::model_dir,
            "Of the encoder: a sentence-transformers BERT model. Not given: $FRESHET_MODEL_DIR, else the one from "
            "set-up."),
      Field("precision", &Options::precision,
            "Of the encoder: the faster one, by timing both at start-up; bf16 errs by up to 2e-4 of the cosine."),
      Field("threads", &Options::threads, "Of the encoder, each with its own batches; 0: one for each processor.")
          .Range(0, 1024),
      Field("forward_without_vectors_after", &Options::forward_without_vectors_after,
            "After so many failed calls in a row documents go on with words alone; 0: they wait for the model.")
          .Range(0, 1'000'000),
      Field("url", &Options::url,
            "Of http: `http://host:port`, before `/v1/embeddings`. It sees clean texts, and questions."),
      Field("model", &Options::model, "Of http: the server's name of the model."),
      Field("dimensions", &Options::dimensions, "Of http: how long its vectors are.").Range(0, 65'536),
      Field("api_key", &Options::api_key, "Of http: sent as a bearer token.").Secret(),
      Field("timeout", &Options::timeout, "Of http: of one call for documents; each is tried three times.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(10)),
      Field("query_timeout", &Options::query_timeout,
            "Of http: of the one call for a question; after it the answer is by words alone, with a warning.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(1))};
};

template <>
struct OptionTable<ChunkConfig> {
  using Options = ChunkConfig;
  static constexpr auto fields = std::tuple{
      Field("target_tokens", &Options::target_tokens,
            "Tokens of a chunk that are aimed at, context header included. Longer: fewer vectors, vaguer.")
          .Range(16, 8192),
      Field("max_tokens", &Options::max_tokens, "No chunk exceeds it: what the model truncates at; less where it does.")
          .Range(64, 8192)};
};

template <>
struct OptionTable<BesidePolicy> {
  using Options = BesidePolicy;
  static constexpr auto fields =
      std::tuple{Field("collection", &Options::collection, "Whose generation beside is of another policy.").Required(),
                 Field("deidentify", &Options::deidentify,
                       "The policy to come, as in collections. Its texts are made of the originals: `freshet run` "
                       "alone has what that takes.")
                     .Required()};
};

template <>
struct OptionTable<BesideConfig> {
  using Options = BesideConfig;
  static constexpr auto fields =
      std::tuple{Field("embedder", &Options::embedder, "What makes its vectors. Not given: what makes the pipeline's."),
                 Field("chunk", &Options::chunk, "How its texts are cut. Not given: as the pipeline's."),
                 Field("policies", &Options::policies, "Collections that are de-identified otherwise in it.")};
};

template <>
struct OptionTable<RerankConfig> {
  using Options = RerankConfig;
  static constexpr auto fields = std::tuple{
      Field("url", &Options::url,
            "A cross-encoder behind POST http://host:port/rerank. It reads questions and the passages found.")
          .Required(),
      Field("model", &Options::model,
            "Named to servers of Cohere's form (Jina, vLLM, Infinity); not given: text-embeddings-inference's form."),
      Field("token", &Options::token, "Bearer token for that server.").Secret(),
      Field("budget", &Options::budget,
            "After so long the answer goes out in the order of the searches, with a warning. More: slower answers.")
          .Range(std::chrono::milliseconds(1), std::chrono::seconds(30)),
      Field("passages", &Options::passages, "So many of the best are reranked. More: better answers, more time.")
          .Range(1, 200)};
};

template <>
struct OptionTable<IndexConfig> {
  using Options = IndexConfig;
  static constexpr auto fields =
      std::tuple{Field("vector_bytes", &Options::vector_bytes,
                       "Codes of vectors in memory, where a collection has too many to scan: 400 MB a "
                       "million of 384 numbers, an eighth more where they change. Those beyond it are read "
                       "from disk by each search.")
                     .Range(ByteSize{1ull << 20}, ByteSize{1ull << 40}),
                 Field("block_cache_bytes", &Options::block_cache_bytes,
                       "Blocks of the index's files in memory: documents, exact vectors. Less is slower "
                       "answers.")
                     .Range(ByteSize{1ull << 20}, ByteSize{1ull << 40})};
};

template <>
struct OptionTable<QueryConfig> {
  static constexpr auto fields =
      std::tuple{Field("listen", &QueryConfig::listen, "Address and port; port 0 is any free one."),
                 Field("tokens", &QueryConfig::tokens, "Token file: who may ask. Without one nobody may.").Secret(),
                 Field("audit_file_bytes", &QueryConfig::audit_file_bytes,
                       "A file of the audit log that has grown so large is followed by the next one.")
                     .Range(ByteSize{1ull << 20}, ByteSize{64ull << 30}),
                 Field("audit_old_files", &QueryConfig::audit_old_files,
                       "So many full ones are kept; what is older is gone. More is a longer memory of who asked.")
                     .Range(1, 100'000),
                 Field("rerank", &QueryConfig::rerank, "Not given: answers stand in the order of the fused searches.")};
};

template <>
struct OptionTable<OtlpConfig> {
  using Options = OtlpConfig;
  static constexpr auto fields = std::tuple{
      Field("endpoint", &Options::endpoint, "An OpenTelemetry collector: http://host:4318, before /v1/traces.")
          .Required(),
      Field("sample", &Options::sample, "Share of new traces that are told. More: more requests to the collector.")
          .Range(0.0, 1.0),
      Field("token", &Options::token, "Bearer token for that collector.").Secret()};
};

template <>
struct OptionTable<TelemetryConfig> {
  using Options = TelemetryConfig;
  static constexpr auto fields = std::tuple{
      Field("enabled", &Options::enabled,
            "false: no metrics, no SLOs, no log lines but errors: to measure what they cost, and for nothing else."),
      Field("otlp", &Options::otlp, "Not given: traces are not exported. Attributes are coordinates, never content.")};
};

template <>
struct OptionTable<SiteConfig> {
  using Options = SiteConfig;
  static constexpr auto fields = std::tuple{
      Field("tenant", &Options::tenant, "One tenant a file; appears in topics and directories.").Required().Name(),
      Field("data_dir", &Options::data_dir, "Log, stores, caches: on a local disk that survives restarts.").Required(),
      Field("keys", &Options::keys, "The tenant's secrets.").Required(),
      Field("log", &Options::log, "Where changes are kept until all stages are done with them."),
      Field("pipeline", &Options::pipeline, "How stages are joined."),
      Field("sources", &Options::sources, "The systems of record."),
      Field("collections", &Options::collections, "What is searched as one. Not listed: safe_harbor."),
      Field("chunk", &Options::chunk, "How texts are cut. Another one is another generation of the index: see beside."),
      Field("embedder", &Options::embedder, "What makes vectors.").Required(),
      Field("beside", &Options::beside,
            "A second generation of each collection, built and kept current beside the one that is served, until "
            "`freshet generation promote` switches. Costs its time and disk."),
      Field("index", &Options::index, "What of the index is in memory."),
      Field("query", &Options::query, "Who may ask, and where."),
      Field("telemetry", &Options::telemetry, "What Freshet says of itself.")};
};

}  // namespace freshet
