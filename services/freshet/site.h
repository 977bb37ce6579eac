// SiteConfig: what one site runs: freshet.yaml as structs.
//
//   FRESHET_ASSIGN_OR_RETURN(SiteConfig site, LoadSite("freshet.yaml"));
//   site.sources[0].options        // a node that the source's connector decodes
//   site.FindCollection(name)      // of every source's collection, also where the file does not list it
//
// services/freshet/site_table.h says of each field what it is. A kind is in its enumeration when it is built, so a file
// never asks for what is not there. Every error is configuration, with file and line. Plain values.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/config/host_port.h"
#include "common/config/options.h"
#include "common/config/yaml.h"
#include "common/log/kafka/options.h"
#include "common/model/encoder_engine.h"
#include "connectors/rate_limit.h"
#include "services/pipeline.h"

namespace freshet {

struct KeyOptions {
  std::string tenant;  // the contents of a key file (common/crypto/keys.h)
};

enum class LogKind : uint8_t { kEmbedded, kKafka };

// A Kafka's options stand flat beside those of every log.
struct LogOptionsOfSite : log::KafkaOptions {
  LogKind kind = LogKind::kEmbedded;
  uint32_t partitions = 8;
  Duration retention_time = std::chrono::days(7);
  ByteSize retention_bytes{64ull << 30};
};

struct PipelineOptions {
  bool fuse = true;
  std::vector<Step> durable_after;  // the hop behind these is a topic all the same
  ByteSize queue_bytes{64ull << 20};
};

enum class PrincipalSpace : uint8_t { kTenant, kOwn };

struct SourceAccess {
  Duration max_staleness = std::chrono::minutes(5);
};

// store::MassDeleteLimits, as the file has them.
struct MassDeleteOptions {
  uint64_t documents = 10;
  double share = 0.10;
};

struct SloOptions {
  Duration target = std::chrono::seconds(5);
  double objective = 0.999;
  Duration window = std::chrono::days(30);
};

struct SourceSlos {
  std::optional<SloOptions> searchable;
  std::optional<SloOptions> revoked;
};

struct SourceConfig {
  SourceName name;
  std::string connector;
  CollectionName collection;
  ConfigNode options;
  SourceAccess access;
  PrincipalSpace principals = PrincipalSpace::kTenant;
  SourceSlos slo;
  MassDeleteOptions mass_delete;
  RateOptions rate;
};

struct CollectionConfig {
  CollectionName name;
  std::string deidentify = "safe_harbor";
  bool withhold_outdated = false;
};

enum class EmbedderKind : uint8_t { kEncoder, kHttp, kHashing };

struct EmbedderConfig {
  EmbedderKind kind = EmbedderKind::kEncoder;
  std::optional<std::filesystem::path> model_dir;  // none: where model::FindModelDir finds one
  model::Precision precision = model::Precision::kAuto;
  uint32_t threads = 0;
  uint32_t forward_without_vectors_after = 0;
  // Of kind http.
  std::string url;
  std::string model;
  uint32_t dimensions = 0;
  std::string api_key;
  Duration timeout = std::chrono::seconds(10);
  Duration query_timeout = std::chrono::seconds(1);
};

// chunk::ChunkOptions, as the file has them.
struct ChunkConfig {
  uint32_t target_tokens = 200;
  uint32_t max_tokens = 256;
};

struct BesidePolicy {
  CollectionName collection;
  std::string deidentify;
};

// What is not said is as the pipeline has it.
struct BesideConfig {
  std::optional<EmbedderConfig> embedder;
  std::optional<ChunkConfig> chunk;
  std::vector<BesidePolicy> policies;
};

struct RerankConfig {
  std::string url;
  std::string model;
  std::string token;
  Duration budget = std::chrono::milliseconds(150);
  uint32_t passages = 32;
};

struct QueryConfig {
  HostPort listen{"127.0.0.1", 8080};
  std::string tokens;  // the contents of a token file
  ByteSize audit_file_bytes{256ull << 20};
  uint32_t audit_old_files = 16;
  std::optional<RerankConfig> rerank;
};

struct OtlpConfig {
  std::string endpoint;
  double sample = 0.01;
  std::string token;
};

struct TelemetryConfig {
  bool enabled = true;
  std::optional<OtlpConfig> otlp;

  // Of the traces that begin here, the share that is told of.
  double sample() const { return otlp ? otlp->sample : 0; }
};

struct IndexConfig {
  ByteSize vector_bytes{512ull << 20};
  ByteSize block_cache_bytes{256ull << 20};
};

struct SiteConfig {
  TenantName tenant;
  std::filesystem::path data_dir;
  KeyOptions keys;
  LogOptionsOfSite log;
  PipelineOptions pipeline;
  std::vector<SourceConfig> sources;
  std::vector<CollectionConfig> collections;
  ChunkConfig chunk;
  EmbedderConfig embedder;
  std::optional<BesideConfig> beside;
  IndexConfig index;
  QueryConfig query;
  TelemetryConfig telemetry;

  std::filesystem::path directory;  // of the file

  const CollectionConfig* FindCollection(const CollectionName& name) const;
  // Of the generation beside, where there is one; else the pipeline's.
  const EmbedderConfig& BesideEmbedder() const { return beside && beside->embedder ? *beside->embedder : embedder; }
  const ChunkConfig& BesideChunk() const { return beside && beside->chunk ? *beside->chunk : chunk; }
  // "safe_harbor", or the path of a file, as deid::FindPolicy takes them.
  std::string PolicyPath(const std::string& deidentify) const;
  // By collection, what `policies` of the generation beside says; where it says nothing, nothing.
  std::map<CollectionName, std::string> BesidePolicies() const;
  PipelinePlan plan() const;
};

// Checks what one table cannot: names that stand twice, policies that are neither known nor a file, a key file that is
// none. Collections that only a source names are added, with the default policy.
Result<SiteConfig> ParseSite(const ConfigNode& node);
Result<SiteConfig> LoadSite(const std::filesystem::path& file, const Environment& environment = ProcessEnvironment());

}  // namespace freshet
