// freshet.yaml: the example of the documentation, and what is wrong with others.
#include "services/freshet/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "common/crypto/keys.h"
#include "services/freshet/promises.h"
#include "services/freshet/site_table.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view kExample = R"(tenant: general-hospital
data_dir: ./data
keys: {tenant: "${ENV:TENANT_KEY}"}
log: {kind: embedded}
pipeline: {fuse: true}
sources:
  - name: policies
    connector: folder
    collection: policies
    options: {root: ./policies}
    access: {max_staleness: 5m}
    slo: {searchable: {target: 5s, objective: 0.999, window: 30d}, revoked: {target: 1s, objective: 0.9999, window: 30d}}
collections:
  - name: policies
    deidentify: none
embedder: {kind: hashing}
query: {listen: 127.0.0.1:8080, tokens: "${ENV:TOKENS}"}
)";

Result<SiteConfig> Parse(std::string_view yaml) {
  static const std::string key = KeyRing::NewKeyLine();
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TENANT_KEY") return key;
    if (name == "TOKENS") return "- {token: t, user: ada}";
    if (name == "NO_KEY") return "s3cret";
    return std::nullopt;
  };
  FRESHET_ASSIGN_OR_RETURN(ConfigNode node, ParseYaml(yaml, {"freshet.yaml", "/etc/freshet"}));
  FRESHET_RETURN_IF_ERROR(ResolveReferences(node, environment));
  return ParseSite(node);
}

// The example with one part replaced.
std::string With(std::string_view part, std::string_view by) {
  std::string yaml(kExample);
  const size_t at = yaml.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return yaml.replace(at, part.size(), by);
}

std::string ProblemWith(std::string_view part, std::string_view by) { return Parse(With(part, by)).status().message(); }

TEST(SiteTest, TheExampleIsRead) {
  const Result<SiteConfig> site = Parse(kExample);
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->tenant, TenantName("general-hospital"));
  EXPECT_EQ(site->data_dir, "/etc/freshet/data");
  EXPECT_EQ(site->directory, "/etc/freshet");
  EXPECT_TRUE(KeyRing::Parse(site->keys.tenant).ok());
  EXPECT_EQ(site->log.partitions, 8u);
  EXPECT_TRUE(site->pipeline.fuse);
  ASSERT_EQ(site->sources.size(), 1u);
  const SourceConfig& source = site->sources[0];
  EXPECT_EQ(source.name, SourceName("policies"));
  EXPECT_EQ(source.connector, "folder");
  EXPECT_EQ(source.options.Find("root")->text, "./policies");
  EXPECT_EQ(source.access.max_staleness, 5min);
  EXPECT_EQ(source.principals, PrincipalSpace::kTenant);
  ASSERT_TRUE(source.slo.revoked.has_value());
  EXPECT_EQ(source.slo.revoked->target, 1s);
  EXPECT_EQ(source.slo.searchable->objective, 0.999);
  const std::vector<slo::SourcePromises> promises = PromisesOf(*site);
  ASSERT_EQ(promises.size(), site->sources.size());
  ASSERT_EQ(promises[0].slos.size(), 2u);
  EXPECT_EQ(promises[0].slos[0].name, "searchable");
  EXPECT_TRUE(promises[0].slos[0].of_content);
  EXPECT_EQ(promises[0].slos[1].target, 1s);
  EXPECT_EQ(promises[0].slos[1].operations, (std::vector<std::string>{"delete", "access"}));
  EXPECT_EQ(site->FindCollection(source.collection)->deidentify, "none");
  EXPECT_EQ(site->query.listen, (HostPort{"127.0.0.1", 8080}));
  EXPECT_THAT(site->query.tokens, HasSubstr("ada"));
}

TEST(SiteTest, ACollectionThatOnlyASourceNamesIsSafeHarbor) {
  const Result<SiteConfig> site = Parse(With("    collection: policies", "    collection: notes"));
  ASSERT_TRUE(site.ok()) << site.status().message();
  ASSERT_NE(site->FindCollection(CollectionName("notes")), nullptr);
  EXPECT_EQ(site->FindCollection(CollectionName("notes"))->deidentify, "safe_harbor");
  EXPECT_EQ(site->FindCollection(CollectionName("charts")), nullptr);
}

TEST(SiteTest, ASourceHasARate) {
  EXPECT_EQ(Parse(kExample)->sources[0].rate.documents_per_second, 0u) << "no limit, where none is set";
  const std::string rate = "    rate: {documents_per_second: 50, bytes_per_second: 1MiB}\n";
  const Result<SiteConfig> site = Parse(With("    collection: policies", rate + "    collection: policies"));
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->sources[0].rate.documents_per_second, 50u);
  EXPECT_EQ(site->sources[0].rate.bytes_per_second, ByteSize{1 << 20});
}

TEST(SiteTest, NamesStandOnce) {
  EXPECT_EQ(
      ProblemWith("collections:\n", "  - {name: policies, connector: folder, collection: policies}\ncollections:\n"),
      "freshet.yaml:13: sources[1].name is the name of another source too");
  EXPECT_EQ(ProblemWith("embedder:", "  - {name: policies, deidentify: none}\nembedder:"),
            "freshet.yaml:16: collections[1].name is the name of another collection too");
}

TEST(SiteTest, APolicyIsKnown) {
  EXPECT_EQ(ProblemWith("deidentify: none", "deidentify: safe_harbour"),
            "freshet.yaml:15: collections[0].deidentify is no known policy; did you mean "
            "\"safe_harbor\"?");
  EXPECT_NE(ProblemWith("deidentify: none", "deidentify: ./no/such.yaml"), "");
  const std::string path = testing::TempDir() + "/mine.yaml";
  std::ofstream(path) << "name: mine\nversion: 1\n";
  EXPECT_EQ(ProblemWith("deidentify: none", "deidentify: " + path), "");
  std::ofstream(path) << "name: mine\nversion: 1\nidentifers: {}\n";
  EXPECT_NE(ProblemWith("deidentify: none", "deidentify: " + path).find("mine.yaml:3"), std::string::npos);
  EXPECT_EQ(ProblemWith("deidentify: none", "deidentify: limited_data_set"), "");
}

TEST(SiteTest, AKeyMustBeAReferenceToAKeyFile) {
  EXPECT_THAT(ProblemWith("${ENV:TENANT_KEY}", "0123"),
              HasSubstr("freshet.yaml:3: keys.tenant is a secret and must be"));
  const std::string problem = ProblemWith("${ENV:TENANT_KEY}", "${ENV:NO_KEY}");
  EXPECT_THAT(problem, HasSubstr("freshet.yaml:3: keys.tenant is no key file"));
  EXPECT_THAT(problem, testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(ProblemWith("${ENV:TENANT_KEY}", "${ENV:NOT_SET}"), HasSubstr("${ENV:NOT_SET}, which is not set"));
}

TEST(SiteTest, WhatIsNotBuiltIsNotAccepted) {
  EXPECT_EQ(ProblemWith("kind: embedded", "kind: pulsar"),
            "freshet.yaml:4: log.kind is none of the known names; known: \"embedded\", \"kafka\"");
  EXPECT_EQ(ProblemWith("kind: hashing", "kind: onnx"),
            "freshet.yaml:16: embedder.kind is none of the known names; known: \"encoder\", \"http\", \"hashing\"");
}

TEST(SiteTest, ARerankerIsOfUseOnlyWithItsServer) {
  const Result<SiteConfig> site =
      Parse(With("query: {", "query: {rerank: {url: \"http://127.0.0.1:9/rerank\", budget: 80ms}, "));
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->query.rerank->budget, std::chrono::milliseconds(80));
  EXPECT_FALSE(Parse(With("query: {", "query: {rerank: {budget: 80ms}, ")).ok());
}

TEST(SiteTest, AKafkaIsReachedAsTheFileSays) {
  const Result<SiteConfig> site =
      Parse(With("{kind: embedded}",
                 "{kind: kafka, bootstrap_servers: \"k1:9092,k2:9092\", partitions: 4, replication_factor: 3, "
                 "min_insync_replicas: 2, tls: {}, sasl: {username: freshet, password: \"${ENV:NO_KEY}\"}}"));
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->log.kind, LogKind::kKafka);
  EXPECT_EQ(site->log.bootstrap_servers, "k1:9092,k2:9092");
  EXPECT_EQ(site->log.partitions, 4u);
  EXPECT_EQ(site->log.min_insync_replicas, 2u);
  ASSERT_TRUE(site->log.tls.has_value());
  EXPECT_TRUE(site->log.tls->verify_host);
  ASSERT_TRUE(site->log.sasl.has_value());
  EXPECT_EQ(site->log.sasl->password, "s3cret");
  EXPECT_EQ(site->log.sasl->mechanism, log::SaslMechanism::kScramSha512);
}

TEST(SiteTest, AKafkaThatCannotBeIsRefused) {
  EXPECT_EQ(ProblemWith("{kind: embedded}", "{kind: kafka}"),
            "freshet.yaml:4: log lacks \"bootstrap_servers\", which kind kafka needs");
  EXPECT_EQ(ProblemWith("{kind: embedded}",
                        "{kind: kafka, bootstrap_servers: k:1, replication_factor: 1, "
                        "min_insync_replicas: 2}"),
            "freshet.yaml:4: log.min_insync_replicas must not be above replication_factor");
  EXPECT_THAT(
      ProblemWith("{kind: embedded}", "{kind: kafka, bootstrap_servers: k:1, sasl: {username: a, password: b}}"),
      HasSubstr("log.sasl.password is a secret and must be"));
}

TEST(SiteTest, AnEncoderIsFoundFromTheFilesDirectory) {
  EXPECT_EQ(Parse(With("{kind: hashing}", "{kind: encoder}"))->embedder.model_dir, std::nullopt);
  const auto site =
      Parse(With("{kind: hashing}", "{kind: encoder, model_dir: models/mine, precision: bf16, threads: 2}"));
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->embedder.kind, EmbedderKind::kEncoder);
  EXPECT_EQ(site->embedder.model_dir, "/etc/freshet/models/mine");
  EXPECT_EQ(site->embedder.precision, model::Precision::kBfloat16);
  EXPECT_EQ(site->embedder.threads, 2u);
  EXPECT_THAT(ProblemWith("{kind: hashing}", "{kind: encoder, precision: int8}"),
              HasSubstr("embedder.precision is none"));
}

TEST(SiteTest, NothingIsEmbeddedBySilentFallback) {
  EXPECT_THAT(ProblemWith("embedder: {kind: hashing}", ""), HasSubstr("lacks \"embedder\", which has no default"));
  EXPECT_THAT(ProblemWith("{kind: hashing}", "{}"), HasSubstr("embedder lacks \"kind\", which has no default"));
}

TEST(SiteTest, WhatStandsInAFileIsChecked) {
  EXPECT_THAT(ProblemWith("name: policies", "name: Policies!"), HasSubstr("sources[0].name must be a name"));
  EXPECT_THAT(ProblemWith("tenant: general-hospital", "tenant: ../x"), HasSubstr("tenant must be a name"));
  EXPECT_THAT(ProblemWith("127.0.0.1:8080", "8080"), HasSubstr("query.listen is wrong: an address is host:port"));
  EXPECT_THAT(ProblemWith("objective: 0.999,", "objective: 1.0,"),
              HasSubstr("sources[0].slo.searchable.objective must be between 0.5 and 0.99999"));
  EXPECT_THAT(ProblemWith("max_staleness", "max_stalenes"), HasSubstr("did you mean \"max_staleness\"?"));
  EXPECT_THAT(ProblemWith("    connector: folder\n", ""), HasSubstr("sources[0] lacks \"connector\""));
}

// Every key of the example with a letter too many: an error at its line that knows what was meant.
TEST(SiteTest, EveryMistypedKeyIsNoticedAndKnown) {
  int checked = 0;
  for (const char* key :
       {"tenant",    "data_dir",    "keys",          "log",      "kind",       "pipeline", "fuse",      "sources",
        "connector", "access",      "max_staleness", "slo",      "searchable", "target",   "objective", "window",
        "revoked",   "collections", "deidentify",    "embedder", "query",      "listen",   "tokens"}) {
    const std::string written = std::string(key) + ":";
    const size_t at = kExample.find(written);
    ASSERT_NE(at, std::string_view::npos) << key;
    std::string yaml(kExample);
    yaml.insert(at + written.size() - 1, "x");
    const auto line = 1 + std::count(kExample.begin(), kExample.begin() + static_cast<ptrdiff_t>(at), '\n');
    const std::string message = Parse(yaml).status().message();
    EXPECT_THAT(message, HasSubstr("freshet.yaml:" + std::to_string(line) + ": unknown key \"" + key + "x\""));
    EXPECT_THAT(message, HasSubstr(std::string("; did you mean \"") + key + "\"?"));
    ++checked;
  }
  EXPECT_EQ(checked, 23);
}

TEST(SiteTest, AFileCutAnywhereIsAnErrorOrASmallerSite) {
  int smaller = 0;
  for (size_t length = 0; length < kExample.size(); ++length) {
    const Result<SiteConfig> site = Parse(kExample.substr(0, length));
    smaller += site.ok() ? 1 : 0;
    if (!site.ok()) {
      EXPECT_EQ(site.code(), Code::kConfiguration) << length;
    }
  }
  EXPECT_GT(smaller, 0) << "what follows the embedder may be left out";
}

TEST(SiteTest, NoProblemRepeatsASecret) {
  const std::string key = KeyRing::NewKeyLine();
  const std::string secret = key.substr(0, key.size() - 1);
  for (const char* place : {"general-hospital", "./data", "embedded", "true", "folder", "5m", "none", "hashing",
                            "127.0.0.1:8080", "0.999"}) {
    const std::string message = ProblemWith(place, "\"" + secret + "\"");
    EXPECT_THAT(message, testing::Not(HasSubstr(secret))) << place;
  }
}

TEST(SiteTest, AFileIsReadFromItsOwnDirectory) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "site_test";
  std::filesystem::create_directories(directory / "keys");
  std::ofstream(directory / "keys" / "tenant.key") << KeyRing::NewKeyLine();
  std::ofstream(directory / "freshet.yaml") << "tenant: a\ndata_dir: data\nembedder: {kind: hashing}\n"
                                               "keys: {tenant: \"${FILE:keys/tenant.key}\"}\n";
  const Result<SiteConfig> site = LoadSite(directory / "freshet.yaml");
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->data_dir, directory / "data");
  EXPECT_EQ(site->directory, directory);
  EXPECT_TRUE(site->sources.empty());
  EXPECT_EQ(site->query.listen.ToString(), "127.0.0.1:8080");
  EXPECT_EQ(LoadSite(directory / "missing.yaml").code(), Code::kConfiguration);
}

TEST(SiteTest, ConfigCommandsReadmeHasTheTable) {
  std::stringstream readme;
  readme << std::ifstream("services/freshet/README.md").rdbuf();
  EXPECT_THAT(readme.str(), HasSubstr(OptionsMarkdown<SiteConfig>()));
}

TEST(SiteTest, LimitsAreOfEachSourceAndCollection) {
  const auto site = Parse(With("    access: {max_staleness: 5m}", "    mass_delete: {documents: 500, share: 0.5}"));
  ASSERT_TRUE(site.ok()) << site.status().ToString();
  EXPECT_EQ(site->sources[0].mass_delete.documents, 500u);
  EXPECT_EQ(site->sources[0].mass_delete.share, 0.5);
  const auto strict = Parse(With("deidentify: none", "deidentify: none\n    withhold_outdated: true"));
  ASSERT_TRUE(strict.ok());
  EXPECT_TRUE(strict->collections[0].withhold_outdated);
  const auto goes_on = Parse(With("{kind: hashing}", "{kind: hashing, forward_without_vectors_after: 20}"));
  ASSERT_TRUE(goes_on.ok());
  EXPECT_EQ(goes_on->embedder.forward_without_vectors_after, 20u);
  EXPECT_THAT(ProblemWith("    access: {max_staleness: 5m}", "    mass_delete: {share: 1.5}"), HasSubstr("share"));
  EXPECT_THAT(ProblemWith("    access: {max_staleness: 5m}", "    mass_delete: {document: 5}"),
              HasSubstr("did you mean \"documents\"?"));
}

std::string WithBeside(std::string_view policy, std::string_view beside) {
  return With(
      "    deidentify: none\nembedder: {kind: hashing}",
      "    deidentify: " + std::string(policy) + "\nembedder: {kind: hashing}\nbeside: {" + std::string(beside) + "}");
}

TEST(SiteTest, WhatBesideDoesNotSayIsAsThePipelineHasIt) {
  const auto site =
      Parse(WithBeside("safe_harbor", "policies: [{collection: policies, deidentify: limited_data_set}]"));
  ASSERT_TRUE(site.ok()) << site.status().message();
  EXPECT_EQ(site->BesideEmbedder().kind, EmbedderKind::kHashing);
  EXPECT_EQ(site->BesideChunk().target_tokens, site->chunk.target_tokens);
  const std::map<CollectionName, std::string> expected = {{CollectionName("policies"), "limited_data_set"}};
  EXPECT_EQ(site->BesidePolicies(), expected);
  EXPECT_EQ(site->PolicyPath("mine.yaml"), "/etc/freshet/mine.yaml");
  const auto chunk = Parse(WithBeside("none", "chunk: {target_tokens: 32, max_tokens: 64}"));
  ASSERT_TRUE(chunk.ok()) << chunk.status().message();
  EXPECT_EQ(chunk->BesideChunk().max_tokens, 64u);
  EXPECT_TRUE(chunk->BesidePolicies().empty());
}

TEST(SiteTest, APolicyBesideMustBeAnotherOneOfACollectionThatIsCleaned) {
  const auto problem = [](std::string_view policy, std::string_view entries) {
    return Parse(WithBeside(policy, "policies: [" + std::string(entries) + "]")).status().message();
  };
  constexpr std::string_view kSafe = "{collection: policies, deidentify: safe_harbor}";
  EXPECT_THAT(problem("safe_harbor", kSafe), HasSubstr("has the name of the policy that the collection has"));
  EXPECT_THAT(problem("none", kSafe), HasSubstr("cannot be beside"));
  EXPECT_THAT(problem("safe_harbor", "{collection: policies, deidentify: none}"), HasSubstr("cannot be beside"));
  EXPECT_THAT(problem("limited_data_set", "{collection: other, deidentify: safe_harbor}"),
              HasSubstr("is no collection of this site"));
  EXPECT_THAT(problem("limited_data_set", std::string(kSafe) + ", " + std::string(kSafe)), HasSubstr("stands twice"));
  EXPECT_THAT(problem("limited_data_set", "{collection: policies, deidentify: safe_harbour}"),
              HasSubstr("is no known policy"));
  EXPECT_THAT(Parse(WithBeside("none", "")).status().message(), HasSubstr("names nothing that differs"));
  EXPECT_TRUE(Parse(WithBeside("limited_data_set", "policies: [" + std::string(kSafe) + "]")).ok());
}

}  // namespace
}  // namespace freshet
