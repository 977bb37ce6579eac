#include "common/model/encoder_threads.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace freshet::model {
namespace {

constexpr int kNice = 10;  // of the background's threads

void NameThread(Priority priority) {
  const bool live = priority == Priority::kLive;
  pthread_setname_np(pthread_self(), live ? "encode-live" : "encode-back");
  // Of this thread alone, as Linux has it. Where it is refused the threads are as all others.
  if (!live) (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace

Status OpenVinoFailure(const std::exception& error) {
  return Status(Code::kInternalError, "OpenVINO: " + std::string(error.what()).substr(0, 300));
}

Status ComputeBatch(ov::InferRequest& request, const EncoderBatch& batch) try {
  const ov::Shape shape{batch.rows(), batch.tokens};
  // Inputs are only read.
  request.set_input_tensor(0, ov::Tensor(ov::element::i32, shape, const_cast<int32_t*>(batch.ids.data())));
  request.set_input_tensor(1, ov::Tensor(ov::element::f32, shape, const_cast<float*>(batch.mask.data())));
  request.infer();
  const ov::Tensor out = request.get_output_tensor(0);
  const ov::Shape made = out.get_shape();
  if (made.size() != 2 || made[0] != batch.rows()) return Status(Code::kInternalError, "vectors of another number");
  const float* row = out.data<float>();
  for (size_t i = 0; i < made[0]; ++i, row += made[1]) std::copy_n(row, made[1], batch.out[i]);
  return OkStatus();
} catch (const std::exception& error) {
  return OpenVinoFailure(error);
}

// The batches of one call that are not done yet.
struct EncoderThreads::Call {
  std::mutex mutex;
  std::condition_variable done;
  size_t left = 0;
  Status status;

  void Finish(Status batch) {
    std::lock_guard lock(mutex);
    if (status.ok()) status = std::move(batch);
    if (--left == 0) done.notify_all();  // under the lock: the call may be gone behind it
  }
  Status Await() {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return left == 0; });
    return status;
  }
};

EncoderThreads::EncoderThreads(ov::CompiledModel model, uint32_t threads) : model_(std::move(model)) {
  std::vector<ov::InferRequest> requests;
  for (uint32_t i = 0; i < StreamsFor(threads); ++i) requests.push_back(model_.create_infer_request());
  for (uint32_t i = 0; i < requests.size(); ++i) {
    const Priority priority = i < threads ? Priority::kLive : Priority::kBackground;
    threads_.emplace_back(
        [this, priority, request = std::move(requests[i])] { Work(QueueOf(priority), request, priority); });
  }
}

EncoderThreads::~EncoderThreads() {
  for (Queue& queue : queues_) {
    std::lock_guard lock(queue.mutex);
    queue.closed = true;
    queue.filled.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool EncoderThreads::Take(Queue& queue, Task& task) {
  std::unique_lock lock(queue.mutex);
  queue.filled.wait(lock, [&] { return queue.closed || !queue.single.empty() || !queue.many.empty(); });
  if (queue.closed) return false;
  std::deque<Task>& from = queue.single.empty() ? queue.many : queue.single;
  task = from.front();
  from.pop_front();
  return true;
}

void EncoderThreads::Work(Queue& queue, ov::InferRequest request, Priority priority) {
  NameThread(priority);
  for (Task task; Take(queue, task);) task.call->Finish(ComputeBatch(request, *task.batch));
}

Status EncoderThreads::Run(std::span<const EncoderBatch> batches, Priority priority) {
  if (batches.empty()) return OkStatus();
  Call call;
  call.left = batches.size();
  Queue& queue = QueueOf(priority);
  {
    std::lock_guard lock(queue.mutex);
    std::deque<Task>& into = batches.size() == 1 ? queue.single : queue.many;
    for (const EncoderBatch& batch : batches) into.push_back({.batch = &batch, .call = &call});
  }
  queue.filled.notify_all();
  return call.Await();
}

}  // namespace freshet::model
