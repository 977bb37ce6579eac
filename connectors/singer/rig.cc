#include "connectors/singer/rig.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "connectors/singer/connector.h"
#include "connectors/source/source_connector.h"

namespace freshet::singer {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kOversized = 16u << 20;

// fake_tap FOLDER [--check | --state FILE]: without a state the rows as they are, with one the changes behind the line
// it names.
constexpr const char* kFakeTap = R"(folder=$1 line=0
if [ "$2" = --state ]; then read -r state <"$3"; line=${state##*:} line=${line%\}}; fi
if [ -e "$folder/down" ]; then echo "CRITICAL the source is gone" >&2; exit 1; fi
if [ "$2" = --check ]; then exit 0; fi
read -r lines <"$folder/count"
if [ -e "$folder/empty" ]; then cat "$folder/schema"; exit 0; fi
if [ "$line" -gt 0 ]; then
  cat "$folder/schema"; tail -n +$((line + 1)) "$folder/changes"
else
  cat "$folder/schema" "$folder"/rows/*
fi
echo "{\"type\":\"STATE\",\"value\":{\"line\":$lines}}"
)";

class SingerRig final : public kit::Rig {
 public:
  explicit SingerRig(std::filesystem::path folder) : folder_(std::move(folder)) {
    (void)Write("tap", kFakeTap);
    (void)Append("{\"type\":\"RECORD\",\"stream\":\"none\",\"record\":{}}");  // a state is never 0
    (void)ChangeSchema();
    std::filesystem::create_directory(Path("rows"));
    (void)Write("rows/none", "");
  }
  ~SingerRig() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  bool Can(kit::Ability ability) const override { return ability != kit::Ability::kReorder; }
  Result<std::unique_ptr<Connector>> Start() override {
    SingerOptions options{.command = {"/bin/sh", Path("tap"), folder_.string()}, .every = std::chrono::milliseconds(5)};
    options.check = {"/bin/sh", Path("tap"), folder_.string(), "--check"};
    rows::DocumentOptions document{.table = "doc", .id = "{name}", .content = "{body}", .allow = {"{readers}"}};
    options.mapping.documents = {document};
    FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
    const SourceConnector::Options driver{.heartbeat = std::chrono::milliseconds(10)};
    auto source = std::make_unique<TapSource>(std::move(options), std::move(mapping));
    return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::move(source), driver));
  }
  std::string DocumentOf(const std::string& name) const override { return name; }

  Status Put(const std::string& name, const std::string& text) override {
    rows_[name]["body"] = text;
    return Change(name);
  }
  Status Remove(const std::string& name) override {
    rows_.erase(name);
    last_[name] = RecordOf({{"name", name}, {"_sdc_deleted_at", "2026-01-31T09:30:00Z"}});
    std::filesystem::remove(Path("rows/" + name));
    return Append(last_[name]);
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    rows_[name]["readers"] = readers;
    return Change(name);
  }
  Status Repeat(const std::string& name) override { return Append(last_[name]); }
  Status SetOutage(bool down) override { return SetFlag("down", down); }
  Status SetEmptyListing(bool empty) override { return SetFlag("empty", empty); }
  // A column goes, another one comes.
  Status ChangeSchema() override {
    const Json text = {{"type", {"null", "string"}}};
    const char* const other = ++forms_ % 2 == 0 ? "added" : "note";
    const Json schema = {
        {"type", "SCHEMA"},
        {"stream", "doc"},
        {"schema", {{"properties", {{"name", text}, {"body", text}, {"readers", {{"type", "array"}}}, {other, text}}}}},
        {"key_properties", {"name"}}};
    return Write("schema", schema.dump() + "\n");
  }
  Status PutOversized(const std::string& name) override { return Put(name, std::string(kOversized, 'x')); }
  Status PutBroken(const std::string& name) override { return Put(name, "caf\xE9"); }

 private:
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  Status Write(const std::string& name, const std::string& text) {
    const std::string made = Path("made");
    std::ofstream(made, std::ios::binary) << text;
    std::filesystem::rename(made, Path(name));
    return OkStatus();
  }
  Status SetFlag(const std::string& name, bool set) {
    if (set) return Write(name, "");
    std::filesystem::remove(Path(name));
    return OkStatus();
  }

  static std::string RecordOf(const Json& row) {
    const std::string text = row.dump(-1, ' ', false, Json::error_handler_t::ignore);
    return "{\"type\":\"RECORD\",\"stream\":\"doc\",\"record\":" + text + "}";
  }
  // With bytes that are no UTF-8, which a JSON library would not write.
  std::string RowOf(const std::string& name) const {
    const Json& row = rows_.at(name);
    const std::string body = row.value("body", "");
    Json said = {{"name", name}, {"body", body}, {"readers", row.value("readers", Json::array())}};
    if (body.find('\xE9') == std::string::npos) return RecordOf(said);
    said["body"] = "BROKEN";
    std::string text = RecordOf(said);
    return text.replace(text.find("BROKEN"), 6, body);
  }
  Status Change(const std::string& name) {
    last_[name] = RowOf(name);
    FRESHET_RETURN_IF_ERROR(Write("rows/" + name, last_[name] + "\n"));
    return Append(last_[name]);
  }
  Status Append(const std::string& line) {
    std::ofstream(Path("changes"), std::ios::app | std::ios::binary) << line + "\n";
    return Write("count", std::to_string(++lines_) + "\n");
  }

  const std::filesystem::path folder_;
  std::map<std::string, Json> rows_;
  std::map<std::string, std::string> last_;
  int forms_ = 0;
  int lines_ = 0;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakeSingerRig(const ConfigNode&) {
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-tap-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Status(Code::kIoError, "no folder for a tap");
  return std::unique_ptr<kit::Rig>(std::make_unique<SingerRig>(pattern));
}

}  // namespace freshet::singer
