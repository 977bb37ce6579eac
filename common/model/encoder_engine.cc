#include "common/model/encoder_engine.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <openvino/core/model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <thread>

namespace freshet::model {
namespace {

constexpr double kClearly = 0.9;  // bf16's share of f32's time from which on it is worth its rounding
constexpr int kTimings = 3;
constexpr size_t kTimedRows = 4;
constexpr size_t kTimedTokens = 128;

// The batches of one call that are not done yet.
struct Call {
  std::mutex mutex;
  std::condition_variable done;
  size_t left = 0;
  Status status;

  void Finish(Status batch) {
    std::lock_guard lock(mutex);
    if (status.ok()) status = std::move(batch);
    if (--left == 0) done.notify_all();
  }
  Status Await() {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return left == 0; });
    return status;
  }
};

// OpenVINO's messages hold shapes and file names of its own, never texts; they may be long.
Status Defect(const std::exception& error) {
  return Status(Code::kInternalError, "OpenVINO: " + std::string(error.what()).substr(0, 300));
}

Result<ov::CompiledModel> Compile(const std::shared_ptr<ov::Model>& graph, uint32_t threads, Precision precision) try {
  const ov::element::Type type = precision == Precision::kBfloat16 ? ov::element::bf16 : ov::element::f32;
  return ov::Core().compile_model(graph, "CPU", ov::inference_num_threads(static_cast<int>(threads)),
                                  ov::num_streams(static_cast<int>(threads)), ov::hint::inference_precision(type),
                                  ov::hint::enable_cpu_pinning(false));
} catch (const std::exception& error) {
  return Status(Code::kConfiguration, "OpenVINO cannot run the model here: " + Defect(error).message());
}

void SetInputs(ov::InferRequest& request, const EncoderBatch& batch) {
  const ov::Shape shape{batch.rows(), batch.tokens};
  // Inputs are only read.
  request.set_input_tensor(0, ov::Tensor(ov::element::i32, shape, const_cast<int32_t*>(batch.ids.data())));
  request.set_input_tensor(1, ov::Tensor(ov::element::f32, shape, const_cast<float*>(batch.mask.data())));
}

Status TakeOutputs(ov::InferRequest& request, const EncoderBatch& batch) {
  const ov::Tensor out = request.get_output_tensor(0);
  const ov::Shape shape = out.get_shape();
  if (shape.size() != 2 || shape[0] != batch.rows()) return Status(Code::kInternalError, "vectors of another number");
  const float* row = out.data<float>();
  for (size_t i = 0; i < shape[0]; ++i, row += shape[1]) std::copy_n(row, shape[1], batch.out[i]);
  return OkStatus();
}

// Seconds of a batch of chunk-like rows, at best.
Result<double> Time(ov::CompiledModel& model) try {
  EncoderBatch batch{.tokens = kTimedTokens,
                     .ids = std::vector<int32_t>(kTimedRows * kTimedTokens, 0),
                     .mask = std::vector<float>(kTimedRows * kTimedTokens, 1),
                     .out = std::vector<float*>(kTimedRows)};
  ov::InferRequest request = model.create_infer_request();
  SetInputs(request, batch);
  request.infer();  // makes the kernels of the shape
  double best = 1e9;
  for (int i = 0; i < kTimings; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    request.infer();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
} catch (const std::exception& error) {
  return Defect(error);
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

// The requests, one more than streams, so that a stream finds its next batch handed in already.
struct EncoderEngine::Slots {
  ov::CompiledModel model;
  std::vector<ov::InferRequest> requests;
  std::mutex mutex;
  std::condition_variable freed;
  std::vector<size_t> free;
  size_t short_waiting = 0;

  explicit Slots(ov::CompiledModel compiled, uint32_t streams) : model(std::move(compiled)) {
    for (uint32_t i = 0; i <= streams; ++i) {
      requests.push_back(model.create_infer_request());
      free.push_back(i);
    }
  }

  size_t Acquire(bool short_call) {
    std::unique_lock lock(mutex);
    short_waiting += short_call ? 1 : 0;
    freed.wait(lock, [&] { return !free.empty() && (short_call || short_waiting == 0); });
    short_waiting -= short_call ? 1 : 0;
    const size_t slot = free.back();
    free.pop_back();
    if (!free.empty()) freed.notify_all();
    return slot;
  }
  void Release(size_t slot) {
    std::lock_guard lock(mutex);
    free.push_back(slot);
    freed.notify_all();
  }

  void Start(size_t slot, const EncoderBatch& batch, Call& call) {
    ov::InferRequest& request = requests[slot];
    try {
      SetInputs(request, batch);
      request.set_callback([this, slot, &request, &batch, &call](std::exception_ptr failure) {
        Status status;
        try {
          if (failure) std::rethrow_exception(failure);
          status = TakeOutputs(request, batch);
        } catch (const std::exception& error) {
          status = Defect(error);
        }
        Release(slot);
        call.Finish(std::move(status));  // the last: what the call points to may be gone then
      });
      request.start_async();
    } catch (const std::exception& error) {
      Release(slot);
      call.Finish(Defect(error));
    }
  }
};

EncoderEngine::EncoderEngine(std::unique_ptr<Slots> slots, Precision precision, uint32_t threads, uint32_t dimensions)
    : slots_(std::move(slots)), precision_(precision), threads_(threads), dimensions_(dimensions) {}

EncoderEngine::~EncoderEngine() {
  for (ov::InferRequest& request : slots_->requests) request.wait();
}

Result<std::unique_ptr<EncoderEngine>> EncoderEngine::Make(const std::shared_ptr<ov::Model>& graph,
                                                           const EngineOptions& options) try {
  const uint32_t threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  FRESHET_ASSIGN_OR_RETURN(Chosen chosen, Choose(graph, threads, options.precision));
  const auto dimensions = static_cast<uint32_t>(graph->output(0).get_partial_shape()[1].get_length());
  auto slots = std::make_unique<Slots>(std::move(chosen.model), threads);
  return std::unique_ptr<EncoderEngine>(new EncoderEngine(std::move(slots), chosen.precision, threads, dimensions));
} catch (const std::exception& error) {
  return Defect(error);
}

Status EncoderEngine::Run(std::span<const EncoderBatch> batches) const {
  Call call;
  call.left = batches.size();
  if (batches.empty()) return OkStatus();
  for (const EncoderBatch& batch : batches) slots_->Start(slots_->Acquire(batches.size() == 1), batch, call);
  return call.Await();
}

}  // namespace freshet::model
