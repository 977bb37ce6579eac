// FhirFolderSource: a folder of bundles (*.json) and lines of resources (*.ndjson), as a bulk export or a test set
// leaves them. The files together are the whole: what is in none of them any more is deleted.
//
//   options: {folder: ./export, readers: ["group:clinicians"]}
//
//   position := fingerprint:16 bytes     of the options, and of the names, sizes and times of the files
//
// Where the fingerprint is another one everything is listed anew. Of a resource that stands in several places the
// newest counts (meta.lastUpdated, else the file's time). Files are to be put there whole, by renaming. Codes:
// unavailable (the folder or a file cannot be read, a file that is no JSON: nothing is deleted meanwhile). One thread.
#pragma once

#include <memory>

#include "connectors/fhir/reader.h"

namespace freshet::fhir {

class FhirFolderSource final : public Source {
 public:
  explicit FhirFolderSource(FhirOptions options);
  ~FhirFolderSource() override;

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kOnce; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Snapshot(const std::string& cursor) override;
  Result<SourceBatch> Stream(Duration wait) override;

 private:
  Result<std::string> Fingerprint() const;

  const FhirOptions options_;
  Client client_;  // of no server
  SourceStart start_;
  std::string told_, opened_;  // fingerprints: of the position, and when this run began
  std::unique_ptr<Reader> reader_;
  std::optional<Reading> listing_;
  std::chrono::steady_clock::time_point next_look_{};
};

}  // namespace freshet::fhir
