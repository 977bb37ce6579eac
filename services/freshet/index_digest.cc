// freshet index digest
#include <nlohmann/json.hpp>
#include <ostream>

#include "common/base/counted.h"
#include "common/store/dump.h"
#include "schemas/codec.h"
#include "services/freshet/command.h"
#include "services/freshet/site.h"

namespace freshet {

struct IndexDigestOptions {
  std::filesystem::path config;
  bool without_versions = false;
  bool lines = false;
  bool json = false;
};

template <>
struct OptionTable<IndexDigestOptions> {
  using Options = IndexDigestOptions;
  static constexpr auto fields = std::tuple{
      Field("config", &Options::config, "The site's configuration file.").Required(),
      Field("without_versions", &Options::without_versions,
            "What is there now, whenever and however it came: no versions, nothing of what was deleted."),
      Field("lines", &Options::lines, "What the digest is of: a line for each document, access list, group, consent."),
      Field("json", &Options::json, "One JSON object.")};
};

namespace {

// The clean text without the seal, which holds the version and depends on the key.
Result<std::string> CleanBytes(const std::string& sealed) {
  FRESHET_ASSIGN_OR_RETURN(SealedClean parts, DecodeSealedClean(sealed));
  return std::move(parts.body);
}

void Print(const store::IndexDump& dump, const IndexDigestOptions& options, std::ostream& out) {
  if (options.json) {
    nlohmann::ordered_json object = {
        {"digest", dump.Digest()}, {"documents", dump.documents}, {"chunks", dump.chunks}, {"vectors", dump.vectors}};
    if (options.lines) object["lines"] = dump.lines;
    out << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return;
  }
  for (const std::string& line : dump.lines) {
    if (options.lines) out << line << "\n";
  }
  out << dump.Digest() << "  " << Counted(dump.documents, "document") << ", " << Counted(dump.chunks, "chunk") << ", "
      << Counted(dump.vectors, "vector") << "\n";
}

ExitStatus RunIndexDigest(const IndexDigestOptions& options, Terminal& terminal) {
  const Result<SiteConfig> site = LoadSite(options.config);
  if (!site.ok()) return Fail(site.status(), terminal);
  const Result<store::IndexDump> dump = store::DumpIndex(
      (site->data_dir / "index").string(), {.versions = !options.without_versions, .content = &CleanBytes});
  if (!dump.ok()) return Fail(dump.status(), terminal);
  Print(*dump, options, terminal.out);
  return ExitStatus::kDone;
}

}  // namespace

CommandBody IndexDigestCommand() { return BodyOf<&RunIndexDigest>(); }

}  // namespace freshet
