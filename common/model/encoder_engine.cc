#include "common/model/encoder_engine.h"

#include <algorithm>
#include <chrono>
#include <openvino/core/model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <thread>

#include "common/model/encoder_threads.h"

namespace freshet::model {
namespace {

constexpr double kClearly = 0.9;  // bf16's share of f32's time from which on it is worth its rounding
constexpr int kTimings = 3;
constexpr size_t kTimedRows = 4;
constexpr size_t kTimedTokens = 128;

Result<ov::CompiledModel> Compile(const std::shared_ptr<ov::Model>& graph, uint32_t threads, Precision precision) try {
  const ov::element::Type type = precision == Precision::kBfloat16 ? ov::element::bf16 : ov::element::f32;
  const auto streams = static_cast<int>(EncoderThreads::StreamsFor(threads));
  return ov::Core().compile_model(graph, "CPU", ov::inference_num_threads(streams), ov::num_streams(streams),
                                  ov::hint::inference_precision(type), ov::hint::enable_cpu_pinning(false));
} catch (const std::exception& error) {
  return Status(Code::kConfiguration, "OpenVINO cannot run the model here: " + OpenVinoFailure(error).message());
}

// Seconds of a batch of chunk-like rows, at best.
Result<double> Time(ov::CompiledModel& model) try {
  const auto dimensions = static_cast<size_t>(model.output(0).get_partial_shape()[1].get_length());
  std::vector<float> vectors(kTimedRows * dimensions);
  EncoderBatch batch{.tokens = kTimedTokens,
                     .ids = std::vector<int32_t>(kTimedRows * kTimedTokens, 0),
                     .mask = std::vector<float>(kTimedRows * kTimedTokens, 1)};
  for (size_t i = 0; i < kTimedRows; ++i) batch.out.push_back(vectors.data() + i * dimensions);
  ov::InferRequest request = model.create_infer_request();
  FRESHET_RETURN_IF_ERROR(ComputeBatch(request, batch));  // makes the kernels of the shape
  double best = 1e9;
  for (int i = 0; i < kTimings; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    FRESHET_RETURN_IF_ERROR(ComputeBatch(request, batch));
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
} catch (const std::exception& error) {
  return OpenVinoFailure(error);
}

struct Chosen {
  ov::CompiledModel model;
  Precision precision;
};

Result<Chosen> Choose(const std::shared_ptr<ov::Model>& graph, uint32_t threads, Precision wanted) {
  // Where it is emulated even timing it would be felt.
  if (wanted == Precision::kAuto && !ComputesBfloat16()) wanted = Precision::kFloat32;
  if (wanted != Precision::kAuto) {
    FRESHET_ASSIGN_OR_RETURN(ov::CompiledModel model, Compile(graph, threads, wanted));
    return Chosen{std::move(model), wanted};
  }
  FRESHET_ASSIGN_OR_RETURN(ov::CompiledModel precise, Compile(graph, threads, Precision::kFloat32));
  Result<ov::CompiledModel> rounded = Compile(graph, threads, Precision::kBfloat16);
  if (!rounded.ok()) return Chosen{std::move(precise), Precision::kFloat32};
  FRESHET_ASSIGN_OR_RETURN(const double precise_time, Time(precise));
  const Result<double> rounded_time = Time(*rounded);
  if (!rounded_time.ok() || *rounded_time > kClearly * precise_time) {
    return Chosen{std::move(precise), Precision::kFloat32};
  }
  return Chosen{std::move(*rounded), Precision::kBfloat16};
}

}  // namespace

bool ComputesBfloat16() { return __builtin_cpu_supports("avx512bf16") != 0; }

EncoderEngine::EncoderEngine(std::unique_ptr<EncoderThreads> workers, Precision precision, uint32_t threads,
                             uint32_t dimensions)
    : workers_(std::move(workers)), precision_(precision), threads_(threads), dimensions_(dimensions) {}

EncoderEngine::~EncoderEngine() = default;

Result<std::unique_ptr<EncoderEngine>> EncoderEngine::Make(const std::shared_ptr<ov::Model>& graph,
                                                           const EngineOptions& options) try {
  const uint32_t threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  FRESHET_ASSIGN_OR_RETURN(Chosen chosen, Choose(graph, threads, options.precision));
  const auto dimensions = static_cast<uint32_t>(graph->output(0).get_partial_shape()[1].get_length());
  auto workers = std::make_unique<EncoderThreads>(std::move(chosen.model), threads);
  return std::unique_ptr<EncoderEngine>(new EncoderEngine(std::move(workers), chosen.precision, threads, dimensions));
} catch (const std::exception& error) {
  return OpenVinoFailure(error);
}

Status EncoderEngine::Run(std::span<const EncoderBatch> batches, Priority priority) const {
  return workers_->Run(batches, priority);
}

}  // namespace freshet::model
