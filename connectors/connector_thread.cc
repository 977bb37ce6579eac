#include "connectors/connector_thread.h"

#include <pthread.h>

#include "common/telemetry/log.h"

namespace freshet {

ConnectorThread::ConnectorThread(std::unique_ptr<Connector> connector, std::unique_ptr<LogConnectorHost> host,
                                 Options options)
    : options_(std::move(options)),
      host_(std::move(host)),
      connector_(std::move(connector)),
      thread_([this] { Run(); }),
      watcher_([this] { Watch(); }) {}

void ConnectorThread::Stop() {
  host_->Stop();
  for (std::thread* const thread : {&thread_, &watcher_}) {
    if (thread->joinable()) thread->join();
  }
}

std::optional<SourceHold> ConnectorThread::hold() const {
  const std::lock_guard lock(hold_mutex_);
  return hold_;
}

void ConnectorThread::Watch() {
  pthread_setname_np(pthread_self(), ("hold:" + options_.source.value).substr(0, 15).c_str());
  while (!host_->stopped()) {
    const Result<SourceHold> hold = connector_->Hold();
    if (hold.code() == Code::kUnsupportedChange) return;
    if (hold.ok()) {  // else the last that was seen stands: it is no less
      const std::lock_guard lock(hold_mutex_);
      hold_ = *hold;
    }
    host_->Sleep(options_.look);
  }
}

void ConnectorThread::Run() {
  pthread_setname_np(pthread_self(), ("src:" + options_.source.value).substr(0, 15).c_str());
  Backoff backoff(options_.backoff, std::hash<SourceName>()(options_.source));
  Gauge& up = options_.metrics->GaugeOf<Metric::kConnectorUp>(options_.source.value);
  while (!host_->stopped()) {
    if (host_->paused()) {
      host_->Sleep(options_.pause);
      continue;
    }
    up.Set(1);
    const Time begin = host_->clock().Now();
    const Status status = connector_->Run(*host_);
    up.Set(0);
    if (host_->stopped()) return;
    if (status.ok() && host_->paused()) continue;
    Log(LogLevel::kError, "Connector stopped.", {{"source", options_.source}, {"error", status}});
    options_.metrics->CounterOf<Metric::kConnectorRestarts>(options_.source.value, NameOf(status.code())).Add(1);
    if (!status.ok() && DispositionOf(status.code()) != Disposition::kRetry) {
      if (options_.on_halt) options_.on_halt(status);
      return;
    }
    if (host_->clock().Now() - begin > options_.backoff.longest) backoff.Reset();
    host_->Sleep(backoff.Next());
  }
}

}  // namespace freshet
