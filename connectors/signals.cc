#include "connectors/signals.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include "common/config/render.h"
#include "common/config/yaml.h"
#include "common/telemetry/log.h"

namespace freshet {

std::filesystem::path SignalFileOf(const std::filesystem::path& data_dir, const SourceName& source) {
  return data_dir / "signals" / (source.value + ".yaml");
}

namespace {

// In the file: a time that no change is as young as.
constexpr uint64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

Result<SignalState> ReadSignals(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return SignalState{};
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Status(Code::kIoError, "A signal file cannot be read");
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(text, {.name = file.filename().string(), .directory = {}}));
  FRESHET_ASSIGN_OR_RETURN(SignalState state, ParseOptions<SignalState>(node));
  if (state.again_since == kNever) state.again_since.reset();
  return state;
}

Status WriteSignals(const std::filesystem::path& file, const SignalState& state) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  const std::filesystem::path temporary = file.string() + ".new";
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    SignalState written = state;
    written.again_since = state.again_since.value_or(kNever);
    stream << ToYaml(EncodeOptions(written));
    stream.close();
    if (!stream) return Status(Code::kIoError, "A signal file cannot be written");
  }
  std::filesystem::rename(temporary, file, error);
  return error ? Status(Code::kIoError, "A signal file cannot be written: " + error.message()) : OkStatus();
}

SignalState SourceSignals::state() const {
  if (file_.empty()) return {};
  std::lock_guard lock(mutex_);
  return Look();
}

bool SourceSignals::WantsAgain(uint64_t snapshot, const std::function<std::string()>& document, Time changed) const {
  if (file_.empty()) return false;
  std::lock_guard lock(mutex_);
  const SignalState& state = Look();
  if (snapshot != state.snapshots || snapshot <= *first_) return false;
  if (state.again_since && ToMicros(changed) >= static_cast<int64_t>(*state.again_since)) return true;
  const auto& documents = state.again_documents;
  return !documents.empty() && std::find(documents.begin(), documents.end(), document()) != documents.end();
}

const SignalState& SourceSignals::Look() const {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return state_;
  next_ = now + every_;
  const Result<SignalState> read = ReadSignals(file_);
  if (read.ok()) {
    state_ = *read;
  } else {
    Log(LogLevel::kWarning, "Signals of a source cannot be read.", {{"error", read.status()}});
  }
  if (!first_) first_ = state_.snapshots;
  return state_;
}

}  // namespace freshet
