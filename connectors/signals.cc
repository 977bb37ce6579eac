#include "connectors/signals.h"

#include <fstream>

#include "common/config/render.h"
#include "common/config/yaml.h"
#include "common/telemetry/log.h"

namespace freshet {

std::filesystem::path SignalFileOf(const std::filesystem::path& data_dir, const SourceName& source) {
  return data_dir / "signals" / (source.value + ".yaml");
}

Result<SignalState> ReadSignals(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return SignalState{};
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Status(Code::kIoError, "A signal file cannot be read");
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(text, {.name = file.filename().string(), .directory = {}}));
  return ParseOptions<SignalState>(node);
}

Status WriteSignals(const std::filesystem::path& file, const SignalState& state) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path temporary = file.string() + ".new";
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream << ToYaml(EncodeOptions(state));
    stream.close();
    if (!stream) return Status(Code::kIoError, "A signal file cannot be written");
  }
  std::filesystem::rename(temporary, file, error);
  return error ? Status(Code::kIoError, "A signal file cannot be written: " + error.message()) : OkStatus();
}

SignalState SourceSignals::state() const {
  if (file_.empty()) return {};
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return state_;
  next_ = now + every_;
  const Result<SignalState> read = ReadSignals(file_);
  if (read.ok()) {
    state_ = *read;
  } else {
    Log(LogLevel::kWarning, "Signals of a source cannot be read.", {{"error", read.status()}});
  }
  return state_;
}

}  // namespace freshet
