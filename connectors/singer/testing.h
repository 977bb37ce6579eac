// For tests: a tap that says what a test wants, and a source over it.
//
//   ScriptedTap tap;   tap.Say({Record(1, "first"), State(1)});   tap.Run();   tap.sink.Contents()
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "connectors/kit/kit_host.h"
#include "connectors/kit/model_sink.h"
#include "connectors/singer/connector.h"
#include "connectors/source/source_connector.h"

namespace freshet::singer {

inline const std::string kSchema =
    R"({"type":"SCHEMA","stream":"note","schema":{"properties":{"id":{"type":"integer"},"body":{"type":"string"},)"
    R"("at":{"type":"string","format":"date-time"}}},"key_properties":["id"]})";

inline std::string Record(int id, const std::string& body, std::optional<int> version = {}) {
  return R"({"type":"RECORD","stream":"note","record":{"id":)" + std::to_string(id) + R"(,"body":")" + body + "\"}" +
         (version ? ",\"version\":" + std::to_string(*version) : "") + "}";
}
inline std::string State(int n) { return R"({"type":"STATE","value":{"n":)" + std::to_string(n) + "}}"; }
inline std::string Activate(int version) {
  return R"({"type":"ACTIVATE_VERSION","stream":"note","version":)" + std::to_string(version) + "}";
}

class ScriptedTap {
 public:
  ScriptedTap() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-scripted-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Write("tap",
          "cd \"$1\"; if [ \"$2\" = --state ]; then cat \"$3\" >got; else : >got; fi; mv got given; echo run >>runs\n"
          "cat say; [ -e hang ] && sleep 600; exit $(cat status)\n");
    options.command = {"/bin/sh", (folder_ / "tap").string(), folder_.string()};
    options.mapping.documents = {{.table = "note", .id = "{id}", .content = "{body}"}};
    options.missing = Missing::kNull;
    options.every = std::chrono::milliseconds(1);
    Say({});
  }
  ~ScriptedTap() {
    connector_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // What each run from now on says, and how it ends.
  void Say(const std::vector<std::string>& lines, int status = 0, bool hangs = false) {
    std::string all = kSchema + "\n";
    for (const std::string& line : lines) all += line + "\n";
    Write("say", all);
    Write("status", std::to_string(status));
    if (hangs) Write("hang", "");
  }
  // The state that the last run was given; "" where it was given none.
  std::string given() const { return Read("given"); }
  size_t runs() const {
    const std::string all = Read("runs");
    return static_cast<size_t>(std::count(all.begin(), all.end(), '\n'));
  }

  // Runs as a new process would, until so many further runs of the tap have begun and ended, or one failed.
  Status Run(size_t more = 1, bool restart = true) {
    if (restart || connector_ == nullptr) Restart();
    const size_t goal = runs() + more;
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         std::chrono::steady_clock::now() < end;) {
      const Result<bool> did = connector_->Step(host);
      for (; applied_ < host.published.size(); ++applied_) sink.Apply(host.published[applied_].event);
      if (!did.ok()) return did.status();
      if (runs() > goal) return OkStatus();
    }
    return Status(Code::kTimeout, "no further run");
  }
  void Restart() {
    auto mapping = rows::Mapping::Compile(options.mapping);
    connector_ = std::make_unique<SourceConnector>(std::make_unique<TapSource>(options, std::move(*mapping)));
  }
  template <class Kind>
  size_t Count() const {
    return static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [](const auto& one) {
      return std::holds_alternative<Kind>(one.event.change);
    }));
  }

  SingerOptions options;
  kit::KitHost host;
  kit::ModelSink sink;

 private:
  void Write(const char* name, const std::string& text) {
    std::ofstream(folder_ / "made", std::ios::binary) << text;
    std::filesystem::rename(folder_ / "made", folder_ / name);
  }
  std::string Read(const char* name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
  std::unique_ptr<SourceConnector> connector_;
  size_t applied_ = 0;
};

using Contents = std::map<std::string, std::string>;

}  // namespace freshet::singer
