// The text of the skeleton's files (skeleton.h); @name@ and @Name@ stand for the connector's name. A test builds what
// is written here and runs the kit on it.
#pragma once

#include <array>
#include <string_view>

namespace freshet::kit {

struct SkeletonPiece {
  std::string_view name;
  std::string_view text;  // begins with a line end
};

inline constexpr std::string_view kSkeletonRow = R"(
#include "connectors/@name@/connector.h"
#include "connectors/@name@/rig.h"
    Row<@name@::@Name@Options>("@name@", "What it reads, in one sentence.", &@name@::Make@Name@Connector,
                               &@name@::Make@Name@Rig),
)";

inline constexpr std::string_view kSkeletonCMake = R"(
freshet_library(freshet_connector_@name@ DEPS freshet_connector_source freshet_connector_kit freshet_schemas freshet_config
                freshet_telemetry freshet_base nlohmann_json::nlohmann_json)
)";

inline constexpr std::string_view kSkeletonReadme = R"(
# @name@

A file of changes, one JSON object a line.

```yaml
sources:
  - name: my-@name@
    connector: @name@
    collection: notes
    options: {file: ./changes.jsonl}
```

```
{"id": "a", "text": "First.", "readers": ["group:staff"]}
{"id": "a", "deleted": true}
```

## What holds

- A line is read once its line end is there. A position is an offset in the file.
- A line without a text is published as refused (`malformed_document`); one without an id is skipped, with a log line.

## Files

| file | what |
|---|---|
| `connector.h`, `connector.cc` | `@Name@Source`: the five functions |
| `options.h` | the options |
| `rig.h`, `rig.cc` | how the conformance kit plays with it |
)";

inline constexpr std::string_view kSkeletonOptions = R"(
// @Name@Options: what a source of `connector: @name@` may set. A plain value.
#pragma once

#include <filesystem>

#include "common/config/options.h"

namespace freshet::@name@ {

struct @Name@Options {
  std::filesystem::path file;
};

}  // namespace freshet::@name@

namespace freshet {

template <>
struct OptionTable<@name@::@Name@Options> {
  static constexpr auto fields =
      std::tuple{Field("file", &@name@::@Name@Options::file, "The file of changes, which grows.").Required()};
};

}  // namespace freshet
)";

inline constexpr std::string_view kSkeletonHeader = R"(
// @Name@Source: a file of changes, one JSON object a line. The position is the offset behind the last line that was read.
//
//   auto connector = Make@Name@Connector(options_node);
//
// Codes: unavailable (the file is not there), corrupt_store (a line over kMostBatchBytes). One thread.
#pragma once

#include <memory>

#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/@name@/options.h"
#include "connectors/source/source.h"

namespace freshet::@name@ {

class @Name@Source final : public Source {
 public:
  explicit @Name@Source(@Name@Options options) : options_(std::move(options)) {}

  Status Check() override;
  // The file is the whole history: there is nothing to list besides. Else kOnce, and Snapshot beside Stream.
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kNever; }
  Status Open(SourceStart start) override;
  void Close() override {}
  Result<SourceBatch> Stream(Duration wait) override;

 private:
  const @Name@Options options_;
  const Clock* clock_ = nullptr;
  uint64_t offset_ = 0;
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> Make@Name@Connector(const ConfigNode& options);

}  // namespace freshet::@name@
)";

inline constexpr std::string_view kSkeletonSource = R"(
#include "connectors/@name@/connector.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "common/telemetry/log.h"
#include "connectors/source/source_connector.h"

namespace freshet::@name@ {
namespace {

using Json = nlohmann::json;

const Status kGone(Code::kUnavailable, "The file of changes cannot be read");

// A line as events: who may read, then what.
void Decode(const Json& line, std::vector<ChangeEvent>& events) {
  const std::string id = line["id"].get<std::string>();
  const Origin origin{.document = DocumentId(id)};
  if (line.value("deleted", false)) {
    events.push_back({.origin = origin, .change = Delete{}});
    return;
  }
  AccessChange access{.scope = ScopeId(id)};
  for (const Json& reader : line.value("readers", Json::array())) {
    access.allow.emplace_back(Principal(reader.get<std::string>()));
  }
  Upsert upsert{.media_type = "text/plain", .access_scope = ScopeId(id), .native_id = id};
  if (line.contains("text") && line["text"].is_string()) {
    upsert.content = line["text"].get<std::string>();
  } else {
    upsert.refused = Code::kMalformedDocument;
  }
  events.push_back({.origin = {}, .change = std::move(access)});
  events.push_back({.origin = origin, .change = std::move(upsert)});
}

bool IsChange(const Json& line) {
  if (!line.is_object() || !line.contains("id") || !line["id"].is_string()) return false;
  if (line.contains("deleted") && !line["deleted"].is_boolean()) return false;
  const Json readers = line.value("readers", Json::array());
  return readers.is_array() && std::all_of(readers.begin(), readers.end(), [](const Json& one) { return one.is_string(); });
}

}  // namespace

Status @Name@Source::Check() {
  return std::ifstream(options_.file).good() ? OkStatus() : kGone;
}

Status @Name@Source::Open(SourceStart start) {
  clock_ = start.clock;
  offset_ = start.position.empty() ? 0 : std::stoull(start.position);
  return Check();
}

Result<SourceBatch> @Name@Source::Stream(Duration wait) {
  const Time now = clock_->Now();
  std::ifstream file(options_.file, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(offset_))) return kGone;
  std::string bytes(kMostBatchBytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  SourceBatch batch;
  size_t begin = 0;
  for (size_t end; (end = bytes.find('\n', begin)) != std::string::npos && batch.events.size() < kMostBatchEvents;
       begin = end + 1) {
    const Json line = Json::parse(bytes.begin() + static_cast<ptrdiff_t>(begin),
                                  bytes.begin() + static_cast<ptrdiff_t>(end), nullptr, false);
    if (IsChange(line)) {
      Decode(line, batch.events);
    } else {
      Log(LogLevel::kWarning, "Line is no change and skipped.", {{"offset", offset_ + begin}});
    }
  }
  if (begin == 0 && bytes.size() == kMostBatchBytes) return Status(Code::kCorruptStore, "A line over the limit");
  offset_ += begin;
  if (begin > 0) batch.position = std::to_string(offset_);
  if (begin == bytes.size()) batch.complete_up_to = now;
  if (begin == 0 && wait > Duration(0)) std::this_thread::sleep_for(wait);
  return batch;
}

Result<std::unique_ptr<Connector>> Make@Name@Connector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(@Name@Options options, ParseOptions<@Name@Options>(node));
  return std::unique_ptr<Connector>(
      std::make_unique<SourceConnector>(std::make_unique<@Name@Source>(std::move(options))));
}

}  // namespace freshet::@name@
)";

inline constexpr std::string_view kSkeletonRigHeader = R"(
// The @name@ connector's rig (connectors/kit/rig.h): a file of its own, below the system's directory for temporary files.
#pragma once

#include "common/config/node.h"
#include "connectors/kit/rig.h"

namespace freshet::@name@ {

// io_error: no directory can be made.
Result<std::unique_ptr<kit::Rig>> Make@Name@Rig(const ConfigNode& options);

}  // namespace freshet::@name@
)";

inline constexpr std::string_view kSkeletonRig = R"(
#include "connectors/@name@/rig.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "connectors/@name@/connector.h"

namespace freshet::@name@ {
namespace {

namespace fs = std::filesystem;

class @Name@Rig final : public kit::Rig {
 public:
  explicit @Name@Rig(fs::path folder) : folder_(std::move(folder)), file_(folder_ / "changes.jsonl") {
    std::ofstream(file_, std::ios::app).flush();
  }
  ~@Name@Rig() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  bool Can(kit::Ability ability) const override {
    using A = kit::Ability;
    return ability == A::kAccess || ability == A::kDelete || ability == A::kDuplicate || ability == A::kOutage ||
           ability == A::kBroken;
  }
  Result<std::unique_ptr<Connector>> Start() override {
    ConfigNode options;
    options.kind = ConfigNode::Kind::kMap;
    options.Add("file", ConfigNode::Plain(file_.string()));
    return Make@Name@Connector(options);
  }
  std::string DocumentOf(const std::string& name) const override { return name; }

  Status Put(const std::string& name, const std::string& text) override {
    last_[name]["id"] = name;
    last_[name]["text"] = text;
    return Repeat(name);
  }
  Status Remove(const std::string& name) override {
    last_.erase(name);
    return Append({{"id", name}, {"deleted", true}});
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    last_[name]["readers"] = readers;
    return Repeat(name);
  }
  Status Repeat(const std::string& name) override { return Append(last_[name]); }
  Status PutBroken(const std::string& name) override { return Append({{"id", name}, {"text", 7}}); }
  Status SetOutage(bool down) override {
    std::error_code error;
    const fs::path away = folder_ / "away";
    down ? fs::rename(file_, away, error) : fs::rename(away, file_, error);
    return error ? Status(Code::kIoError, error.message()) : OkStatus();
  }

 private:
  Status Append(const nlohmann::json& line) {
    std::ofstream(file_, std::ios::app) << line.dump() + "\n";
    return OkStatus();
  }

  const fs::path folder_;
  const fs::path file_;
  std::map<std::string, nlohmann::json> last_;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> Make@Name@Rig(const ConfigNode&) {
  std::string pattern = (fs::temp_directory_path() / "freshet-rig-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Status(Code::kIoError, "No directory for the rig can be made");
  return std::unique_ptr<kit::Rig>(std::make_unique<@Name@Rig>(pattern));
}

}  // namespace freshet::@name@
)";

inline constexpr std::array kSkeletonPieces = {SkeletonPiece{"CMakeLists.txt", kSkeletonCMake},
                                               SkeletonPiece{"README.md", kSkeletonReadme},
                                               SkeletonPiece{"options.h", kSkeletonOptions},
                                               SkeletonPiece{"connector.h", kSkeletonHeader},
                                               SkeletonPiece{"connector.cc", kSkeletonSource},
                                               SkeletonPiece{"rig.h", kSkeletonRigHeader},
                                               SkeletonPiece{"rig.cc", kSkeletonRig}};

}  // namespace freshet::kit
