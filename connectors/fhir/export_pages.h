// ExportPages: a bulk export (HL7 FHIR Bulk Data Access 2.0, "Bulk Data Kick-off Request"), as pages.
//
//   ExportPages pages(client, options, since);      // no time: everything
//   Page page = *pages.Next();                      // waits: the server is still at it
//
//   asked for    GET [base]/$export?_type=...&_since=...   Prefer: respond-async   -> 202, Content-Location
//   waited for   GET that location, as Retry-After says                             -> 202 ... 200, the manifest
//   read         each file of `output`, then of `deleted` (bundles of DELETE), line by line, none held whole
//   ended        DELETE that location
//
// as_of is the manifest's transactionTime. Files that lie elsewhere get no token. Codes: those of Client; unavailable
// (an export that failed, an answer that is no manifest). One thread.
#pragma once

#include <memory>

#include "connectors/fhir/download.h"
#include "connectors/fhir/pages.h"

namespace freshet::fhir {

class ExportPages final : public Pages {
 public:
  ExportPages(Client& client, const FhirOptions& options, std::optional<Time> since)
      : client_(client), options_(options), since_(since) {}
  ~ExportPages() override;

  Result<Page> Next() override;
  std::optional<Time> as_of() const override { return as_of_; }

 private:
  enum class State : uint8_t { kToAsk, kAsked, kFiles, kEnded };
  struct File {
    std::string url;
    bool deleted = false;
  };
  Status Ask();
  Status Wait();
  Status ReadManifest(const std::string& text);
  Status OpenFile();
  Result<Page> ReadFiles();
  Status TakeLine(Piece piece);

  Client& client_;
  const FhirOptions& options_;
  const std::optional<Time> since_;
  State state_ = State::kToAsk;
  Url status_;  // where the export stands
  std::chrono::steady_clock::time_point next_ask_{};
  std::optional<Time> as_of_;
  bool token_ = false;  // the files want one
  std::deque<File> files_;
  std::unique_ptr<LineSplitter> lines_;
  std::unique_ptr<Download> download_;  // goes before what it is made of
  std::vector<Piece> entries_;
  size_t bytes_ = 0;  // of entries_
};

}  // namespace freshet::fhir
