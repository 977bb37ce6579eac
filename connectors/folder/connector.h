// FolderConnector: the files of a directory tree as documents, each folder an access scope (README.md has the whole).
//
//   auto connector = MakeFolderConnector(SourceName("policies"), options_node);
//   (*connector)->Run(host);
//
// Run sleeps in poll(2) on inotify's descriptor: a file that is closed or renamed into place is published within about
// a millisecond. Codes: unavailable (the root is not there, or no longer; run it again), io_error (this process is out
// of descriptors or memory), configuration (more files than max_files), and whatever the host's Publish says. After an
// error the next Step or Run begins a new run, from the stored positions. One thread.
#pragma once

#include <memory>

#include "common/base/ids.h"
#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/folder/options.h"

namespace freshet::folder {

class FolderRun;

class FolderConnector final : public Connector {
 public:
  explicit FolderConnector(FolderOptions options);
  ~FolderConnector() override;

  // configuration, unavailable: with what is wrong. An access file that cannot be used counts as wrong here.
  Status Check() override;
  Status Run(ConnectorHost& host) override;
  Result<bool> Step(ConnectorHost& host) override;

 private:
  void Wait(ConnectorHost& host);

  const FolderOptions options_;
  std::unique_ptr<FolderRun> run_;
  uint64_t request_ = 0;  // for a snapshot, as the run began
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> MakeFolderConnector(const ConfigNode& options);

}  // namespace freshet::folder
