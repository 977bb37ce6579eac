#include "connectors/folder/connector.h"

#include <poll.h>

#include "connectors/folder/run.h"

namespace freshet::folder {
namespace {

// How long the end of the process may go unnoticed.
constexpr Duration kLongestWait = std::chrono::milliseconds(50);

}  // namespace

FolderConnector::FolderConnector(FolderOptions options) : options_(std::move(options)) {}

FolderConnector::~FolderConnector() = default;

Status FolderConnector::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  FRESHET_ASSIGN_OR_RETURN(const RootDirectory root, RootDirectory::Open(options_.root));
  const Opened opened = root.OpenFolder("");
  if (!opened.fd) return Status(Code::kUnavailable, "The root directory cannot be read");
  const Result<std::vector<Entry>> entries = ListFolder(opened.fd.get());
  if (!entries.ok()) return Status(Code::kUnavailable, entries.status().message());
  const FileRead access = ReadFile(opened.fd.get(), std::string(kAccessFile), kMaxAccessFileBytes);
  if (access.state == FileRead::State::kAbsent) return OkStatus();
  if (access.state != FileRead::State::kRead) return Status(Code::kConfiguration, "_access.yaml cannot be read");
  return ParseAccessFile(access.bytes).status();
}

Result<bool> FolderConnector::Step(ConnectorHost& host) {
  // Each run begins with a snapshot, so one that is asked for is a new run.
  if (run_ != nullptr && host.snapshot_request() != request_) {
    FRESHET_RETURN_IF_ERROR(run_->Close());
    run_.reset();
  }
  if (run_ == nullptr) {
    request_ = host.snapshot_request();
    FRESHET_ASSIGN_OR_RETURN(run_, FolderRun::Open(options_, host));
    return true;
  }
  Result<bool> did = run_->Step();
  if (did.ok()) return did;
  // What was acknowledged need not travel again. If this fails too, it will.
  if (did.code() == Code::kUnavailable) (void)run_->Close();
  run_.reset();
  return did;
}

Status FolderConnector::Run(ConnectorHost& host) {
  while (!host.stopping()) {
    const Result<bool> did = Step(host);
    if (!did.ok()) return host.stopping() ? OkStatus() : did.status();
    if (!*did) Wait(host);
  }
  const Status closed = run_ != nullptr ? run_->Close() : OkStatus();
  run_.reset();
  return closed;
}

void FolderConnector::Wait(ConnectorHost& host) {
  const Duration wait = std::clamp(run_->next_due() - host.clock().Now(), Duration(0), kLongestWait);
  pollfd watched{.fd = run_->watch_fd(), .events = POLLIN, .revents = 0};
  // Rounded up: waking early would be spinning.
  poll(&watched, watched.fd >= 0 ? 1 : 0, static_cast<int>((wait.count() + 999) / 1000));
}

Result<std::unique_ptr<Connector>> MakeFolderConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(FolderOptions options, ParseOptions<FolderOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  return std::unique_ptr<Connector>(std::make_unique<FolderConnector>(std::move(options)));
}

}  // namespace freshet::folder
