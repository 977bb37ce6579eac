// EncoderThreads: the threads that compute an encoder's batches; internal to encoder_engine.cc.
//
//   EncoderThreads threads(std::move(compiled), 2);
//   FRESHET_RETURN_IF_ERROR(threads.Run(batches, Priority::kBackground));   // returns when all are done
//
// For each priority as many threads as were asked for, each with a request of its own, so that a batch is never split
// and no batch of a backfill stands before one that somebody waits for. Those of the background are nice: the operating
// system takes a processor from them at once when anything else has work. Of one priority calls of a single batch (a
// query, a note) go first. Any thread may call Run. Codes: internal_error.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <openvino/runtime/compiled_model.hpp>
#include <span>
#include <thread>
#include <vector>

#include "common/model/embedder.h"
#include "common/model/encoder_engine.h"

namespace freshet::model {

// OpenVINO's messages hold shapes and file names of its own, never texts; they may be long.
Status OpenVinoFailure(const std::exception& error);

// One batch, on this thread.
Status ComputeBatch(ov::InferRequest& request, const EncoderBatch& batch);

class EncoderThreads {
 public:
  // Of a model compiled with StreamsFor(threads) streams. Throws what OpenVINO throws.
  EncoderThreads(ov::CompiledModel model, uint32_t threads);
  ~EncoderThreads();

  Status Run(std::span<const EncoderBatch> batches, Priority priority);

  static uint32_t StreamsFor(uint32_t threads) { return 2 * threads; }

 private:
  struct Call;
  struct Task {
    const EncoderBatch* batch = nullptr;
    Call* call = nullptr;
  };
  struct Queue {
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<Task> single;  // of calls of one batch
    std::deque<Task> many;
    bool closed = false;
  };

  void Work(Queue& queue, ov::InferRequest request, Priority priority);
  static bool Take(Queue& queue, Task& task);
  Queue& QueueOf(Priority priority) { return queues_[priority == Priority::kLive ? 0 : 1]; }

  ov::CompiledModel model_;
  Queue queues_[2];
  std::vector<std::thread> threads_;
};

}  // namespace freshet::model
