// EncoderEngine: runs an encoder's graph on this machine's processors by OpenVINO, batches of many callers side by
// side; internal to encoder.cc and its benchmark.
//
//   FRESHET_ASSIGN_OR_RETURN(auto engine, EncoderEngine::Make(graph, {.threads = 2}));
//   FRESHET_RETURN_IF_ERROR(engine->Run(batches, Priority::kLive));   // vectors go where each batch says
//
// `threads` batches are computed beside each other for what somebody waits for, and as many for the background, by
// threads that give way to all others (encoder_threads.h). Any thread. Codes: configuration from Make, internal_error.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/base/status.h"
#include "common/model/embedder.h"

namespace ov {
class Model;
}

namespace freshet::model {

enum class Precision : uint8_t {
  // The faster of the two here, by timing both; bf16 only where it is clearly the faster. Where the processor has no
  // instructions for bf16, f32.
  kAuto,
  kFloat32,
  kBfloat16,
};

// Without instructions for it bf16 is emulated, tens of times slower than f32.
bool ComputesBfloat16();

struct EngineOptions {
  uint32_t threads = 0;  // 0: one for each processor
  Precision precision = Precision::kAuto;
};

// Rows of one length, padded to it.
struct EncoderBatch {
  size_t tokens = 0;
  std::vector<int32_t> ids;  // rows * tokens
  std::vector<float> mask;   // the same: 1 for a token, 0 behind a row's end
  std::vector<float*> out;   // of each row: where its vector goes
  size_t rows() const { return out.size(); }
};

class EncoderThreads;

class EncoderEngine {
 public:
  static Result<std::unique_ptr<EncoderEngine>> Make(const std::shared_ptr<ov::Model>& graph,
                                                     const EngineOptions& options);
  ~EncoderEngine();

  Status Run(std::span<const EncoderBatch> batches, Priority priority) const;

  Precision precision() const { return precision_; }  // never kAuto
  uint32_t threads() const { return threads_; }
  uint32_t dimensions() const { return dimensions_; }

 private:
  EncoderEngine(std::unique_ptr<EncoderThreads> workers, Precision precision, uint32_t threads, uint32_t dimensions);

  std::unique_ptr<EncoderThreads> workers_;
  Precision precision_;
  uint32_t threads_;
  uint32_t dimensions_;
};

}  // namespace freshet::model
